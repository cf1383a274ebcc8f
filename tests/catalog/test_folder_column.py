"""A table whose ids fit a picture in each of several folders: no line is offered that fails; what to do is said."""

import pytest

from chestbench.core.errors import ChestbenchError
from tests.catalog.tables_drawn import as_csv

NAMES = [f"{place:03}.png" for place in range(16)]
HOSPITALS = ("Hospital_A", "Hospital_B")


def error_of(plan, rows: list[list[str]], is_copied: bool = False) -> str:
    pictures = {f"{hospital}/{name}": b"same" if is_copied else f"{hospital} {name}".encode()
                for hospital in HOSPITALS for name in NAMES}  # fmt: skip
    with pytest.raises(ChestbenchError) as error:
        plan(pictures | {"labels.csv": as_csv(rows)})
    return str(error.value)


def rows_of(folder: dict[str, str]) -> list[list[str]]:
    rows = [["hospital", "image", "label"]]
    return rows + [
        [folder[hospital], name, ("covid", "normal")[(at + (hospital == "Hospital_B")) % 2]]
        for hospital in HOSPITALS
        for at, name in enumerate(NAMES)
    ]


@pytest.mark.parametrize("cells", [("A", "B"), HOSPITALS, ("hospital a", "hospital b")])
def test_a_column_that_says_the_folder_is_named(plan, cells: tuple[str, str]) -> None:
    error = error_of(plan, rows_of(dict(zip(HOSPITALS, cells, strict=True))))
    assert "16 of 16 names in its column 'image' fit several pictures" in error
    assert "'Hospital_A' and 'Hospital_B': its column 'hospital' seems to say the folder" in error
    assert "dataset.labels=" not in error


def test_without_such_a_column(plan) -> None:
    error = error_of(
        plan, [["image", "label"], *([name, ("covid", "normal")[at % 2]] for at, name in enumerate(NAMES))]
    )
    assert "fit several pictures" in error and "seems to say" not in error
    line = """-S 'dataset.labels={table:"*labels.csv",id:image,column:label}'"""
    assert f"{line} -S 'dataset.exclude=[\"Hospital_B/*\"]' (Hospital_A alone, 16)" in error
    assert f"{line} -S 'dataset.exclude=[\"Hospital_A/*\"]' (Hospital_B alone, 16)" in error


def test_as_it_says_the_table_is_read(plan) -> None:
    rows = rows_of(dict(zip(HOSPITALS, HOSPITALS, strict=True)))
    error = error_of(plan, [["path", "label"], *([f"{row[0]}/{row[1]}", row[2]] for row in rows[1:])])
    assert "id:path,column:label}' (covid 16, normal 16)" in error


def test_copies_in_two_folders_are_one_picture(plan) -> None:
    rows = [["image", "label"], *([name, ("covid", "normal")[at % 2]] for at, name in enumerate(NAMES))]
    assert "id:image,column:label}" in error_of(plan, rows, is_copied=True)


def test_the_folder_called_after_pictures_comes_first_and_its_line_reads_the_set(plan) -> None:
    pictures = {f"{folder}/{name}": f"{folder} {name}".encode() for folder in ("Atlas", "images") for name in NAMES}
    rows = [["image", "label"], *([name, ("covid", "normal")[at % 2]] for at, name in enumerate(NAMES))]
    members = pictures | {"labels.csv": as_csv(rows)}
    with pytest.raises(ChestbenchError) as error:
        plan(members)
    assert str(error.value).index("(images alone, 16)") < str(error.value).index("(Atlas alone, 16)")
    labels = {"table": "*labels.csv", "id": "image", "column": "label"}
    assert plan(members, labels=labels, exclude=["Atlas/*"]).layout.said["classes"] == {"covid": 8, "normal": 8}


def test_masks_of_the_same_names_are_in_nobodys_way(plan) -> None:
    pictures = {f"{folder}/{name}": f"{folder} {name}".encode() for folder in ("images", "masks") for name in NAMES}
    rows = [["image", "label"], *([name, ("covid", "normal")[at % 2]] for at, name in enumerate(NAMES))]
    with pytest.raises(ChestbenchError) as error:
        plan(pictures | {"labels.csv": as_csv(rows)})
    assert "id:image,column:label}' (covid 8, normal 8)" in str(error.value) and "fit several" not in str(error.value)
