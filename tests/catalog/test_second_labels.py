"""A table beside class folders that labels the same pictures: never taken unasked, never passed over in silence."""

import re
import shlex
from pathlib import Path

import pytest

from chestbench.catalog.plan import Plan
from chestbench.core.errors import ChestbenchError
from tests.catalog.tables_drawn import Rows, as_csv, as_json, as_xlsx
from tests.imaging.pictures import picture, png

COUNT = 60
CLASS_OF = [("TB", "normal")[place % 5 > 1] for place in range(COUNT)]
FILES = [f"img_{place:03d}.png" for place in range(COUNT)]
PICTURES = {f"set/{label}/{file}": b"" for label, file in zip(CLASS_OF, FILES, strict=True)}
# Nine pictures that the table labels the other way.
OTHER = {"TB": "normal", "normal": "TB"}
SECOND = [label if place % 7 else OTHER[label] for place, label in enumerate(CLASS_OF)]
WRITERS = {"csv": as_csv, "tsv": lambda rows: as_csv(rows, "\t"), "xlsx": as_xlsx, "json": as_json}


def table(labels: list, column: str = "finding", files: list[str] = FILES) -> Rows:
    return [["file", column], *([file, label] for file, label in zip(files, labels, strict=True))]


def second(read: Plan) -> list[str]:
    return read.layout.said.get("second_labels", [])


def overrides_in(text: str) -> dict[str, str]:
    words = [word for word in shlex.split(re.search(r"-S '.*' would", text)[0].removesuffix(" would")) if word != "-S"]
    return dict(word.split("=", 1) for word in words)


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("place", ["set/labels", "set/extra/notes", "labels"])
def test_a_table_that_differs_is_told_with_counts_and_the_line(plan, caplog, kind: str, place: str) -> None:
    read = plan(PICTURES | {f"{place}.{kind}": WRITERS[kind](table(SECOND))})
    (text,) = second(read)
    assert f".{kind} labels these pictures too: by its column 'finding' it agrees with the folders for 51 and" in text
    assert "differs for 9 of 60 (such as line 2: 'normal' for a picture of 'TB')" in text
    assert f'{{table:"*{place.rpartition("/")[2]}.{kind}",id:file,column:finding}}' in text and text in caplog.text
    # The folders stay in use.
    assert read.layout.said["read_from"] == "folders" and (read.layout.label == 0).sum() == CLASS_OF.count("TB")
    # The line gives the table's labels.
    labels = {"table": f"*{place.rpartition('/')[2]}.{kind}", "id": "file", "column": "finding"}
    used = plan(PICTURES | {f"{place}.{kind}": WRITERS[kind](table(SECOND))}, labels=labels)
    code = used.layout.classes.index("TB")
    assert (used.layout.label == code).sum() == SECOND.count("TB") and not second(used)


@pytest.mark.parametrize("names", [("tb", "Normal"), ("TB ", "NORMAL"), ("Tb", "normals")])
def test_names_in_another_spelling_are_the_same(plan, names: tuple[str, str]) -> None:
    labels = [names[label == "normal"] for label in SECOND]
    (text,) = second(plan(PICTURES | {"l.csv": as_csv(table(labels, "x"))}))
    assert "differs for 9 of 60" in text


@pytest.mark.parametrize("column", ["label", "Klasse", "진단", "诊断", "diagnóstico", "TB", "y", "диагноз"])
@pytest.mark.parametrize("codes", [(1, 0), (0, 1), ("yes", "no"), ("neg", "pos")])
def test_codes_are_compared_by_what_most_of_them_stand_for(plan, column: str, codes: tuple) -> None:
    labels = [codes[label == "normal"] for label in SECOND]
    (text,) = second(plan(PICTURES | {"l.csv": as_csv(table(labels, column))}))
    assert "agrees with the folders for 51 and differs for 9 of 60" in text
    assert overrides_in(text)["dataset.class_names"] in (
        f"{{{codes[1]}:normal,{codes[0]}:TB}}",
        f"{{{codes[0]}:TB,{codes[1]}:normal}}",
        "\"{'no': normal, 'yes': TB}\"",
    )


