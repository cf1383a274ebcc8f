"""Facts of layouts that say more than folders do: sources, patients, what was inferred."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chestbench.catalog.glance import Glance, glance
from chestbench.core.config import Config
from chestbench.datasets.archive import open_archive
from chestbench.reports.look_counts import count_used
from chestbench.reports.look_fact import Fact
from chestbench.reports.look_facts import details_of, facts_of
from chestbench.reports.look_inferred import sentences_of
from chestbench.reports.look_warnings import left_out_of, warnings_of
from tests.catalog.archives import dataset_of
from tests.imaging.pictures import make_zip, picture, png


def _found(folder: Path, make_config, count: int = 16, **layout) -> tuple[Glance, Config]:
    members = {f"{label}/{n}.png": png(picture(n + 100 * (label == "b"))) for label in "ab" for n in range(count)}
    members["labels.csv"] = b"x,y\n"
    with open_archive(make_zip(folder / "d.zip", members)) as archive:
        found = glance(archive, dataset_of(make_config))
    given = {key: value(found.plan.members) for key, value in layout.items()}
    return replace(found, plan=replace(found.plan, layout=replace(found.plan.layout, **given))), make_config()


def _all(found: Glance, config: Config) -> list[Fact]:
    used = count_used(found)
    return [*facts_of(found, config, used), *details_of(found, config, used)]


def _fact(facts: list[Fact], title: str) -> Fact:
    (fact,) = [fact for fact in facts if fact.title == title]
    return fact


def test_sources_are_counted_by_class(tmp_path: Path, make_config) -> None:
    found, config = _found(
        tmp_path, make_config, source=lambda names: ["A" if name.startswith("a/1") else "B" for name in names]
    )
    fact = _fact(_all(found, config), "sources")
    assert fact.lines == ["2 folders above the classes; whether they tell the class is audited: B, A"]
    assert fact.head == ["source", "a", "b"] and fact.rows == [["B", "9", "16"], ["A", "7", "0"]]


def test_one_source_is_none(tmp_path: Path, make_config) -> None:
    found, config = _found(tmp_path, make_config, source=lambda names: ["A"] * len(names))
    assert "sources" not in [fact.title for fact in _all(found, config)]


def test_patients_of_folders_or_tables_are_counted_and_never_named(tmp_path: Path, make_config) -> None:
    found, config = _found(
        tmp_path, make_config, patient=lambda names: ["" if "/9." in name else f"secret{name[:4]}" for name in names]
    )
    lines = _fact(_all(found, config), "patients").lines
    assert lines[0].startswith("30 patients, by folders or a table of the data")
    assert lines[1].startswith("2 of 32 files have none") and "secret" not in "".join(lines)


def test_too_few_patients_of_many_pictures_are_warned_of(tmp_path: Path, make_config) -> None:
    found, config = _found(tmp_path, make_config, 40, patient=lambda names: [name[:3] for name in names])
    (told,) = warnings_of(found, config, count_used(found))
    assert "train would have about 7 patients of 'a' (at least 10)" in told
    assert told.endswith("a run is refused unless dataset.allow_tiny=true")
    plenty, config = _found(tmp_path, make_config, 40)
    assert warnings_of(plenty, config, count_used(plenty)) == []


def test_too_few_in_a_part_of_the_given_split_are_warned_of(tmp_path: Path, make_config) -> None:
    found, config = _found(
        tmp_path, make_config, 40, given=lambda names: np.array([2 if "/1." in name else 0 for name in names], np.int8)
    )
    layout = replace(found.plan.layout, is_split=True)
    found = replace(found, plan=replace(found.plan, layout=layout))
    (told,) = warnings_of(found, config, count_used(found))
    assert "test has 1 picture of 'a' (at least 3); test has 1 picture of 'b'" in told and "val" not in told


SAID = {
    "classes": {"a": 16},
    "level": {"<source>/<class>": 1200},
    "why": "its names are findings",
    "split_words": {"test_set": "test"},
    "split_honoured": False,
    "masks": {"lung masks": 60},
    "masks_usable": 50,
    "masks_line": "-S dataset.masks=x",
    "split_lists": {
        "lists": {
            "t.txt": {"part": "test", "pictures": 6, "names_without_a_picture": 0, "named_twice": 2},
            "r.txt": {"part": "train", "pictures": 1400, "names_without_a_picture": 3, "named_twice": 0},
        },
        "pictures_in_no_list": 0,
    },
    "split_column": {"column": "part", "pictures": {"train": 3}},
    "class_names": {"C19": "COVID"},
    "cells_with_several_labels": 4,
    "joined_by": "|",
    "patients_hint": {"pictures": 4, "groups": 2, "line": "x"},
    "something_new": {"names_of_it": 3, "nothing": 0},
    "a_list": ["one sentence", "and another"],
}


def test_what_was_inferred_is_told_in_sentences_without_keys(tmp_path: Path, make_config) -> None:
    found, config = _found(tmp_path, make_config, said=lambda _: SAID)
    assert _fact(_all(found, config), "inferred").lines == [
        "folders are read as <source>/<class> (1,200): its names are findings",
        "the split is in the names of folders, and not used: test_set is test",
        "masks and annotations are no pictures: lung masks (60)",
        "50 pictures can use theirs: -S dataset.masks=x",
        "the split is in lists of names: t.txt is test (6 pictures), r.txt is train (1,400 pictures)",
        "lists with names that no picture has: r.txt 3",
        "lists with names that stand there twice: t.txt 2",
        "the split is in the column 'part': train 3",
        "names of classes: C19 is read as COVID",
        "4 cells hold several labels, joined by '|'",
        "something new: names of it 3",
        "one sentence",
        "and another",
    ]
    assert not [line for line in sentences_of(found) if "_" in line.replace("test_set", "")]


@pytest.mark.parametrize(("seconds", "whole"), [(60.0, True), (0.0, False)])
def test_the_time_to_read_is_bounded_and_classes_have_equal_shares(
    seconds: float, whole: bool, tmp_path: Path, make_config
) -> None:
    members = {f"{label}/{n}.png": png(picture(n + 100 * (label == "b"))) for label in "ab" for n in range(20)}
    with open_archive(make_zip(tmp_path / "d.zip", members)) as archive:
        found = glance(archive, dataset_of(make_config), seconds, workers=1)
        assert found.is_whole is whole and len(found.sampled) == (40 if whole else 1)
        assert [each.place for each in found.sampled] == sorted(each.place for each in found.sampled)
        assert left_out_of(found, count_used(found)) == []
