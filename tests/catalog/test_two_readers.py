"""Tables of pictures without class folders that contradict each other: both readings are shown, a line for each."""

import pytest

from chestbench.core.errors import ChestbenchError
from tests.catalog.tables_drawn import as_csv, as_xlsx
from tests.catalog.test_second_labels import CLASS_OF, FILES, SECOND, table
from tests.catalog.test_suggestions import follow, line_of, suggest  # noqa: F401

FLAT = {f"images/{file}": "" for file in FILES}


def text_of(data: bytes) -> str:
    return data.decode()


@pytest.mark.parametrize(
    ("first", "other"), [("reader1.csv", "reader2.csv"), ("dr_kim.csv", "dr_lee.csv"), ("a/labels.csv", "b/labels.csv")]
)
def test_two_tables(suggest, follow, first: str, other: str) -> None:  # noqa: F811
    members = FLAT | {first: text_of(as_csv(table(CLASS_OF))), other: text_of(as_csv(table(SECOND)))}
    said, *lines = suggest(members)
    assert "contradict each other on 9 of the 60 pictures that both name" in said
    assert "such as line 2 ('TB') and line 2 ('normal')" in said
    assert len(lines) == 2 and "(normal 36, TB 24)" in lines[0] and "(normal 35, TB 25)" in lines[1]
    for line, labels in zip(lines, (CLASS_OF, SECOND), strict=True):
        layout = follow(line).layout
        assert (layout.label == layout.classes.index("TB")).sum() == labels.count("TB")


def test_two_tables_of_other_columns_and_kinds(plan) -> None:
    rows = [["Bild", "Diagnose"], *([file, label] for file, label in zip(FILES, SECOND, strict=True))]
    members = {**{name: b"" for name in FLAT}, "a.csv": as_csv(table(CLASS_OF)), "b.xlsx": as_xlsx(rows)}
    with pytest.raises(ChestbenchError, match=r"column 'finding' of a.csv and column 'Diagnose' of b.xlsx contradict"):
        plan(members)
    labels = {"table": "*b.xlsx", "id": "Bild", "column": "Diagnose"}
    assert plan(members, labels=labels).layout.said["classes"] == {"TB": 25, "normal": 35}


def test_two_columns_of_one_table(suggest) -> None:  # noqa: F811
    rows = [["file", "reader 1", "reader 2"], *(list(row) for row in zip(FILES, CLASS_OF, SECOND, strict=True))]
    said, *lines = suggest(FLAT | {"t.csv": text_of(as_csv(rows))})
    assert "column 'reader 1' of t.csv and column 'reader 2' of t.csv contradict each other on 9 of the 60" in said
    assert len(lines) == 2


def test_tables_that_agree_are_read_together(suggest, follow) -> None:  # noqa: F811
    members = FLAT | {name: text_of(as_csv(table(CLASS_OF))) for name in ("one.csv", "two.csv")}
    (line,) = suggest(members)
    assert 'table:["*one.csv","*two.csv"]' in line and follow(line_of([line])).layout.classes == ["TB", "normal"]


def test_codes_of_two_findings_do_not_contradict_each_other(suggest) -> None:  # noqa: F811
    rows = [["file", "covid", "nodule"], *([file, n % 2, (n % 3 == 0 and 1) or 0] for n, file in enumerate(FILES))]
    assert not any("contradict" in line for line in suggest(FLAT | {"t.csv": text_of(as_csv(rows))}))


def test_both_at_once_are_refused_with_a_line_for_each(plan) -> None:
    other = [{"TB": "normal", "normal": "TB"}[label] for label in CLASS_OF]
    tables = {"reader1.csv": as_csv(table(CLASS_OF)), "reader2.csv": as_csv(table(other))}
    members = {name: b"" for name in FLAT} | tables
    both = ["*reader1.csv", "*reader2.csv"]
    with pytest.raises(ChestbenchError, match="expected tables that agree") as error:
        plan(members, labels={"table": both, "id": "file", "column": "finding"})
    for pattern in both:
        assert f"-S 'dataset.labels={{table:\"{pattern}\",id:file,column:finding}}'" in str(error.value)
