import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from chestbench.imaging.decode import UnreadableImage, decode_grey
from tests.imaging.pictures import encode, picture, png

GREY = picture(3)
RGB = np.dstack([GREY] * 3)
OPAQUE = np.full_like(GREY, 255)
OTHERS = [Image.fromarray(picture(4)), Image.fromarray(picture(5))]


@pytest.mark.parametrize(
    ("kind", "words"), [("TIFF", "3 pages"), ("GIF", "3 frames"), ("WEBP", "3 frames"), ("PNG", "3 frames")]
)
def test_of_several_pictures_none_is_taken_in_silence(kind: str, words: str) -> None:
    with pytest.raises(UnreadableImage, match=f"^{words}: expected one picture a file$"):
        decode_grey(encode(GREY, kind, save_all=True, append_images=OTHERS))


@pytest.mark.parametrize(
    "data",
    [
        png(GREY),
        png(RGB),
        png(np.dstack([RGB, OPAQUE])),
        png(np.dstack([RGB, np.zeros_like(GREY)])),
        png(GREY.astype(np.uint16) * 257),
        png(GREY.astype(np.uint16) << 8),
        png(RGB.astype(np.uint16) * 257),
        png(GREY.astype(np.uint16) << 4),
        png(GREY.astype(np.uint16)),
        encode(GREY, "PNG", "LA"),
        encode(GREY, "BMP"),
        encode(RGB, "BMP"),
        encode(GREY, "TIFF"),
        encode(RGB, "TIFF", compression="tiff_lzw"),
        encode(GREY.astype(np.uint16) * 257, "TIFF"),
        encode(RGB, "WEBP", lossless=True),
        encode(GREY, "GIF"),
    ],
    ids=[
        *("grey", "rgb", "rgba", "transparent", "16 x257", "16 <<8", "rgb16", "12 in 16", "8 in 16", "la"),
        *("bmp", "bmp3", "tiff", "lzw", "tiff16", "webp", "gif"),
    ],
)
def test_one_picture_in_any_lossless_dress_has_the_same_pixels(data: bytes) -> None:
    decoded = decode_grey(data)
    assert decoded.pixels.dtype == np.uint8 and decoded.pixels.shape == (60, 80, 1)
    np.testing.assert_array_equal(decoded.pixels[:, :, 0], GREY)


def test_every_grey_value_survives_colour() -> None:
    ramp = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_array_equal(decode_grey(png(np.dstack([ramp] * 3))).pixels[:, :, 0], ramp)


def test_a_grey_and_a_colour_jpeg_agree() -> None:
    grey, colour = decode_grey(encode(GREY, "JPEG", quality=95)), decode_grey(encode(RGB, "JPEG", quality=95))
    np.testing.assert_array_equal(grey.pixels, colour.pixels)
    assert (grey.channels, colour.channels) == (1, 3)


def test_colour_becomes_luma() -> None:
    blue_green_red = np.zeros((16, 48, 3), np.uint8)
    blue_green_red[:, :16, 0] = blue_green_red[:, 16:32, 1] = blue_green_red[:, 32:, 2] = 255
    assert decode_grey(png(blue_green_red)).pixels[0, [0, 20, 40], 0].tolist() == [29, 150, 76]


def test_partial_transparency_is_put_on_black() -> None:
    alpha = OPAQUE.copy()
    alpha[:, :40] = 0
    alpha[:30, 40:] = 128
    pixels = decode_grey(png(np.dstack([RGB, alpha]))).pixels[:, :, 0]
    assert not pixels[:, :40].any()
    np.testing.assert_array_equal(pixels[30:, 40:], GREY[30:, 40:])
    np.testing.assert_allclose(pixels[:30, 40:], GREY[:30, 40:] * (128 / 255), atol=1)


def test_exif_orientation_is_honoured_in_jpeg_and_the_header_tells_the_stored_size() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    plain, turned = decode_grey(encode(GREY, "JPEG")), decode_grey(encode(GREY, "JPEG", exif=exif))
    np.testing.assert_array_equal(turned.pixels[:, :, 0], np.rot90(plain.pixels[:, :, 0], -1))
    assert (turned.width, turned.height) == (80, 60)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "TIFF", "WEBP", "GIF"])
def test_half_a_file_is_no_image(kind: str) -> None:
    data = encode(RGB, kind)
    with pytest.raises(UnreadableImage, match="truncated"):
        decode_grey(data[: len(data) // 2])


def test_a_png_whose_data_ends_early_inside_intact_chunks_is_no_image() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + bytes(100) for _ in range(10))
    short = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 100, 100, 8, 0, 0, 0, 0))
    short += chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    with pytest.raises(UnreadableImage, match="damaged"):
        decode_grey(short)


def test_a_decompression_bomb_is_refused_before_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("decoded"))
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 0, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + b"IHDR"
        + header
        + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    )
    with pytest.raises(UnreadableImage, match="too large: 50000 x 50000"):
        decode_grey(bomb)


def test_float_pixels_are_refused_with_the_reason() -> None:
    with pytest.raises(UnreadableImage, match="float32"):
        decode_grey(encode(GREY.astype(np.float32), "TIFF"))


def test_text_is_not_an_image() -> None:
    with pytest.raises(UnreadableImage, match=r"^not an image$"):
        decode_grey(b"this is a text file named .png")
