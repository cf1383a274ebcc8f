"""Pictures: what they must say, and that they can be told apart without colour."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from chestbench.figures import charts, fonts
from chestbench.figures.calibration_figure import calibration_figure
from chestbench.figures.drawing import line_style, save
from chestbench.figures.history_figure import history_figure
from tests.evaluation.workspace import history_rows, step_rows


def texts(drawing) -> str:
    return " ".join(item.get_text() for item in drawing.findobj(lambda artist: hasattr(artist, "get_text")))


def test_every_picture_says_what_it_is_not_for(tmp_path: Path) -> None:
    drawing = charts.roc_figure({"resnet50: 0.9": ([0, 0.5, 1], [0, 0.9, 1])}, "a title")
    save(drawing, tmp_path / "roc.png", synthetic=True)
    assert "not for diagnosis" in texts(drawing)
    assert "synthetic" in texts(drawing)
    with Image.open(tmp_path / "roc.png") as picture:
        assert min(picture.size) > 300
    drawing = charts.roc_figure({}, "a title")
    save(drawing, tmp_path / "roc.png", synthetic=False)
    assert "synthetic" not in texts(drawing)


def test_the_same_drawing_gives_the_same_bytes(tmp_path: Path) -> None:
    lettering = fonts.choose(["a", "b"])
    for name in ("1.png", "2.png"):
        drawing = charts.confusion_figure(np.array([[3, 1], [0, 0]]), ["a", "b"], lettering, "t")
        save(drawing, tmp_path / name, False)
    assert (tmp_path / "1.png").read_bytes() == (tmp_path / "2.png").read_bytes()


def test_the_confusion_matrix_shows_counts_and_shares() -> None:
    drawing = charts.confusion_figure(np.array([[3, 1], [0, 0]]), ["a", "b"], fonts.choose(["a", "b"]), "t")
    shown = texts(drawing)
    assert "3\n75%" in shown
    assert "1\n25%" in shown


def test_eight_lines_differ_without_colour() -> None:
    assert len({str(line_style(place)["linestyle"]) for place in range(8)}) == 8
    assert line_style(0)["linewidth"] != line_style(8)["linewidth"]


def as_text(rows: list[dict]) -> list[dict[str, str]]:
    return [{key: str(value) for key, value in row.items()} for row in rows]


def test_history_copes_with_empty_cells_and_marks_phases() -> None:
    rows = [{key: str(value) for key, value in row.items()} for row in history_rows(4)]
    rows[0]["val_loss"] = ""
    drawing = history_figure(rows, as_text(step_rows(4)), "t")
    loss, score = drawing.axes
    assert [len(line.get_xdata()) for line in loss.get_lines() if line.get_label() in ("train", "validation")] == [4, 3]
    assert "validation, balanced" in texts(drawing)
    assert [line.get_xdata()[0] for line in score.get_lines() if line.get_linestyle() == ":"] == [1.5]


@pytest.mark.parametrize(("epochs", "ticks"), [(4, [1, 2, 3, 4]), (40, None)])
def test_epochs_are_whole_numbers_from_one_on(tmp_path: Path, epochs: int, ticks: list[int] | None) -> None:
    drawing = history_figure(as_text(history_rows(epochs)), as_text(step_rows(epochs)), "t")
    save(drawing, tmp_path / "history.png", False)
    for axes in drawing.axes:
        low, high = axes.get_xlim()
        shown = [tick for tick in axes.get_xticks() if low <= tick <= high]
        assert shown == ticks if ticks else all(tick >= 1 and tick == int(tick) for tick in shown)
        assert low < 1 and epochs < high < epochs + 1


@pytest.mark.parametrize("epochs", [1, 2, 3])
def test_few_epochs_are_drawn_by_step(tmp_path: Path, epochs: int) -> None:
    drawing = history_figure(as_text(history_rows(epochs)), as_text(step_rows(epochs, steps=5)), "t")
    save(drawing, tmp_path / "history.png", False)
    loss, score = drawing.axes
    lines = {line.get_label(): line for line in loss.get_lines()}
    assert list(lines["train"].get_xdata()) == list(range(1, 5 * epochs + 1))
    assert list(lines["validation"].get_xdata()) == [5, 10, 15][:epochs]
    assert list(lines["validation"].get_ydata()) == [row["val_loss"] for row in history_rows(epochs)]
    borders = [line.get_xdata()[0] for line in score.get_lines() if line.get_linestyle() == ":"]
    assert borders == ([5.5] if epochs > 1 else [])
    assert all(tick == int(tick) for axes in drawing.axes for tick in axes.get_xticks())


def test_precision_and_recall_start_at_no_recall_and_show_the_share_of_the_class(tmp_path: Path) -> None:
    curves = {"a: AP 0.9": ([0.5, 1.0], [1.0, 0.8]), "b: AP 0.4": ([1.0], [0.4])}
    drawing = charts.pr_figure(curves, [0.6, 0.4], "t")
    save(drawing, tmp_path / "pr.png", False)
    (axes,) = drawing.axes
    lines = {line.get_label(): line for line in axes.get_lines()}
    assert list(lines["a: AP 0.9"].get_xdata()) == [0, 0.5, 1.0]
    assert list(lines["a: AP 0.9"].get_ydata()) == [1.0, 1.0, 0.8]
    assert lines["a: AP 0.9"].get_linestyle() != lines["b: AP 0.4"].get_linestyle()
    assert list(lines["share of the class"].get_ydata()) == [0.6, 0.6]
    save(charts.pr_figure({}, [], "t"), tmp_path / "pr.png", False)


def test_the_reliability_diagram_shows_accuracy_and_images_of_each_bin(tmp_path: Path) -> None:
    rows = [
        {"low": 0.6, "high": 10 / 15, "images": 30, "confidence": 0.63, "accuracy": 0.5},
        {"low": 1.0, "high": 1.0, "images": 4, "confidence": 1.0, "accuracy": 0.75},
    ]
    drawing = calibration_figure({"as trained: ECE 0.1": rows, "temperature 2: ECE 0.05": rows[:1]}, 0.5, "t")
    save(drawing, tmp_path / "calibration.png", True)
    upper, lower = drawing.axes
    lines = {line.get_label(): line for line in upper.get_lines()}
    assert list(lines["as trained: ECE 0.1"].get_xdata()) == [0.63, 1.0]
    assert list(lines["as trained: ECE 0.1"].get_ydata()) == [0.5, 0.75]
    assert lines["as trained: ECE 0.1"].get_marker() != lines["temperature 2: ECE 0.05"].get_marker()
    assert [bar.get_height() for bar in lower.patches] == [30, 4, 30]
    assert lower.get_xlim()[1] > 1 + 1 / 15 - 1e-9
    assert "not for diagnosis" in texts(drawing)
    # No image of test: nothing to draw, and no error.
    save(calibration_figure({"as trained: ECE undefined": []}, 0.5, "t"), tmp_path / "calibration.png", False)
