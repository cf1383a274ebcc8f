"""Names of files in other spellings beside a number: the name is read where it is exact, else it is told of."""

import random

import pytest

from chestbench.core.errors import ChestbenchError
from tests.catalog.tables_drawn import as_csv

PICTURES = dict.fromkeys((f"images/IMG_{place:04d}.png" for place in range(1, 31)), b"")


def _table(cell: str, names: tuple[str, str, str] = ("key", "scan", "dx"), first: int = 1) -> bytes:
    order = random.Random(1).sample(range(1, 31), 30)
    rows = [[at + first, cell.format(number=number), "ab"[number % 2]] for at, number in enumerate(order)]
    return as_csv([list(names), *rows])


@pytest.mark.parametrize(
    "cell",
    [
        "s3://bucket/raw/IMG_{number:04d}.png",
        "https://host/x/IMG_{number:04d}.png?alt=media",
        "IMG_{number:04d}.dcm.gz",
        "thumb_IMG_{number:04d}.jpg",
        '<a href="IMG_{number:04d}.png">IMG_{number:04d}.png</a>',
        "/data/upload/1/ab12cd34-IMG_{number:04d}.png",
        "=HYPERLINK(IMG_{number:04d}.png)",
    ],
)
def test_a_name_inside_a_text_is_taken_before_a_number_that_fits(plan, cell: str) -> None:
    with pytest.raises(ChestbenchError) as error:
        plan(PICTURES | {"t.csv": _table(cell)})
    (line,) = [line for line in str(error.value).splitlines() if "-S " in line]
    assert "id:scan,id_pattern:" in line
    pattern = line.partition('id_pattern:"')[2].partition('",column')[0]
    labels = {"table": "*t.csv", "id": "scan", "id_pattern": pattern, "column": "dx"}
    layout = plan(PICTURES | {"t.csv": _table(cell)}, labels=labels).layout
    wanted = ["ab"[place % 2] for place in range(1, 31)]
    assert [layout.classes[code] for code in layout.label.tolist()] == wanted


@pytest.mark.parametrize("cell", ["IMG {number:04d}", "CXR-{number:04d}", "scan_{number}_orig.tif"])
@pytest.mark.parametrize("name", ["image", "original_filename"])
def test_a_file_in_another_spelling_is_named_beside_the_number(plan, cell: str, name: str) -> None:
    with pytest.raises(ChestbenchError, match=rf"by the numbers in the column 'key'.*; '{name}' may name them, in a"):
        plan(PICTURES | {"t.csv": _table(cell, ("key", name, "dx"))})


def test_names_of_numbers_alone_need_three_digits(plan) -> None:
    pictures = dict.fromkeys((f"images/{place:02d}.png" for place in range(1, 31)), b"")
    with pytest.raises(ChestbenchError) as error:
        plan(pictures | {"t.csv": _table("room 3, bed {number:02d}, day", ("key", "place", "dx"))})
    assert "id:place" not in str(error.value)


@pytest.mark.parametrize(("name", "is_warned"), [("key", True), ("image", False)])
def test_a_run_by_numbers_says_so(plan, name: str, is_warned: bool, caplog: pytest.LogCaptureFixture) -> None:
    labels = {"table": "*t.csv", "id": name, "column": "dx"}
    with caplog.at_level("INFO"):
        plan(PICTURES | {"t.csv": _table("x {number}", (name, "note", "dx"))}, labels=labels)
    (told,) = [record for record in caplog.records if "all 30 match" in record.message]
    assert (told.levelname == "WARNING") is is_warned
    assert (f"see that the column '{name}' numbers the files" in told.message) is is_warned
