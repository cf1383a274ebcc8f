import numpy as np
import pytest

from chestbench.imaging.complete import check_complete
from chestbench.imaging.decode import decode_grey
from chestbench.imaging.formats import UnreadableImage
from chestbench.imaging.header import read_header
from tests.imaging.pictures import encode, picture

GREY = picture(2, 70, 90)
KINDS = [
    ("PNG", {}),
    ("JPEG", {}),
    ("JPEG", {"progressive": True}),
    ("BMP", {}),
    ("TIFF", {}),
    ("WEBP", {}),
    ("GIF", {}),
]


@pytest.mark.parametrize(("kind", "options"), KINDS)
def test_a_whole_file_passes_and_so_do_bytes_behind_it(kind: str, options: dict) -> None:
    data = encode(GREY, kind, **options)
    check_complete(data, read_header(data))
    if kind != "GIF":
        check_complete(data + b"\n\n", read_header(data))
    check_complete(data + b"\0\0", read_header(data))


@pytest.mark.parametrize(("kind", "options"), KINDS)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95, 1.0])
def test_a_cut_off_file_is_noticed(kind: str, options: dict, share: float) -> None:
    data = encode(GREY, kind, **options)
    cut = data[: min(int(len(data) * share), len(data) - 1)]
    with pytest.raises(UnreadableImage, match="truncated"):
        check_complete(cut, read_header(cut))


def test_the_end_marker_of_a_thumbnail_does_not_save_a_cut_jpeg() -> None:
    data = encode(GREY, "JPEG")
    thumbnail = encode(GREY[:16, :16], "JPEG")
    block = b"Exif\0\0" + thumbnail
    whole = data[:2] + b"\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block + data[2:]
    check_complete(whole, read_header(whole))
    with pytest.raises(UnreadableImage, match="no end marker"):
        check_complete(whole[:-400], read_header(whole))


def test_a_flipped_bit_in_a_png_is_noticed() -> None:
    data = bytearray(encode(GREY, "PNG"))
    data[len(data) // 2] ^= 1
    with pytest.raises(UnreadableImage, match="damaged: the checksum of a png chunk"):
        check_complete(bytes(data), read_header(bytes(data)))


def with_chunk(data: bytes, kind: bytes, content: bytes) -> bytes:
    """Put a chunk whose checksum does not match behind the header of a PNG."""
    return data[:33] + len(content).to_bytes(4, "big") + kind + content + b"\0\0\0\1" + data[33:]


@pytest.mark.parametrize("kind", [b"tEXt", b"tIME", b"pHYs", b"eXIf", b"gAMA", b"iCCP", b"zTXt", b"prVt"])
def test_a_damaged_chunk_without_pixels_does_not_lose_the_picture(kind: bytes, capfd: pytest.CaptureFixture) -> None:
    data = with_chunk(encode(GREY, "PNG"), kind, b"Comment\0of 9 bytes")
    check_complete(data, read_header(data))
    assert np.array_equal(decode_grey(data).pixels[:, :, 0], GREY)


@pytest.mark.parametrize("kind", [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS"])
def test_a_damaged_chunk_of_pixels_does(kind: bytes) -> None:
    palette = {"mode": "P", "transparency": 3} if kind in (b"PLTE", b"tRNS") else {}
    data = encode(GREY, "PNG", **palette)
    at = data.index(kind)
    length = int.from_bytes(data[at - 4 : at], "big")
    damaged = bytearray(data)
    damaged[at + 4 + length] ^= 1
    with pytest.raises(UnreadableImage, match=rf"checksum of a png chunk \({kind.decode()}\)"):
        check_complete(bytes(damaged), read_header(data))


def test_a_16_bit_png_passes() -> None:
    data = encode(GREY.astype(np.uint16) * 257, "PNG")
    check_complete(data, read_header(data))
