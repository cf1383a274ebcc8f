"""Columns of 0 and 1: classes of one kind or not, and rows in which all are 0."""

import pytest

from chestbench.catalog.tables.columns.hot_columns import HotRows, of_one_kind
from chestbench.catalog.tables.columns.id_column import Column
from chestbench.core.errors import ChestbenchError
from tests.catalog.tables_drawn import as_csv
from tests.catalog.test_suggestions import follow, line_of, suggest  # noqa: F401

COUNT = 40
PICTURES = {f"all/p{n}.png": "" for n in range(COUNT)}


def drawn(columns: list[str], *rows: list[str | int]) -> dict[str, str]:
    """Return pictures with a table whose cells are those of the rows, one after the other."""
    table = [["file", *columns], *([f"p{n}.png", *rows[n % len(rows)]] for n in range(COUNT))]
    return PICTURES | {"labels.csv": as_csv(table).decode()}


@pytest.mark.parametrize("other", ["smoker", "fever", "male", "icu", "portable", "diabetes"])
@pytest.mark.parametrize(("name", "without"), [("covid", "no covid"), ("TB", "no TB"), ("Normal", "abnormal")])
def test_a_finding_beside_what_is_none_is_a_question_of_its_own(suggest, follow, other, name, without) -> None:  # noqa: F811
    lines = suggest(drawn([other, name], [0, 1], [1, 1], [1, 0], [0, 0]))
    assert len(lines) == 1 and f"column:{name}" in lines[0] and other not in lines[0]
    assert follow(line_of(lines)).layout.said["classes"] == {name: 20, without: 20}


def test_columns_that_happen_to_have_a_one_per_row_on_the_whole_are_not_one_hot(suggest) -> None:  # noqa: F811
    """As many ones as rows, but two in some rows and none in others."""
    (line,) = suggest(drawn(["smoker", "covid"], [1, 1], [0, 0]))
    assert "one_hot" not in line


def test_a_column_called_label_is_the_class_whatever_lies_beside_it(suggest) -> None:  # noqa: F811
    lines = suggest(drawn(["smoker", "target"], [0, 1], [1, 1], [1, 0], [0, 0]))
    assert len(lines) == 1 and "column:target" in lines[0]


@pytest.mark.parametrize("words", [(1, 0), ("yes", "no"), ("TRUE", "FALSE"), ("1.0", "0.0"), ("y", "n")])
def test_one_column_a_class(suggest, follow, words) -> None:  # noqa: F811
    yes, no = words
    lines = suggest(drawn(["age", "A", "B"], ["41.5", yes, no], ["52.5", no, yes]))
    assert len(lines) == 1 and "one_hot:[A,B]" in lines[0] and "one a picture: A 20, B 20" in lines[0]
    assert follow(line_of(lines)).layout.said["classes"] == {"A": 20, "B": 20}


def test_rows_of_zeros_are_offered_as_normal_and_said(suggest, follow) -> None:  # noqa: F811
    lines = suggest(drawn(["TB", "Pneumonia"], [1, 0], [0, 1], [0, 0], [0, 0]))
    assert len(lines) == 2
    assert "zeros:normal" in lines[0] and "20 rows that are 0 in all, if that means 'normal'" in lines[0]
    assert "20 rows that are 0 in all have no class" in lines[1]
    assert follow(line_of(lines)).layout.said["classes"] == {"TB": 10, "Pneumonia": 10, "normal": 20}
    assert follow(line_of(lines[1:])).layout.said["classes"] == {"TB": 10, "Pneumonia": 10}


def test_rows_of_zeros_beside_rows_of_several_are_a_question(suggest, follow) -> None:  # noqa: F811
    lines = suggest(drawn(["TB", "Pneumonia"], [1, 1], [1, 0], [0, 0], [0, 0]))
    assert follow(line_of(lines)).layout.said["classes"] == {"normal": 20, "TB": 20}


def test_no_zeros_are_offered_beside_a_healthy_column(suggest) -> None:  # noqa: F811
    lines = suggest(drawn(["TB", "Normal"], [1, 0], [0, 1], [0, 1], [0, 0]))
    assert len(lines) == 1 and "zeros" not in lines[0] and "10 rows that are 0 in all have no class" in lines[0]


@pytest.mark.parametrize("blank", ["", " "])
def test_zeros_are_a_class_and_blank_rows_are_none(plan, blank: str) -> None:
    members = drawn(["TB", "Pneumonia"], [1, 0], [0, 1], [0, 0], [blank, blank], [0, blank])
    labels = {"table": "*.csv", "id": "file", "one_hot": ["TB", "Pneumonia"], "zeros": "healthy"}
    layout = plan(members, labels=labels).layout
    assert layout.said["classes"] == {"TB": 8, "Pneumonia": 8, "healthy": 16}
    one = {**labels, "one_hot": ["TB"]}
    assert plan(members, labels=one).layout.said["classes"] == {"TB": 8, "healthy": 24}


def test_a_class_of_zeros_joins_the_column_of_its_name(plan) -> None:
    members = drawn(["TB", "Normal"], [1, 0], [0, 1], [0, 0])
    labels = {"table": "*.csv", "id": "file", "one_hot": ["TB", "Normal"], "zeros": "Normal"}
    assert plan(members, labels=labels).layout.said["classes"] == {"TB": 14, "Normal": 26}


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ({"one_hot": ["TB"]}, "one_hot with two columns or more"),
        ({"column": "TB", "zeros": "normal"}, "zeros beside one_hot"),
    ],
)
def test_a_single_column_or_zeros_alone_are_refused(plan, labels, words: str) -> None:
    with pytest.raises(ChestbenchError, match=words):
        plan(drawn(["TB"], [1], [0]), labels={"table": "*.csv", "id": "file", **labels})


def test_a_table_of_zeros_is_compared_with_the_folders(plan) -> None:
    table = drawn(["TB", "Pneumonia"], [1, 0], [0, 1], [0, 0], [0, 0])["labels.csv"]
    names = ["TB", "Pneumonia", "normal", "normal"]
    members = {f"{names[n % 4]}/p{n}.png": "" for n in range(COUNT)} | {"labels.csv": table}
    assert any("agrees with the folders for all 40" in text for text in plan(members).layout.said["tables_that_agree"])


def columns_of(*names: str) -> list[Column]:
    return [Column(name, {"0": 1, "1": 1}, 0) for name in names]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (["TB", "Edema", "smoker"], ["TB", "Edema"]),
        (["No Finding", "Enlarged Cardiomediastinum", "Edema", "Support Devices"], None),
        (["flag1", "flag2"], None),
        (["TB", "Edema", "x", "y", "z", "w"], ["TB", "Edema"]),
        (["smoker", "fever"], []),
    ],
)
def test_which_columns_go_together(names: list[str], kept: list[str] | None) -> None:
    rows = HotRows(tuple(names), {0: 3, 3: 4})  # type: ignore[arg-type]
    assert [column.name for column in of_one_kind(columns_of(*names), rows)] == (names if kept is None else kept)