@pytest.mark.parametrize(("names", "column"), [(("ill", "sano"), "grupo"), (("폐렴", "정상"), "x"), (("b", "a"), "x")])
def test_names_in_another_language_in_a_column_of_any_name(plan, names: tuple[str, str], column: str) -> None:
    labels = [names[label == "normal"] for label in SECOND]
    (text,) = second(plan(PICTURES | {"l.csv": as_csv(table(labels, column))}))
    assert "l.csv seems to label these pictures too" in text and "differs for 9 of 60" in text
    assert not second(plan(PICTURES | {"l.csv": as_csv(table(labels, "hospital"))}))


@pytest.mark.parametrize("column", ["Result", "state", "x"])
def test_findings_in_a_column_of_any_name_are_told_where_folders_say_something_else(plan, column: str) -> None:
    members = {f"{'AB'[n % 2]}/{n}.png": b"" for n in range(40)}
    rows = [["file", column], *([f"{n}.png", ("positive", "negative")[n // 2 % 2]] for n in range(40))]
    with pytest.raises(ChestbenchError, match=rf"classes=\[A,B\]'(.|\n)*column:{column}\}}'"):
        plan(members | {"l.csv": as_csv(rows)})
    (text,) = second(plan(members | {"l.csv": as_csv(rows)}, classes=["A", "B"]))
    assert "labels 40 of these pictures too, with other classes than the folders" in text
    assert f"column:{column}" in text
    rows = [["file", column], *([f"{n}.png", ("first", "second")[n // 2 % 2]] for n in range(40))]
    assert not second(plan(members | {"l.csv": as_csv(rows)}))


def test_columns_of_0_and_1(plan) -> None:
    rows = [
        ["file", "tb", "Normal"],
        *([f, int(s == "TB"), int(s != "TB")] for f, s in zip(FILES, SECOND, strict=True)),
    ]
    (text,) = second(plan(PICTURES | {"l.csv": as_csv(rows)}))
    assert "columns 'tb', 'Normal'" in text and "differs for 9 of 60" in text and "one_hot:[tb,Normal]" in text


def test_cells_of_several_labels_are_asked_for_the_classes_in_use(plan) -> None:
    labels = [f"{label}|effusion" if place % 2 else label for place, label in enumerate(SECOND)]
    (text,) = second(plan(PICTURES | {"l.csv": as_csv(table(labels))}))
    assert "agrees with the folders for 51 and differs for 9 of 60" in text
    assert overrides_in(text)["dataset.classes"] == "[TB,normal]"


def test_a_table_of_some_pictures(plan) -> None:
    (text,) = second(plan(PICTURES | {"l.csv": as_csv(table(SECOND[:20], files=FILES[:20]))}))
    assert "agrees with the folders for 17 and differs for 3 of 20 that it names" in text


def test_a_table_that_says_the_same_of_all_and_the_folders_do_not(plan) -> None:
    """Pictures that were read again, and all called normal: no line takes a table of a single class."""
    read_again = [file for file, label in zip(FILES, CLASS_OF, strict=True) if label == "TB"][:8]
    (text,) = second(plan(PICTURES | {"l.csv": as_csv(table(["normal"] * 8, files=read_again))}))
    assert "agrees with the folders for 0 and differs for 8 of 8 that it names" in text and "-S" not in text


def test_two_readers_are_told_one_by_one(plan) -> None:
    tables = {"reader1.csv": as_csv(table(CLASS_OF)), "reader2.csv": as_csv(table(SECOND))}
    read = plan(PICTURES | tables)
    (text,) = second(read)
    assert text.startswith("reader2.csv labels") and "differs for 9" in text and '"*reader2.csv"' in text
    (agrees,) = read.layout.said["tables_that_agree"]
    assert agrees.startswith("reader1.csv") and agrees.endswith("agrees with the folders for all 60")


def test_tables_of_train_and_test_are_one(plan) -> None:
    tables = {
        "a.csv": as_csv(table(SECOND[:30], files=FILES[:30])),
        "b.csv": as_csv(table(SECOND[30:], files=FILES[30:])),
    }
    (text,) = second(plan(PICTURES | tables))
    assert "differs for 9 of 60" in text and 'table:["*a.csv","*b.csv"]' in text


def test_labels_by_names_are_compared_as_well(plan) -> None:
    members = {f"all/{label}_{file}": b"" for label, file in zip(CLASS_OF, FILES, strict=True)}
    rows = table(SECOND, files=[f"{label}_{file}" for label, file in zip(CLASS_OF, FILES, strict=True)])
    (text,) = second(plan(members | {"l.csv": as_csv(rows)}, labels="(?P<label>TB|normal)_img"))
    assert "agrees with the names for 51 and differs for 9 of 60" in text


def test_agreement_is_one_line_and_no_warning(plan, caplog) -> None:
    read = plan(PICTURES | {"labels.csv": as_csv(table(CLASS_OF))})
    assert not second(read) and "labels.csv" not in caplog.text
    assert read.layout.said["tables_that_agree"] == [
        "labels.csv labels these pictures too: by its column 'finding' it agrees with the folders for all 60"
    ]


def test_other_classes_are_told(plan) -> None:
    (text,) = second(plan(PICTURES | {"l.csv": as_csv(table(["abc"[p % 3] for p in range(COUNT)], "Diagnosis"))}))
    assert "with other classes than the folders: column 'Diagnosis' (a 20, b 20, c 20)" in text


@pytest.mark.parametrize("column", ["sex", "view", "scanner", "hospital", "smoker"])
def test_a_column_that_is_no_label_is_not_told(plan, column: str) -> None:
    rows = table([("M", "F")[place % 2] for place in range(COUNT)], column)
    said = plan(PICTURES | {"l.csv": as_csv(rows)}).layout.said
    assert "second_labels" not in said and "tables_that_agree" not in said


def test_ids_that_fit_two_pictures_tell_nothing_of_either(plan) -> None:
    members = {f"{label}/{place}.png": b"" for label in ("TB", "normal") for place in range(20)}
    rows = [["id", "label"], *([place, ("TB", "normal")[place % 2]] for place in range(20))]
    assert not second(plan(members | {"l.csv": as_csv(rows)}))
    # But the same picture in a set that stands in itself is one.
    members = {f"{top}/{path.removeprefix('set/')}": b"" for top in ("s", "s/s") for path in PICTURES}
    (text,) = second(plan(members | {"l.csv": as_csv(table(SECOND))}))
    assert "differs for 18 of 120" in text


def test_it_reaches_the_catalog(build, tmp_path: Path) -> None:
    members = {member: png(picture(place)) for place, member in enumerate(PICTURES)}
    catalog, _ = build(members | {"labels.csv": as_csv(table(SECOND))})
    assert "differs for 9 of 60" in catalog.layout["second_labels"][0]


def test_a_table_that_brings_patients_alone_is_compared_too(plan) -> None:
    pairs = enumerate(zip(FILES, SECOND, strict=True))
    rows = [["file", "finding", "pid"], *([file, label, place // 2] for place, (file, label) in pairs)]
    labels = {"table": "*l.csv", "id": "file", "patient": "pid"}
    read = plan(PICTURES | {"l.csv": as_csv(rows)}, labels=labels)
    (text,) = second(read)
    assert "differs for 9 of 60" in text and "patient:pid" in text
    assert len(set(read.layout.patient)) == 30 and "unused_tables" not in read.layout.said


@pytest.mark.parametrize("name", ["labels.xls", "labels.ods", "labels.xlsx"])
def test_a_spreadsheet_that_is_not_read_is_said(plan, caplog, name: str) -> None:
    read = plan(PICTURES | {name: b"PK or what else"})
    (text,) = read.layout.said["unused_tables"]
    assert text.startswith(f"{name} may hold the classes") and "save it as CSV" in text and text in caplog.text
