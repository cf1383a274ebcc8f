from dataclasses import replace

import pytest

from chestbench.catalog.records import CatalogRow
from chestbench.catalog.tells import MOST_VALUES, Tells

PLAIN = CatalogRow(
    *("0" * 16, "a/1.png", "a", "p1", ""), 512, 512, 1, 8, "png", 100_000, "", "", "", "kept", "", "c", "", ""
)


def _told(rows: list[CatalogRow]) -> dict:
    tells = Tells()
    assert list(tells.watch(rows)) == rows
    return tells.told()


def _rows(column: str, counts: dict[tuple[object, str], int]) -> list[CatalogRow]:
    return [
        replace(PLAIN, label=label, **{column: value}) for (value, label), count in counts.items() for _ in range(count)
    ]


@pytest.mark.parametrize(("column", "values"), [("source", "AB"), ("inverted", ("", "yes")), ("frames", (1, 7))])
def test_what_tells_the_class_is_counted_and_warned_of(column: str, values, caplog) -> None:
    one, other = values
    found = _told(_rows(column, {(one, "a"): 9, (one, "b"): 1, (other, "b"): 10}))
    assert found == {
        column: {
            "values": {str(one): {"a": 9, "b": 1}, str(other): {"a": 0, "b": 10}},
            "accuracy": 0.95,
            "largest_class": 0.55,
        }
    }
    assert "alone tells 95% of the labels (largest class: 55%)" in caplog.text


def test_sources_that_hold_the_same_share_of_each_class_are_counted_without_a_warning(caplog) -> None:
    found = _told(_rows("source", {(source, label): 10 for source in "AB" for label in "ab"}))
    assert found["source"]["accuracy"] == found["source"]["largest_class"] == 0.5 and not caplog.text


def test_what_is_left_out_and_what_is_the_same_everywhere_does_not_count() -> None:
    rows = [*_rows("source", {("A", "a"): 3, ("A", "b"): 3}), replace(PLAIN, source="B", status="excluded")]
    assert _told(rows) == {}


def test_a_folder_for_each_patient_is_not_guessed_from(caplog) -> None:
    found = _told(_rows("source", {(f"p{number}", "ab"[number % 2]): 4 for number in range(MOST_VALUES + 1)}))
    assert found["source"]["accuracy"] is None and found["source"]["values"] == {} and not caplog.text
