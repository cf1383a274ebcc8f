"""What a detector says of one picture: boxes in pixels of the stored picture, or why there are none to be given."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from chestbench.core.notice import NOTICE
from chestbench.figures.detection.boxes import draw_boxes
from chestbench.figures.detection.styles import Drawn
from chestbench.imaging.box_frames import Frame, to_stored
from chestbench.imaging.boxes import Boxes
from chestbench.measures.familiar import Familiar
from chestbench.serving.description import Description
from chestbench.serving.marks import marks_of, refusal
from chestbench.serving.pictures import Prepared


@dataclass(frozen=True)
class BoxAnswer:
    """What is said of one picture.

    Attributes:
        picture: path of the file, with its page where it has several; "" of one that has no name.
        boxes: in pixels of the stored picture, surest first; None where none are given: there is no picture, or the
            detector was not made for such a picture.
        seen: the boxes in pixels of what the detector saw; None likewise.
        pixels: that, uint8 (size, size, 1); None where there is no picture.
        size: width and height of the stored picture; None likewise.
        marks: what speaks against the answer, sentences.
        problem: why no boxes are given, ""; empty boxes without a problem: it looked, and found none.
    """

    picture: str
    boxes: Boxes | None
    seen: Boxes | None
    pixels: NDArray[np.uint8] | None
    size: tuple[int, int] | None
    marks: list[str]
    problem: str


def answer_of(
    name: str, picture: Prepared, found: Boxes | None, described: Description, threshold: float | None
) -> BoxAnswer:
    """Return the answer on one picture.

    Args:
        name: of the picture.
        picture: as the detector sees it.
        found: all boxes on it, in its pixels; None where it has no pixels.
        described: how it was prepared.
        threshold: lowest score that counts; None: all do.
    """
    marks = list(picture.marks.values())
    if picture.pixels is None or picture.place is None or found is None:
        return BoxAnswer(name, None, None, None, None, marks, picture.problem)
    stored, kept, cut = picture.place
    if why := refusal(picture.marks):
        return BoxAnswer(name, None, None, picture.pixels, stored, marks, why)
    boxes = found if threshold is None else found.take(found.scores >= threshold)
    frame = Frame.of(stored, kept, cut, described.image_size, described.fit)
    return BoxAnswer(name, to_stored(frame, boxes), boxes, picture.pixels, stored, marks, "")


def pixels_of(pictures: Sequence[Prepared]) -> NDArray[np.uint8]:
    """Return the pixels of pictures, uint8 (N, size, size, 1); at least one, each of which has some."""
    return np.stack([picture.pixels for picture in pictures if picture.pixels is not None])


def marked(pictures: Sequence[Prepared], familiar: Familiar | None) -> list[Prepared]:
    """Return pictures with the marks that their likeness to those of train and val gives, see `serving.marks`.

    Args:
        pictures: those that have pixels.
        familiar: what the pictures of train and val look like; None: not known.
    """
    if not pictures:
        return []
    found = marks_of(pictures, pixels_of(pictures), familiar)
    return [replace(picture, marks=marks) for picture, marks in zip(pictures, found, strict=True)]


def box_rows(boxes: Boxes, findings: Sequence[str]) -> list[dict[str, Any]]:
    """Return finding, score and corners (left, top, right, bottom) of each box, in numbers that JSON holds."""
    return [
        {
            "finding": findings[label],
            "score": round(score, 6),
            **dict(zip(("left", "top", "right", "bottom"), (round(value, 2) for value in corners), strict=True)),
        }
        for corners, label, score in zip(
            boxes.corners.tolist(), boxes.labels.tolist(), boxes.scores.tolist(), strict=True
        )
    ]


def drawing(answer: BoxAnswer, findings: Sequence[str]) -> bytes | None:
    """Return a PNG of the picture as the detector saw it with the boxes over it; None where none are given."""
    if answer.pixels is None or answer.seen is None:
        return None
    drawn = draw_boxes(answer.pixels, Drawn(found=answer.seen), findings, foot=NOTICE)
    return bytes(cv2.imencode(".png", cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR))[1])
