"""The lines that a folder without classes leads to: they can be copied, and do what they say."""

import shlex
from collections import Counter
from pathlib import Path

import pytest

from chestbench.catalog.masks import MaskFinder
from chestbench.catalog.override import value_line
from chestbench.catalog.plan import Plan, make_plan
from chestbench.catalog.tables.looks.suggestions import suggest_labels
from chestbench.core.compose import compose_params
from chestbench.core.config import load_config
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import open_archive
from tests.catalog import test_public_layouts as layouts
from tests.conftest import ROOT
from tests.imaging.pictures import make_zip


@pytest.fixture
def suggest(tmp_path: Path):
    """Return a function members -> the lines."""

    def run(members: dict[str, str]) -> list[str]:
        path = make_zip(tmp_path / "set.zip", {name: text.encode() for name, text in members.items()})
        with open_archive(path) as archive:
            return suggest_labels(archive, archive.members)

    return run


@pytest.fixture
def follow(tmp_path: Path):
    """Return a function line -> Plan of the set that `suggest` wrote, with the line's overrides, as `-S` takes them."""

    def run(line: str, *more: str) -> Plan:
        words = shlex.split(line.rpartition(" (")[0] if " (" in line else line)
        overrides = [word for word in words if word != "-S"]
        assert words.count("-S") == len(overrides)
        path = tmp_path / "set.zip"
        compose_params(
            ROOT / "conf", tmp_path / "params.yaml", ["dataset=folder", f"dataset.path={path}", *overrides, *more]
        )
        dataset = load_config(tmp_path / "params.yaml").dataset
        with open_archive(path) as archive:
            return make_plan(archive, dataset, MaskFinder(archive.members, None))

    return run


def line_of(lines: list[str]) -> str:
    """Return the first line without what was seen to come of it."""
    return lines[0][: lines[0].index(" (")] if "'dataset.labels={" in lines[0] else lines[0][: lines[0].rindex(" (")]


def test_nih_leads_to_a_question_with_patients(suggest, follow) -> None:
    lines = suggest(layouts.nih())
    assert "id:Image Index" in lines[0] and "patient:Patient ID" in lines[0]
    assert "cells hold several, joined by |: Effusion 12, No Finding 8" in lines[0]
    read = follow(line_of(lines))
    assert read.layout.classes == ["No Finding", "Effusion"] and len(set(read.layout.patient)) == 12
    assert Counter(read.layout.strata["sex"]) == {"F": 12, "M": 12}


def test_covid_chestxray_leads_to_names(suggest, follow) -> None:
    lines = suggest(layouts.covid_chestxray())
    assert "patient:patientid" in lines[0] and "column:finding" in lines[0]
    read = follow(line_of(lines))
    assert read.layout.classes == ["COVID-19", "No Finding", "Pneumonia", "Streptococcus", "todo"]
    assert len(set(read.layout.patient)) == 20


def test_chexpert_leads_to_columns_of_0_and_1(suggest, follow) -> None:
    lines = [line for line in suggest(layouts.chexpert()) if "one_hot" in line]
    assert len(lines) == 1 and 'table:["*train.csv","*valid.csv"]' in lines[0]
    assert "columns of 0 and 1, two of them as a question: No Finding" in lines[0]
    assert "uncertain:exclude" in lines[0]
    read = follow(line_of(lines))
    assert read.layout.classes == ["No Finding", "Pleural Effusion"] and read.layout.is_split


def test_shenzhen_leads_to_a_pattern(suggest, follow) -> None:
    lines = suggest(layouts.shenzhen())
    assert len(lines) == 1 and "(0 6, 1 6, by the pictures' names)" in lines[0]
    assert follow(line_of(lines)).layout.classes == ["0", "1"]


@pytest.mark.parametrize("form", ["{0}_{1}", "{0}-{1}", "{1}{0}", "{1} ({0})", "{1}-{0}"])
def test_names_that_begin_or_end_in_the_class(suggest, follow, form: str) -> None:
    members = {f"all/{form.format(place, ('covid', 'normal')[place % 2])}.png": "" for place in range(8)}
    lines = suggest(members)
    assert "covid 4, normal 4, by the pictures' names" in lines[0]
    assert follow(line_of(lines)).layout.classes == ["covid", "normal"]


