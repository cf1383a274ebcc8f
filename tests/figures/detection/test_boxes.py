"""Boxes on a picture: where they lie, that kinds differ without colour, and what is refused."""

import cv2
import numpy as np
import pytest

from chestbench.figures.detection.boxes import draw_boxes, draw_legend
from chestbench.figures.detection.styles import STYLES, Drawn
from chestbench.imaging.boxes import Boxes

GREY = np.full((64, 64), 128, np.uint8)
KINDS = ("truth", "right", "false", "missed")


def drawn_as(kind: str, picture: np.ndarray = GREY, corners: object = ((16, 16, 48, 48),)) -> np.ndarray:
    return draw_boxes(picture, Drawn(**{kind: Boxes.of(corners)}), ["opacity"], 256, legend=False)


def test_a_box_lies_where_it_is_and_leaves_its_inside_free() -> None:
    shown = drawn_as("truth")
    changed = np.argwhere((shown != 128).any(axis=2))
    assert shown.shape == (256, 256, 3)
    # Edges at 4 times 16 and 48; the black edge of the line adds some pixels.
    assert np.abs(changed.min(axis=0) - 64).max() <= 2 and np.abs(changed.max(axis=0) - 191).max() <= 2
    assert (shown[72:184, 72:184] == 128).all()


@pytest.mark.parametrize("level", [0, 70, 128, 200, 255])
def test_kinds_differ_and_are_seen_in_a_grey_print(level: int) -> None:
    picture = np.full((64, 64), level, np.uint8)
    # Below the box, where no tag stands: how much of the line is drawn, and how thick it is.
    lines = {kind: cv2.cvtColor(drawn_as(kind, picture), cv2.COLOR_RGB2GRAY)[184:198, 80:176] for kind in KINDS}
    for kind, line in lines.items():
        assert np.abs(line.astype(int) - level).max() >= 60, f"{kind} cannot be seen on {level}"
    for place, kind in enumerate(KINDS):
        for other in KINDS[place + 1 :]:
            differing = (np.abs(lines[kind].astype(int) - lines[other]) > 40).mean()
            assert differing > 0.04, f"{kind} looks like {other} on {level}"


def test_a_missed_line_has_gaps_and_a_right_one_none() -> None:
    def gaps(kind: str) -> int:
        line = (drawn_as(kind)[184:198, 80:176] != 128).any(axis=(0, 2))
        return int((~line).sum())

    assert gaps("right") == gaps("truth") == 0
    assert gaps("missed") > 5 and gaps("false") > 5


@pytest.mark.parametrize("kind", [*KINDS, "found"])
@pytest.mark.parametrize("corners", [[[0, 0, 64, 64]], [[0, 0, 1, 1]], [[63, 63, 64, 64]], [[-3, -5, 90, 70]]])
def test_boxes_at_the_edges_and_tiny_ones_are_drawn(kind: str, corners: list) -> None:
    assert (drawn_as(kind, corners=corners) != 128).any()


def test_a_large_picture_keeps_its_size_and_a_small_one_its_shape() -> None:
    assert draw_boxes(np.zeros((900, 700, 1), np.uint8), Drawn(), ["a"], 640).shape == (900, 700, 3)
    assert draw_boxes(np.zeros((20, 40), np.uint8), Drawn(), ["a"], 640).shape == (320, 640, 3)


def test_without_boxes_the_picture_is_as_it_was() -> None:
    assert (draw_boxes(GREY, Drawn(), ["opacity"], 64) == 128).all()


def test_legend_and_foot_stand_below_and_do_not_change_the_picture() -> None:
    drawn = Drawn(found=Boxes.of([[16, 16, 48, 48]], scores=[0.5]))
    plain = draw_boxes(GREY, drawn, ["opacity"], 256, legend=False)
    whole = draw_boxes(GREY, drawn, ["opacity"], 256, foot="SYNTHETIC")
    assert (whole[:256] == plain).all() and len(whole) > 256 + 20
    assert whole[256:].max() > 150


def test_the_legend_breaks_its_lines_where_it_is_narrow() -> None:
    one = draw_legend(["truth"], 300, letters=10)
    assert len(draw_legend(STYLES, 2400, letters=10)) == len(one) and len(
        draw_legend(STYLES, 300, letters=10)
    ) == 5 * len(one)


def test_tags_stay_within_the_picture_and_beside_one_another() -> None:
    """Three boxes on one place: the words of all three can be read, so they cover more than those of one."""
    same = [[4, 4, 30, 30]]
    one = (draw_boxes(GREY, Drawn(found=Boxes.of(same, scores=[0.9])), ["a"], 256, legend=False) == 25).any(axis=2)
    three = Drawn(found=Boxes.of(same * 3, scores=[0.9, 0.8, 0.7]))
    many = (draw_boxes(GREY, three, ["a"], 256, legend=False) == 25).any(axis=2)
    assert many.sum() > 2.5 * one.sum()


def test_names_that_the_letters_lack_are_numbered() -> None:
    boxes = Boxes.of([[16, 16, 48, 48]], [1], [0.5])
    named = draw_boxes(GREY, Drawn(found=boxes), ["a", "결절"], 256, legend=False)
    assert (named == draw_boxes(GREY, Drawn(found=boxes), ["a", "finding 2"], 256, legend=False)).all()


def test_what_is_no_grey_picture_or_has_no_name_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a grey uint8 picture"):
        draw_boxes(np.zeros((8, 8, 3), np.uint8), Drawn(), ["a"])
    with pytest.raises(ValueError, match="expected a grey uint8 picture"):
        draw_boxes(np.zeros((8, 8)), Drawn(), ["a"])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="expected labels 0 to 0, received"):
        draw_boxes(GREY, Drawn(found=Boxes.of([[0, 0, 4, 4]], [1])), ["a"])
