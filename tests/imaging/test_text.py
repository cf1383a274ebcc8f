import numpy as np
import pytest

from chestbench.imaging.text import ascii_label, put_text, text_width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("COVID 'q'", "COVID 'q'"),
        ("Lésion", "Lesion"),
        ("정상", "class 2"),
        ("폐렴 A", "class 2 (A)"),
        ("a\nb", "class 2 (ab)"),
    ],
)
def test_what_ascii_cannot_say_gets_a_stand_in(text: str, shown: str) -> None:
    label = ascii_label(text, "class 2")
    assert label == shown or (label.isascii() and label.isprintable() and "\n" in text)


def test_text_is_drawn_and_cut_to_the_width() -> None:
    image = np.zeros((30, 100), np.uint8)
    put_text(image, "a very long caption that does not fit", 2, 20, width=60)
    assert image[:, :66].any() and not image[:, 66:].any()


def test_taller_text_is_wider() -> None:
    assert text_width("chest", 22) > text_width("chest", 11) > 0