def test_a_semicolon_table_with_split_and_sex(suggest, follow) -> None:
    rows = ["Bild;Befund;Geschlecht;Sex;part;case id;text"]
    for place in range(30):
        finding, part = ("gesund", "krank")[place % 3 > 0], ("train", "test")[place > 19]
        rows.append(f"p{place};{finding};x;{'mf'[place % 2]};{part};{place // 2};t{place}")
    members = {f"x/p{place}.png": "" for place in range(30)} | {
        "daten.txt": "\n".join(rows),
        "note.txt": "see daten.txt",
    }
    lines = suggest(members)
    assert len(lines) == 1
    for part in ("id:Bild", "column:Befund", "patient:case id", "split:part", "strata:{sex:Sex}"):
        assert part in lines[0]
    read = follow(line_of(lines))
    assert read.layout.classes == ["gesund", "krank"] and read.layout.is_split and len(set(read.layout.patient)) == 15


def test_a_flat_folder_with_a_table_leads_to_the_line_in_the_error(plan, suggest, follow) -> None:
    members = {f"p{place}.png": "" for place in range(12)}
    members["labels.csv"] = "\n".join(["file,finding", *(f"p{place},{'ab'[place % 2]}" for place in range(12))])
    with pytest.raises(
        ChestbenchError, match=r"expected a folder per class.*one of these lines may say them:"
    ) as error:
        plan(members)
    _, line = str(error.value).splitlines()
    assert suggest(members) == [line.strip()] and follow(line_of([line])).layout.classes == ["a", "b"]
    del members["labels.csv"]
    with pytest.raises(ChestbenchError) as error:
        plan(members)
    assert "these lines" not in str(error.value)


def test_three_columns_of_which_one_is_1_are_three_classes(suggest, follow) -> None:
    rows = [
        "image,Covid,Normal,Other",
        *(f"p{n},{int(n % 3 == 0)},{int(n % 3 == 1)},{int(n % 3 == 2)}" for n in range(30)),
    ]
    lines = suggest({f"all/p{place}.png": "" for place in range(30)} | {"t.csv": "\n".join(rows)})
    assert len(lines) == 1 and "one a picture: Covid 10, Normal 10, Other 10" in lines[0]
    assert follow(line_of(lines)).layout.classes == ["Covid", "Normal", "Other"]


def test_a_form_for_answers_is_no_table_of_labels(suggest, follow) -> None:
    """Kaggle's sample_submission.csv names the test pictures, each with the same dummy."""
    members = {f"train/{place}.png": "" for place in range(20)} | {f"test/{place}.png": "" for place in range(20, 28)}
    members["train.csv"] = "\n".join(["id,target", *(f"{place},{place % 2}" for place in range(20))])
    members["sample_submission.csv"] = "\n".join(["id,target", *(f"{place},0" for place in range(20, 28))])
    lines = suggest(members)
    assert len(lines) == 1 and "submission" not in lines[0]
    layout = follow(line_of(lines)).layout
    assert (layout.label >= 0).sum() == 20 and not layout.is_split


def test_a_table_of_patients(suggest, follow) -> None:
    rows = ["patient,diagnosis", *(f"case{number:02d},{('covid', 'healthy')[number % 2]}" for number in range(12))]
    members = {f"ct/case{number:02d}/slice{place}.png": "" for number in range(12) for place in range(3)}
    lines = suggest(members | {"list.csv": "\n".join(rows)})
    assert "id:patient,column:diagnosis,patient:patient" in lines[0] and "(covid 6, healthy 6)" in lines[0]
    read = follow(line_of(lines))
    assert read.layout.classes == ["covid", "healthy"] and len(set(read.layout.patient)) == 12


