"""Copies that were made of other pictures, known by their names: they stay with their originals."""

import logging

import numpy as np
import pytest

from chestbench.catalog.folders.copies.augmented_copies import Copies, find_copies, join_units
from chestbench.catalog.folders.copies.augmented_said import describe_copies
from chestbench.catalog.folders.copies.drawn_over import find_drawn_over
from chestbench.catalog.folders.patients.patient_hints import patient_hint
from tests.imaging.pictures import picture, png

_HASH = "3360c25903db19b8baf2b46fb18aad5b"


def _copies(members: list[str], part: list[int] | None = None) -> Copies:
    classes = sorted({member.split("/")[0] for member in members})
    label = np.array([classes.index(member.split("/")[0]) for member in members])
    return find_copies(members, label, np.array(part or [-1] * len(members), np.int8))


def _groups(members: list[str], part: list[int] | None = None) -> set[frozenset[str]]:
    """Return the groups of more than one picture."""
    original = _copies(members, part).original
    found = {key: frozenset(np.array(members)[original == key].tolist()) for key in original.tolist()}
    return {group for group in found.values() if len(group) > 1}


@pytest.mark.parametrize(
    "copy",
    [
        *("img_1_aug1", "aug_img_1", "img_1_flip", "img_1_rot90", "img_1_augmented_2", "img_1_hflip", "img_1_bright"),
        *("img_1-rotated-90deg", "Img_1 (flipped)", "img_1_horizontal_flip", "augmented_0_img_1", "img_1_rot_15_noise"),
        *("rotated_img_1", "img_1_crop2", "img1aug3", "img_1_FlipLR", "img_1_zoomed", "img_1_clahe", "aug_img_1_flip"),
        *(
            "img_1.gamma.1",
            "flip_img_1_bright",
            "img_1_mirror",
            "img_1_salt_and_pepper_noise",
            "img_1_회전90",
            "img_1_翻转",
        ),
    ],
)
def test_a_copy_is_of_the_picture_whose_name_it_has(copy: str) -> None:
    members = ["covid/img_1.png", "covid/img_11.png", "covid/img_2.png", f"covid/{copy}.png", "normal/img_1.png"]
    assert _groups(members) == {frozenset(["covid/img_1.png", f"covid/{copy}.png"])}


def test_names_with_numbers_in_brackets() -> None:
    members = ["a/x (2).png", "a/x (2)_rotated.png", "a/x (22).png", "b/x (2).png"]
    assert _groups(members) == {frozenset(members[:2])}


def test_two_copies_of_one_name_need_no_original_and_a_lone_one_is_nobodys() -> None:
    members = ["a/7_flip.png", "a/7_rot90.png", "a/8_flip.png", "a/9.png", "b/7_flip.png"]
    found = _copies(members)
    assert _groups(members) == {frozenset(members[:2])}
    assert (found.is_copy.tolist(), found.lonely) == ([False, True, False, False, False], {"flip": 2})


@pytest.mark.parametrize(
    "names",
    [
        ["flip_001", "flip_002", "flip_003"],
        ["aug_1", "aug_2", "aug_10"],
        ["august_1", "august_2", "1", "2"],
        ["P1_left", "P1_right", "P1_PA"],
        ["1_bright", "1_dark"],  # words of a finding or a film, without an original
        ["img", "img_1", "img_2", "rotterdam_1"],
        ["scan_1_2", "scan_1_3", "scan_1"],
        ["1", "1 (2)", "2 (2)", "2"],  # a system's way out where a name is taken
    ],
)
def test_ordinary_names_make_no_groups(names: list[str]) -> None:
    assert _groups([f"a/{name}.png" for name in names] + ["b/x.png"]) == set()


def test_an_original_in_the_folder_beside_is_found() -> None:
    members = [
        "Original/covid/0.png",
        "Original/covid/1.png",
        "Augmented/covid/0_aug0.png",
        "Augmented/covid/0_aug1.png",
    ]
    found = find_copies(members, np.zeros(4, int), np.full(4, -1, np.int8))
    assert found.original.tolist() == [0, 1, 0, 0]


