"""Whose class is which, and what is said when it cannot be told."""

import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.external.classes import map_classes

OURS = ["Normal", "정상 'q'", "COVID"]


def test_equal_names_are_the_same_class() -> None:
    assert map_classes("other", ["COVID", "Flu", "Normal"], OURS, None) == {"COVID": "COVID", "Normal": "Normal"}


def test_a_mapping_decides_alone_and_may_join_classes() -> None:
    wanted = {"healthy": "Normal", "covid": "COVID", "long covid": "COVID"}
    found = map_classes("other", ["COVID", "covid", "healthy", "long covid"], OURS, wanted)
    assert found == {"covid": "COVID", "healthy": "Normal", "long covid": "COVID"}


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (None, "expected classes in common, received none: theirs are 'a', 'b', ours 'Normal'"),
        (None, "classes: {a: Normal}, and so on"),
        ({"c": "COVID"}, "classes of the set before the colon, received 'c'"),
        ({"a": "covid"}, "classes of the networks behind the colon, received 'covid'"),
    ],
)
def test_nothing_in_common_names_both_lists_and_the_key(wanted: dict | None, words: str) -> None:
    with pytest.raises(ChestbenchError) as error:
        map_classes("other", ["a", "b"], OURS, wanted)
    text = str(error.value)
    assert text.startswith("evaluate.external.other.classes: expected") and words in text
    assert "theirs are 'a', 'b'" in text and "\"정상 'q'\"" in text
