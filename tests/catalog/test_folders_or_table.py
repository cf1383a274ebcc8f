"""Folders that name no finding beside a table with the classes: both readings are shown, neither is taken unasked."""

import re
import shlex

import pytest

from chestbench.core.errors import ChestbenchError
from tests.catalog.tables_drawn import as_csv

COUNT = 40
FINDINGS = ("covid", "normal")


def set_of(folders: tuple[str, ...], column: str = "diagnosis", names: tuple[str, ...] = FINDINGS) -> dict[str, bytes]:
    """Return pictures in folders in turn, and a table whose labels do not follow them."""
    rows = [["image", column], *([f"{n}.png", names[n // len(folders) % len(names)]] for n in range(COUNT))]
    return {f"{folders[n % len(folders)]}/{n}.png": b"" for n in range(COUNT)} | {"labels.csv": as_csv(rows)}


@pytest.mark.parametrize("folders", [("Bern", "Wuhan"), ("0", "1", "2"), ("A", "B"), ("alpha", "beta", "gamma")])
@pytest.mark.parametrize("column", ["diagnosis", "Labels", "Befund", "진단"])
def test_both_are_shown_and_each_line_chooses(plan, folders: tuple[str, ...], column: str) -> None:
    members = set_of(folders, column)
    with pytest.raises(ChestbenchError, match="choose how to read it") as error:
        plan(members)
    by_folders, by_table = re.findall(r"choose it with -S ('.*')$", str(error.value), re.MULTILINE)
    assert shlex.split(by_folders)[0].startswith("dataset.classes=[") and column in by_table
    assert plan(members, classes=list(folders)).layout.classes == list(folders)
    chosen = plan(members, labels={"table": "*labels.csv", "id": "image", "column": column})
    assert chosen.layout.said["classes"] == dict.fromkeys(FINDINGS, COUNT // 2) or len(folders) == 3


def test_labels_that_mostly_follow_the_folders_are_shown_as_well(plan) -> None:
    rows = [["image", "diagnosis"], *([f"{n}.png", FINDINGS[(n + (n % 10 == 0)) % 2]] for n in range(COUNT))]
    members = {f"{('Bern', 'Wuhan')[n % 2]}/{n}.png": b"" for n in range(COUNT)} | {"labels.csv": as_csv(rows)}
    with pytest.raises(ChestbenchError, match="choose how to read it"):
        plan(members)


@pytest.mark.parametrize(
    "members",
    [
        set_of(FINDINGS, "diagnosis", ("mild", "severe")),  # the folders name findings
        set_of(("A", "B"), "hospital", ("Bern", "Wuhan")),
        set_of(("A", "B"), "sex", ("M", "F")),
        set_of(("A", "B"), "diagnosis", ("a", "a", "b")) | {"labels.csv": b"image,diagnosis\n0.png,x\n1.png,y\n"},
    ],
)
def test_other_tables_stop_nothing(plan, members: dict[str, bytes]) -> None:
    assert len(plan(members).layout.classes) == 2


def test_a_table_that_agrees_with_the_folders_says_that_they_are_the_classes(plan) -> None:
    rows = [["image", "label", "severity"]]
    rows += [[f"{n}.png", "AB"[n % 2], ("mild", "severe", "none")[n % 3]] for n in range(COUNT)]
    members = {f"{'AB'[n % 2]}/{n}.png": b"" for n in range(COUNT)} | {"labels.csv": as_csv(rows)}
    assert plan(members).layout.classes == ["A", "B"]


def test_who_names_the_folders_is_not_asked(plan) -> None:
    members = set_of(("0", "1"))
    assert set(plan(members, class_names={"0": "normal", "1": "covid"}).layout.classes) == set(FINDINGS)