def test_spreadsheets_and_damaged_tables_are_named(suggest) -> None:
    members = {f"p{place}.png": "" for place in range(4)}
    lines = suggest(members | {"labels.xlsx": "PK", "bad.csv": "a\0b"})
    assert lines == [
        "bad.csv cannot be read: dataset.labels.table: expected a text, received bad.csv with null bytes in line 1; "
        "save it as CSV in UTF-8",
        "labels.xlsx may hold the classes (or patients): save it as CSV (UTF-8) beside the pictures",
    ]


def test_nothing_is_suggested_where_nothing_is(suggest) -> None:
    assert suggest({f"{place * 7919:x}.png": "" for place in range(9)} | {"readme.txt": "Pictures.\nOf chests."}) == []
    assert suggest({"labels.csv": "id,class\n1,a\n"}) == []


@pytest.mark.parametrize("labels", [None, r"(?P<label>[ab])\d+\.png$"])
def test_tables_that_nothing_uses_are_pointed_out(plan, follow, tmp_path: Path, caplog, labels) -> None:
    members = {f"{'ab'[place % 2]}/{'ab'[place % 2]}{place}.png": "" for place in range(12)}
    rows = ["image,subject,usage,x", *(f"{'ab'[place % 2]}{place},{place // 3},{('train', 'test')[place > 7]},{place}"
            for place in range(12))]  # fmt: skip
    members |= {"people.csv": "\n".join(rows), "other.csv": "patient id,x\nz1,2\nz2,3\n"}
    read = plan(members, labels=labels)
    (line,) = read.layout.said["unused_tables"]
    assert "people.csv names the pictures and seems to say the patient ('subject') and the split ('usage')" in line
    assert line in caplog.text
    make_zip(tmp_path / "set.zip", {name: text.encode() for name, text in members.items()})
    read = follow(line.partition("unused: ")[2])
    assert len(set(read.layout.patient)) == 4 and read.layout.is_split
    assert "unused_tables" not in read.layout.said
    grouped = plan(members, labels=labels, group_pattern=r"(?P<group>\d+)\.png", given_split="ignore")
    assert "unused_tables" not in grouped.layout.said


VALUES = [
    "No Finding",
    "a'b",
    'say "x"',
    "a,b",
    "[x]",
    "{y}",
    "x=y",
    "1",
    "null",
    "true",
    "é",
    "back\\",
    '\\"',
    " x",
    "a: b",
    "",
]


@pytest.mark.parametrize("text", VALUES)
def test_a_line_means_what_it_says(tmp_path: Path, text: str) -> None:
    """Through a shell's words, DVC's Hydra, params.yaml and back."""
    if not text.strip():
        return
    option, override = shlex.split(value_line("dataset.classes", [text, "other"]))
    assert option == "-S"
    compose_params(ROOT / "conf", tmp_path / "params.yaml", ["dataset=folder", "dataset.path=x", override])
    assert load_config(tmp_path / "params.yaml").dataset.classes == [text, "other"]


KEYS = [
    "No Finding",
    "a(b)",
    "정상",
    "é",
    "a, b",
    "it's",
    'say "x"',
    "[x]",
    "0",
    "12",
    "007",
    "true",
    "a: b",
    "x#y",
    "a\\",
]


@pytest.mark.parametrize("key", KEYS)
def test_a_mapping_means_what_it_says_whatever_its_keys(tmp_path: Path, key: str) -> None:
    _, override = shlex.split(value_line("dataset.class_names", {key: "c d", "other": "é, x"}))
    compose_params(ROOT / "conf", tmp_path / "params.yaml", ["dataset=folder", "dataset.path=x", override])
    assert load_config(tmp_path / "params.yaml").dataset.class_names == {key: "c d", "other": "é, x"}


@pytest.mark.parametrize("text", ["a", "[a]", "{a: b", "{yes: no}", ""])
def test_a_text_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    _, override = shlex.split(value_line("dataset.class_names", text))
    compose_params(ROOT / "conf", tmp_path / "params.yaml", ["dataset=folder", "dataset.path=x", override])
    with pytest.raises(ChestbenchError, match="class_names"):
        load_config(tmp_path / "params.yaml")


