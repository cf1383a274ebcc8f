"""What dataset.grey states, or a message offers, leaves every class its pictures, or says what it costs."""

import re

import numpy as np
import pytest

from chestbench.core.errors import ChestbenchError
from tests.catalog.test_scale_choice import deep, radiograph, two
from tests.imaging.dicoms import make_dicom
from tests.imaging.pictures import picture, png
from tests.imaging.tiffs import grey_tiff, write_tiff


def full(seed: int, bits: int) -> bytes:
    """A 16-bit TIFF whose values use all of so many bits."""
    return grey_tiff((picture(seed).astype(np.int64) * ((1 << bits) - 1) // 255).astype(np.uint16), 16)


def refused(build, members: dict[str, bytes], **dataset) -> str:
    with pytest.raises(ChestbenchError) as error:
        build(members, **dataset)
    return str(error.value)


def by_class(of_a, of_b, count: int = 6) -> dict[str, bytes]:
    return two(count, lambda code, place: (of_b if code else of_a)(20 * code + place))


@pytest.mark.parametrize(("low", "high"), [(11, 16), (12, 16), (12, 14), (14, 16)])
def test_a_depth_that_whitens_a_class_is_neither_offered_nor_taken(build, low: int, high: int) -> None:
    members = by_class(lambda seed: full(seed, low), lambda seed: full(seed, high))
    told = refused(build, members)
    assert f"dataset.grey.bits={high}" in told and f"dataset.grey.bits={low}" not in told
    assert "mixed=true" in told and "convert the files to one scale" in told and "out with dataset.exclude" not in told
    levels = 256 >> (high - low)
    assert (f"a keeps some {levels} of 256 grey levels" in told) == (levels < 24)
    stated = refused(build, members, grey={"bits": low})
    assert f"received {low} (stated), whose white, {(1 << low) - 1}, cuts off" in stated
    assert "of 6 pictures of b (such as 80 x 60" in stated and f"set dataset.grey.bits={high} (white" in stated
    for line in re.findall(r"dataset\.grey\.(\w+)=(\w+)", stated):
        catalog, _ = build(members, grey={line[0]: True if line[0] == "mixed" else int(line[1])})
        assert catalog.verdict.tolist() == [0] * 12


def test_what_a_depth_makes_dark_is_warned_of(build, caplog) -> None:
    build(by_class(lambda seed: full(seed, 12), lambda seed: full(seed, 16)), grey={"bits": 16})
    assert "dataset.grey.bits=16: the median picture of a keeps some 16 of 256 grey levels" in caplog.text


def test_8_bits_widened_are_not_whitened(build) -> None:
    wide = by_class(*[lambda seed: png(picture(seed).astype(np.uint16) * 257)] * 2)
    assert "cuts off" in refused(build, wide, grey={"bits": 12})


def test_a_marker_and_few_bright_pictures_are_cut_off_with_a_word(build, caplog) -> None:
    members = two(30, lambda code, place: deep(40 * code + place, 4000, 3500)) | {"a/00.bin": full(1, 16)}
    catalog, _ = build(members, grey={"bits": 12})
    assert catalog.grey["clipped"] == 1 and "1 files have values above white" in caplog.text


def test_the_depth_of_train_that_whitens_test_is_refused(build) -> None:
    members = {}
    for place, name in enumerate(two(12, lambda *_: b"")):
        part = ("train", "train", "test")[place % 3]
        members[f"{part}/{name}"] = full(place, 14 if part == "test" else 12)
    told = refused(build, members)
    assert "received 12 (that of train)" in told and "4 of 12 pictures of a" in told
    assert build(members, grey={"bits": 14})[0].grey["clipped"] == 0


@pytest.mark.parametrize("with_window", [0, 2])
def test_window_is_offered_with_its_cost_or_not_at_all(build, caplog, with_window: int) -> None:
    members = two(8, lambda code, place: radiograph(20 * code + place, window=code == 0 or place < with_window))
    told = refused(build, members)
    assert "dataset.grey.dicom=range" in told and "dataset.grey.dicom=percentiles" in told
    assert f"leaves {with_window} of 8 pictures of b" in told
    assert ("dataset.grey.dicom=window" in told) == bool(with_window)
    if not with_window:
        assert "class 'b': expected usable images" in refused(build, members, grey={"dicom": "window"})
        return
    catalog, _ = build(members, grey={"dicom": "window"})
    assert np.bincount(catalog.label[catalog.verdict == 0]).tolist() == [8, 2]
    assert "dataset.grey.dicom=window leaves 2 of 8 pictures of b" in caplog.text


def test_every_line_that_is_offered_leaves_every_class_its_pictures(build) -> None:
    members = two(8, lambda code, place: radiograph(20 * code + place, window=bool(code) and place < 5))
    for value in re.findall(r"dataset\.grey\.dicom=(\w+)", refused(build, members)):
        catalog, _ = build(members, grey={"dicom": value})
        assert set(catalog.label[catalog.verdict == 0].tolist()) == {0, 1}


def test_a_kind_can_be_left_out_only_where_a_class_has_another(build) -> None:
    def ct(seed: int) -> bytes:
        return make_dicom(picture(seed).astype(np.int16) * 6 - 1400, modality="CT", rescale=(1, 0), patient=f"P{seed}")

    apart = refused(build, by_class(ct, lambda seed: png(picture(seed))))
    assert "convert the files to one scale (a class is of one kind only: none can be left out)" in apart
    mixed = two(6, lambda code, place: (ct if place < 3 and code else lambda n: png(picture(n)))(20 * code + place))
    told = refused(build, mixed)
    assert "leave the 3 files of Hounsfield units out with dataset.exclude (leaves 3 of 6 pictures of b)" in told
    assert "others out" not in told


def test_a_range_or_a_window_that_leaves_nothing_is_refused(build) -> None:
    def narrow(seed: int, **more) -> bytes:
        values = (picture(seed).astype(np.uint16) + 40) // 4
        return make_dicom(values, bits_stored=12, patient=f"P{seed}", **more)

    told = refused(build, by_class(narrow, narrow), grey={"dicom": "range"})
    assert "received range, by which the median picture of a keeps" in told
    assert build(by_class(narrow, narrow))[0].grey["scale"]["dicom"] == "percentiles"
    tiny = by_class(*[lambda seed: narrow(seed, window=(40, 2))] * 2)
    told = refused(build, tiny)
    assert "received window" in told and "dataset.grey.dicom=percentiles" in told
    assert build(tiny, grey={"dicom": "percentiles"})[0].grey["scales"].keys() == {"percentiles"}


def test_a_window_of_hounsfield_units_that_shows_nothing_is_refused(build) -> None:
    def signed(seed: int, scale: float = 6.0, offset: int = -1400) -> bytes:
        return write_tiff(
            [(picture(seed).astype("<i2") * scale + offset).astype("<i2").tobytes()], (60, 80), t258=16, t339=2
        )

    members = by_class(signed, signed)
    assert build(members, grey={"window": (40, 400)})[0].grey["scales"].keys() == {"HU 40/400"}
    told = refused(build, members, grey={"window": (3000, 10)})
    assert "dataset.grey.window: expected a window that shows the pictures, received centre 3000, width 10" in told
    assert "(that of the lung: -600, 1500)" in told
    no_units = by_class(*[lambda seed: signed(seed, 1 / 12, 0)] * 2)
    assert "values that are Hounsfield units" in refused(build, no_units, grey={"signed": "hounsfield"})


@pytest.mark.parametrize(
    ("grey", "why"),
    [
        ({"bits": 12}, "bits is stated and changes nothing: all files declare their depth"),
        ({"dicom": "range"}, "dicom is stated and changes nothing: there is no X-ray DICOM"),
        ({"signed": "hounsfield"}, "signed is stated and changes nothing: no file has Hounsfield units"),
        ({"window": (40, 400)}, "window is stated and changes nothing: no file has Hounsfield units"),
    ],
)
def test_what_is_stated_in_vain_is_said(build, caplog, grey: dict, why: str) -> None:
    build(by_class(*[lambda seed: png(picture(seed))] * 2), grey=grey)
    assert f"dataset.grey.{why}" in caplog.text


def test_percentiles_of_each_picture_are_said(build) -> None:
    catalog, _ = build(by_class(*[lambda seed: radiograph(seed, window=False)] * 2))
    assert catalog.grey["decided"]["dicom"].startswith(
        "percentiles (each picture is stretched from its own 0.5th to its own 99.5th): none of 12 X-ray DICOM files"
    )
