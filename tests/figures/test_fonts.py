"""No class name ever becomes a row of empty boxes."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from matplotlib import font_manager

from chestbench.figures import charts, fonts
from chestbench.figures.drawing import save

NAMES = ["정상 1", "Viral 'P' \"x\"", "_under $a$ b", "tab\there", "Ω é", "x" * 50]


@pytest.fixture
def only_bundled_fonts(monkeypatch: pytest.MonkeyPatch):
    """No fonts but those that matplotlib brings."""
    kept = [entry for entry in font_manager.fontManager.ttflist if "mpl-data" in entry.fname]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", kept)
    for function in (fonts._family_with, fonts._candidates):
        function.cache_clear()
    yield
    for function in (fonts._family_with, fonts._candidates):
        function.cache_clear()


def test_letters_without_a_font_are_spelled_out(only_bundled_fonts: None) -> None:
    chosen = fonts.choose(NAMES)
    assert chosen.shown["정상 1"] == "class 1 (1)"
    assert chosen.shown["tab\there"].startswith("class 4 (tabhere")
    assert chosen.shown["Viral 'P' \"x\""] == "Viral 'P' \"x\""
    assert chosen.shown["Ω é"] == "Ω é"
    assert "no installed font" in chosen.key
    assert chosen.families == (fonts.BUNDLED,)


def test_ordinary_names_need_no_key(only_bundled_fonts: None) -> None:
    chosen = fonts.choose(["Normal", "COVID"])
    assert chosen.key == ""
    assert dict(chosen.shown) == {"Normal": "Normal", "COVID": "COVID"}


def test_a_font_that_has_the_letters_is_used(monkeypatch: pytest.MonkeyPatch, only_bundled_fonts: None) -> None:
    entry = font_manager.FontEntry(fname="hangul.ttf", name="Some Hangul Font", style="normal", weight=400)
    known = fonts._glyphs
    monkeypatch.setattr(
        fonts, "_glyphs", lambda path: frozenset(map(ord, "정상1")) if path == "hangul.ttf" else known(path)
    )
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [*font_manager.fontManager.ttflist, entry])
    chosen = fonts.choose(["정상 1", "COVID"])
    assert chosen.families == (fonts.BUNDLED, "Some Hangul Font")
    assert chosen.shown["정상 1"] == "정상 1"
    assert chosen.key == ""


def test_long_names_that_were_cut_to_the_same_stay_apart() -> None:
    first, second = "x" * 40 + "1", "x" * 40 + "2"
    shown = fonts.choose([first, second]).shown
    assert shown[first] != shown[second]
    assert max(map(len, shown.values())) < 40


def test_figures_with_odd_names_draw_without_warnings(tmp_path: Path, only_bundled_fonts: None) -> None:
    lettering = fonts.choose(NAMES)
    with warnings.catch_warnings(), fonts.drawn_with(lettering):
        warnings.simplefilter("error")
        matrix = np.arange(36).reshape(6, 6)
        drawing = charts.confusion_figure(matrix, NAMES, lettering, "title")
        save(drawing, tmp_path / "a.png", True, lettering.key)
        drawing = charts.roc_figure({lettering.shown[name]: ([0, 1], [0, 1]) for name in NAMES}, "title")
        save(drawing, tmp_path / "b.png", False)
    legend = [text.get_text() for text in drawing.axes[0].get_legend().get_texts()]
    assert len(legend) == len(NAMES) + 1
