"""Tables that say one thing each are read together: by the same ids, or by the patient, and never by numbers alone."""

import logging

import pytest

from chestbench.core.errors import ChestbenchError
from tests.catalog.tables_drawn import as_book, as_csv

NAMES = [f"{place}.png" for place in range(24)]
PICTURES = dict.fromkeys((f"images/{name}" for name in NAMES), b"")
# Patient 1 has the pictures 22 and 23, so that a patient's number is never that of its pictures.
OF_PICTURES = [["image", "patient"], *([name, 12 - place // 2] for place, name in enumerate(NAMES))]
OF_PATIENTS = [["patient", "diagnosis"], *([patient, ("tb", "normal")[patient % 2]] for patient in range(1, 13))]
TWO = {"images.csv": as_csv(OF_PICTURES), "patients.csv": as_csv(OF_PATIENTS)}


def _lines(plan, members: dict[str, bytes]) -> list[str]:
    with pytest.raises(ChestbenchError) as error:
        plan(members)
    return [line for line in str(error.value).splitlines() if "-S " in line]


@pytest.mark.parametrize("is_book", [False, True])
def test_classes_of_patients_are_given_to_their_pictures(plan, is_book: bool) -> None:
    book = {"t.xlsx": as_book({"images": OF_PICTURES, "people": OF_PATIENTS})}
    members = PICTURES | (book if is_book else TWO)
    (line,) = _lines(plan, members)
    tables = 'table:"*t.xlsx",sheet:[images,people]' if is_book else 'table:["*images.csv","*patients.csv"]'
    assert f"{{{tables},id:image,column:diagnosis,patient:patient}}' (normal 6, tb 6; rows of " in line
    where = {"table": "*t.xlsx", "sheet": ["images", "people"]} if is_book else {"table": ["*images.csv", "*ts.csv"]}
    layout = plan(members, labels={**where, "id": "image", "column": "diagnosis", "patient": "patient"}).layout
    assert layout.said["classes"] == {"normal": 12, "tb": 12}
    of = {name: layout.classes[code] for name, code in zip(sorted(PICTURES), layout.label.tolist(), strict=True)}
    assert (of["images/0.png"], of["images/1.png"], of["images/2.png"]) == ("tb", "tb", "normal")
    assert len(set(layout.patient)) == 12


def test_a_table_of_other_patients_is_refused(plan, caplog: pytest.LogCaptureFixture) -> None:
    labels = {"table": ["*images.csv", "*patients.csv"], "id": "image", "column": "diagnosis", "patient": "patient"}
    others = [OF_PATIENTS[0], *([f"X{patient}", label] for patient, label in OF_PATIENTS[1:])]
    with pytest.raises(ChestbenchError, match=r"expected the column 'image' in patients\.csv, or patients in"):
        plan(PICTURES | TWO | {"patients.csv": as_csv(others)}, labels=labels)
    with caplog.at_level(logging.WARNING):
        plan(PICTURES | TWO | {"patients.csv": as_csv([*OF_PATIENTS, [99, "tb"]])}, labels=labels)
    assert "patients.csv: 1 rows are of patients without a picture in another table" in caplog.text


@pytest.mark.parametrize("is_book", [False, True])
def test_the_split_and_the_patient_of_other_tables_come_along(plan, is_book: bool) -> None:
    tables = {
        "a": [["image", "dx"], *([name, "xy"[place % 2]] for place, name in enumerate(NAMES))],
        "b": [["image", "part"], *([name, "train" if place < 16 else "test"] for place, name in enumerate(NAMES))],
        "c": OF_PICTURES,
    }
    files = {"t.xlsx": as_book(tables)} if is_book else {f"{name}.csv": as_csv(rows) for name, rows in tables.items()}
    first, *_ = _lines(plan, PICTURES | files)
    assert "id:image,column:dx,split:part,patient:patient}' (x 12, y 12; the split of " in first
    where = {"table": "*t.xlsx", "sheet": list(tables)} if is_book else {"table": [f"*{name}.csv" for name in tables]}
    labels = {**where, "id": "image", "column": "dx", "split": "part", "patient": "patient"}
    layout = plan(PICTURES | files, labels=labels).layout
    assert layout.said["split_column"]["pictures"] == {"train": 16, "test": 8}
    assert len(set(layout.patient)) == 12
