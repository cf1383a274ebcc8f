"""Folders beside those of a split: parts by their names or places, or said; never left out without a word."""

import re
from collections import Counter

import pytest

from chestbench.catalog.folders.splits.split_siblings import read_parts
from chestbench.catalog.plan import Plan
from chestbench.core.errors import ChestbenchError

PARTS = ("none", "train", "val", "test")


def tree(*tops: str, below: tuple[str, ...] = ("covid", "normal"), count: int = 3) -> dict[str, str]:
    return {f"{top}/{label}/{n}.png": "" for top in tops for label in below for n in range(count)}


def part_of_top(read: Plan, depth: int = 1) -> dict[str, str]:
    """Return the part of each folder at the top; those of several parts have several."""
    found: dict[str, set[str]] = {}
    for member, part in zip(read.members, read.layout.given.tolist(), strict=True):
        found.setdefault("/".join(member.split("/")[:depth]), set()).add(PARTS[part + 1])
    return {top: "+".join(sorted(parts)) for top, parts in found.items()}


@pytest.mark.parametrize(
    ("train", "val", "test"),
    [
        ("phase1_train", "", "phase2_test"),
        ("phase_1_train", "phase_1_val", "phase_2_test"),
        ("round1_training", "round1_validation", "round2_testing"),
        ("Stage 2 train", "", "Stage 3 test"),
        ("wave-1-train", "wave-1-val", "wave-2-test"),
        ("huấn luyện", "", "kiểm tra"),
        ("tập huấn luyện", "tập thẩm định", "tập kiểm thử"),
        ("zbiór treningowy", "zbiór walidacyjny", "zbiór testowy"),
        ("Lernset", "", "Prüfset"),
        ("Trainingsmenge", "Validierungsmenge", "Testmenge"),
        ("ensemble d'apprentissage", "ensemble de validation", "ensemble de test"),
        ("obučavanje", "validacija", "testiranje"),
        ("Bern (training)", "Bern (validation)", "Wuhan (testing)"),
        ("träning", "validering", "testning"),
        ("apprentissage", "validation", "essai"),
        ("addestramento", "validazione", "collaudo"),
        ("opleiding", "validatie", "test"),
        ("Train", "Valid ation", "Test"),
        ("train", "vld", "test"),
        ("train", "cv", "test"),
        ("train", "monitor", "test"),
        ("train", "val", "hold out"),
        ("train", "val", "private"),
        ("train", "val", "blind"),
        ("train", "val", "external"),
        ("train", "val", "external validation"),
        ("train", "", "External_Validation_Set"),
        ("train", "val", "external cohort"),
        ("training", "internal validation", "externe Validierung"),
        ("derivation", "tuning", "independent validation cohort"),
        ("Bern_train", "", "Wuhan_test"),
        ("siteA-train", "siteA-val", "siteB-test"),
    ],
)
def test_parts_in_any_words(plan, train: str, val: str, test: str) -> None:
    read = plan(tree(*filter(None, (train, val, test))))
    wanted = {train: "train", val: "val", test: "test"}
    wanted.pop("", None)
    assert part_of_top(read) == wanted
    assert read.layout.classes == ["covid", "normal"] and "outside_split" not in read.layout.said


def test_one_word_is_no_part_away_from_train() -> None:
    """Sources above the parts may be called private and public."""
    folders = [f"{top}/{part}/{label}" for top in ("private", "public") for part in ("train", "val") for label in "ab"]
    assert read_parts(folders).part == {"train": 0, "val": 1}
    assert read_parts([*folders, "external/a", "external/b"]).part == {"train": 0, "val": 1}
    taken = [f"{top}/{label}" for top in ("train", "test", "external") for label in "ab"]
    assert read_parts(taken).part == {"train": 0, "test": 2}


