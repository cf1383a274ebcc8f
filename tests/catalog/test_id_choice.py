"""Which column of a table names the pictures: the one called so that fits best, and never a count or an age unasked."""

import random
import re

import pytest

from chestbench.catalog.tables.columns.id_choice import Fit, likeliest
from chestbench.catalog.tables.words.id_words import FILE, NEVER, OPEN, PERSON, trust_in
from chestbench.core.errors import ChestbenchError
from tests.catalog.tables_drawn import as_csv, as_xlsx

COUNT = 40
NAMES = [f"{place}.png" for place in range(COUNT)]
PICTURES = {f"images/{name}": b"" for name in NAMES}
MIXED = random.Random(3).sample(range(COUNT), COUNT)  # the row at which each picture stands, for the tests of ids


def label_of(number: int) -> str:
    return "covid" if number < COUNT // 2 else "normal"


@pytest.mark.parametrize(
    ("trust", "names"),
    [
        (FILE, ["filename", "Image Index", "image_no", "Bild", "Dateiname", "img", "Nom du fichier", "path", "파일명"]),
        (FILE, ["图像编号", "ファイル名", "Имя файла", "dicom_path", "CXR file", "Ruta", "imagem"]),
        (OPEN, ["id", "uid", "name", "original_name", "column 2", "scan", "key", "identifier"]),
        (PERSON, ["case", "patient_no", "Patient ID", "StudyInstanceUID", "환자번호", "Fall-Nr"]),
        (NEVER, ["Unnamed: 0", "", "X", "idx", "No.", "Nr", "lfd. Nr.", "row_id", "序号", "S.No", "number", "level_0"]),
        (
            NEVER,
            ["age", "Alter", "year", "StudyDate", "dob", "Follow-up #", "width", "mask_path", "label", "pathology"],
        ),
    ],
)
def test_what_names_of_columns_say(trust: int, names: list[str]) -> None:
    assert {name: trust_in(name) for name in names} == dict.fromkeys(names, trust)


@pytest.mark.parametrize(
    ("header", "cell", "taken"),
    [
        (["Unnamed: 0", "filename"], "{}.png", ["filename"]),
        (["No.", "File"], "{}", ["File"]),
        (["patient_no", "image_no"], "{}", ["image_no"]),
        (["age", "image"], "{}", ["image"]),
        (["case", "image"], "{}", ["image"]),
        (["year", "id"], "{}", ["id"]),
        (["Nr", "Bild"], "{}.png", ["Bild"]),
        (["idx", "key"], "{}.png", ["key"]),
        (["序号", "图像"], "{}", ["图像"]),
        (["case", "id"], "{}", ["id"]),
        (["width", "slide"], "{}", ["slide"]),
        (["first", "second"], "{}.png", ["second"]),  # by its endings
        (["first", "second"], "{}", ["first", "second"]),
        (["id", "uid"], "{}", ["id", "uid"]),
        (["case", "subject"], "{}", ["case", "subject"]),
        (["row", "age"], "{}", ["row", "age"]),
        (["image_no", "id"], "{}.png", ["image_no", "id"]),  # called so, or fitting: open
    ],
)
@pytest.mark.parametrize("is_swapped", [False, True])
def test_of_two_columns_that_fit(plan, header: list[str], cell: str, taken: list[str], is_swapped: bool) -> None:
    rows = [[place, cell.format(number), label_of(number)] for place, number in enumerate(MIXED)]
    rows = [[*header, "label"], *rows]
    if is_swapped:
        rows = [[row[1], row[2], row[0]] for row in rows]
    with pytest.raises(ChestbenchError) as error:
        plan(PICTURES | {"labels.csv": as_csv(rows)})
    lines = re.findall(r"id:(\S+?|\"[^\"]+\"),column:label", str(error.value))
    assert sorted(line.strip('"') for line in lines) == sorted(taken)
    is_open = len(taken) > 1 or trust_in(taken[0]) == NEVER
    assert ("the pictures are found by the column" in str(error.value)) is is_open


@pytest.mark.parametrize("name", ["Unnamed: 0", "age"])
def test_a_count_or_an_age_that_alone_fits_is_offered_with_a_word(plan, name: str) -> None:
    rows = [[name, "label"], *([number, label_of(number)] for number in MIXED)]
    with pytest.raises(ChestbenchError, match=r"rather than the file's name(.|\n)*column:label"):
        plan(PICTURES | {"labels.csv": as_csv(rows)})


def test_columns_that_mean_the_same_pictures_are_one(plan) -> None:
    rows = [["id", "name", "label"], *([number, f"{number}.png", label_of(number)] for number in MIXED)]
    with pytest.raises(ChestbenchError) as error:
        plan(PICTURES | {"labels.csv": as_csv(rows)})
    assert str(error.value).count("column:label") == 1 and "found by" not in str(error.value)


