"""Damaged DICOM files give UnreadableImage or pixels. gdcm ends the process on some: those must not reach it."""

import random

import numpy as np
import pytest

from chestbench.imaging.decode import UnreadableImage, decode_grey
from chestbench.imaging.header import read_header
from tests.imaging.dicoms import SYNTAXES, make_dicom
from tests.imaging.pictures import picture

GREY = picture(1, 40, 50)
ROUNDS = 120


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Cut the file, flip bits anywhere, or write random bytes into the pixel data or into the header."""
    pixels_at = max(132, data.find(b"\xe0\x7f\x10\x00"))
    kind, out = chance.randrange(4), bytearray(data)
    if kind == 0:
        return data[: chance.randrange(len(data))]
    start, end = {1: (132, len(data)), 2: (pixels_at, len(data)), 3: (132, max(pixels_at, 200))}[kind]
    for _ in range(chance.choice([1, 2, 5, 20])):
        out[chance.randrange(start, end)] = chance.randrange(256)
    return bytes(out)


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_damage_of_any_kind_is_an_unreadable_image(syntax: str) -> None:
    bits = 8 if syntax == "jpeg_baseline" else 12
    values = GREY if bits == 8 else (GREY.astype(np.uint16) << 4) | 5
    whole = make_dicom(values, bits_stored=bits, transfer_syntax=syntax, window=(100, 400), rescale=(1, 0), padding=0)
    chance, refused = random.Random(f"dicom {syntax}"), 0
    for _ in range(ROUNDS):
        data = damaged(whole, chance)
        for read in (decode_grey, read_header):
            try:
                read(data)
            except UnreadableImage as error:
                assert error.reason.startswith("dicom: ") or error.reason == "not an image"
                refused += 1
    assert refused > ROUNDS / 5


@pytest.mark.parametrize("syntax", ["jpeg_lossless_sv1", "jpeg_ls", "jpeg_extended", "jpeg2000_lossless", "rle"])
def test_headers_that_contradict_the_frame_are_survived(syntax: str) -> None:
    values = (GREY.astype(np.uint16) << 4) | 5
    for allocated in (1, 8, 16, 32):
        for stored in (1, 7, 8, 12, 16):
            for signed in (0, 1):
                options = dict(BitsAllocated=allocated, BitsStored=stored, PixelRepresentation=signed)
                data = make_dicom(values, bits_stored=12, transfer_syntax=syntax, **options)
                try:
                    assert decode_grey(data).pixels.shape == (40, 50, 1)
                except UnreadableImage as error:
                    assert error.reason.startswith("dicom: ")


@pytest.mark.parametrize("precision", [0, 1, 17, 45, 255])
@pytest.mark.parametrize(
    ("syntax", "marker"), [("jpeg_ls", b"\xff\xf7\x00\x0b"), ("jpeg_lossless_sv1", b"\xff\xc3\x00\x0b")]
)
def test_a_depth_that_no_image_has_does_not_end_the_process(syntax: str, marker: bytes, precision: int) -> None:
    data = make_dicom(GREY, transfer_syntax=syntax)
    bent = data.replace(marker + b"\x08", marker + bytes([precision]))
    assert bent != data
    with pytest.raises(UnreadableImage, match=f"^dicom: damaged: the compressed frame is {precision} bits deep"):
        decode_grey(bent)