def test_signs_in_keys_are_escaped_and_other_letters_are_a_text() -> None:
    assert value_line("dataset.class_names", {"a (b)": "a"}) == "-S 'dataset.class_names={a \\(b\\):a}'"
    assert value_line("dataset.class_names", {"No Finding": "c"}) == "-S 'dataset.class_names={No Finding:c}'"
    assert value_line("dataset.class_names", {"정상": "c"}) == "-S 'dataset.class_names=\"{정상: c}\"'"


def test_a_column_of_findings_that_are_many_leads_to_two_of_them(suggest, follow) -> None:
    names = [f"Pneumonia/Bacterial/Kind {kind}" for kind in "abcdefghijklmnopqrstuvwxyz"]
    findings = ["No Finding"] * 4 + ["Pneumonia/Viral/COVID-19"] * 6 + names
    members = {f"images/case-{number}.png": f"picture {number}" for number in range(len(findings))}
    rows = [f"case-{n}.png,{('X-ray', 'CT')[n % 2]},{finding}" for n, finding in enumerate(findings)]
    members["metadata.csv"] = "\n".join(["filename,modality,finding", *rows])
    lines = suggest(members)
    assert "column:finding" in lines[0] and "and 8 more" in lines[0] and "column:modality" in lines[1]
    read = follow(line_of(lines))
    assert read.layout.classes == ["No Finding", "COVID-19"]
    assert Counter(read.layout.label.tolist()) == {0: 4, 1: 6, -1: 26}


def test_names_that_end_alike_stay_two_classes(suggest, follow) -> None:
    findings = ["Pneumonia/Viral", "Other/Viral", "No/Finding", "Finding", "/", "A/B"]
    members = {f"images/case-{number}.png": "" for number in range(24)}
    rows = [f"case-{number}.png,{findings[number % 6]}" for number in range(24)]
    (line,) = suggest(members | {"t.csv": "\n".join(["filename,finding", *rows])})
    read = follow(line_of([line]))
    assert set(read.layout.classes) == {"Pneumonia Viral", "Other Viral", "No Finding", "Finding", "unnamed", "B"}
    assert set(Counter(read.layout.label.tolist()).values()) == {4}


@pytest.mark.parametrize(
    ("form", "parts"),
    [
        ("C:\\Users\\kim\\set\\all\\{0}", 1),
        ("/home/kim/a/b/c/d/e/f/g/{0}", 1),
        ("..\\all\\{0}", 1),
        ("\\\\server\\share\\all\\{1}\\{0}", 2),
        ("D:/x/{1}/{0}", 2),
    ],
)
def test_paths_of_another_machine_lead_to_their_ends(suggest, follow, form: str, parts: int) -> None:
    """With equal names in two folders, the folder is taken as well."""
    rows = ["path,diagnosis"]
    members = {}
    for place in range(20):
        folder, name = f"part{place // 10}", f"{place % 10 if parts > 1 else place}.png"
        members[f"set/all/{folder}/{name}"] = ""
        rows.append(f"{form.format(name, folder)},{('tb', 'normal')[place % 2]}")
    lines = suggest(members | {"labels.csv": "\n".join(rows)})
    assert len(lines) == 1 and "id:path,id_pattern:" in lines[0]
    layout = follow(line_of(lines)).layout
    assert layout.said["classes"] == {"normal": 10, "tb": 10}


@pytest.mark.parametrize("form", ["./all/{0}", "all\\{0}", "all/{0}", ".\\all\\{0}"])
def test_paths_inside_need_no_pattern(suggest, follow, form: str) -> None:
    rows = ["path,diagnosis", *(f"{form.format(f'{place}.png')},{('tb', 'normal')[place % 2]}" for place in range(20))]
    lines = suggest({f"set/all/{place}.png": "" for place in range(20)} | {"labels.csv": "\n".join(rows)})
    assert len(lines) == 1 and "id_pattern" not in lines[0]
    assert follow(line_of(lines)).layout.said["classes"] == {"normal": 10, "tb": 10}
