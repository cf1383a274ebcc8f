"""Titles and comments above a table's header: left out; what is no title stays."""

import pytest

from chestbench.catalog.tables.reading.title_rows import rows_above_header
from chestbench.core.errors import ChestbenchError
from tests.catalog.tables_drawn import as_csv, as_xlsx
from tests.catalog.test_suggestions import follow, line_of, suggest  # noqa: F401

ROWS = [["file", "label", "age"], *([f"p{n}.png", ("tb", "normal")[n % 2], n + 30] for n in range(20))]
PICTURES = {f"all/p{n}.png": "" for n in range(20)}
ABOVE = {
    "a title": ["Chest X-ray study 2021"],
    "a title with the separator in it": ["Chest X-ray, study of 2021"],
    "cells of a sheet": ["Chest X-ray study 2021,,", "printed 01.02.2021,,", ""],
    "comments": ["# made by a program", "# on two, days"],
    "a legend": ["Legend", "0,normal", "1,tb", ""],
    "a legend as a comment of two cells": ["# 1 = normal, 2 = tuberculosis"],
    "a comment as wide as the table": ["# site, reader, none"],
    "titles above the names of columns": ["Recording,Assessment,Years"],
}


@pytest.mark.parametrize("above", ABOVE.values(), ids=list(ABOVE))
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_lines_above_the_header_are_no_part_of_the_table(suggest, follow, above, delimiter: str) -> None:  # noqa: F811
    text = "\n".join([*above, ""]) + as_csv(ROWS, delimiter).decode()
    lines = suggest(PICTURES | {"labels.csv": text})
    assert "id:file,column:label" in lines[0]
    assert follow(line_of(lines)).layout.said["classes"] == {"normal": 10, "tb": 10}


def test_a_title_in_a_workbook(plan) -> None:
    members = PICTURES | {"labels.xlsx": as_xlsx([["Study of lungs"], ["2021", "Kim"], *ROWS])}
    read = plan(members, labels={"table": "labels.xlsx", "id": "file", "column": "label"})
    assert read.layout.said["classes"] == {"normal": 10, "tb": 10}


def test_faults_name_the_line_of_the_file(plan) -> None:
    text = "Title\n\nfile,label\np0.png,tb\np1.png,normal\np2.png,tb,x,y\n"
    with pytest.raises(ChestbenchError, match="received 4 in line 6"):
        plan({f"p{n}.png": "" for n in range(3)} | {"t.csv": text}, labels={"table": "t.csv", "id": "file",
                                                                           "column": "label"})  # fmt: skip


@pytest.mark.parametrize(
    "first",
    ["file,label,age", ",label,age", "#,label,age", "file,label", "label", "p0.png,tb,3", "file,label,age,"],
    ids=str,
)
def test_the_first_row_of_most_tables_is_their_header(first: str) -> None:
    """A header may have a cell less than its rows, as R writes them, or none for the index, as pandas does."""
    rows = [f"p{n},{('tb', 'normal')[n % 2]},{n % 3}{',' if first.endswith(',') else ''}" for n in range(20)]
    assert rows_above_header("\n".join([first, *rows])) == 0


@pytest.mark.parametrize("text", ["", "\n\n", "a\nb\nc", "one, two words\nthree\nfour, five, six", '"open'])
def test_what_is_no_table_is_left_as_it_is(text: str) -> None:
    assert rows_above_header(text) == 0


@pytest.mark.parametrize("header", ["# file,label", "file,label", "name,remark"])
def test_the_only_header_stays(header: str) -> None:
    rows = "".join(f"p{n}.png,{('tb', 'normal')[n % 2]}\n" for n in range(6))
    assert rows_above_header(f"{header}\n{rows}") == 0
    texts = "".join(f"x{n},text {n}\n" for n in range(6))
    assert rows_above_header(f"{header}\n{texts}") == 0
