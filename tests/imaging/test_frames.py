"""Files of several pages or frames: counted, refused, or taken apart into files of one picture."""

import io
import struct

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset

from chestbench.core.settings_in_text import lines_to_set
from chestbench.imaging import frames as frames_module
from chestbench.imaging.decode import decode_grey
from chestbench.imaging.formats import UnreadableImage
from chestbench.imaging.frames import MAX_FRAMES, count_frames, counted, refusal, split_frames
from chestbench.imaging.header import read_header
from tests.imaging.dicoms import make_dicom
from tests.imaging.pictures import encode, picture

PAGES = [picture(seed, 40, 50) for seed in range(4)]


def pages(images: list[np.ndarray], kind: str = "TIFF", mode: str | None = None, **options) -> bytes:
    first, *others = [Image.fromarray(image).convert(mode) if mode else Image.fromarray(image) for image in images]
    stream = io.BytesIO()
    first.save(stream, kind, save_all=True, append_images=others, **options)
    return stream.getvalue()


def tiff(
    pages: list[np.ndarray], order: str = "<", big: bool = False, extra: dict[int, dict[int, int]] | None = None
) -> bytearray:
    """Write a TIFF of one strip a page; `extra` has more tags by page."""
    word, inline = ("Q", 8) if big else ("I", 4)
    mark = b"II" if order == "<" else b"MM"
    out = bytearray(mark + (struct.pack(order + "HHHQ", 43, 8, 0, 0) if big else struct.pack(order + "HI", 42, 0)))
    link = len(out) - inline
    for number, page in enumerate(pages):
        offset = len(out)
        out += page.astype(page.dtype.newbyteorder(order)).tobytes()
        out += b"\0" * (len(out) % 2)
        tags = {256: page.shape[1], 257: page.shape[0], 258: page.dtype.itemsize * 8, 259: 1, 262: 1, 273: offset,
                277: 1, 278: page.shape[0], 279: page.nbytes, **(extra or {}).get(number, {})}  # fmt: skip
        out[link : link + inline] = struct.pack(order + word, len(out))
        out += struct.pack(order + ("Q" if big else "H"), len(tags))
        for tag, value in sorted(tags.items()):
            out += struct.pack(order + "HH" + word, tag, 4, 1) + struct.pack(order + "I", value).ljust(inline, b"\0")
        link = len(out)
        out += bytes(inline)
    return out


def shown(data: bytes) -> list[np.ndarray]:
    return [decode_grey(one).pixels[:, :, 0] for one in split_frames(data, count_frames(data))]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_each_page_of_a_tiff_reads_as_the_picture_it_is(order, big, dtype):
    stored = [page.astype(dtype) * (257 if dtype == np.uint16 else 1) for page in PAGES]
    data = bytes(tiff(stored, order, big))
    assert count_frames(data) == 4 and counted(data, 4) == "4 pages"
    assert all(np.array_equal(a, b) for a, b in zip(shown(data), PAGES, strict=True))
    ones = list(split_frames(data, 4))
    assert [count_frames(one) for one in ones] == [1] * 4 and all(len(one) < len(data) / 3 for one in ones)
    assert read_header(ones[2]) == read_header(bytes(tiff(stored[2:3], order, big)))


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_pages_of_any_packing(compression, mode):
    data = pages(PAGES, mode=mode, compression=compression)
    found = shown(data)
    assert len(found) == 4
    limit = 3 if compression == "jpeg" else 0.01
    assert all(np.abs(a.astype(int) - b).mean() < limit for a, b in zip(found, PAGES, strict=True))


def test_names_and_dates_do_not_go_into_a_page():
    data = pages(PAGES, tiffinfo={270: "Doe^Jane", 315: "Dr^House", 306: "2020:03:17 00:00:00"})
    assert b"Doe^Jane" in data
    assert not any(word in one for one in split_frames(data, 4) for word in (b"Doe", b"House", b"2020:03"))


@pytest.mark.parametrize("tags", [{254: 1}, {255: 2}, {254: 4}])
def test_thumbnails_and_masks_are_no_pages(tags):
    data = bytes(tiff([PAGES[0], PAGES[1][:10, :10]], extra={1: tags}))
    assert count_frames(data) == 1 and np.array_equal(decode_grey(data).pixels[:, :, 0], PAGES[0])
    three = bytes(tiff([PAGES[0], PAGES[1], PAGES[2]], extra={1: tags}))
    assert count_frames(three) == 2 and np.array_equal(shown(three)[1], PAGES[2])


def test_a_chain_in_a_circle_ends_and_one_that_leads_out_is_refused():
    data = tiff(PAGES[:2])
    (first,) = struct.unpack_from("<I", data, 4)
    data[-4:] = struct.pack("<I", first)
    assert count_frames(bytes(data)) == 2 and len(shown(bytes(data))) == 2
    data[-4:] = struct.pack("<I", len(data) + 50)
    with pytest.raises(UnreadableImage, match="truncated: a page"):
        count_frames(bytes(data))
    with pytest.raises(UnreadableImage, match="truncated: a page"):
        decode_grey(bytes(data))


def test_a_chain_without_end_is_counted_to_the_bound(monkeypatch):
    monkeypatch.setattr(frames_module, "MAX_FRAMES", 3)
    data = bytes(tiff(PAGES + PAGES))
    assert count_frames(data) == 4 and counted(data, 4) == "more than 3 pages"
    with pytest.raises(UnreadableImage, match="more than 3 pages"):
        list(split_frames(data, 4))
    assert len(list(split_frames(data, 4, first_only=True))) == 1