def test_names_of_classes_are_no_places() -> None:
    """Below "covid_train" and "normal_test" lie patients: the parts would tell the class."""
    folders = [f"{top}/{name}" for top in ("covid_train", "normal_test") for name in ("p1", "p2")]
    found = read_parts(folders)
    assert (found.part, found.rest) == ({}, {}) and found.suspects == {"covid_train", "normal_test"}


def test_places_of_parts_are_sources(plan) -> None:
    read = plan(tree("Bern_train", "Bern_test", "Wuhan_train"))
    sources = Counter(read.layout.source)
    assert sources == {"Bern": 12, "Wuhan": 6}


@pytest.mark.parametrize("name", ["calibration", "Wuhan", "more", "2021", "test_wrong"])
def test_a_folder_beside_the_parts_is_said(plan, caplog, name: str) -> None:
    read = plan(tree("train", "test", name))
    assert part_of_top(read) == {"train": "train", "test": "test", name: "none"}
    (shown,) = read.layout.said["outside_split"].items()
    assert shown[1] == 6 and shown[0] in (name, "(numbered folders)")
    assert f"6 pictures are in no part of the given split and left out: {shown[0]!r} (6)" in caplog.text
    assert "dataset.given_split=ignore" in caplog.text


def test_a_place_beside_a_place_with_parts_is_said(plan, caplog) -> None:
    read = plan(tree("Bern/training", "Bern/testing", "Wuhan"))
    assert read.layout.said["outside_split"] == {"Wuhan": 6}
    assert "'Wuhan' (6)" in caplog.text and "dataset.exclude=[Wuhan/*]" in caplog.text.replace('"', "")


def test_loose_pictures_of_a_class_are_said(plan) -> None:
    members = tree("set/train", "set/test") | {"set/covid/9.png": "", "set/normal/9.png": ""}
    assert plan(members).layout.said["outside_split"] == {"set/covid": 1, "set/normal": 1}


def test_without_a_test_the_folder_beside_it_may_be_it(plan) -> None:
    members = tree("set/train", "set/val", "set/Wuhan")
    with pytest.raises(ChestbenchError, match="expected a test folder, received train 6, val 6 and a folder") as error:
        plan(members)
    line = re.search(r"-S 'dataset\.exclude=\[\"(.*)\"\]'", str(error.value))
    assert line and "dataset.given_split=ignore" in str(error.value)
    assert part_of_top(plan(members, exclude=[line[1]]), 2) == {"set/train": "train", "set/val": "val"}
    assert not plan(members, given_split="ignore").layout.is_split
    # What is put aside is no test.
    assert part_of_top(plan(tree("train", "val", "extra")))["extra"] == "none"


def test_one_part_is_said_once_all_is_read(plan, caplog) -> None:
    """A train folder alone is no split, but where lists bring one nothing is said against it."""
    members = tree("train", count=6) | {"other/covid/9.png": "", "other/normal/9.png": ""}
    assert not plan(members).layout.is_split and "only one of the folders" in caplog.text
    caplog.clear()
    lists = {"train.txt": "\n".join(f"train/covid/{n}.png\ntrain/normal/{n}.png" for n in range(4))}
    lists |= {"test.txt": "\n".join(f"train/covid/{n}.png\ntrain/normal/{n}.png" for n in (4, 5))}
    read = plan(tree("train", "images", count=6) | lists)
    assert read.layout.is_split == ("only one of the folders" not in caplog.text)


def test_a_list_of_pictures_without_a_class_makes_no_split(plan, caplog) -> None:
    rows = "".join(f"a{n},{'xy'[n % 2]}\n" for n in range(12))
    members = {f"train/a{n}.png": "" for n in range(12)} | {f"test/b{n}.png": "" for n in range(4)}
    members |= {"train.csv": "id,label\n" + rows, "test.csv": "id\n" + "".join(f"b{n}\n" for n in range(4))}
    read = plan(members, labels={"table": "train.csv", "id": "id", "column": "label"})
    assert not read.layout.is_split and "only train, which is no split" in caplog.text
