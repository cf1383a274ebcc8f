"""Tables, lists and columns that nothing uses are named, whatever they are called."""

import pytest

from chestbench.catalog.folders.patients.patient_hints import patient_hint
from chestbench.catalog.tables.columns.picture_index import PictureIndex
from chestbench.catalog.tables.columns.uploaded_names import pattern_of_upload
from chestbench.core.errors import ChestbenchError

NAMES = [f"q{at:02d}.png" for at in range(20)]
IN_FOLDERS = {f"{('covid', 'normal')[at % 2]}/{name}": "" for at, name in enumerate(NAMES)}
FLAT = {f"images/{name}": "" for name in NAMES}


def table(header: str, cell) -> str:
    return "\n".join([header, *(f"{name},{cell(at)}" for at, name in enumerate(NAMES))])


def refused(plan, members: dict[str, str]) -> str:
    with pytest.raises(ChestbenchError) as error:
        plan(members)
    return str(error.value)


@pytest.mark.parametrize(
    ("column", "common", "rare"),
    [
        ("QC", "pass", "fail"),
        ("consent", "yes", "withdrawn"),
        ("Bildqualität", "gut", "schlecht"),
        ("상태", "가", "보류"),
    ],
)
def test_a_column_that_nothing_uses_is_shown_with_its_cells(plan, column: str, common: str, rare: str) -> None:
    text = table(f"file,{column}", lambda at: rare if at < 3 else common)
    (said,) = plan({**IN_FOLDERS, "notes.csv": text}).layout.said["other_columns"]
    assert said == f"notes.csv names the pictures; nothing uses its column {column!r} ({common} 17, {rare} 3)"


def test_nor_the_columns_beside_those_in_use(plan) -> None:
    text = table("file,finding,scanner", lambda at: f"{'ab'[at % 2]},{'GE' if at % 3 else 'Siemens'}")
    labels = {"table": "notes.csv", "id": "file", "column": "finding"}
    (said,) = plan({**FLAT, "notes.csv": text}, labels=labels).layout.said["other_columns"]
    assert "'scanner' (GE 13, Siemens 7)" in said and "finding" not in said
    assert "other_columns" not in plan({**IN_FOLDERS, "notes.csv": table("file,dose", lambda at: at)}).layout.said


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("included.csv", "image\n" + "\n".join(NAMES[:9])),
        ("my choice.json", "[" + ",".join(f'"{name}"' for name in NAMES[:9]) + "]"),
        ("auswahl.xml", "".join(f"<file>{name}</file>\n" for name in NAMES[:9])),
        ("besprochen.txt", "\n".join(f"covid/{name}" for name in NAMES[:18:2])),
    ],
)
def test_a_text_that_names_pictures_is_named(plan, name: str, text: str) -> None:
    (said,) = plan({**IN_FOLDERS, name: text}).layout.said["unread_texts"]
    assert said == f"{name} names 9 of 20 pictures and is not used: see what it says of them"


def test_a_text_that_names_a_whole_class_is_no_warning(plan, caplog) -> None:
    text = "FILE NAME,URL\n" + "\n".join(f"{name},there" for name in NAMES[::2])
    said = plan({**IN_FOLDERS, "covid.metadata.csv": text}).layout.said
    assert said["texts_beside"] == ["covid.metadata.csv names 10 of 20 pictures and is not used"]
    assert "covid.metadata.csv" not in caplog.text and "unread_texts" not in said


@pytest.mark.parametrize("text", ["MIT\nno pictures here\n1\n2\n3", "q99.png\nq98.png", "q01.png is the first one"])
def test_a_text_that_names_none_is_not(plan, text: str) -> None:
    assert "unread_texts" not in plan({**IN_FOLDERS, "LICENSE.txt": text}).layout.said


def test_what_is_read_is_not_called_unread(plan) -> None:
    lists = {"train.txt": "\n".join(NAMES[:14]), "test.txt": "\n".join(NAMES[14:])}
    assert "unread_texts" not in plan({**IN_FOLDERS, **lists}).layout.said
    agrees = table("file,label", lambda at: ("covid", "normal")[at % 2])
    assert "unread_texts" not in plan({**IN_FOLDERS, "labels.csv": agrees}).layout.said


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("cohort", ("discovery", "confirmation")),
        ("выборка", ("обучающая", "контрольная")),
        ("centre", ("internal", "external")),
        ("train", ("x", "")),
    ],
)
def test_a_column_that_seems_to_say_a_split_is_no_class(plan, column: str, cells: tuple[str, str]) -> None:
    text = table(f"file,finding,{column}", lambda at: f"{'ab'[at % 2]},{cells[at > 13]}")
    said = refused(plan, {**FLAT, "labels.csv": text})
    assert f"{column!r}" in said and "to say a split, which is not used" in said
    assert f"column:{column}" not in said and "column:finding" in said


@pytest.mark.parametrize("before", ["/data/upload/3/0a1b2c3d-", "upload/deadbeef-", "https://h.example/b/"])
def test_names_as_labelling_tools_write_them(plan, before: str) -> None:
    after = "?alt=media&token=a" if "://" in before else ""
    rows = [f"{at},{before}{name}{after},{'ab'[at * 7 % 20 // 10]}" for at, name in enumerate(reversed(NAMES))]
    said = refused(plan, {**FLAT, "export.csv": "\n".join(["id,image,choice", *rows])})
    assert "id:image,id_pattern:" in said and "id:id" not in said


def test_other_names_are_not_taken_for_such() -> None:
    index = PictureIndex(["a/1.png", "a/2.png"])
    assert pattern_of_upload(["1.png", "2.png"], index) == ""
    assert pattern_of_upload(["0a1b2c3d-7.png", "0a1b2c3e-8.png"], index) == ""


def test_a_number_that_fits_by_chance_is_doubted(plan) -> None:
    text = "\n".join(["room,finding", *(f"{at},{'ab'[at % 2]}" for at in range(20))])
    said = refused(plan, {**{f"images/{at:03d}.png": "" for at in range(20)}, "l.csv": text})
    assert "found by the numbers in the column 'room'" in said


def test_folders_called_by_codes_are_patients() -> None:
    codes = ["e16717", "0cc175", "4a8a08", "8277e0", "c0ffee", "d41d8c"]
    members = [f"{'ab'[at % 2]}/{code}/{n}.png" for at, code in enumerate(codes) for n in range(4)]
    assert patient_hint(members, classes="ab")["groups"] == 6
