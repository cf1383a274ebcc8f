"""Pictures: what they must say, and that they can be told apart without colour."""

from pathlib import Path

import numpy as np
from PIL import Image

from chestbench.evaluation import figures, fonts
from tests.evaluation.workspace import history_rows


def texts(drawing) -> str:
    return " ".join(item.get_text() for item in drawing.findobj(lambda artist: hasattr(artist, "get_text")))


def test_every_picture_says_what_it_is_not_for(tmp_path: Path) -> None:
    drawing = figures.roc_figure({"resnet50: 0.9": ([0, 0.5, 1], [0, 0.9, 1])}, "a title")
    figures.save(drawing, tmp_path / "roc.png", synthetic=True)
    assert "not for diagnosis" in texts(drawing)
    assert "synthetic" in texts(drawing)
    with Image.open(tmp_path / "roc.png") as picture:
        assert min(picture.size) > 300
    drawing = figures.roc_figure({}, "a title")
    figures.save(drawing, tmp_path / "roc.png", synthetic=False)
    assert "synthetic" not in texts(drawing)


def test_the_same_drawing_gives_the_same_bytes(tmp_path: Path) -> None:
    lettering = fonts.choose(["a", "b"])
    for name in ("1.png", "2.png"):
        drawing = figures.confusion_figure(np.array([[3, 1], [0, 0]]), ["a", "b"], lettering, "t")
        figures.save(drawing, tmp_path / name, False)
    assert (tmp_path / "1.png").read_bytes() == (tmp_path / "2.png").read_bytes()


def test_the_confusion_matrix_shows_counts_and_shares() -> None:
    drawing = figures.confusion_figure(np.array([[3, 1], [0, 0]]), ["a", "b"], fonts.choose(["a", "b"]), "t")
    shown = texts(drawing)
    assert "3\n75%" in shown
    assert "1\n25%" in shown


def test_eight_lines_differ_without_colour() -> None:
    assert len({str(figures.line_style(place)["linestyle"]) for place in range(8)}) == 8
    assert figures.line_style(0)["linewidth"] != figures.line_style(8)["linewidth"]


def test_history_copes_with_empty_cells_and_marks_phases() -> None:
    rows = [{key: str(value) for key, value in row.items()} for row in history_rows(4)]
    rows[0]["val_loss"] = ""
    drawing = figures.history_figure(rows, "t")
    loss, score = drawing.axes
    assert [len(line.get_xdata()) for line in loss.get_lines() if line.get_label() in ("train", "validation")] == [4, 3]
    assert "validation, balanced" in texts(drawing)
    assert [line.get_xdata()[0] for line in score.get_lines() if line.get_linestyle() == ":"] == [1.5]


def test_the_gradcam_sheet_takes_one_image_and_flat_maps(tmp_path: Path) -> None:
    images = np.zeros((3, 16, 16, 1), np.uint8)
    heat = np.zeros((3, 16, 16), np.float32)
    heat[1, 4:8, 4:8] = 1
    for count in (1, 3):
        drawing = figures.gradcam_figure(images[:count], heat[:count], ["correct: actual a"] * count, "t")
        figures.save(drawing, tmp_path / "g.png", True)
        assert len(drawing.axes) == (3 if count == 1 else 12)
