"""Columns that say the split, in words, codes and flags: offered, never classes, and said where they contradict."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chestbench.catalog.plan import Plan
from chestbench.catalog.tables.columns.id_column import Column
from chestbench.catalog.tables.splits.split_cells import flagged_part, parts_of_cells
from chestbench.catalog.tables.splits.split_columns import split_columns
from chestbench.core.errors import ChestbenchError

PARTS = ("none", "train", "val", "test")
PLACES = (0, 0, 0, 1, 2)  # train thrice as often
CASES = [
    ("split", ("0", "1", "2")),
    ("partition", ("1", "2", "3")),
    ("data_split", ("TRAIN", "Valid", "TEST")),
    ("Usage", ("Training", "val", "PrivateTest")),
    ("dataset", ("tr", "va", "te")),
    ("Set", ("Trainingsdaten", "Validierung", "Testdaten")),
    ("group", ("development", "tuning", "hold-out")),
    ("subset", ("derivation", "internal validation", "external validation")),
    ("conjunto", ("entrenamiento", "validación", "prueba")),
    ("zbiór", ("treningowy", "walidacyjny", "testowy")),
    ("tập", ("huấn luyện", "thẩm định", "kiểm tra")),
    ("구분", ("훈련", "검증", "시험")),
]
FLAGS = [
    ("is_test", ("False", "False", "True"), ("train", "train", "test")),
    ("in_test", ("no", "no", "yes"), ("train", "train", "test")),
    ("is_train", ("1", "0", "0"), ("train", "test", "test")),
    ("split_train", ("1", "0", "0"), ("train", "test", "test")),
    ("train", ("TRUE", "FALSE", "FALSE"), ("train", "test", "test")),
    ("split", ("0", "0", "1"), ("train", "train", "test")),
    ("partition", ("1", "1", "2"), ("train", "train", "test")),
]


def table(column: str, cells: tuple[str, ...], with_label: bool = True, count: int = 20) -> str:
    label = ",label" if with_label else ""
    rows = [f"file{label},{column}"]
    for n in range(count):
        shown = f",{'xy'[n % 2]}" if with_label else ""
        rows.append(f"p{n:02d}.png{shown},{cells[PLACES[n % 5]]}")
    return "\n".join(rows)


def flat(count: int = 20) -> dict[str, str]:
    return {f"images/p{n:02d}.png": "" for n in range(count)}


def parts_of(read: Plan) -> list[str]:
    return [PARTS[part + 1] for part in read.layout.given.tolist()]


@pytest.mark.parametrize(
    ("column", "cells", "parts"), [*((name, cells, ("train", "val", "test")) for name, cells in CASES), *FLAGS]
)
def test_a_split_column_is_in_the_line_of_the_class_and_is_no_class(plan, column, cells, parts) -> None:
    members = flat() | {"labels.csv": table(column, cells)}
    with pytest.raises(ChestbenchError, match="one of these lines") as error:
        plan(members)
    lines = [line for line in str(error.value).splitlines() if "dataset.labels={" in line]
    assert len(lines) == 1 and "column:label" in lines[0] and "column:" + column not in lines[0]
    labels = {"table": "labels.csv", "id": "file", "column": "label"}
    assert re.search(r"split:", lines[0])
    read = plan(members, labels={**labels, "split": column})
    assert parts_of(read) == [parts[PLACES[n % 5]] for n in range(20)]


@pytest.mark.parametrize(
    ("column", "cells", "parts"), [*((name, cells, ("train", "val", "test")) for name, cells in CASES), *FLAGS]
)
def test_beside_folders_it_is_pointed_out(plan, caplog, column, cells, parts) -> None:
    members = {f"{'xy'[n % 2]}/p{n:02d}.png": "" for n in range(20)}
    members |= {"info.csv": table(column, cells, with_label=False)}
    read = plan(members)
    assert not read.layout.is_split and len(read.layout.said["unused_tables"]) == 1
    assert f"seems to say the split ({column!r})" in caplog.text
    read = plan(members, labels={"table": "info.csv", "id": "file", "split": column})
    assert Counter(parts_of(read)) == Counter(parts[PLACES[n % 5]] for n in range(20))


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("set", {"0": 8, "1": 2}),  # of which set it may be
        ("split", {"0": 2, "1": 8}),  # which of them is train is open
        ("split", {"a": 8, "b": 2}),
        ("valid", {"1": 8, "0": 2}),  # can be used
        ("test", {"yes": 8, "no": 2}),  # of the person
        ("training", {"resident": 8, "senior": 2}),
        ("country", {"TR": 8, "ES": 2}),
        ("result", {"test positive": 8, "test negative": 2}),
        ("label", {"train": 8, "boat": 2}),
        ("split", {"train": 10}),
        ("split", {"val": 5, "test": 5}),
    ],
)
def test_other_columns_are_no_split(column: str, cells: dict[str, int]) -> None:
    assert parts_of_cells(column, cells) is None


def test_cells_that_say_nothing_are_in_no_part(plan) -> None:
    assert parts_of_cells("set", {"train": 5, "test": 3, "n/a": 2}) == {"train": 0, "test": 2}
    assert parts_of_cells("set", {"Train": 5, "Test": 3, "not used": 2, "Excluded": 1}) == {"Train": 0, "Test": 2}
    assert parts_of_cells("set", {"Train": 5, "Test": 3, "boat": 2}) is None
    members = flat() | {"labels.csv": table("set", ("train", "n/a", "test"))}
    read = plan(members, labels={"table": "labels.csv", "id": "file", "column": "label", "split": "set"})
    assert Counter(parts_of(read)) == {"train": 12, "none": 4, "test": 4}


def test_flags_of_several_parts_say_one_split_together() -> None:
    three = [Column(f"is_{part}", Counter({"0": 8, "1": 2}), 0) for part in ("train", "val", "test")]
    assert split_columns(three) == ([], three)
    pair = [Column("is_train", Counter({"1": 8, "0": 2}), 0), Column("is_test", Counter({"0": 8, "1": 2}), 0)]
    assert split_columns(pair) == (pair, [])
    assert [flagged_part(name) for name in ("in_train_set", "isTest", "valid", "lat_test")] == [0, 2, None, None]


def test_a_column_that_seems_a_split_and_is_open_is_said_and_no_class(plan, caplog) -> None:
    members = {f"{'xy'[n % 2]}/p{n:02d}.png": "" for n in range(20)}
    plan(members | {"info.csv": table("split", ("1", "0", "0"), with_label=False)})
    assert "'split' (0 8, 1 12) seems to say a split" in caplog.text
    with pytest.raises(ChestbenchError) as error:
        plan(flat() | {"labels.csv": table("split", ("1", "0", "0"))})
    assert "column:split" not in str(error.value) and "split:split" not in str(error.value)


def test_a_column_that_contradicts_the_folders_is_said(plan, caplog) -> None:
    members = {f"{'train' if n < 14 else 'test'}/{'xy'[n % 2]}/p{n:02d}.png": "" for n in range(20)}
    rows = [f"p{n:02d}.png,{'train' if n < 10 else 'test'}" for n in range(20)]
    read = plan(members | {"meta.csv": "file,split\n" + "\n".join(rows)})
    (said,) = read.layout.said["unused_tables"]
    assert "4 of 20 pictures are in another part (4 of train are in test by the column; such as line 12)" in said
    assert said in caplog.text and Counter(parts_of(read)) == {"train": 14, "test": 6, "none": 1}  # the table
    agree = [f"p{n:02d}.png,{'train' if n < 14 else 'test'}" for n in range(20)]
    assert "unused_tables" not in plan(members | {"meta.csv": "file,split\n" + "\n".join(agree)}).layout.said


def test_a_split_column_of_the_very_table_is_pointed_out(plan, caplog) -> None:
    members = flat() | {"labels.csv": table("Partition", ("A", "B", "C"))}
    plan(members, labels={"table": "labels.csv", "id": "file", "column": "label"})
    assert "'Partition', which is called like a split" in caplog.text and "split:Partition" in caplog.text


@given(st.sampled_from([case for case in CASES if case[1][0] not in ("0", "1")]), st.permutations(range(3)))
def test_words_count_in_any_column_and_order(case: tuple[str, tuple[str, ...]], order: list[int]) -> None:
    cells = {case[1][place]: place + 3 for place in order}
    assert parts_of_cells("whatever", cells) == {cell: place for place, cell in enumerate(case[1])}
