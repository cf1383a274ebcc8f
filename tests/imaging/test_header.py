import numpy as np
import pytest

from chestbench.imaging.formats import UnreadableImage
from chestbench.imaging.header import read_header
from tests.imaging.pictures import encode, picture, png

GREY = picture(1, 40, 50)
RGB = np.dstack([GREY] * 3)


@pytest.mark.parametrize(
    ("data", "kind", "channels", "depth"),
    [
        (encode(GREY, "PNG"), "png", 1, 8),
        (encode(RGB, "PNG"), "png", 3, 8),
        (encode(np.dstack([RGB, GREY]), "PNG"), "png", 4, 8),
        (encode(GREY, "PNG", "LA"), "png", 2, 8),
        (encode(RGB, "PNG", "P"), "png", 3, 8),
        (encode(GREY, "PNG", "1"), "png", 1, 1),
        (png(GREY.astype(np.uint16) * 257), "png", 1, 16),
        (encode(GREY, "JPEG"), "jpeg", 1, 8),
        (encode(RGB, "JPEG", progressive=True), "jpeg", 3, 8),
        (encode(RGB, "BMP"), "bmp", 3, 8),
        (encode(GREY, "TIFF"), "tiff", 1, 8),
        (encode(GREY.astype(np.uint16) * 257, "TIFF"), "tiff", 1, 16),
        (encode(RGB, "TIFF", compression="tiff_lzw"), "tiff", 3, 8),
        (encode(RGB, "WEBP"), "webp", 3, 8),
        (encode(RGB, "WEBP", lossless=True), "webp", 3, 8),
        (encode(np.dstack([RGB, GREY]), "WEBP"), "webp", 4, 8),
        (encode(GREY, "GIF"), "gif", 3, 8),
    ],
)
def test_size_and_mode_are_read_without_decoding(data: bytes, kind: str, channels: int, depth: int) -> None:
    header = read_header(data)
    assert (header.format, header.width, header.height, header.channels, header.bit_depth) == (
        kind,
        50,
        40,
        channels,
        depth,
    )


def test_a_big_endian_tiff_is_read() -> None:
    tiff = b"MM\0*\0\0\0\x08" + b"\0\2" + b"\1\0\0\3\0\0\0\1\0\x07\0\0" + b"\1\1\0\3\0\0\0\1\0\x09\0\0" + b"\0\0\0\0"
    header = read_header(tiff)
    assert (header.width, header.height) == (7, 9)


@pytest.mark.parametrize(
    "data", [b"", b"hello, I am text", b"BMW is a car maker, not a bitmap", b"\x89PN", b"\xff\xd8"]
)
def test_other_bytes_are_not_an_image(data: bytes) -> None:
    with pytest.raises(UnreadableImage, match=r"^not an image$"):
        read_header(data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "TIFF", "WEBP", "GIF"])
def test_any_beginning_of_a_header_is_refused_cleanly(kind: str) -> None:
    data = encode(RGB, kind)
    for end in range(10):
        with pytest.raises(UnreadableImage):
            read_header(data[:end])