def test_a_copy_in_another_part_of_a_given_split_is_of_the_same_picture() -> None:
    members = ["train/a/1.png", "test/a/1_flip.png", "test/a/2.png", "test/a/2_flip.png"]
    found = find_copies(members, np.zeros(4, int), np.array([0, 2, 2, 2], np.int8))
    assert found.original.tolist() == [0, 0, 2, 2]


def test_roboflows_copies_of_one_name(caplog: pytest.LogCaptureFixture) -> None:
    members = [f"a/x{n}_jpg.rf.{k}{_HASH[1:]}.jpg" for n in (1, 2) for k in range(3)]
    assert _groups(members) == {frozenset(members[:3]), frozenset(members[3:])}
    with caplog.at_level(logging.WARNING):
        assert _groups(members[:3], [0, 0, 2]) == {frozenset(members[:2])}
    assert "1 of 1 names that Roboflow exported stand in several parts" in caplog.text
    assert patient_hint(members) == {}


def test_units_of_a_table_hang_together_with_copies() -> None:
    copies = Copies(np.array([0, 1, 1, 3, 4]), np.array([False, False, True, False, False]), {}, {})
    joined = join_units(np.array([-1, 5, -1, 5, -1], np.int32), copies)
    assert joined.tolist()[::4] == [-1, -1]
    assert len(set(joined.tolist()[1:4])) == 1
    assert joined[1] >= 0


@pytest.mark.parametrize("more", ["_fu", "_prone", "_vis2", "_post", "_lat", "_b", "_exp", "_2"])
def test_further_pictures_of_a_patient_are_no_copies_and_not_to_be_left_out(
    more: str, caplog: pytest.LogCaptureFixture
) -> None:
    members = [f"{label}/{label}{number:02}{end}.png" for label in "ab" for number in range(8) for end in ("", more)]
    assert not find_drawn_over(members).members
    label = np.repeat([0, 1], 16)
    copies = find_copies(members, label, np.full(32, -1, np.int8))
    with caplog.at_level(logging.WARNING):
        said = describe_copies(copies, members, label)["augmented_copies"]
    assert (said["further"]["pictures"], said["further"]["of"]) == (16, 16) and said.keys() == {"further"}
    assert "further pictures of the same patients" in caplog.text and "dataset.exclude" not in caplog.text


def test_copies_are_left_out_beside_further_pictures() -> None:
    members = [f"a/a{number:02}{end}.png" for number in range(8) for end in ("", "_fu", "_flip")]
    copies = find_copies(members, np.zeros(24, int), np.full(24, -1, np.int8))
    said = describe_copies(copies, members, np.zeros(24, int))["augmented_copies"]
    assert said["words"] == {"flip": 8} and said["further"]["words"] == {"_fu": 8}
    assert said["exclude"] == """-S 'dataset.exclude=["*flip*"]'"""


def test_the_catalog_groups_copies_says_it_and_how_to_leave_them_out(build, caplog: pytest.LogCaptureFixture) -> None:
    files = {}
    for seed, label in enumerate(("covid", "normal")):
        for number in range(12):
            shown = picture(100 * seed + number)
            files |= {f"{label}/{number:03}.png": png(shown), f"{label}/{number:03}_flip.png": png(shown[:, ::-1]),
                      f"{label}/aug_{number:03}.png": png(shown[::-1])}  # fmt: skip
    with caplog.at_level(logging.WARNING):
        found, rows = build(files)
    assert len({row.group for row in rows.values()}) == 24
    assert rows["covid/003.png"].group == rows["covid/003_flip.png"].group == rows["covid/aug_003.png"].group
    assert found.layout["augmented_copies"] == {
        "pictures": 48, "of": 24, "words": {"aug": 24, "flip": 24},
        "exclude": """-S 'dataset.exclude=["*flip*","*aug*"]'""",
    }  # fmt: skip
    assert "48 pictures are copies of 24 others by their names (aug, flip)" in caplog.text
