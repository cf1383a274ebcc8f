import io

import numpy as np
import pytest
from PIL import Image

from chestbench.imaging.complete import check_complete
from chestbench.imaging.decode import decode_grey
from chestbench.imaging.formats import Header, UnreadableImage
from chestbench.imaging.header import read_header, sniff_format
from tests.imaging.pictures import picture

GREY = picture(5, 60, 80)


def jpeg2000(image: np.ndarray, bare: bool = False, mode: str | None = None) -> bytes:
    stream = io.BytesIO()
    shown = Image.fromarray(image)
    (shown.convert(mode) if mode else shown).save(stream, "JPEG2000", no_jp2=bare)
    return stream.getvalue()


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize(("mode", "channels"), [(None, 1), ("RGB", 3), ("RGBA", 4), ("LA", 2)])
def test_files_and_codestreams_are_read(bare, mode, channels):
    data = jpeg2000(GREY, bare, mode)
    assert sniff_format(data) == "jpeg2000"
    assert read_header(data) == Header("jpeg2000", 80, 60, channels, 8)
    found = decode_grey(data)
    assert (found.width, found.height, found.format) == (80, 60, "jpeg2000")
    assert np.array_equal(found.pixels[:, :, 0], GREY)


def test_sixteen_bits_are_known():
    data = jpeg2000(GREY.astype(np.uint16) * 257)
    assert read_header(data).bit_depth == 16 and np.array_equal(decode_grey(data).pixels[:, :, 0], GREY)


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.95, 1.0])
def test_a_cut_off_file_is_noticed(bare, share):
    data = jpeg2000(GREY, bare)
    cut = data[: min(int(len(data) * share), len(data) - 1)]
    with pytest.raises(UnreadableImage, match="truncated"):
        check_complete(cut, read_header(cut))


def test_random_damage_raises_nothing_else():
    whole, generator = jpeg2000(GREY), np.random.default_rng(2)
    for _ in range(200):
        data = bytearray(whole)
        for place in generator.integers(0, 200, 3):
            data[place] = generator.integers(0, 256)
        try:
            decode_grey(bytes(data))
        except UnreadableImage:
            continue


@pytest.mark.parametrize(("bits", "words"), [(8, "8 bit"), (12, "12 of 16 bit"), (16, "16 of 16 bit")])
def test_the_depth_of_jpeg_2000_is_said(bits: int, words: str) -> None:
    values = (GREY.astype(int) * ((1 << bits) - 1) // 255).astype(np.uint8 if bits == 8 else np.uint16)
    decoded = decode_grey(jpeg2000(values))
    np.testing.assert_allclose(decoded.pixels[:, :, 0], GREY, atol=1)
    assert decoded.scale == words
