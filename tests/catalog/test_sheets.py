"""Workbooks of several sheets: hidden ones are not read unasked, and which of several is read is said, not guessed."""

import logging

import pytest

from chestbench.catalog.tables.reading.spreadsheet import read_sheets
from chestbench.core.errors import ChestbenchError
from tests.catalog.tables_drawn import Rows, as_book

NAMES = [f"p{place}.png" for place in range(24)]
PICTURES = dict.fromkeys((f"images/{name}" for name in NAMES), b"")
LABELS = {"table": "*t.xlsx", "id": "file", "column": "label"}


def _rows(shift: int = 0, names: list[str] = NAMES) -> Rows:
    return [["file", "label"], *([name, "ab"[(place // 2 + shift) % 2]] for place, name in enumerate(names))]


def _refused(plan, members: dict[str, bytes], labels: dict[str, object] | None = None) -> str:
    with pytest.raises(ChestbenchError) as error:
        plan(members, labels=labels)
    return str(error.value)


def _classes(layout) -> list[str]:
    return [layout.classes[code] for code in layout.label.tolist()]


def test_a_hidden_sheet_is_not_read_and_said(plan, caplog: pytest.LogCaptureFixture) -> None:
    members = PICTURES | {"t.xlsx": as_book({"old": _rows(1), "new": _rows()}, hidden=["old"])}
    told = _refused(plan, members)
    assert "t.xlsx: hidden, and not read: 'old' (24 rows)" in told
    assert "sheet:" not in told
    with caplog.at_level(logging.WARNING):
        layout = plan(members, labels=LABELS).layout
    assert layout.said["unread_sheets"] == [
        "t.xlsx: hidden, and not read: 'old' (24 rows); dataset.labels.sheet says which is read, one or a list"
    ]
    assert layout.said["unread_sheets"][0] in caplog.text
    by_name = dict(zip(sorted(PICTURES), _classes(layout), strict=True))
    assert by_name["images/p0.png"] == "a"
    hidden = plan(members, labels={**LABELS, "sheet": "old"}).layout
    assert dict(zip(sorted(PICTURES), _classes(hidden), strict=True))["images/p0.png"] == "b"


@pytest.mark.parametrize("before", [[], [["Data of 2020"], ["see the next sheet"]], [["Study", "2020"]]])
def test_sheets_without_a_table_are_passed_over(plan, before: Rows) -> None:
    members = PICTURES | {"t.xlsx": as_book({"About": before, "Data": _rows()})}
    assert plan(members, labels=LABELS).layout.said["classes"] == {"a": 12, "b": 12}
    assert "*t.xlsx" in (told := _refused(plan, members))
    assert "sheet" not in told


def test_readers_on_sheets_of_their_own_are_shown_each(plan) -> None:
    members = PICTURES | {"t.xlsx": as_book({"Dr A": _rows(), "Dr B": _rows(1)})}
    told = _refused(plan, members)
    assert "t.xlsx: has 2 sheets with tables: 'Dr A' (24 rows), 'Dr B' (24 rows)" in told
    assert "contradict each other on 24 of the 24 pictures" in told
    for name in ("Dr A", "Dr B"):
        assert f'{{table:"*t.xlsx",sheet:{name},id:file,column:label}}' in told
    stopped = _refused(plan, members, LABELS)
    assert "expected one sheet of t.xlsx with the columns 'file', 'label', received 2" in stopped
    assert "sheet:Dr B" in stopped
    assert plan(members, labels={**LABELS, "sheet": "Dr B"}).layout.said["unread_sheets"] == [
        "t.xlsx: the sheet 'Dr B' is read, not 'Dr A' (24 rows); dataset.labels.sheet says which is read, one or a list"
    ]


def test_sheets_of_different_pictures_are_read_together(plan) -> None:
    halves = {"train": _rows(names=NAMES[:16]), "test": _rows(names=NAMES[16:])}
    members = PICTURES | {"t.xlsx": as_book(halves)}
    line = '{table:"*t.xlsx",sheet:[train,test],id:file,column:label,split:sheet}'
    assert line in _refused(plan, members)
    layout = plan(members, labels={**LABELS, "sheet": ["train", "test"], "split": "sheet"}).layout
    assert layout.said["classes"] == {"a": 12, "b": 12}
    assert layout.said["split_column"]["pictures"] == {"train": 16, "test": 8}


def test_a_sheet_for_each_class(plan) -> None:
    books = {name: [["file", "age"], *([each, 50] for each in NAMES[at::2])] for at, name in enumerate(("tb", "no"))}
    members = PICTURES | {"t.xlsx": as_book(books)}
    assert "column:sheet" in _refused(plan, members)
    labels = {**LABELS, "column": "sheet", "sheet": ["tb", "no"]}
    assert plan(members, labels=labels).layout.said["classes"] == {"no": 12, "tb": 12}


def test_the_only_sheet_with_the_columns_is_read(plan) -> None:
    legend = [["Code", "Meaning"], ["a", "healthy"], ["b", "ill"]]
    members = PICTURES | {"t.xlsx": as_book({"Legend": legend, "Data": _rows()})}
    assert "sheet:Data" in _refused(plan, members)
    assert plan(members, labels=LABELS).layout.said["classes"] == {"a": 12, "b": 12}


def test_a_sheet_that_is_nowhere_is_refused(plan) -> None:
    members = PICTURES | {"t.xlsx": as_book({"A": _rows()}), "u.csv": b"file,label\np0.png,a\np1.png,b\n"}
    told = _refused(plan, members, {**LABELS, "sheet": "B"})
    assert "dataset.labels.sheet: expected names of sheets" in told
    assert "t.xlsx has 'A'" in told
    assert "no table is a workbook" in _refused(plan, members, {**LABELS, "table": "*u.csv", "sheet": "B"})
    assert "dataset.labels.sheet: expected a list that names each once" in _refused(
        plan, members, {**LABELS, "sheet": ["A", "A"]}
    )


def test_cells_merged_downwards_are_filled() -> None:
    rows = [["Title", "", ""], ["patient", "file", "label"], ["P1", "1.png", "a"], ["", "2.png", ""], ["P2", "3.png"]]
    (sheet,) = read_sheets(as_book({"S": rows}, merged=["A1:C1", "A3:A4", "C3:C4", "B5:B6"]))
    assert sheet.text == "Title\npatient,file,label\nP1,1.png,a\nP1,2.png,a\nP2,3.png\n"
