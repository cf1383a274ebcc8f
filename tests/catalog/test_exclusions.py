"""What a set's authors left out is pointed out with the line that leaves it out, and is never a class."""

import re
from collections import Counter

import pytest

from chestbench.catalog.tables.columns.exclusion_words import left_out_cells, says_left_out
from chestbench.catalog.tables.columns.id_column import Column
from chestbench.core.errors import ChestbenchError

NAMES = [f"p{at:02d}.png" for at in range(20)]
IN_FOLDERS = {f"{'xy'[at % 2]}/{name}": "" for at, name in enumerate(NAMES)}
FLAT = {f"images/{name}": "" for name in NAMES}


def table(column: str, yes: str, no: str, label: bool = True) -> str:
    rows = [
        f"{name}{f',{chr(120 + at % 2)}' if label else ''},{yes if at < 4 else no}" for at, name in enumerate(NAMES)
    ]
    return "\n".join([f"file{',label' if label else ''},{column}", *rows])


def left_by(plan, caplog, members: dict[str, str], **settings) -> list[str]:
    """Return the pictures that the line of the warning leaves out."""
    caplog.clear()
    before = plan(members, **settings).members
    (line,) = re.findall(r"-S 'dataset\.exclude=\[(.*?)\]'", caplog.text)
    caplog.clear()
    after = plan(members, exclude=[each.strip('"') for each in line.split(",")], **settings).members
    assert "all the same" not in caplog.text
    return sorted(set(before) - set(after))


@pytest.mark.parametrize(
    ("column", "yes", "no"),
    [
        ("exclude", "yes", "no"),
        ("Excluded", "1", "0"),
        ("is_excluded", "True", "False"),
        ("bad quality", "x", ""),
        ("Excluded (reason)", "blurred", ""),
        ("keep", "0", "1"),
        ("usable", "no", "yes"),
        ("ausgeschlossen", "1", "0"),
        ("excluído", "1", "0"),
        ("제외", "y", "n"),
    ],
)
def test_a_column_of_what_was_left_out(plan, caplog, column: str, yes: str, no: str) -> None:
    with pytest.raises(ChestbenchError) as error:
        plan(FLAT | {"l.csv": table(column, yes, no)})
    lines = [line for line in str(error.value).splitlines() if "dataset.labels={" in line]
    assert len(lines) == 1 and "column:label" in lines[0]
    labels = {"table": "l.csv", "id": "file", "column": "label"}
    wanted = [f"images/{name}" for name in NAMES[:4]]
    assert left_by(plan, caplog, FLAT | {"l.csv": table(column, yes, no)}, labels=labels) == wanted
    beside = left_by(plan, caplog, IN_FOLDERS | {"l.csv": table(column, yes, no, label=False)})
    assert [member[2:] for member in sorted(beside, key=lambda member: member[2:])] == NAMES[:4]


@pytest.mark.parametrize(
    ("name", "head", "line"),
    [
        ("bad_images.txt", "", "{}"),
        ("exclusions.csv", "file,reason\n", "{},duplicate"),
        ("Excluded files v2.csv", "nr;file\n", "1;{}"),
        ("to_remove.lst", "", "x/{}"),
        ("train_excluded.txt", "", "{}"),
        ("ausschluss.txt", "", "{}"),
        ("low_quality.txt", "", "{}"),
    ],
)
def test_a_list_of_what_was_left_out(plan, caplog, name: str, head: str, line: str) -> None:
    text = head + "\n".join(line.format(NAMES[at]) for at in (0, 2, 4))
    assert left_by(plan, caplog, IN_FOLDERS | {f"meta/{name}": text}) == [f"x/{NAMES[at]}" for at in (0, 2, 4)]
    assert not plan(IN_FOLDERS | {name: text}).layout.is_split


def test_many_are_counted_and_shown_by_two(plan, caplog) -> None:
    members = {f"{'xy'[at % 2]}/p{at:03d}.png": "" for at in range(120)}
    plan(members | {"rejected.txt": "\n".join(f"p{at:03d}.png" for at in range(50))})
    assert "rejected.txt lists 50 pictures as left out" in caplog.text
    assert re.search(r"of two it would be -S 'dataset\.exclude=\[\"?x/p000\.png\"?,\"?y/p001\.png\"?\]'", caplog.text)


def test_names_of_patterns_are_quoted(plan, caplog) -> None:
    members = {f"{'xy'[at % 2]}/p[{at}].png": "" for at in range(20)}
    assert left_by(plan, caplog, members | {"bad.txt": "p[3].png"}) == ["y/p[3].png"]


@pytest.mark.parametrize(
    "name", ["labels_outliers_removed", "metadata", "bad_gateway_log", "after_exclusion", "train", "badge_list"]
)
def test_other_files_list_nothing_that_was_left_out(plan, caplog, name: str) -> None:
    assert not says_left_out(name)
    plan(IN_FOLDERS | {f"{name}.txt": "\n".join(NAMES[:4])})
    assert "all the same" not in caplog.text


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("exclude", {"blurred": 2, "dark": 3}),
        ("exclude", {"0": 9}),
        ("excluded_by", {"1": 2, "0": 3}),
        ("quality", {"1": 2, "0": 3}),
        ("dropout", {"1": 2, "0": 3}),
    ],
)
def test_other_columns_say_nothing_that_was_left_out(name: str, cells: dict[str, int]) -> None:
    assert left_out_cells(Column(name, Counter(cells), 0)) == frozenset()
