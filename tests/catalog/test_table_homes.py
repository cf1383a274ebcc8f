"""Tables of one folder each, whose ids come again in another folder."""

import pytest

from chestbench.catalog.tables.columns.table_homes import homes_of
from chestbench.core.errors import ChestbenchError
from tests.catalog.test_suggestions import follow, line_of, suggest  # noqa: F401

LABELS = {"table": ["*train.csv", "*test.csv"], "id": "id", "column": "label"}


def label(part: str, place: int) -> str:
    """Return another class for the same id in the other part."""
    return ("tb", "normal")[(place + (part == "test")) % 2]


def table(part: str, count: int, form: str) -> str:
    return "\n".join(["id,label", *(f"{form.format(place)},{label(part, place)}" for place in range(count))])


def drawn(tables: tuple[str, str], folders: tuple[str, str], form: str = "{0}.png") -> dict[str, str]:
    """Return 20 pictures of train and 12 of test with the same names, and a table of each."""
    members = {}
    for part, name, folder, count in zip(("train", "test"), tables, folders, (20, 12), strict=True):
        members[name] = table(part, count, form)
        members |= {f"{folder}/{place}.png": f"{part}{place}" for place in range(count)}
    return members


@pytest.mark.parametrize(
    ("tables", "folders"),
    [
        (("train.csv", "test.csv"), ("train", "test")),
        (("a/train_labels.csv", "a/test_labels.csv"), ("a/training/images", "a/test/images")),
        (("train/_classes.csv", "test/_classes.csv"), ("train", "test")),
        (("Bern.csv", "Basel.csv"), ("img/Bern", "img/Basel")),
        (("labels/training.csv", "labels/testing.csv"), ("images/train", "images/test")),
    ],
)
@pytest.mark.parametrize("form", ["{0}.png", "{0}"])
def test_each_table_is_read_for_its_own_folder(suggest, follow, tables, folders, form: str) -> None:  # noqa: F811
    members = drawn(tables, folders, form)
    lines = suggest(members)
    assert len(lines) == 1, lines
    read = follow(line_of(lines))
    classes = read.layout.classes
    for member, code in zip(read.members, read.layout.label.tolist(), strict=True):
        if member.endswith(".png"):
            part = "train" if member.startswith(f"{folders[0]}/") else "test"
            assert classes[code] == label(part, int(member.rpartition("/")[2][:-4]))


def test_one_table_of_a_part_says_nothing_of_the_other(plan) -> None:
    members = drawn(("train.csv", "test.csv"), ("train", "test"))
    del members["test.csv"]
    layout = plan(members, labels={**LABELS, "table": "train.csv"}).layout
    assert layout.said["classes"] == {"normal": 10, "tb": 10}
    assert sum(layout.fault) == 12


def test_a_row_without_a_picture_in_its_own_folder_labels_no_other(plan) -> None:
    members = drawn(("train.csv", "test.csv"), ("train", "test"))
    for place in range(6):
        del members[f"test/{place}.png"]
    read = plan(members, labels=LABELS, given_split="ignore")
    assert read.layout.said["classes"] == {"normal": 13, "tb": 13}
    assert read.notes["label_ids_without_picture"] == 6


def test_the_tables_are_lists_of_the_split_as_well(plan) -> None:
    layout = plan(drawn(("train.csv", "test.csv"), ("train", "test")), labels=LABELS).layout
    assert layout.is_split and [int((layout.given == part).sum()) for part in (0, 1, 2)] == [20, 0, 12]
    assert {one["part"]: one["pictures"] for one in layout.said["split_lists"]["lists"].values()} == {
        "train": 20,
        "test": 12,
    }


def test_ids_of_several_folders_without_such_names_are_refused(plan) -> None:
    members = drawn(("train.csv", "test.csv"), ("x", "y"))
    with pytest.raises(ChestbenchError, match="expected ids that name one picture each"):
        plan(members, labels=LABELS)


@pytest.mark.parametrize("tables", [["train.csv", "train_patients.csv"], ["labels.csv"], ["train.csv", "meta.csv"]])
def test_tables_without_a_folder_each_have_none(tables: list[str]) -> None:
    assert homes_of(tables, ["train/1.png", "test/1.png"]) is None
