"""Tables without a header: the first row is a picture's like all others."""

import pytest

from chestbench.core.errors import ChestbenchError
from tests.catalog.test_suggestions import follow, line_of, suggest  # noqa: F401

COUNT = 20
FORMS = {
    "comma": ("labels.csv", "{0},{1}"),
    "semicolon": ("labels.csv", "{0};{1};x"),
    "class first": ("labels.csv", "{1},{0}"),
    "tab": ("labels.tsv", "{0}\t{1}"),
    "blanks": ("labels.txt", "{0} {1}"),
    "paths": ("labels.txt", "set/all/{0},{1}"),
    "COVIDx": ("split.txt", "{2} {0} {1} source"),
}


def rows(form: str) -> tuple[str, str]:
    name, line = FORMS[form]
    return name, "\n".join(line.format(f"p{n}.png", ("tb", "normal")[n % 2], n // 2) for n in range(COUNT))


@pytest.mark.parametrize("form", FORMS)
def test_a_flat_folder_leads_to_a_line_that_reads_every_row(suggest, follow, form: str) -> None:  # noqa: F811
    name, text = rows(form)
    lines = suggest({f"all/p{n}.png": "" for n in range(COUNT)} | {name: text})
    assert "column:column " in lines[0] and "10" in lines[0]
    layout = follow(line_of(lines)).layout
    assert layout.said["classes"] == {"normal": 10, "tb": 10}


@pytest.mark.parametrize("form", FORMS)
def test_beside_class_folders_every_row_is_compared(plan, form: str) -> None:
    name, text = rows(form)
    members = {f"{('tb', 'normal')[(n % 2) if n else 1]}/p{n}.png": "" for n in range(COUNT)}
    (said,) = plan(members | {name: text}).layout.said["second_labels"]
    assert (
        "agrees with the folders for 19 and differs for 1 of 20 (such as line 1: 'tb' for a picture of 'normal'" in said
    )


def test_faults_name_the_line_of_the_file(plan) -> None:
    text = "p0.png,tb\np1.png,normal\np2.png,tb,x,y\n"
    with pytest.raises(ChestbenchError, match="received 4 in line 3"):
        plan({f"p{n}.png": "" for n in range(3)} | {"t.csv": text}, labels={"table": "t.csv", "id": "column 1",
                                                                           "column": "column 2"})  # fmt: skip


def test_a_header_stays_one(suggest) -> None:  # noqa: F811
    table = "image file,label\n" + "\n".join(f"p{n}.png,{'ab'[n % 2]}" for n in range(COUNT))
    (line,) = suggest({f"p{n}.png": "" for n in range(COUNT)} | {"t.csv": table})
    assert "id:image file,column:label" in line


def test_blanks_part_cells_below_a_header_too(suggest, follow) -> None:  # noqa: F811
    text = "image label\n" + "\n".join(f"p{n}.png {('tb', 'normal')[n % 2]}" for n in range(COUNT))
    lines = suggest({f"all/p{n}.png": "" for n in range(COUNT)} | {"list.txt": text})
    assert "id:image,column:label" in lines[0]
    assert follow(line_of(lines)).layout.said["classes"] == {"normal": 10, "tb": 10}
