"""The orientation that a file states is the one that its reader honours."""

import io

import numpy as np
import pytest
from PIL import Image

from chestbench.imaging.decode import decode_grey
from chestbench.imaging.orientation import orientation_of

# Where the upper left corner of the stored picture is seen, as (is below, is right), by orientation.
SEEN = {1: (0, 0), 2: (0, 1), 3: (1, 1), 4: (1, 0), 5: (0, 0), 6: (0, 1), 7: (1, 1), 8: (1, 0)}


def turned(kind: str, orientation: int) -> bytes:
    picture = np.zeros((40, 64), np.uint8)
    picture[:20, :32] = 255
    exif = Image.Exif()
    exif[274] = orientation
    stream = io.BytesIO()
    image = Image.fromarray(picture)
    if kind == "tiff":
        image.save(stream, "TIFF", tiffinfo={274: orientation})
    else:
        image.save(stream, "JPEG", exif=exif, quality=95)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["jpeg", "tiff"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_what_is_said_is_what_is_seen(kind: str, orientation: int) -> None:
    data = turned(kind, orientation)
    assert orientation_of(data, kind) == orientation
    pixels = decode_grey(data).pixels[:, :, 0]
    height, width = pixels.shape
    assert ((width, height) == (40, 64)) == (orientation >= 5)
    halves = pixels.reshape(2, height // 2, 2, width // 2).mean(axis=(1, 3))
    assert np.unravel_index(halves.argmax(), (2, 2)) == SEEN[orientation]


def test_files_that_say_nothing_or_nonsense_are_upright() -> None:
    stream = io.BytesIO()
    Image.new("L", (4, 4)).save(stream, "JPEG")
    assert orientation_of(stream.getvalue(), "jpeg") == orientation_of(turned("jpeg", 6), "png") == 1
    assert orientation_of(turned("jpeg", 200), "jpeg") == orientation_of(turned("jpeg", 6)[:25], "jpeg") == 1
    assert orientation_of(b"II*\0", "tiff") == 1
