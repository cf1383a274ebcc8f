"""The PNG writer: any reader gets the same picture back, and the bytes never change."""

import hashlib
import struct
import zlib

import cv2
import numpy as np
import pytest

from chestbench.datasets.png import encode_png
from chestbench.imaging.decode import decode_grey

MODES = {"grey": (1, 8), "rgb": (3, 8), "rgba": (4, 8), "grey16": (1, 16)}


def picture(height: int = 70, width: int = 93) -> np.ndarray:
    return (np.arange(height * width) % 251).astype(np.uint8).reshape(height, width)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [(70, 93), (1, 1), (255, 256), (256, 255), (300, 400)])
def test_round_trip_in_every_mode(mode, size):
    pixels = picture(*size)
    decoded = decode_grey(encode_png(pixels, mode))
    assert (decoded.channels, decoded.bit_depth) == MODES[mode]
    assert decoded.format == "png"
    np.testing.assert_array_equal(decoded.pixels[:, :, 0], pixels)


def test_sixteen_bits_span_the_whole_range():
    stored = cv2.imdecode(np.frombuffer(encode_png(picture(), "grey16"), np.uint8), cv2.IMREAD_UNCHANGED)
    assert stored.dtype == np.uint16
    np.testing.assert_array_equal(stored, picture().astype(np.uint16) * 257)


def test_alpha_is_opaque():
    stored = cv2.imdecode(np.frombuffer(encode_png(picture(), "rgba"), np.uint8), cv2.IMREAD_UNCHANGED)
    assert stored.shape == (70, 93, 4)
    assert (stored[:, :, 3] == 255).all()


def test_chunks_have_right_checksums_and_the_text():
    data = encode_png(picture(), text={"Comment": "SYNTHETIC"})
    position, kinds = 8, []
    while position < len(data):
        (length,) = struct.unpack(">I", data[position : position + 4])
        body = data[position + 4 : position + 8 + length]
        assert struct.unpack(">I", data[position + 8 + length : position + 12 + length]) == (zlib.crc32(body),)
        kinds.append(body[:4])
        position += 12 + length
    assert kinds == [b"IHDR", b"tEXt", b"IDAT", b"IEND"]
    assert b"Comment\0SYNTHETIC" in data


def test_bytes_are_pinned():
    digest = hashlib.sha256(b"".join(encode_png(picture(300, 400), mode) for mode in MODES)).hexdigest()
    assert digest == "470cfa9fa05484486c7661da6a4e54df4e20d1583d0234ae6d4eb939aba448c2"


@pytest.mark.parametrize(
    "wrong", [np.zeros((4, 4), np.float32), np.zeros((4, 4, 3), np.uint8), np.zeros((0, 4), np.uint8)]
)
def test_other_arrays_are_refused(wrong):
    with pytest.raises(ValueError, match="expected uint8 pixels"):
        encode_png(wrong)
