"""Tables and lists whose own names are the classes; lists of a split, and of what was left out, are none."""

import pytest

from chestbench.core.errors import ChestbenchError
from tests.catalog.tables_drawn import as_csv

NAMES = [f"p{place}.png" for place in range(20)]
PICTURES = dict.fromkeys((f"images/{name}" for name in NAMES), b"")


def _list(names: list[str], form: str) -> bytes:
    if form == "age":
        return as_csv([["image", "age"], *([name, 30 + at] for at, name in enumerate(names))])
    return ("file\n" * (form == "header") + "\n".join(names) + "\n").encode()


@pytest.mark.parametrize("form", ["names", "header", "age"])
@pytest.mark.parametrize(("one", "other"), [("tb.txt", "normal.txt"), ("TB.metadata.csv", "Normal.metadata.csv")])
def test_names_of_tables_are_classes(plan, form: str, one: str, other: str) -> None:
    members = PICTURES | {one: _list(NAMES[:12], form), other: _list(NAMES[12:], form)}
    column = {"names": "column 1", "header": "file", "age": "image"}[form]
    with pytest.raises(ChestbenchError) as error:
        plan(members)
    (line,) = [line for line in str(error.value).splitlines() if "-S " in line]
    assert f"id:{column},column:table" in line
    assert "by the names of the tables" in line
    labels = {"table": [f"*{one}", f"*{other}"], "id": column, "column": "table"}
    counts = {one.partition(".")[0]: 12, other.partition(".")[0]: 8}
    assert plan(members, labels=labels).layout.said["classes"] == counts


@pytest.mark.parametrize("names", [("train.txt", "test.txt"), ("bad_images.txt", "excluded.txt"), ("a.txt", "b.txt")])
def test_other_lists_are_no_classes(plan, names: tuple[str, str]) -> None:
    shared = 15 if names[0] == "a.txt" else 12
    members = PICTURES | {names[0]: _list(NAMES[:shared], "names"), names[1]: _list(NAMES[12:], "names")}
    with pytest.raises(ChestbenchError) as error:
        plan(members)
    assert "column:table" not in str(error.value)
