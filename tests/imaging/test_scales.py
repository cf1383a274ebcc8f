"""One picture through every pixel format comes out as itself, or is refused by name."""

import struct
import zlib

import cv2
import numpy as np
import pytest

from chestbench.imaging.decode import Decoded, UnreadableImage, decode_grey
from chestbench.imaging.formats import Header
from chestbench.imaging.grey import GreyScale
from chestbench.imaging.levels import to_grey
from chestbench.imaging.plain import read_plain
from chestbench.imaging.tiff import _rewritten
from tests.imaging.dicoms import make_dicom
from tests.imaging.pictures import encode, png
from tests.imaging.tiffs import grey_tiff, packed, write_png, write_tiff

HEIGHT, WIDTH = 64, 80


def smooth(seed: int = 1) -> np.ndarray:
    """A smooth picture that uses all of 0 to 255, uint8 (64, 80)."""
    coarse = np.random.default_rng(seed).random((4, 5)).astype(np.float32)
    shown = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return np.rint((shown - shown.min()) / (shown.max() - shown.min()) * 255).astype(np.uint8)


LOSSLESS = [cv2.IMWRITE_JPEG2000_COMPRESSION_X1000, 1000]
GREY = smooth()
RGB = np.dstack([GREY] * 3)
HU = np.rint(-1350 + GREY.astype(float) / 255 * 1499).astype(int)  # the lung window, from black to white


def as_bits(bits: int, white_is_zero: bool = False) -> np.ndarray:
    """GREY over the whole range of `bits` bits."""
    top = (1 << bits) - 1
    values = (GREY.astype(np.int64) * top + 127) // 255
    return top - values if white_is_zero else values


def check(data: bytes, scale: str = "", inverted: str = "", by: GreyScale | None = None, bits: int = 8) -> Decoded:
    """Hold a file against GREY, or what is left of it in so few bits."""
    decoded = decode_grey(data, by) if by else decode_grey(data)
    shown = decoded.pixels[:, :, 0].astype(float)
    expected = as_bits(min(bits, 8)) * 255 / ((1 << min(bits, 8)) - 1)
    assert shown.shape == GREY.shape
    assert np.corrcoef(shown.ravel(), expected.ravel())[0, 1] > 0.99
    assert abs(shown.mean() - expected.mean()) <= 2
    if scale:
        assert decoded.scale == scale
    assert decoded.grey.inverted == inverted
    return decoded


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("white_is_zero", [False, True])
@pytest.mark.parametrize("bits", [1, 2, 4, 8, 10, 12, 14, 16])
def test_grey_tiff_of_every_depth_and_polarity(bits: int, white_is_zero: bool, order: str) -> None:
    data = grey_tiff(as_bits(bits, white_is_zero), bits, order, t262=0 if white_is_zero else 1)
    words = "16 of 16 bit" if bits == 16 else f"{bits} bit"
    check(data, words, "yes" if white_is_zero else "", bits=bits)


@pytest.mark.parametrize("white_is_zero", [False, True])
@pytest.mark.parametrize("bits", [8, 9, 10, 11, 12, 13, 14, 15, 16])
def test_16_bit_files_without_a_declared_depth(bits: int, white_is_zero: bool) -> None:
    values, inverted = as_bits(bits, white_is_zero), "yes" if white_is_zero else ""
    words = f"{bits} of 16 bit"
    check(grey_tiff(values, 16, t262=0 if white_is_zero else 1), words, inverted)
    check(grey_tiff(values, 16, t262=0 if white_is_zero else 1, t339=4), words, inverted)
    if not white_is_zero:
        check(png(values.astype(np.uint16)), words)
        check(png(np.dstack([values.astype(np.uint16)] * 3)), words)


