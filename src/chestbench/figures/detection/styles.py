"""How each kind of box is drawn: kinds differ in dashes, thickness and words, so that a grey print shows the same.

Colours are of the palette of Okabe and Ito (2008), Color Universal Design, chosen light: an X-ray is grey, and every
line has a black edge. What a reader drew is white or yellow, what the detector found blue or orange.
"""

from dataclasses import dataclass, field

import numpy as np

from chestbench.imaging.boxes import Boxes


def no_boxes() -> Boxes:
    """Return no box."""
    return Boxes.of(np.zeros((0, 4)))


@dataclass(frozen=True)
class Style:
    """One kind of box.

    Attributes:
        colour: red, green, blue, 0 to 255.
        thickness: of the line, in units of 1/256 of the picture's side.
        dashes: lengths of line and (free) gap in the same units; None: a whole line.
        tag: what stands before the finding at the box; None: nothing stands there.
        said: in the legend.
    """

    colour: tuple[int, int, int]
    thickness: float
    dashes: tuple[float, float] | None
    tag: str | None
    said: str


# In the order in which they are drawn: what matters most lies on top.
STYLES = {
    "truth": Style((255, 255, 255), 0.8, None, None, "drawn by a reader, and found"),
    "right": Style((86, 180, 233), 1.6, None, "right", "found, right"),
    "found": Style((86, 180, 233), 1.6, None, "", "found"),
    "false": Style((255, 150, 50), 1.6, (1.0, 1.4), "false", "found, false"),
    "missed": Style((240, 228, 66), 1.6, (9.0, 3.0), "missed", "drawn by a reader, missed"),
}
# What is said instead where a program painted what is to be found.
SYNTHETIC_SAID = {"truth": "painted by the generator, and found", "missed": "painted by the generator, missed"}


@dataclass(frozen=True)
class Drawn:
    """The boxes to draw on one picture, by kind; see `STYLES`.

    Attributes:
        truth: drawn by a reader, and found.
        right: found where a reader drew.
        found: found, where nobody says what is right.
        false: found where no reader drew.
        missed: drawn by a reader, not found.
    """

    truth: Boxes = field(default_factory=no_boxes)
    right: Boxes = field(default_factory=no_boxes)
    found: Boxes = field(default_factory=no_boxes)
    false: Boxes = field(default_factory=no_boxes)
    missed: Boxes = field(default_factory=no_boxes)

    def kinds(self) -> dict[str, Boxes]:
        """Return the boxes by kind, in the order of `STYLES`."""
        return {kind: getattr(self, kind) for kind in STYLES}

    def occurring(self) -> list[str]:
        """Return the kinds of which there is a box."""
        return [kind for kind, boxes in self.kinds().items() if len(boxes)]
