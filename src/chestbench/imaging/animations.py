"""The frames of animated GIF, WebP and PNG: counted by their structure, and each as a PNG of its own."""

import io
import struct
from collections.abc import Iterator

import numpy as np

from chestbench.imaging.formats import UnreadableImage

# Pillow warns above this; the decoder of single pictures takes more.
_MOST_PIXELS = 80_000_000


def count_gif(data: bytes, most: int) -> int:
    """Return the number of pictures in a GIF, `most` + 1 at most; of a damaged one those before the damage."""
    count = 0
    try:
        at = 13 + (3 << ((data[10] & 7) + 1) if data[10] & 0x80 else 0)
        while count <= most:
            mark = data[at]
            if mark == 0x21:  # an extension: label, then blocks
                at = _behind_blocks(data, at + 2)
            elif mark == 0x2C:
                flags = data[at + 9]
                count += 1
                at = _behind_blocks(data, at + 11 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0))
            else:
                break
    except IndexError:
        pass
    return count


def count_webp(data: bytes, most: int) -> int:
    """Return the number of frames of a WebP, `most` + 1 at most; 1 where it is not animated."""
    if data[12:16] != b"VP8X" or not data[20] & 0x02:
        return 1
    at, count = 12, 0
    while at + 8 <= len(data) and count <= most:
        kind, length = struct.unpack_from("<4sI", data, at)
        count += kind == b"ANMF"
        at += 8 + length + length % 2
    return count


def count_png(data: bytes) -> int:
    """Return the number of frames that a PNG states; a first picture outside the animation is one more."""
    at, frames, is_in_animation = 8, 0, False
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind in (b"IDAT", b"IEND"):
            break
        if kind == b"acTL" and at + 12 <= len(data):
            (frames,) = struct.unpack_from(">I", data, at + 8)
        is_in_animation |= kind == b"fcTL"
        at += 12 + length
    return frames + (not is_in_animation) if frames else 1


def animation_frames(data: bytes, width: int, height: int) -> Iterator[bytes]:
    """Yield each frame as it is shown, laid over those before it where the file says so, as an RGBA PNG.

    Args:
        data: the file.
        width, height: pixels, as the header states.

    Raises:
        UnreadableImage: too large, or damaged.
    """
    import cv2
    from PIL import Image

    if width * height > _MOST_PIXELS:
        raise UnreadableImage(f"too large: frames of {width} x {height} pixels")
    number = 0
    try:
        with Image.open(io.BytesIO(data)) as image:
            for number in range(getattr(image, "n_frames", 1)):
                image.seek(number)
                if image.mode.startswith(("I", "F")):
                    raise UnreadableImage("an animation of 16 bits: expected 8")
                pixels = np.asarray(image.convert("RGBA"))
                yield bytes(cv2.imencode(".png", pixels[:, :, [2, 1, 0, 3]])[1])
    except UnreadableImage:
        raise
    except Exception as error:  # Pillow raises nearly anything on damaged bytes
        raise UnreadableImage(f"damaged: frame {number + 1} cannot be decoded ({type(error).__name__})") from None


def _behind_blocks(data: bytes, at: int) -> int:
    while size := data[at]:
        at += 1 + size
    return at + 1
