"""Folders that number folds, or the places and parts that a set was joined from."""

import pytest

from chestbench.catalog.folders.readings.reading_said import words_of_layout
from chestbench.catalog.layout import read_layout


def _members(names: list[str], template: str = "{name}/{label}/{n}.png") -> list[str]:
    return [template.format(name=name, label=label, n=n) for name in names for label in ("covid", "normal")
            for n in range(4)]  # fmt: skip


@pytest.mark.parametrize(
    "template", ["{name}/{label}/{n}.png", "{label}/{name}/{n}.png", "set/{name}/png/{label}/{n}.png"]
)
@pytest.mark.parametrize(
    "names",
    [
        [f"fold{n}" for n in range(5)],
        *(["fold_1", "fold_2"], ["cv1", "cv2", "cv3"], ["Fold A", "Fold B"], ["kfold-1", "kfold-2"]),
        *(["cv_fold_1", "cv_fold_2"], ["split0", "split1", "split2"], ["폴드 1", "폴드 2"]),
    ],
)
def test_folds_are_said_and_are_nothing_else(names: list[str], template: str) -> None:
    layout = read_layout(_members(names, template), None, honour_split=True)
    assert layout.classes == ["covid", "normal"]
    assert (layout.source, layout.is_split, layout.patient) == ([], False, [])
    assert layout.said["folds"] == dict.fromkeys(sorted(names), 8)
    told = " ".join(words_of_layout(layout.said))
    assert "number the folds of a cross-validation" in told
    assert "put it into a folder test" in told


@pytest.mark.parametrize(
    "names", [["folder 1", "folder 2"], ["fold1"], ["manifold 1", "manifold 2"], ["site 1", "site 2"]]
)
def test_other_folders_are_no_folds(names: list[str]) -> None:
    assert "folds" not in read_layout(_members(names), None, honour_split=True).said


@pytest.mark.parametrize("template", ["{name}/{label}/{n}.png", "{label}/{name}/{n}.png"])
@pytest.mark.parametrize(
    "names",
    [
        *(["Set A", "Set B"], ["Set 1", "Set 2"], ["part_a", "part_b", "part_c"], ["Part 1", "Part 2"]),
        *(["Hospital 1", "Hospital 2"], ["SetA", "SetB"], ["Batch A", "Batch B"], ["Group 1", "Group 2"]),
    ],
)
def test_each_counted_set_is_a_source(names: list[str], template: str) -> None:
    layout = read_layout(_members(names, template), None, honour_split=True)
    assert layout.classes == ["covid", "normal"]
    assert sorted(set(layout.source)) == sorted(names)
    assert layout.said["sources"] == dict.fromkeys(names, 8)


def test_pieces_of_one_class_are_no_sources() -> None:
    members = [f"covid/part {n // 4}/{n}.png" for n in range(8)] + [f"normal/{n}.png" for n in range(4)]
    assert read_layout(members, None, honour_split=True).source == []


def test_sets_of_one_class_each_are_sources_that_tell_the_class() -> None:
    members = [
        f"data/Set {place}/{label}/{n}.png" for place, label in (("A", "covid"), ("B", "normal")) for n in range(4)
    ]
    assert set(read_layout(members, None, honour_split=True).source) == {"Set A", "Set B"}


def test_folds_inside_train_leave_the_split_alone() -> None:
    members = [f"train/fold{n % 2}/{label}/{n}.png" for label in ("covid", "normal") for n in range(4)]
    members += [f"test/{label}/{n}.png" for label in ("covid", "normal") for n in range(4)]
    layout = read_layout(members, None, honour_split=True)
    assert layout.is_split
    assert layout.said["folds"] == {"fold0": 4, "fold1": 4}
    assert "cut anew" not in " ".join(words_of_layout(layout.said))
