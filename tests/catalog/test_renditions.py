"""Pictures shown again: drawn over or cut out (left out), or shown otherwise (one group with their original)."""

import numpy as np
import pytest

from chestbench.catalog.folders.copies.augmented_copies import find_copies
from chestbench.catalog.folders.copies.drawn_over import find_drawn_over
from tests.imaging.pictures import picture, png

NAMES = {
    "counters": [f"{number:03}" for number in range(6)],
    "numbered": [f"img_{number}" for number in range(6)],
    "ids": ["Q8_a", "Z19_b", "x7f3", "k22", "p1_s9", "m_40"],
}


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize(
    "file",
    [
        *(
            "{}_gradcam",
            "{}-attention",
            "{}_saliency",
            "{} marked",
            "{}_result",
            "{}_Grad-CAM",
            "gradcam_{}",
            "{}_pred",
        ),
        *("{}_cam_2", "{}_explained", "{}Boxes", "{}_overlay_1", "{}_segmented"),
    ],
)
def test_a_file_drawn_over_lies_beside_its_original(file: str, names: list[str]) -> None:
    originals = [f"{label}/{name}.png" for label in ("covid", "normal") for name in names]
    drawn = [f"{label}/{file.format(name)}.png" for label in ("covid", "normal") for name in names]
    found = find_drawn_over(originals + drawn)
    assert found.members == set(drawn) and sum(found.counts.values()) == 12
    assert not find_drawn_over(drawn).members  # without originals they are the pictures


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize(
    "folder",
    [
        *("gradcam/{label}", "CAM results", "{label}/LIME", "{label}/with arrows drawn", "{label}_marked"),
        *("explanations/{label}", "{label}/lung only", "segmented/{label}", "{label}/thumbnails", "results/{label}"),
        *("visualisations", "heat maps/{label}", "{label} without background", "x/attention maps/{label}"),
    ],
)
@pytest.mark.parametrize("original", ["{label}", "images/{label}", "{label}/full"])
def test_a_folder_drawn_over_repeats_the_names_beside_it(folder: str, original: str, names: list[str]) -> None:
    if folder.startswith(("{label}_", "{label} ", "x/")) and original != "{label}":
        pytest.skip("the original lies in the folder of the same name without the word")
    if original == "images/{label}" and folder.startswith("{label}/"):
        pytest.skip("nobody keeps the originals elsewhere than beside")
    if folder.startswith("x/"):
        original = "x/{label}"
    originals, drawn = (
        [f"{path.format(label=label)}/{label[0]}{name}.png" for label in ("covid", "normal") for name in names]
        for path in (original, folder)
    )
    assert find_drawn_over(originals + drawn).members == set(drawn)


@pytest.mark.parametrize(
    "folders",
    [
        ("covid", "normal"),
        ("detected", "not detected"),
        ("covid detected", "covid not detected"),
        ("marked opacity", "mild opacity"),
        ("marked emphysema", "normal"),
        ("predicted ill", "well"),
        ("results", "outcomes"),
    ],
)
def test_classes_that_count_alike_are_no_copies_of_each_other(folders: tuple[str, str]) -> None:
    members = [f"{folder}/{name}.png" for folder in folders for name in NAMES["counters"]]
    assert not find_drawn_over(members).members


def _groups(folders: tuple[str, ...], names: list[str], part: bool = False) -> int:
    members = [f"{folder}/{name}.png" for folder in folders for name in names]
    label = np.array(["normal" in member for member in members], int)
    given = np.array([2 * ("/b" in member) if part else -1 for member in members], np.int8)
    return len(set(find_copies(members, label, given).original.tolist()))


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize(
    "folders",
    [
        ("{}/lung window", "{}/mediastinal window"),
        ("{}/images", "{}/gamma corrected"),
        ("{}/images", "{}/BSE"),
        ("images/{}", "xyz/{}"),
        ("JPCLN/{}", "BSE_JPCLN/{}"),
        ("64x64/{}", "128x128/{}"),
        ("Original/{}", "CLAHE/{}"),
        ("{}", "{}/small"),
        ("{}", "niveles/{}"),
    ],
)
def test_a_folder_that_repeats_names_is_of_one_group_with_its_original(folders: tuple[str, ...], names: list[str]):
    both = tuple(folder.format(label) for label in ("covid", "normal") for folder in folders)
    assert _groups(both, names) == 12


