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
    assert "fit several pictures" in error and "seems to say" not in error and "dataset.labels=" not in error


def test_as_it_says_the_table_is_read(plan) -> None:
    rows = rows_of(dict(zip(HOSPITALS, HOSPITALS, strict=True)))
    error = error_of(plan, [["path", "label"], *([f"{row[0]}/{row[1]}", row[2]] for row in rows[1:])])
    assert "id:path,column:label}' (covid 16, normal 16)" in error


def test_copies_in_two_folders_are_one_picture(plan) -> None:
    rows = [["image", "label"], *([name, ("covid", "normal")[at % 2]] for at, name in enumerate(NAMES))]
    assert "id:image,column:label}" in error_of(plan, rows, is_copied=True)