def test_the_line_of_the_right_column_gives_every_picture_its_class(plan) -> None:
    rows = [["Nr", "Bild", "Diagnose"], *([place, f"{n}.png", label_of(n)] for place, n in enumerate(MIXED))]
    found = plan(
        PICTURES | {"list.xlsx": as_xlsx(rows)}, labels={"table": "*list.xlsx", "id": "Bild", "column": "Diagnose"}
    )
    layout = found.layout
    for member, code in zip(found.members, layout.label.tolist(), strict=True):
        if member.endswith(".png"):
            assert layout.classes[code] == label_of(int(re.findall(r"\d+", member)[-1]))


def in_folders(table: list[list[str | int]]) -> dict[str, bytes]:
    return {f"{label_of(number)}/{number}.png": b"" for number in range(COUNT)} | {"meta.csv": as_csv(table)}


@pytest.mark.parametrize(("key", "column"), [("patient", "patient_id"), ("split", "split")])
def test_the_hint_beside_class_folders_takes_the_file_names(plan, key: str, column: str) -> None:
    cells = {"patient": lambda n: f"P{n // 4:02}", "split": lambda n: "test" if n % 4 == 0 else "train"}
    rows = [["Unnamed: 0", "filename", column], *([at, f"{n}.png", cells[key](n)] for at, n in enumerate(MIXED))]
    (told,) = plan(in_folders(rows)).layout.said["unused_tables"]
    assert f"id:filename,{key}:{column}" in told and "found by" not in told


def test_the_hint_beside_class_folders_shows_both_where_two_may_be_meant(plan) -> None:
    rows = [["first", "second", "patient"], *([at, n, f"P{n // 4:02}"] for at, n in enumerate(MIXED))]
    one, other = plan(in_folders(rows)).layout.said["unused_tables"]
    assert "id:first,patient:patient" in one and "'second' would find others" in one
    assert "id:second,patient:patient" in other and "'first' would find others" in other


@pytest.mark.parametrize("header", [["Unnamed: 0", "filename"], ["first", "second"]])
def test_a_table_that_is_right_by_one_of_its_columns_agrees(plan, header: list[str]) -> None:
    rows = [[*header, "diagnosis"], *([at, n, label_of(n)] for at, n in enumerate(MIXED))]
    said = plan(in_folders(rows)).layout.said
    assert "second_labels" not in said and "unused_tables" not in said
    assert said["tables_that_agree"] == [
        "meta.csv labels these pictures too: by its column 'diagnosis' it agrees with the folders for all 40"
    ]


def test_a_table_of_two_columns_that_may_be_meant_and_differ_is_shown_by_both(plan) -> None:
    rows = [["first", "second", "diagnosis"]]
    rows += [[at, number, label_of((number + 4) % COUNT)] for at, number in enumerate(MIXED)]
    one, other = plan(in_folders(rows)).layout.said["second_labels"]
    assert "id:first" in one and "id:second" in other and "differs for 8 of 40" in other


def test_masks_beside_the_pictures_are_not_what_is_meant(plan) -> None:
    rows = [["mask", "image", "label"]]
    rows += [[f"masks/{n}.png", f"images/{n}.png", label_of(n)] for n in range(COUNT)]
    masks = {f"masks/{name}": b"" for name in NAMES}
    with pytest.raises(ChestbenchError) as error:
        plan(PICTURES | masks | {"labels.csv": as_csv(rows)})
    assert "id:image,column:label" in str(error.value) and "id:mask" not in str(error.value)


def test_a_column_that_fits_less_is_out_unless_it_is_called_a_files() -> None:
    every = Fit("scan", 40, 2)
    assert likeliest([every, Fit("key", 29, 2)]) == [0]
    assert likeliest([every, Fit("file", 20, 3)]) == [1, 0]
    assert likeliest([every, Fit("file", 10, 3)]) == [0]
    assert likeliest([every, Fit("folder", 40, 2, is_one_each=False)]) == [0]
    assert likeliest([Fit("path", 40, 3), Fit("file", 40, 3, is_one_each=False)]) == [0]
    assert likeliest([]) == []


def test_an_id_that_is_stated_against_its_name_is_taken_and_warned_of(plan, caplog) -> None:
    rows = [["age", "image", "label"], *([at, n, label_of(n)] for at, n in enumerate(MIXED))]
    labels = {"table": "*labels.csv", "column": "label"}
    plan(PICTURES | {"labels.csv": as_csv(rows)}, labels={**labels, "id": "image"})
    assert "called like the file's name" not in caplog.text
    plan(PICTURES | {"labels.csv": as_csv(rows)}, labels={**labels, "id": "age"})
    assert "found by the column 'age'" in caplog.text and "id:image,column:label" in caplog.text


def test_names_with_endings_are_not_doubted_whatever_their_column_is_called(plan) -> None:
    rows = [["label", "filename"], *([f"{number}.png", label_of(number)] for number in MIXED)]
    with pytest.raises(ChestbenchError, match="id:label,column:filename") as error:
        plan(PICTURES | {"labels.csv": as_csv(rows)})
    assert "found by" not in str(error.value)
