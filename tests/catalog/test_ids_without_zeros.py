"""Ids that are the numbers of pictures' names without the zeros: matched where all do, else both readings are shown."""

import re
import shlex

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from chestbench.core.errors import ChestbenchError

COUNT = 30
COLUMN = {"table": "*t.csv", "id": "id", "column": "label"}


def table(ids: list) -> str:
    return "\n".join(["id,label", *(f"{each},{'ab'[place % 3 > 0]}" for place, each in enumerate(ids))])


EXPECTED = ["ab"[place % 3 > 0] for place in range(COUNT)]
FORMS = {
    "numbers": ("{:04d}.png", "{}"),
    "numbers of a spreadsheet": ("{:04d}.png", "{}.0"),
    "with an ending": ("{:03d}.png", "{}.png"),
    "another ending": ("{:03d}.png", "{}.dcm"),
    "numbers behind a word": ("IMG_{:05d}.jpg", "{}"),
    "words and numbers": ("im-{:04d}.png", "im-{}"),
    "another case": ("IM{:04d}.PNG", "im{}.png"),
    "in folders": ("x/scan{:03d}.png", "scan{}"),
    "zeros in the table": ("{}.png", "{:04d}"),
    "numbers in brackets": ("image ({:03d}).png", "{}"),
}


@pytest.mark.parametrize("form", FORMS)
def test_all_match_by_number(plan, caplog, form: str) -> None:
    caplog.set_level("INFO")
    name, written = FORMS[form]
    members = {name.format(place): "" for place in range(COUNT)}
    read = plan(members | {"t.csv": table([written.format(place) for place in range(COUNT)])}, labels=COLUMN)
    of = dict(zip(read.members, read.layout.label.tolist(), strict=True))
    assert [read.layout.classes[of[name.format(place)]] for place in range(COUNT)] == EXPECTED
    assert "the ids are the numbers of the pictures' names without zeros: all 30 match" in caplog.text


def test_some_names_without_zeros_do_not_hide_the_others(plan) -> None:
    """Of 0000 to 0119 the last twenty are written alike in table and name, which once was all that was read."""
    members = {f"{place:03d}.png": "" for place in range(120)}
    read = plan(members | {"t.csv": table(list(range(120)))}, labels=COLUMN)
    assert (read.layout.label >= 0).sum() == 120


@pytest.mark.parametrize(
    ("ids", "counts"),
    [
        (list(range(1, 31)), "29 of 30 ids mean a picture, 1 of 30 pictures have none"),
        (list(range(40)), "30 of 40 ids mean a picture, 0 of 30 pictures have none"),
        (list(range(20)), "20 of 20 ids mean a picture, 10 of 30 pictures have none"),
    ],
)
def test_what_does_not_match_all_is_shown_both_ways_with_the_line(plan, ids: list, counts: str) -> None:
    members = {f"{place:04d}.png": "" for place in range(COUNT)} | {"t.csv": table(ids)}
    with pytest.raises(ChestbenchError, match="choose how to read it") as error:
        plan(members, labels=COLUMN)
    assert counts in str(error.value) and f"as they are written: 0 of {len(ids)} ids" in str(error.value)
    (line,) = re.findall(r"choose it with -S ('.*')", str(error.value))
    read = plan(members, labels=parsed(shlex.split(line)[0]))
    assert (read.layout.label >= 0).sum() == len({*ids} & {*range(COUNT)})


def test_both_readings_have_a_line_where_both_find_pictures(plan) -> None:
    members = {f"{place:03d}.png": "" for place in range(90, 120)} | {"t.csv": table(list(range(90, 125)))}
    with pytest.raises(ChestbenchError, match="choose how to read it") as error:
        plan(members, labels=COLUMN)
    by_number, as_written = re.findall(r"choose it with -S ('.*')", str(error.value))
    assert (plan(members, labels=parsed(shlex.split(by_number)[0])).layout.label >= 0).sum() == 30
    assert (plan(members, labels=parsed(shlex.split(as_written)[0])).layout.label >= 0).sum() == 20


def parsed(override: str) -> dict:
    value = OverridesParser.create().parse_override(override).value()
    return {key: getattr(part, "text", part) for key, part in value.items()}


def test_numbers_that_mean_two_pictures_are_none(plan) -> None:
    members = {f"{folder}/{place:03d}.png": "" for folder in "xy" for place in range(COUNT)} | {
        "t.csv": table(list(range(COUNT)))
    }
    with pytest.raises(ChestbenchError, match="expected the same ids in"):
        plan(members, labels=COLUMN)


def test_patients_without_zeros(plan) -> None:
    members = {f"case/{place:03d}/{picture}.png": "" for place in range(COUNT) for picture in ("left", "right")}
    read = plan(members | {"t.csv": table(list(range(COUNT)))}, labels=COLUMN)
    assert (read.layout.label >= 0).sum() == 2 * COUNT and len(set(read.layout.unit.tolist())) == COUNT


def test_patients_without_zeros_are_looked_at_as_they_are_read(plan) -> None:
    members = {f"{'ab'[n % 3 > 0]}/{n:03d}/{picture}.png": "" for n in range(COUNT) for picture in ("left", "right")}
    said = plan(members | {"t.csv": table(list(range(COUNT)))}).layout.said
    assert "agrees with the folders for all 60" in said["tables_that_agree"][0]


def test_a_flat_folder_leads_to_the_line(plan) -> None:
    members = {f"{place:04d}.png": "" for place in range(COUNT)}
    for ids in (range(COUNT), range(1, COUNT + 1)):
        with pytest.raises(ChestbenchError, match=r"-S 'dataset.labels=\{table:\"\*t.csv\",id:id,column:label\}'"):
            plan(members | {"t.csv": table(list(ids))})


def test_beside_class_folders_ids_that_match_in_part_are_said_and_not_compared(plan) -> None:
    members = {f"{'ab'[place % 3 > 0]}/{place:04d}.png": "" for place in range(COUNT)}
    said = plan(members | {"t.csv": table(list(range(COUNT)))}).layout.said
    assert "agrees with the folders for all 30" in said["tables_that_agree"][0]
    said = plan(members | {"t.csv": table(list(range(1, COUNT + 1)))}).layout.said
    assert "may label these pictures too: the numbers of its column 'id'" in said["unused_tables"][0]
    assert "second_labels" not in said