def test_strips_that_overlap_cannot_make_a_page_larger_than_the_file():
    data = tiff(PAGES[:2])
    (first,) = struct.unpack_from("<I", data, 4)
    for place in range(first + 2, first + 2 + 9 * 12, 12):
        tag = struct.unpack_from("<H", data, place)[0]
        if tag in (273, 279):
            values = struct.pack("<I", 8 if tag == 273 else len(data) - 8) * 500
            struct.pack_into("<II", data, place + 4, 500, len(data))
            data += values
    with pytest.raises(UnreadableImage, match="without whole strips"):
        list(split_frames(bytes(data), 2))


ANIMATED = {
    "gif": ("GIF", {}),
    "webp": ("WEBP", {"lossless": True}),
    "png": ("PNG", {}),
    "png beside": ("PNG", {"default_image": True}),
}


@pytest.mark.parametrize("case", ANIMATED)
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_each_frame_of_an_animation_is_a_picture(case, mode):
    kind, options = ANIMATED[case]
    data = pages(PAGES, kind, mode, **options)
    assert count_frames(data) == 4 and counted(data, 4) == "4 frames"
    found = shown(data)
    assert all(np.abs(a.astype(int) - b).max() <= 1 for a, b in zip(found, PAGES, strict=True))
    with pytest.raises(UnreadableImage, match="4 frames: expected one picture a file"):
        decode_grey(data)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF", "JPEG", "BMP", "JPEG2000"])
def test_a_file_of_one_comes_back_as_it_is(kind):
    data = encode(PAGES[0], kind)
    assert count_frames(data) == 1 and list(split_frames(data, 1)) == [data]


def test_a_gif_of_a_hundred_thousand_frames_is_not_read_to_its_end():
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02D\x01\x00"
    data = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6) + frame * 100_000 + b";"
    assert count_frames(data) == MAX_FRAMES + 1
    assert refusal(data, MAX_FRAMES + 1).startswith("several pages or frames: more than 10,000 frames")
    with pytest.raises(UnreadableImage, match="too large"):
        list(split_frames(data, MAX_FRAMES + 1))


@pytest.mark.parametrize(
    "syntax", ["explicit", "implicit", "big", "deflated", "jpeg_lossless_sv1", "rle", "jpeg2000_lossless"]
)
def test_each_frame_of_a_dicom_reads_as_its_own_file(syntax):
    stack = np.stack(PAGES[:3]).astype(np.uint16) * 16
    data = make_dicom(stack, frames=3, bits_stored=12, window=(2048, 4096), transfer_syntax=syntax)
    assert count_frames(data) == 3
    alone = [make_dicom(one, bits_stored=12, window=(2048, 4096)) for one in stack]
    assert all(np.array_equal(a, decode_grey(b).pixels[:, :, 0]) for a, b in zip(shown(data), alone, strict=True))


def test_what_an_enhanced_dicom_says_per_frame_holds_for_that_frame():
    stack = np.stack(PAGES[:2]).astype(np.int16) * 4
    own, shared = [], Dataset()
    window = Dataset()
    window.WindowCenter, window.WindowWidth = -600, 1500
    shared.FrameVOILUTSequence = [window]
    for intercept in (-1024, -500):
        rescale, group = Dataset(), Dataset()
        rescale.RescaleSlope, rescale.RescaleIntercept, rescale.RescaleType = 1, intercept, "HU"
        group.PixelValueTransformationSequence = [rescale]
        own.append(group)
    data = make_dicom(stack, frames=2, modality="CT", SharedFunctionalGroupsSequence=[shared],
                      PerFrameFunctionalGroupsSequence=own)  # fmt: skip
    found = shown(data)
    for number, intercept in enumerate((-1024, -500)):
        alone = decode_grey(make_dicom(stack[number], modality="CT", rescale=(1, intercept)))
        assert np.array_equal(found[number], alone.pixels[:, :, 0])


def test_a_dicom_of_fewer_frames_than_it_states_is_refused():
    data = make_dicom(np.stack(PAGES[:2]), frames=2, NumberOfFrames=5)
    with pytest.raises(UnreadableImage, match="dicom: truncated"):
        list(split_frames(data, count_frames(data)))


ALL_KINDS = {
    "tiff": lambda: bytes(tiff(PAGES)),
    "gif": lambda: pages(PAGES, "GIF"),
    "webp": lambda: pages(PAGES, "WEBP"),
    "png": lambda: pages(PAGES, "PNG"),
    "dicom": lambda: make_dicom(np.stack(PAGES), frames=4),
}


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_random_damage_raises_nothing_else(kind):
    whole, generator = ALL_KINDS[kind](), np.random.default_rng(1)
    for _ in range(150):
        data = bytearray(whole)
        for place in generator.integers(0, len(data), 3):
            data[place] = generator.integers(0, 256)
        if generator.random() < 0.3:
            del data[generator.integers(1, len(data)) :]
        try:
            for one in split_frames(bytes(data), count_frames(bytes(data))):
                decode_grey(one)
        except UnreadableImage:
            continue


def test_both_ways_to_read_several_pages_can_be_copied() -> None:
    assert lines_to_set(refusal(bytes(tiff([picture(1), picture(2)])), 2)) == [
        ("dataset.frames=first",),
        ("dataset.frames=each",),
    ]
