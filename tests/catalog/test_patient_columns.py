"""A table's patients beside numbered folders, and columns that say the patient without being called so."""

import pytest

from chestbench.core.errors import ChestbenchError
from tests.catalog.tables_drawn import as_csv

CLASSES = ("covid", "normal")


def in_folders(folder: str = "scan{:03}", count: int = 24) -> list[str]:
    """Return two pictures in each of `count` numbered folders, half of them in each class."""
    names = [f"{CLASSES[2 * place // count]}/{folder.format(place)}" for place in range(count)]
    return [f"{name}/s{number}.png" for name in names for number in range(2)]


def set_with(members: list[str], rows: list[list[str | int]]) -> dict[str, bytes]:
    return dict.fromkeys(members, b"") | {"subjects.csv": as_csv(rows)}


@pytest.mark.parametrize("by", ["folder", "path"])
def test_a_table_whose_patients_have_several_folders_is_pointed_out(plan, by: str) -> None:
    members = in_folders()
    if by == "folder":
        rows = [[by, "subject_id"], *([f"scan{place:03}", f"SUBJ{place // 2}"] for place in range(24))]
    else:
        rows = [[by, "subject_id"], *([member, f"SUBJ{place // 4}"] for place, member in enumerate(members))]
    found = plan(set_with(members, rows))
    (told,) = found.layout.said["unused_tables"]
    assert f"id:{by},patient:subject_id" in told and "by this column 12 of 12 patients have several of them" in told
    assert len(set(found.layout.patient) - {""}) == 24
    used = plan(set_with(members, rows), labels={"table": "*subjects.csv", "id": by, "patient": "subject_id"})
    of_picture = dict(zip(used.members, used.layout.patient, strict=True))
    groups = [of_picture[member] for member in members]
    assert len(set(groups)) == 12 and all(len(set(groups[at : at + 4])) == 1 for at in range(0, 48, 4))
    assert "unused_tables" not in used.layout.said and not used.layout.patient_is_inferred


def test_a_table_that_names_the_folders_patients_is_no_news(plan) -> None:
    rows = [["folder", "patient"], *([f"scan{place:03}", f"P{place}"] for place in range(24))]
    assert "unused_tables" not in plan(set_with(in_folders(), rows)).layout.said


def test_folders_that_a_table_does_not_name_stay_patients(plan) -> None:
    members = in_folders()
    rows = [["folder", "patient"], *([f"scan{place:03}", f"P{place // 2}"] for place in range(20))]
    labels = {"table": "*subjects.csv", "id": "folder", "patient": "patient"}
    found = plan(set_with(members, rows), labels=labels)
    of_picture = dict(zip(found.members, found.layout.patient, strict=True))
    assert len({of_picture[member] for member in members}) == 10 + 4 and all(of_picture[one] for one in members)


def stops_with(plan, pictures: list[str], text: str | bytes, name: str = "labels.csv") -> str:
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(ChestbenchError) as error:
        plan(dict.fromkeys(pictures, b"") | {name: data})
    return str(error.value)


def test_a_list_without_header_shows_the_line_with_its_first_column_as_the_patient(plan) -> None:
    names = [f"{place:04}-abc.png" for place in range(30)]
    text = "\n".join(f"{place // 2} {name} {CLASSES[place // 2 % 2]} rsna" for place, name in enumerate(names))
    error = stops_with(plan, [f"images/{name}" for name in names], text, "labels.txt")
    assert "id:column 2,column:column 3}" in error
    assert "id:column 2,column:column 3,patient:column 1}' (the same, if 'column 1' says the patient: 15)" in error


def test_of_rows_that_only_count_nobody_is_said(plan) -> None:
    names = [f"{place:04}-abc.png" for place in range(30)]
    text = "\n".join(f"{place} {name} {CLASSES[place % 2]}" for place, name in enumerate(names))
    assert "patient" not in stops_with(plan, [f"images/{name}" for name in names], text, "labels.txt")


@pytest.mark.parametrize("name", ["name", "Full name", "Nachname", "姓名", "ФИО", "이름"])
def test_names_of_people_and_their_birthdays_are_no_classes(plan, name: str) -> None:
    pictures = [f"img{place:03}.png" for place in range(40)]
    rows = [["file", "label", name, "dob", "rad_id"]]
    rows += [
        [one, CLASSES[at // 4 % 2], f"Person {chr(65 + at // 4)}", f"19{50 + at // 4}-01-02", f"R{at % 3}"]
        for at, one in enumerate(pictures)
    ]
    error = stops_with(plan, [f"img/{one}" for one in pictures], as_csv(rows))
    assert error.count("dataset.labels=") == 1 and "column:label,patient:" in error and name in error


def test_a_column_of_other_files_is_no_class(plan) -> None:
    pictures = [f"site{site}/{place:03}.png" for site in "AB" for place in range(16)]
    rows = [["name", "path", "label"]]
    rows += [[one.rpartition("/")[2], one, CLASSES[at % 2]] for at, one in enumerate(pictures)]
    error = stops_with(plan, pictures, as_csv(rows))
    assert error.count("dataset.labels=") == 1 and "id:path,column:label}" in error
