"""A class in the first row of each patient only is said where the rest is blank; missing labels are not."""

import logging

import pytest

from chestbench.core.errors import ChestbenchError
from tests.catalog.tables_drawn import as_book, as_csv

PICTURES = dict.fromkeys((f"images/p{place}.png" for place in range(24)), b"")
LABELS = {"id": "image", "column": "dx", "patient": "patient"}


def _rows(is_patient_in_each: bool, blank: str) -> list[list[str]]:
    rows = [["patient", "image", "dx"]]
    for place in range(24):
        is_first = place % 3 == 0
        label = "ab"[place // 3 % 2] if (place % 5 if blank == "some" else is_first) else ""
        rows.append([f"P{place // 3}" if is_patient_in_each or is_first else "", f"p{place}.png", label])
    return rows


@pytest.mark.parametrize("is_patient_in_each", [False, True])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_class_filled_once_a_patient_is_said(
    plan, is_patient_in_each: bool, ending: str, caplog: pytest.LogCaptureFixture
) -> None:
    rows = _rows(is_patient_in_each, "below")
    members = PICTURES | {f"t.{ending}": as_csv(rows) if ending == "csv" else as_book({"S": rows})}
    text = "16 rows are blank in the column 'dx' and follow one that is filled for the same 'patient'"
    with pytest.raises(ChestbenchError, match=text):
        plan(members)
    with caplog.at_level(logging.WARNING):
        layout = plan(members, labels={"table": f"*t.{ending}", **LABELS}).layout
    assert text in caplog.text
    assert text in layout.said["blank_below_filled"][0]


def test_missing_labels_are_no_merged_cells(plan) -> None:
    members = PICTURES | {"t.csv": as_csv(_rows(True, "some"))}
    with pytest.raises(ChestbenchError) as error:
        plan(members)
    assert "filled for the same" not in str(error.value)
    assert "blank_below_filled" not in plan(members, labels={"table": "*t.csv", **LABELS}).layout.said