@pytest.mark.parametrize(
    "folders",
    [
        ("Bern/{}", "Wuhan/{}"),
        ("hospital_A/{}", "hospital_B/{}"),
        ("{}/site1", "{}/site2"),
        ("CT/{}", "X-ray/{}"),
        ("{}/P1", "{}/P2"),
        ("{}/7", "{}/8"),
        ("train/{}", "test/{}"),
        ("2020/{}", "2021/{}"),
        ("{}/male", "{}/female"),
        ("{}/left", "{}/right"),
        ("{}/batch1", "{}/batch2"),
        ("{}/Garcia_Ana", "{}/Ruiz_Luis"),
        ("{}/xx", "{}/yy"),
    ],
)
def test_numbers_that_begin_anew_are_of_strangers(folders: tuple[str, ...]) -> None:
    both = tuple(folder.format(label) for label in ("covid", "normal") for folder in folders)
    assert _groups(both, NAMES["counters"]) == 24


def test_a_set_that_lies_in_itself_is_no_further_pictures() -> None:
    folders = ("set/covid", "set/set/covid", "set/normal", "set/set/normal")
    assert _groups(folders, NAMES["ids"]) == 24


def test_two_parts_of_a_given_split_have_nothing_to_do_with_each_other() -> None:
    assert _groups(("a/covid", "b/covid"), NAMES["ids"]) == 6
    members = [f"{folder}/{name}.png" for folder in ("a", "b") for name in NAMES["ids"]]
    part = np.array([0] * 6 + [2] * 6, np.int8)
    assert not find_copies(members, np.zeros(12, int), part).is_copy.any()


@pytest.mark.parametrize("copy", ["{}_denoised", "{}_2", "{} copy", "{}_0_12{}", "_{}_0_77", "{} - Kopie", "{}_v2"])
@pytest.mark.parametrize("names", [NAMES["counters"], NAMES["numbered"]], ids=["counters", "numbered"])
def test_a_name_that_is_anothers_and_more_is_of_its_group(copy: str, names: list[str]) -> None:
    again = [copy.format(name, 34) if copy.count("{}") == 2 else copy.format(name) for name in names]
    assert _groups(("covid",), names + again) == 6


def test_names_that_a_system_made_because_one_was_taken_say_nothing() -> None:
    assert _groups(("covid",), [*NAMES["counters"], *(f"{name} (2)" for name in NAMES["counters"])]) == 12


def test_the_catalog_leaves_out_what_was_drawn_over_and_groups_what_is_shown_otherwise(build) -> None:
    files = {}
    for seed, label in enumerate(("covid", "normal")):
        for number in range(12):
            shown = picture(100 * seed + number)
            files |= {
                f"{label}/wide/{number:03}.png": png(shown),
                f"{label}/narrow window/{number:03}.png": png(255 - shown[::-1]),
                f"{label}/LIME/{number:03}.png": png(shown[:, ::-1]),
            }
    found, rows = build(files)
    assert found.layout["drawn_over"] == {"LIME": 24} and found.notes["drawn_over_others"] == 24
    assert len(rows) == 48 and len({row.group for row in rows.values()}) == 24
    assert found.layout["augmented_copies"]["exclude"] == (
        """-S 'dataset.exclude=["narrow window/*","*/narrow window/*"]'"""
    )


def test_volumes_and_tables_beside_pictures_are_no_copies(build) -> None:
    files = {f"{label}/{n:03}.png": png(picture(n + 50 * (label == "b"))) for label in "ab" for n in range(6)}
    files |= {name.replace(".png", ".nii.gz"): b"x" for name in files}
    assert "augmented_copies" not in build(files)[0].layout
