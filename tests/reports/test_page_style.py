"""Colours of the pages: letters and lines stand out from what they lie on, in light, dark and on paper."""

import re

import pytest

from chestbench.reports.audit_page import PICTURES
from tests.conftest import ROOT

STYLE = (ROOT / "src/chestbench/reports/templates/page/style.css").read_text(encoding="utf-8")
LETTERS = [("ink", "paper"), ("quiet", "paper"), ("strong", "paper"), ("ink", "warn-paper"), ("warn", "warn-paper"),
           ("ink", "chosen"), ("strong", "chosen"), ("quiet", "chosen"), ("ink", "soft"), ("paper", "ink")]  # fmt: skip
LINES = [*((f"s{place}", "paper") for place in range(1, 7)), ("s1", "chosen"), ("s6", "chosen"), ("warn", "paper")]


def schemes() -> dict[str, dict[str, str]]:
    """Return the colours of each scheme; what dark and paper do not set is as in light."""
    found = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    sets = [dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{3,6});", block)) for block in found]
    assert len(sets) == 3
    return {"light": sets[0], "dark": sets[0] | sets[1], "paper": sets[0] | sets[2]}


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of WCAG 2.2, 1 to 21."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def mixed(colour: str, paper: str, share: float) -> str:
    """Return a colour laid over the paper, as `color-mix` does."""
    parts = [
        round(share * int(colour[place : place + 2], 16) + (1 - share) * int(paper[place : place + 2], 16))
        for place in (1, 3, 5)
    ]
    return "#" + "".join(f"{part:02x}" for part in parts)


@pytest.mark.parametrize("scheme", ["light", "dark", "paper"])
def test_letters_and_lines_can_be_seen(scheme: str) -> None:
    colours = schemes()[scheme]
    for ink, paper in LETTERS:
        assert contrast(colours[ink], colours[paper]) >= 4.5, (ink, paper)
    for line, paper in LINES:
        assert contrast(colours[line], colours[paper]) >= 3, (line, paper)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_counts_can_be_read_on_the_darkest_shade_of_a_confusion_matrix(scheme: str) -> None:
    (most,) = re.findall(r"calc\(var\(--share\) \* (\d+)%\)", STYLE)
    colours = schemes()[scheme]
    shade = mixed(colours["s1"], colours["paper"], int(most) / 100)
    assert contrast(colours["ink"], shade) >= 4.5


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21) and contrast("#777777", "#fff") == pytest.approx(
        4.48, abs=0.01
    )


def test_the_pictures_of_an_audit_have_words() -> None:
    assert all(PICTURES.values())
