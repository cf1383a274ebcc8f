"""Words on OpenCV pictures. OpenCV's fonts are ASCII only, and the bytes must not depend on the fonts of a machine."""

import unicodedata

import cv2
import numpy as np

_FONT = cv2.FONT_HERSHEY_SIMPLEX
# The height of capitals at scale 1, in pixels.
_CAPITALS = 22.0


def ascii_label(text: str, fallback: str) -> str:
    """Return `text` if ASCII can say it (accents are dropped: "café" -> "cafe"), else `fallback`.

    Args:
        text: any class name or title.
        fallback: an ASCII stand-in such as "class 2"; it is put in front of what ASCII can say of `text`, if anything.
    """
    if text.isascii() and text.isprintable():
        return text
    bare = unicodedata.normalize("NFKD", text)
    kept = "".join(letter for letter in bare if letter.isascii() and letter.isprintable()).strip()
    lost = [letter for letter in bare if not letter.isascii() and not unicodedata.combining(letter)]
    if not lost:
        return kept
    return f"{fallback} ({kept.strip(' ()')})" if any(letter.isalnum() for letter in kept) else fallback


def text_width(text: str, height: int) -> int:
    """Return the width in pixels of ASCII `text` whose capitals are `height` pixels high."""
    (width, _), _ = cv2.getTextSize(text, _FONT, height / _CAPITALS, 1)
    return int(width)


def put_text(
    image: np.ndarray, text: str, left: int, baseline: int, height: int = 11, value: int = 255, width: int | None = None
) -> None:
    """Write ASCII `text` into `image` (uint8 (H, W) or (H, W, C), changed in place).

    Args:
        image: uint8 picture.
        text: ASCII; see `ascii_label`.
        left: pixel column of the first letter's lower left corner.
        baseline: pixel row of that corner.
        height: height of capitals in pixels.
        value: grey value, 0 to 255.
        width: cut the text to this many pixels, ending in dots.
    """
    if width is not None and text_width(text, height) > width:
        while text and text_width(text + "...", height) > width:
            text = text[:-1]
        text += "..."
    colour = (value,) * (1 if image.ndim == 2 else image.shape[2])
    cv2.putText(image, text, (left, baseline), _FONT, height / _CAPITALS, colour, 1, cv2.LINE_AA)
