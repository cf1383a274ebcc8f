"""Codes whose names the set brings, in a small table, a sheet or a comment, come with these names."""

import pytest

from chestbench.core.errors import ChestbenchError
from tests.catalog.tables_drawn import as_book, as_csv

PICTURES = dict.fromkeys((f"images/p{place}.png" for place in range(20)), b"")
ROWS = [["file", "class"], *([f"p{place}.png", place % 2] for place in range(20))]
LEGEND = [["Code", "Meaning"], [0, "healthy"], [1, "pneumonia"], [2, "unused"]]
FORMS = {
    "a table": {"t.csv": as_csv(ROWS), "class_names.csv": as_csv(LEGEND)},
    "a table without header, names first": {
        "t.csv": as_csv(ROWS),
        "map.csv": as_csv([[name, code] for code, name in LEGEND[1:]]),
    },
    "a comment": {"t.csv": b"# 0 = healthy, 1 = pneumonia\n" + as_csv(ROWS)},
    "a sheet": {"t.xlsx": as_book({"Legend": LEGEND, "Data": ROWS})},
}


@pytest.mark.parametrize("form", FORMS)
def test_codes_come_with_their_names(plan, form: str) -> None:
    with pytest.raises(ChestbenchError) as error:
        plan(PICTURES | FORMS[form])
    named, plain = (line for line in str(error.value).splitlines() if "-S " in line)
    assert (
        "column:class}' -S 'dataset.class_names={0:healthy,1:pneumonia}' (healthy 10, pneumonia 10; names by" in named
    )
    assert "class_names" not in plain


@pytest.mark.parametrize(
    "legend",
    [
        [["Code", "Meaning"], [0, "healthy"]],
        [["a", "b"], [0, "x"], [1, "x"]],
        [["a", "b"], [0, 5], [1, 6]],
        [["a", "b"], *([code, f"case {code}"] for code in range(20))],
        [["a", "b"], [0, "p0.png"], [1, "p1.png"]],
    ],
)
def test_what_names_not_each_code_names_none(plan, legend: list[list[object]]) -> None:
    with pytest.raises(ChestbenchError) as error:
        plan(PICTURES | {"t.csv": as_csv(ROWS), "u.csv": as_csv(legend)})
    assert "class_names" not in str(error.value)
