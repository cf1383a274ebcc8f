"""One grey scale for a whole set, or a refusal that shows both readings."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chestbench.catalog.audit import build_catalog
from chestbench.catalog.report import describe, summarise
from chestbench.catalog.scale.choice import choose_scale, stated_scale
from chestbench.catalog.scale.facts import ScaleFacts, bits_needed_of
from chestbench.catalog.verdicts import NUMBERS, Verdict
from chestbench.core.dataset_config import Grey
from chestbench.core.errors import ChestbenchError
from chestbench.imaging.decode import decode_grey
from chestbench.imaging.grey import GreyFacts, GreyScale, Kind, bits_needed
from tests.catalog.archives import dataset_of
from tests.imaging.dicoms import make_dicom
from tests.imaging.pictures import make_zip, picture, png
from tests.imaging.test_dicom_polarity import chest
from tests.imaging.tiffs import grey_tiff, write_png, write_tiff

OPEN = Grey()


def deep(seed: int, highest: int, usual: int = 1500) -> bytes:
    """A 16-bit TIFF whose values are 0 to `usual`, and `highest` in a corner."""
    values = (picture(seed).astype(float) / 255 * usual).astype(np.uint16)
    values[5:9, 5:9] = highest
    return grey_tiff(values, 16)


def two(count: int, make) -> dict[str, bytes]:
    """Members of the classes a and b, made by a function of class number and picture number."""
    return {f"{name}/{place:02d}.bin": make(code, place) for code, name in enumerate("ab") for place in range(count)}


def test_files_below_and_above_4096_are_of_one_scale(build) -> None:
    members = two(6, lambda code, place: deep(10 * code + place, 4700 if place % 2 else 2900))
    catalog, rows = build(members)
    assert {row.scale for row in rows.values()} == {"13 of 16 bit"}
    assert catalog.grey["scale"]["bits"] == 13 and catalog.grey["scales"] == {"13 of 16 bit": {"a": 6, "b": 6}}
    assert catalog.grey["decided"]["bits"] == "13: the highest value of 12 files that declare no depth is 4700"
    metrics = summarise(catalog, "test", {})
    assert metrics["grey"] == catalog.grey and "; grey scale 13 of 16 bit (12); " in describe(metrics)
    means = [row.mean_grey for row in rows.values()]
    assert max(means) - min(means) < 10, "not sixteen times darker than each other"


def test_what_was_read_again_is_what_the_scale_gives(build, tmp_path: Path, make_config) -> None:
    members = two(6, lambda code, place: deep(10 * code + place, 4700 if place % 2 else 2900))
    members["a/flat.bin"] = grey_tiff(np.zeros((60, 80)), 16)
    catalog, rows = build(members)
    stated, rows_of_stated = build(members, grey={"bits": 13})
    assert rows == rows_of_stated, "as if the scale had been known from the beginning"
    np.testing.assert_array_equal(catalog.intensity, stated.intensity)
    for code in (0, 1):
        np.testing.assert_array_equal(catalog.examples[code], stated.examples[code])
        kept = np.ones(len(rows), bool)
        for one, other in zip(catalog.tiles.chosen(code, kept), stated.tiles.chosen(code, kept), strict=True):
            np.testing.assert_array_equal(one, other)
    shown = decode_grey(members["a/00.bin"], GreyScale.from_json(catalog.grey["scale"]))
    assert shown.pixels.mean() == pytest.approx(rows["a/00.bin"].mean_grey, abs=0.01)


def test_one_worker_and_many_write_the_same_bytes(tmp_path: Path, make_config) -> None:
    members = two(8, lambda code, place: deep(10 * code + place, 4700 if place % 3 else 900))
    archive = make_zip(tmp_path / "archive.zip", members)
    tables = []
    for workers in (1, 5):
        build_catalog(archive, dataset_of(make_config), tmp_path / f"{workers}.csv", workers)
        tables.append((tmp_path / f"{workers}.csv").read_bytes())
    assert tables[0] == tables[1]


def test_white_is_zero_and_black_is_zero_are_read_alike(build) -> None:
    def make(code: int, place: int) -> bytes:
        values = picture(10 * code + place).astype(np.uint16) * 257
        return grey_tiff(65535 - values if code == 0 else values, 16, t262=code)

    catalog, rows = build(two(6, make))
    assert {(row.label, row.inverted) for row in rows.values()} == {("a", "yes"), ("b", "")}
    assert catalog.grey["inverted"] == 6 and {row.scale for row in rows.values()} == {"16 of 16 bit"}
    for code, name in enumerate("ab"):
        for place in range(6):
            grey = picture(10 * code + place)
            assert rows[f"{name}/{place:02d}.bin"].mean_grey == pytest.approx(grey.mean(), abs=0.01)


@pytest.mark.parametrize("by", ["class", "file"])
@pytest.mark.parametrize(("low", "high"), [(4000, 65000), (1000, 16000), (4000, 16000)])
def test_clearly_different_depths_are_refused_with_both_readings(build, by: str, low: int, high: int) -> None:
    def make(code: int, place: int) -> bytes:
        is_low = code == 0 if by != "file" else place % 2 == 0
        return deep(10 * code + place, low if is_low else high, 900)

    members = two(6, make)
    if by == "file" and high // low < 8:
        catalog, _ = build(members)
        assert catalog.grey["scale"]["bits"] == high.bit_length()
        return
    with pytest.raises(ChestbenchError) as refused:
        build(members)
    text = str(refused.value)
    for bits in (low.bit_length(), high.bit_length()):
        assert f"dataset.grey.bits={bits}" in text
    assert "dataset.grey.mixed=true" in text and "80 x 60" in text and "class a: " in text
    for bits in (low.bit_length(), high.bit_length()):
        catalog, rows = build(members, grey={"bits": bits})
        assert {row.scale for row in rows.values()} == {f"{bits} of 16 bit"}
        assert catalog.grey["clipped"] == (6 if bits == low.bit_length() else 0)
    _, rows = build(members, grey={"mixed": True})
    assert {row.scale for row in rows.values()} == {f"{value.bit_length()} of 16 bit" for value in (low, high)}


@pytest.mark.parametrize(("a", "b", "is_warned"), [(4095, 16383, True), (16383, 16000, False), (4000, 3900, False)])
def test_a_stated_depth_that_darkens_one_class_is_warned_of(caplog, build, a: int, b: int, is_warned: bool) -> None:
    catalog, _ = build(two(6, lambda code, place: deep(10 * code + place, b if code else a)), grey={"bits": 14})
    assert catalog.grey["scale"]["bits"] == 14
    said = "dataset.grey.bits=14 reads 16-bit files of different depths by class (a 12 bits, b 14 bits) as one"
    assert (said in caplog.text) == is_warned == ("of different depths" in caplog.text)


def test_a_stated_depth_that_darkens_many_files_of_each_class_is_warned_of(caplog, build) -> None:
    members = two(8, lambda code, place: deep(10 * code + place, 1023 if place < 3 else 16383))
    build(members, grey={"bits": 14})
    assert "different depths as one: 6 of 16 stay 3 bits or more below the deepest, 14" in caplog.text


def test_sources_of_different_depths_are_refused() -> None:
    highest = [4000, 4000, 16000, 16000] * 3
    files = [GreyFacts(Kind.UNDECLARED, 16, value) for value in highest]
    found, numbers = facts_of(files, sources=["A", "A", "B", "B"] * 3)
    choice = choose_scale(found, numbers, ["a", "b"], False, OPEN)
    assert "source A: 6 within 12 bits" in choice.trouble and "source B: 6 within 14 bits" in choice.trouble


def test_a_bright_file_among_dark_ones_is_refused_and_a_dark_one_among_bright_ones_is_not(build) -> None:
    members = two(15, lambda code, place: deep(20 * code + place, 4000))
    with pytest.raises(ChestbenchError, match=r"class a: 14 within 12 bits .*, 1 within 16 bits"):
        build(members | {"a/00.bin": deep(1, 65535)})
    catalog, rows = build(members | {"a/00.bin": deep(1, 90, 50)})
    assert catalog.grey["scale"]["bits"] == 12 and rows["a/00.bin"].scale == "12 of 16 bit"


def test_the_depth_comes_from_train_of_a_given_split_and_the_rest_is_cut_off(build, caplog) -> None:
    members = {}
    for place, (name, _) in enumerate(two(12, lambda *_: b"").items()):
        part = ("train", "train", "test")[place % 3]
        members[f"{part}/{name}"] = deep(place, 4700 if part == "test" else 3000)
    catalog, rows = build(members)
    assert catalog.grey["scale"]["bits"] == 12 and catalog.grey["clipped"] == 8
    assert "of train that declare no depth is 3000" in catalog.grey["decided"]["bits"]
    assert "8 files have values above white" in caplog.text and {row.scale for row in rows.values()} == {"12 of 16 bit"}
    assert build(members, given_split="ignore")[0].grey["scale"]["bits"] == 13


def test_8_bits_widened_stay_8_bits_beside_plain_files(build) -> None:
    def make(code: int, place: int) -> bytes:
        grey = picture(10 * code + place) // 2
        if place % 3 == 0:
            return png(grey)
        return png(grey.astype(np.uint16) * (256 if place % 3 == 1 else 257))

    catalog, rows = build(two(6, make))
    for code, name in enumerate("ab"):
        for place in range(6):
            expected = (picture(10 * code + place) // 2).mean()
            assert rows[f"{name}/{place:02d}.bin"].mean_grey == pytest.approx(expected, abs=0.01)
    assert "8 bits widened" in catalog.grey["decided"]["bits"]


def test_a_guessed_depth_beside_a_known_white_is_refused(build) -> None:
    members = two(6, lambda code, place: deep(place, 4700) if code else png(picture(50 + place)))
    with pytest.raises(ChestbenchError, match=r"dataset.grey.bits: .*dataset.grey.bits=13 .*dataset.grey.bits=16"):
        build(members)
    assert build(members, grey={"bits": 13})[0].grey["scales"] == {"8 bit": {"a": 6}, "13 of 16 bit": {"b": 6}}
    whole = two(6, lambda code, place: deep(place, 4095) if code else png(picture(50 + place)))
    assert build(whole)[0].grey["scale"]["bits"] == 12


def test_values_with_an_offset_are_refused(build) -> None:
    """As DeepLesion has them: Hounsfield units + 32768 in 16-bit PNG."""
    members = two(5, lambda code, place: png(picture(10 * code + place).astype(np.uint16) * 8 + 31744))
    with pytest.raises(ChestbenchError, match=r"values from 31\d\d\d to 337\d\d, some 7 of 256 grey levels"):
        build(members)
    assert build(members, grey={"bits": 16})[0].grey["scale"]["bits"] == 16


def test_x_rays_by_percentiles_beside_plain_pictures_are_warned_of(build, caplog) -> None:
    build(two(5, lambda code, place: png(picture(place)) if code else radiograph(50 + place, window=False)))
    assert "5 X-ray DICOM files are stretched between percentiles of each picture, 5 other" in caplog.text


def test_declared_depths_of_several_kinds_are_one_scale(build) -> None:
    def make(code: int, place: int) -> bytes:
        grey = picture(10 * code + place)
        twelve = (grey.astype(int) * 4095 + 127) // 255
        return (
            png(grey),
            grey_tiff(twelve, 12),
            grey_tiff(twelve, 16, t281=4095),
            write_png(twelve, 16, chunks=[(b"sBIT", b"\x0c")]),
            make_dicom(grey, patient=f"P{code}{place}"),
        )[place % 5]

    catalog, rows = build(two(10, make))
    for code, name in enumerate("ab"):
        for place in range(10):
            expected = picture(10 * code + place).mean()
            assert rows[f"{name}/{place:02d}.bin"].mean_grey == pytest.approx(expected, abs=1)
    assert {row.scale for row in rows.values()} == {"8 bit", "12 bit", "12 of 16 bit", "range"}
    assert catalog.grey["scale"]["significant"] == "low" and catalog.grey["scale"]["max_sample"] == "depth"


def test_max_sample_values_that_are_statistics_are_not_followed(build) -> None:
    tops = [4095, 3900, 4000, 3950, 4095, 4001]

    def make(code: int, place: int) -> bytes:
        values = np.minimum(picture(10 * code + place) * 16.06, tops[place])
        return grey_tiff(values, 16, t281=tops[place])

    members = two(6, make)
    catalog, rows = build(members)
    assert catalog.grey["scale"]["max_sample"] == "statistic"
    assert {row.scale for row in rows.values()} == {"12 of 16 bit"}


def test_significant_bits_are_the_high_ones_where_any_file_uses_them(build) -> None:
    def make(code: int, place: int) -> bytes:
        values = picture(10 * code + place).astype(int) << 8
        return write_png(values // 32 if (code, place) == (0, 0) else values, 16, chunks=[(b"sBIT", b"\x0c")])

    catalog, rows = build(two(12, make))
    assert catalog.grey["scale"]["significant"] == "high"
    assert rows["a/00.bin"].mean_grey == pytest.approx((picture(0) // 32).mean(), abs=1)

    def half(code: int, place: int) -> bytes:
        return write_png(picture(place).astype(int) << (8 if code else 4), 16, chunks=[(b"sBIT", b"\x0c")])

    with pytest.raises(ChestbenchError, match="sBIT counts the same bits"):
        build(two(12, half))


def radiograph(seed: int, window: bool, bits: int = 12) -> bytes:
    values = (picture(seed).astype(np.uint16) + 40) * (1 << (bits - 9))
    return make_dicom(values, bits_stored=bits, window=(2000, 3000) if window else None, patient=f"P{seed}")


def test_x_rays_all_with_a_window_or_none(build) -> None:
    catalog, rows = build(two(5, lambda code, place: radiograph(10 * code + place, window=True)))
    assert catalog.grey["scale"]["dicom"] == "window" and {row.scale for row in rows.values()} == {"window"}
    catalog, rows = build(two(5, lambda code, place: radiograph(10 * code + place, window=False)))
    assert catalog.grey["scale"]["dicom"] == "percentiles" and {row.scale for row in rows.values()} == {"percentiles"}


def test_x_rays_of_8_and_12_bits_without_a_window_follow_one_rule(build) -> None:
    def make(code: int, place: int) -> bytes:
        grey = picture(10 * code + place)
        return make_dicom(grey, patient=f"P{code}{place}") if place % 2 else radiograph(10 * code + place, False)

    _, rows = build(two(5, make))
    assert {row.scale for row in rows.values()} == {"percentiles"}


def test_a_window_in_some_x_rays_only_is_refused_with_the_lines(build) -> None:
    members = two(5, lambda code, place: radiograph(10 * code + place, window=place > 1))
    with pytest.raises(ChestbenchError) as refused:
        build(members)
    for rule in ("window", "range", "percentiles"):
        assert f"dataset.grey.dicom={rule}" in str(refused.value)
    assert "6 files (a 3, b 3) with one" in str(refused.value) and "P1" not in str(refused.value)
    for rule in ("range", "percentiles"):
        _, rows = build(members, grey={"dicom": rule})
        assert {row.scale for row in rows.values()} == {rule}
    catalog, rows = build(members, grey={"dicom": "window"})
    assert catalog.grey["scales"] == {"window": {"a": 3, "b": 3}}
    assert summarise(catalog, "test", {})["excluded"] == {"unusable DICOM": 4}
    assert "no window" in rows["a/00.bin"].reason
    _, rows = build(members, grey={"mixed": True})
    assert {row.scale for row in rows.values()} == {"window", "percentiles"}


def test_hounsfield_units_beside_other_pictures_are_refused(build) -> None:
    def ct(seed: int) -> bytes:
        return make_dicom(picture(seed).astype(np.int16) * 6 - 1400, modality="CT", rescale=(1, 0), patient=f"P{seed}")

    def signed(seed: int) -> bytes:
        return write_tiff([(picture(seed).astype("<i2") * 6 - 1400).tobytes()], (60, 80), t258=16, t339=2)

    catalog, rows = build(two(5, lambda code, place: (ct if code else signed)(10 * code + place)))
    assert {row.scale for row in rows.values()} == {"HU -600/1500"}
    assert catalog.grey["decided"]["window"].startswith("centre -600, width 1500")
    members = two(5, lambda code, place: ct(place) if code else png(picture(50 + place)))
    with pytest.raises(ChestbenchError, match=r"5 files \(b 5\) of Hounsfield units .* beside 5 files \(a 5\)"):
        build(members)
    assert build(members, grey={"mixed": True})[0].grey["decided"]["mixed"]


def test_monochrome1_that_is_wrong_in_the_whole_set_is_wrong_in_each_file(build) -> None:
    def make(code: int, place: int) -> bytes:
        bright = np.clip(chest().astype(int) + 3 * (10 * code + place), 0, 255).astype(np.uint8)
        if (code, place) == (1, 0):
            bright = cv2.resize(bright, (200, 200))  # too small to be judged by itself
        return make_dicom(bright, photometric="MONOCHROME1", patient=f"P{code}{place}")

    catalog, rows = build(two(8, make))
    assert catalog.grey["scale"]["monochrome1"] == "stored" and catalog.grey["mislabelled"] == 16
    assert catalog.notes["dicom_polarity_corrected"] == 16
    assert {row.inverted for row in rows.values()} == {"mislabelled"}
    assert rows["b/00.bin"].mean_grey == pytest.approx(rows["b/01.bin"].mean_grey, abs=6)


def test_white_is_zero_that_gives_negatives_is_warned_of(build, caplog) -> None:
    build(two(4, lambda code, place: grey_tiff(chest() // 2 + 10 * code + place, 8, t262=0)))
    assert "8 of 8 TIFF files labelled WhiteIsZero look like negatives" in caplog.text


def test_a_set_of_8_bits_needs_nothing_and_black_pictures_say_nothing(build) -> None:
    catalog, rows = build(two(4, lambda code, place: png(picture(10 * code + place))))
    assert catalog.grey["scale"] == GreyScale().to_json() and not catalog.grey["decided"]
    assert {row.scale for row in rows.values()} == {"8 bit"}
    black = two(1, lambda code, _: grey_tiff(np.zeros((60, 80 + code)), 16))
    catalog, rows = build(black)
    assert {row.scale for row in rows.values()} == {"16 of 16 bit"} and catalog.intensity[0].argmax() == 0


def facts_of(found: list[GreyFacts], sources: list[str] | None = None) -> tuple[ScaleFacts, np.ndarray]:
    """Facts and numbers of files of two classes by turns, all kept."""
    facts, numbers = ScaleFacts(), np.zeros(len(found), NUMBERS)
    for place, one in enumerate(found):
        facts.add(one, stated_scale(OPEN).words(one), sources[place] if sources else "")
    numbers["label"], numbers["verdict"], numbers["given"] = np.arange(len(found)) % 2, Verdict.KEPT, -1
    return facts, numbers


ONE_FILE = st.builds(
    GreyFacts,
    kind=st.sampled_from(list(Kind)),
    declared=st.integers(8, 15),
    highest=st.integers(0, 65535),
    lowest=st.just(0),
    has_window=st.sampled_from([None, True, False]),
    inverted=st.sampled_from(["", "yes", "mislabelled"]),
    statistic=st.booleans(),
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ONE_FILE, min_size=1, max_size=40))
def test_whatever_files_a_set_has_it_is_of_one_scale_or_refused(files: list[GreyFacts]) -> None:
    found, numbers = facts_of(files)
    assert [found.of(row) for row in range(len(files))] == files
    assert bits_needed_of(found.facts).tolist() == [bits_needed(one) for one in files]
    choice = choose_scale(found, numbers, ["a", "b"], False, OPEN)
    if choice.trouble:
        assert "dataset." in choice.trouble
        return
    words = {choice.scale.words(one) for one in files if one.kind == Kind.UNDECLARED}
    assert len(words) <= 1, "files without a declared depth share one"
    rules = {choice.scale.words(one) for one in files if one.kind == Kind.RADIOGRAPH and one.has_window is not None}
    assert len(rules) <= 1
    kinds = {one.kind for one in files}
    assert kinds == {Kind.HOUNSFIELD} or Kind.HOUNSFIELD not in kinds
    assert GreyScale.from_json(choice.scale.to_json()) == choice.scale
    if not choice.clipped:
        assert all(one.highest < 1 << choice.scale.white_bits(one) for one in files if one.kind == Kind.UNDECLARED)