@pytest.mark.parametrize("bits", [9, 12, 16])
def test_a_declared_depth_is_followed_in_dark_pictures_too(bits: int) -> None:
    dark = as_bits(bits) >> 2
    depth = struct.pack("B", bits)
    for data in (grey_tiff(dark, 16, t281=(1 << bits) - 1), write_png(dark, 16, chunks=[(b"sBIT", depth)])):
        assert abs(decode_grey(data).pixels.mean() - GREY.mean() / 4) <= 2
    scaled = as_bits(bits) << (16 - bits)
    check(write_png(scaled, 16, chunks=[(b"sBIT", depth)]), "16 bit" if bits == 16 else "16 of 16 bit")


def test_a_max_sample_value_that_is_no_depth_is_the_pictures_highest_value() -> None:
    decoded = check(grey_tiff(as_bits(12), 16, t281=4000), "12 of 16 bit")
    assert decoded.grey.statistic


@pytest.mark.parametrize("factor", [256, 257])
def test_8_bits_widened_to_16_are_8_bits_again_however_dark(factor: int) -> None:
    dark = (GREY // 5).astype(np.uint16)
    np.testing.assert_array_equal(decode_grey(png(dark * factor)).pixels[:, :, 0], dark)


@pytest.mark.parametrize("compression", [1, 5, 8, 32773])
@pytest.mark.parametrize("white_is_zero", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_compressed_tiff(compression: int, white_is_zero: bool, dtype: type) -> None:
    values = as_bits(8 * np.dtype(dtype).itemsize, white_is_zero).astype(dtype)
    if compression == 8:
        data = write_tiff([zlib.compress(values.tobytes())], GREY.shape, t258=8 * values.itemsize, t259=8)
    else:
        data = encode(values, "TIFF", compression={1: None, 5: "tiff_lzw", 32773: "packbits"}[compression])
    if white_is_zero:
        data = _rewritten(data, {262: 0})
    check(data, inverted="yes" if white_is_zero else "")


@pytest.mark.parametrize("white_is_zero", [False, True])
def test_tiled_tiff(white_is_zero: bool) -> None:
    wide = np.zeros((64, 128), np.uint16)
    wide[:, :WIDTH] = as_bits(16, white_is_zero)
    tiles = [wide[:, at : at + 64].tobytes() for at in (0, 64)]
    data = write_tiff(tiles, GREY.shape, t258=16, t322=64, t323=64, t262=int(not white_is_zero))
    check(data, inverted="yes" if white_is_zero else "")


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_palette_tiff(bits: int) -> None:
    top = (1 << bits) - 1
    colours = [(top - code) * 65535 // top for code in range(top + 1)]  # backwards: the code is not the grey
    data = write_tiff([packed(as_bits(bits, True), bits)], GREY.shape, t258=bits, t262=3, t320=colours * 3)
    check(data, bits=bits)


COLOUR_TIFF = {
    "rgb": ([RGB.tobytes()], dict(t262=2, t258=[8] * 3, t277=3)),
    "rgb in planes": ([GREY.tobytes()] * 3, dict(t262=2, t258=[8] * 3, t277=3, t284=2)),
    "rgb 16": ([(RGB.astype("<u2") * 257).tobytes()], dict(t262=2, t258=[16] * 3, t277=3)),
    "rgba": ([np.dstack([RGB, np.full_like(GREY, 255)]).tobytes()], dict(t262=2, t258=[8] * 4, t277=4, t338=2)),
    "cmyk, ink": ([np.dstack([RGB * 0, 255 - GREY]).tobytes()], dict(t262=5, t258=[8] * 4, t277=4)),
    "cmyk, colour": ([np.dstack([255 - RGB, GREY * 0]).tobytes()], dict(t262=5, t258=[8] * 4, t277=4)),
    "ycbcr": (
        [np.dstack([GREY, GREY * 0 + 128, GREY * 0 + 128]).tobytes()],
        dict(t262=6, t258=[8] * 3, t277=3, t530=[1, 1]),
    ),
    "grey and alpha": ([np.dstack([GREY, np.full_like(GREY, 255)]).tobytes()], dict(t258=[8] * 2, t277=2, t338=2)),
}


@pytest.mark.parametrize("name", COLOUR_TIFF)
def test_colour_tiff(name: str) -> None:
    strips, tags = COLOUR_TIFF[name]
    check(write_tiff(strips, GREY.shape, **tags))


def test_grey_and_alpha_with_white_as_zero() -> None:
    strip = np.dstack([255 - GREY, np.full_like(GREY, 255)]).tobytes()
    check(write_tiff([strip], GREY.shape, t262=0, t258=[8] * 2, t277=2, t338=2), inverted="yes")


WIDE = (RGB.astype("<u2") * 257).tobytes()
PLANE = (GREY.astype("<u2") * 257).tobytes()
FLOATS = dict(t258=32, t339=3)
REFUSED = {
    "16-bit planes": ([PLANE] * 3, dict(t262=2, t258=[16] * 3, t277=3, t284=2), "separate planes"),
    "lab": ([RGB.tobytes()], dict(t262=8, t258=[8] * 3, t277=3), "CIELab"),
    "grey and alpha of 16 bits": ([WIDE], dict(t258=[16] * 2, t277=2), "2 values a pixel, 16 bits each"),
    "three greys": ([RGB.tobytes()], dict(t258=[8] * 3, t277=3), "3 values a pixel"),
    "unequal depths": ([RGB.tobytes()], dict(t262=2, t258=[8, 8, 16], t277=3), "different depths"),
    "cmyk 16": ([WIDE * 2], dict(t262=5, t258=[16] * 4, t277=4), "16 bits a value"),
    "no photometric": ([GREY.tobytes()], dict(t262=[]), "does not state what is white"),
    "int8": ([GREY.tobytes()], dict(t339=2), "int8"),
    "uint32": ([GREY.astype("<u4").tobytes()], dict(t258=32), "32 bits a value"),
    "int32": ([GREY.astype("<i4").tobytes()], dict(t258=32, t339=2), "int32"),
    "float16": ([GREY.astype("<f2").tobytes()], dict(t258=16, t339=3), "float16"),
    "float64": ([GREY.astype("<f8").tobytes()], dict(t258=64, t339=3), "float64"),
    "float32 to 255": ([GREY.astype("<f4").tobytes()], FLOATS, r"float32 from 0 to 255: .*window=\[127.5,255\]"),
    "float32 around 0": ([(GREY / 255 - 0.5).astype("<f4").tobytes()], FLOATS, "float32 from -0.5 to 0.5: "),
    "float32 of 0": ([np.zeros(GREY.shape, "<f4").tobytes()], FLOATS, "float32 from 0 to 0: "),
    "infinite": ([np.where(GREY > 99, np.inf, 0.5).astype("<f4").tobytes()], FLOATS, "no finite numbers"),
    "int16": ([GREY.astype("<i2").tobytes()], dict(t258=16, t339=2), "int16 from 0 to 255: .*signed=hounsfield"),
    "no numbers": ([np.full(GREY.shape, np.nan, "<f4").tobytes()], FLOATS, "no finite numbers"),
    "complex": ([GREY.astype("<u4").tobytes()], dict(t258=32, t339=5), "complex"),
    "zstandard": ([GREY.tobytes()], dict(t259=50000), "Zstandard"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_tiff_that_is_not_read_is_refused_by_name(name: str) -> None:
    strips, tags, reason = REFUSED[name]
    with pytest.raises(UnreadableImage, match=reason):
        decode_grey(write_tiff(strips, GREY.shape, **tags))


@pytest.mark.parametrize(("dtype", "bits", "code"), [("<i2", 16, 2), ("<f4", 32, 3)])
def test_signed_values_with_air_are_hounsfield_units(dtype: str, bits: int, code: int) -> None:
    check(write_tiff([HU.astype(dtype).tobytes()], GREY.shape, t258=bits, t339=code), "HU -600/1500")
    narrow = GreyScale(window=(-600.0, 100.0))
    decoded = decode_grey(write_tiff([HU.astype(dtype).tobytes()], GREY.shape, t258=bits, t339=code), narrow)
    assert decoded.scale == "HU -600/100" and np.isin(decoded.pixels, (0, 255)).mean() > 0.8


@pytest.mark.parametrize(("dtype", "bits"), [("<f4", 32), ("<f8", 64)])
def test_floating_point_values_from_0_to_1_are_read_as_such(dtype: str, bits: int) -> None:
    data = write_tiff([(GREY / 255).astype(dtype).tobytes()], GREY.shape, t258=bits, t339=3)
    decoded = check(data, "0 to 1")
    assert (decoded.pixels[:, :, 0] == GREY).all() and not decoded.grey.has_gaps
    part = write_tiff([(GREY / 510).astype(dtype).tobytes()], GREY.shape, t258=bits, t339=3)
    assert decode_grey(part).pixels.max() == 128  # white is 1, whatever the picture's highest value


@pytest.mark.parametrize(("values", "scale"), [(GREY / 255, "0 to 1"), (HU.astype(float), "HU -600/1500")])
def test_what_is_no_number_is_background(values: np.ndarray, scale: str) -> None:
    values = values.copy()
    values[:5, :5] = np.nan
    decoded = decode_grey(write_tiff([values.astype("<f4").tobytes()], GREY.shape, **FLOATS))
    shown = decoded.pixels[:, :, 0]
    assert decoded.scale == scale and decoded.grey.has_gaps
    assert not shown[:5, :5].any() and np.corrcoef(shown[5:].ravel(), GREY[5:].ravel())[0, 1] > 0.99


def test_the_line_for_other_floating_point_values_reads_them() -> None:
    data = write_tiff([GREY.astype("<f4").tobytes()], GREY.shape, **FLOATS)
    check(data, by=GreyScale(signed="hounsfield", window=(127.5, 255.0)))


def test_signed_values_are_hounsfield_units_where_that_is_stated() -> None:
    tissue = np.maximum(HU, -400)
    data = write_tiff([tissue.astype("<i2").tobytes()], GREY.shape, t258=16, t339=2)
    stated = decode_grey(data, GreyScale(signed="hounsfield"))
    expected = np.clip((tissue + 1350) / 1500 * 255, 0, 255)
    assert abs(stated.pixels[:, :, 0] - expected).max() <= 1


@pytest.mark.parametrize("extra", [[], [(b"gAMA", struct.pack(">I", 100_000))], [(b"tRNS", b"\0\0")]])
@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
def test_png_of_every_depth(bits: int, extra: list) -> None:
    check(write_png(as_bits(bits), bits, chunks=extra), bits=bits)


@pytest.mark.parametrize("bits", [4, 8])
def test_palette_png(bits: int) -> None:
    top = (1 << bits) - 1
    colours = b"".join(bytes([(top - code) * 255 // top] * 3) for code in range(top + 1))
    check(write_png(as_bits(bits, True), bits, colour=3, chunks=[(b"PLTE", colours)]))


JPEG = encode(RGB, "JPEG", quality=95)


@pytest.mark.parametrize(
    "data",
    [
        *(encode(GREY, "JPEG", quality=95), JPEG, encode(RGB, "JPEG", quality=95, keep_rgb=True)),
        *(encode(RGB, "JPEG", quality=95, progressive=True), encode(RGB, "JPEG", "CMYK", quality=95)),
        *(encode(RGB, "WEBP", lossless=True), encode(RGB, "WEBP", quality=95), encode(GREY, "GIF")),
        *(encode(GREY, "BMP"), encode(RGB, "BMP"), encode(RGB, "BMP", "RGBA")),
        encode(np.dstack([RGB, np.full_like(GREY, 255)]), "WEBP", lossless=True),
    ],
    ids=[
        "grey",
        "colour",
        "rgb",
        "progressive",
        "cmyk",
        "webp",
        "lossy webp",
        "gif",
        "bmp8",
        "bmp24",
        "bmp32",
        "webp a",
    ],
)
def test_8_bit_formats(data: bytes) -> None:
    check(data, "8 bit")


def bmp(bits: int, rows: bytes, palette: bytes = b"", compression: int = 0, masks: bytes = b"") -> bytes:
    start = 54 + len(masks) + len(palette)
    header = struct.pack(
        "<IiiHHIIiiII", 40, WIDTH, -HEIGHT, 1, bits, compression, len(rows), 0, 0, len(palette) // 4, 0
    )
    return b"BM" + struct.pack("<IHHI", start + len(rows), 0, 0, start) + header + masks + palette + rows


def test_bmp_of_4_and_16_bits() -> None:
    check(bmp(4, packed(as_bits(4), 4), b"".join(bytes([17 * code] * 3 + [0]) for code in range(16))))
    five, six = as_bits(5), as_bits(6)
    check(bmp(16, (five | five << 5 | five << 10).astype("<u2").tobytes()))
    masks = struct.pack("<III", 0xF800, 0x07E0, 0x001F)
    check(bmp(16, (five | six << 5 | five << 11).astype("<u2").tobytes(), compression=3, masks=masks))


def test_jpegs_that_are_not_read_are_refused_by_name() -> None:
    at = JPEG.index(b"\xff\xc0")
    for marker, depth, reason in ((0xC1, 12, "12 bits"), (0xC3, 8, "lossless"), (0xC9, 8, "arithmetic")):
        changed = JPEG[: at + 1] + bytes([marker]) + JPEG[at + 2 : at + 4] + bytes([depth]) + JPEG[at + 5 :]
        with pytest.raises(UnreadableImage, match=reason):
            decode_grey(changed)


@pytest.mark.parametrize("white_is_zero", [False, True])
@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("way", ["window", "range", "percentiles"])
def test_radiographs_of_every_depth_and_polarity(bits: int, white_is_zero: bool, way: str) -> None:
    values = as_bits(bits, white_is_zero).astype(np.uint8 if bits == 8 else np.uint16)
    window = ((1 << bits) / 2, 1 << bits) if way == "window" else None
    photometric = "MONOCHROME1" if white_is_zero else "MONOCHROME2"
    data = make_dicom(values, bits_stored=bits, window=window, photometric=photometric)
    check(data, way, "yes" if white_is_zero else "", by=GreyScale(dicom=way))


@pytest.mark.parametrize("stored", [np.uint16, np.int16])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_ct(stored: type, photometric: str) -> None:
    intercept = -2048 if stored is np.uint16 else 0
    slope = -1 if photometric == "MONOCHROME1" else 1  # white is still 150 HU
    values = (HU * slope - intercept * slope).astype(stored) if slope > 0 else None
    if values is None:
        decoded = decode_grey(
            make_dicom((HU - intercept).astype(stored), modality="CT", rescale=(1, intercept), photometric=photometric)
        )
        assert decoded.grey.inverted == "yes" and decoded.pixels.mean() == pytest.approx(255 - GREY.mean(), abs=2)
    else:
        check(make_dicom(values, modality="CT", rescale=(1, intercept), photometric=photometric), "HU -600/1500")


@pytest.mark.parametrize("high", [11, 13, 15])
@pytest.mark.parametrize("signed", [False, True])
def test_bits_stored_above_the_lowest_are_shifted_down(high: int, signed: bool) -> None:
    low = high - 11
    values = as_bits(12) - (2048 if signed else 0)
    stored = ((values.astype(np.int64) & 0xFFF) << low).astype(np.uint16)
    if signed:
        stored = stored.view(np.int16)
    data = make_dicom(stored, bits_stored=12, HighBit=high)
    check(data, "range", by=GreyScale(dicom="range"))


@pytest.mark.parametrize(
    ("high", "syntax"), [(10, "explicit"), (16, "explicit"), (15, "jpeg_lossless"), (15, "jpeg2000_lossless")]
)
def test_a_high_bit_that_makes_no_sense_is_refused(high: int, syntax: str) -> None:
    data = make_dicom(as_bits(12).astype(np.uint16), bits_stored=12, transfer_syntax=syntax, HighBit=high)
    with pytest.raises(UnreadableImage, match=f"HighBit {high}"):
        decode_grey(data)


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("shape", ["IDENTITY", "INVERSE"])
def test_presentation_lut_shape_decides_the_polarity(photometric: str, shape: str) -> None:
    stored = as_bits(8, shape == "INVERSE").astype(np.uint8)
    decoded = check(
        make_dicom(stored, photometric=photometric, PresentationLUTShape=shape),
        inverted="yes" if shape == "INVERSE" else "",
    )
    assert decoded.grey.contradicts == ((shape == "INVERSE") != (photometric == "MONOCHROME1"))


@pytest.mark.parametrize(
    ("used", "stated", "words"),
    [
        (8, 8, "8 bit"),
        (4, 4, "4 bit"),
        (12, 12, "12 bit"),
        (10, 10, "10 bit"),
        (16, 16, "16 of 16 bit"),
        (12, 16, "12 of 16 bit"),
    ],
)
def test_the_precision_of_jpeg_2000_is_its_depth_unless_it_is_that_of_the_storage(
    used: int, stated: int, words: str
) -> None:
    """OpenCV writes the precision of the array; what a header says of it is told to the reader beside."""
    codestream = cv2.imencode(".jp2", as_bits(used).astype(np.uint8 if used <= 8 else np.uint16), LOSSLESS)[1].tobytes()
    pixels, facts = to_grey(read_plain(codestream, Header("jpeg2000", WIDTH, HEIGHT, 1, stated)), GreyScale())
    expected = as_bits(min(used, 8)) * 255 / ((1 << min(used, 8)) - 1)
    np.testing.assert_allclose(pixels, expected, atol=1)
    assert GreyScale().words(facts) == words


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 12, 16])
@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_orientation_in_tiff_is_honoured_at_every_depth(bits: int, orientation: int) -> None:
    pixels = decode_grey(grey_tiff(as_bits(bits), bits, t274=orientation)).pixels[:, :, 0]
    turned = np.rot90(pixels, {1: 0, 3: 2, 6: 1}[orientation])
    np.testing.assert_array_equal(turned, decode_grey(grey_tiff(as_bits(bits), bits)).pixels[:, :, 0])


@pytest.mark.parametrize("white_is_zero", [False, True])
@pytest.mark.parametrize("bits", [8, 16])
def test_a_big_tiff(bits: int, white_is_zero: bool) -> None:
    values = as_bits(bits, white_is_zero).astype(np.uint8 if bits == 8 else np.uint16)
    data = encode(values, "TIFF", big_tiff=True)
    assert data[2] == 43
    check(_rewritten(data, {262: 0}) if white_is_zero else data, inverted="yes" if white_is_zero else "")


@pytest.mark.parametrize(("dtype", "rescale"), [(np.uint8, (1, 0)), (np.uint16, (1, 0)), (np.uint16, (0.5, -100))])
def test_a_ct_that_has_no_room_for_air_is_refused(dtype: type, rescale: tuple) -> None:
    """Screenshots and exports keep Modality CT; by the lung window they would be nearly white."""
    data = make_dicom(as_bits(8).astype(dtype), modality="CT", rescale=rescale)
    with pytest.raises(UnreadableImage, match="no Hounsfield units"):
        decode_grey(data)
