"""Labels that are refused, or left out and counted: contradictions, cells of several labels, ids that do not fit."""

from collections import Counter

import pytest

from chestbench.catalog.override import value_line
from chestbench.catalog.plan import Plan
from chestbench.catalog.tables.labels.several_labels import parts_of, separator_of
from chestbench.core.errors import ChestbenchError
from tests.imaging.pictures import picture, png

NAMES = [f"p{place:02d}" for place in range(12)]
PICTURES = {f"images/{name}.png": "" for name in NAMES}
COLUMN = {"table": "*.csv", "id": "image", "column": "class"}


def table(rows: dict[str, str], header: str = "image,class") -> str:
    return "\n".join([header, *(f"{name},{label}" for name, label in rows.items())])


def found(plan: Plan) -> Counter[str]:
    """Return how many members have each class, "" for none."""
    layout = plan.layout
    return Counter(layout.classes[label] if label >= 0 else "" for label in layout.label.tolist())


TRUTH = {name: "ab"[place % 2] for place, name in enumerate(NAMES)}


@pytest.mark.parametrize("form", ["{}", "{}.png", "images/{}.png", "images\\{}.png", "./images/{}", "x/images/{}.png"])
def test_ids_are_names_with_or_without_ending_or_ends_of_paths(plan, form: str) -> None:
    ids = {form.format(name): label for name, label in TRUTH.items()}
    assert found(plan(PICTURES | {"t.csv": table(ids)}, labels=COLUMN)) == {"a": 6, "b": 6}
    assert found(plan({f"set/{name}": "" for name in PICTURES} | {"t.csv": table(ids)}, labels=COLUMN)) == {
        "a": 6,
        "b": 6,
    }


def test_an_id_may_be_spelled_in_another_case(plan) -> None:
    ids = {f"{name.upper()}.PNG": label for name, label in TRUTH.items()}
    assert found(plan(PICTURES | {"t.csv": table(ids)}, labels=COLUMN)) == {"a": 6, "b": 6}


def test_an_id_may_have_the_ending_of_another_copy_of_the_set(plan) -> None:
    ids = {f"{name}.dcm": label for name, label in TRUTH.items()}
    assert found(plan(PICTURES | {"t.csv": table(ids)}, labels=COLUMN)) == {"a": 6, "b": 6}


@pytest.mark.parametrize("form", ["/data/{}.png", "C:\\data\\{}.png", "../{}.png", "images/../../{}.png"])
def test_ids_that_point_outside_the_archive_are_refused(plan, form: str) -> None:
    ids = {form.format(name): label for name, label in TRUTH.items()}
    with pytest.raises(
        ChestbenchError, match=r"dataset.labels.id: .*received 12 in t.csv that point out of it"
    ) as error:
        plan(PICTURES | {"t.csv": table(ids)}, labels=COLUMN)
    assert "p00" not in str(error.value)
    inside = {**COLUMN, "id_pattern": r"(?P<id>[^/\\]+)$"}
    assert value_line("dataset.labels", inside) in str(error.value)
    assert found(plan(PICTURES | {"t.csv": table(ids)}, labels=inside)) == {"a": 6, "b": 6}


def test_ids_that_fit_several_pictures_are_refused(plan) -> None:
    members = {f"{folder}/{name}.png": f"{folder}{name}" for folder in ("x", "y") for name in NAMES}
    with pytest.raises(ChestbenchError, match=r"received 12 in t.csv that fit several different ones, .*'x/a99.aaa'"):
        plan(members | {"t.csv": table(TRUTH)}, labels=COLUMN)
    assert found(plan(members | {"t.csv": table(TRUTH)}, labels=COLUMN, exclude=["y/*"])) == {"a": 6, "b": 6}


def test_a_set_that_stands_twice_has_its_labels_twice(plan) -> None:
    members = {f"{folder}/{name}.png": name for folder in ("x", "y/x") for name in NAMES}
    assert found(plan(members | {"t.csv": table(TRUTH)}, labels=COLUMN)) == {"a": 12, "b": 12}


def test_two_tables_that_contradict_each_other_for_one_picture(plan, caplog) -> None:
    other = {name: label for name, label in TRUTH.items() if name > "p05"} | {"p11": "a"}
    labels = {**COLUMN, "table": ["one.csv", "two.csv"]}
    read = plan(PICTURES | {"one.csv": table(TRUTH), "two.csv": table(other)}, labels=labels)
    assert found(read) == {"a": 6, "b": 5, "": 1}
    assert (
        "two tables say different classes of 1 pictures, such as line 13 of one.csv and line 7 of two.csv"
        in caplog.text
    )
    assert "1 pictures left out: two labels for one picture in one.csv and two.csv" in caplog.text


def test_two_tables_that_contradict_each_other_throughout_are_refused(plan) -> None:
    labels = {**COLUMN, "table": ["one.csv", "two.csv"]}
    swapped = {name: {"a": "b", "b": "a"}[label] for name, label in TRUTH.items()}
    with pytest.raises(
        ChestbenchError, match=r"different classes for 12 of 12 .*line 2 of one.csv and line 2 of two.csv"
    ):
        plan(PICTURES | {"one.csv": table(TRUTH), "two.csv": table(swapped)}, labels=labels)
    with pytest.raises(ChestbenchError, match=r"different classes for 12 of 12"):
        plan(PICTURES | {"one.csv": table(TRUTH), "two.csv": table(swapped)}, labels=labels, classes=["a", "b"])


def test_a_third_table_that_agrees_with_the_first_is_no_second_contradiction(plan, caplog) -> None:
    other = TRUTH | {"p03": "a"}
    labels = {**COLUMN, "table": ["one.csv", "two.csv", "three.csv"]}
    tables = {"one.csv": table(TRUTH), "two.csv": table(other), "three.csv": table(TRUTH)}
    assert found(plan(PICTURES | tables, labels=labels)) == {"a": 6, "b": 5, "": 1}
    assert "such as line 5 of one.csv and line 5 of two.csv" in caplog.text


@pytest.mark.parametrize("words", [("train", "test"), ("Training", "Validation"), ("TRAIN", "VAL")])
def test_classes_are_never_parts_of_a_split(plan, words: tuple[str, str]) -> None:
    rows = {name: words[place % 2] for place, name in enumerate(NAMES)}
    with pytest.raises(ChestbenchError, match=r"which are the parts of a split; .*dataset.labels.split"):
        plan(PICTURES | {"t.csv": table(rows)}, labels=COLUMN)
    members = {f"{words[place % 2]}/{name}.png": "" for place, name in enumerate(NAMES)}
    with pytest.raises(ChestbenchError, match="which are the parts of a split"):
        plan(members, labels=rf"(?P<label>{words[0]}|{words[1]})/")


@pytest.mark.parametrize("form", ["{0}/{1}.png", "set/{0}/study1/{1}.png", "{0}_{1}.png", "all/{0}-{1}.png"])
def test_ids_may_be_patients(plan, caplog, form: str) -> None:
    caplog.set_level("INFO")
    members = {form.format(name, picture): "" for name in NAMES for picture in ("x1", "x2")}
    read = plan(members | {"t.csv": table(TRUTH)}, labels=COLUMN)
    assert found(read) == {"a": 12, "b": 12} and len(set(read.layout.unit.tolist())) == 12
    assert "the ids name no pictures, but folders" in caplog.text


def test_one_pattern_for_several_tables_asks_for_a_list(plan) -> None:
    with pytest.raises(ChestbenchError, match=r"found several: 'one.csv', 'two.csv'; .*a list of patterns"):
        plan(PICTURES | {"one.csv": table(TRUTH), "two.csv": table(TRUTH, "image,klass")}, labels=COLUMN)


@pytest.mark.parametrize(
    ("second", "extra", "message"),
    [
        ("image,other\np00,x", {}, r"received two.csv, whose other columns are 'other'; name one of them, or leave"),
        ("image,who\np00,x", {"patient": "wo"}, r"expected the column 'wo' in one of .*found it in none"),
        ("image,Patient ID\np00,x", {"patient": "patientid"}, r"'patientid' .*did you mean 'Patient ID'\?"),
        ("picture,who\np00,x", {"patient": "who"}, r"expected the columns 'image' in two.csv, found no 'image'"),
    ],
)
def test_further_tables_must_bring_something(plan, second: str, extra: dict, message: str) -> None:
    labels = {**COLUMN, "table": ["one.csv", "two.csv"], **extra}
    with pytest.raises(ChestbenchError, match=message):
        plan(PICTURES | {"one.csv": table(TRUTH), "two.csv": second}, labels=labels)


def test_a_further_table_brings_patients(plan) -> None:
    people = "image,who,sex\n" + "\n".join(f"{name},{place // 4}.0,f" for place, name in enumerate(NAMES[:8]))
    labels = {**COLUMN, "table": ["one.csv", "two.csv"], "patient": "who", "strata": {"sex": "sex"}}
    read = plan(PICTURES | {"one.csv": table(TRUTH), "two.csv": people}, labels=labels)
    assert Counter(Counter(read.layout.patient).values()) == {4: 3} and read.layout.patient[8:] == [""] * 4
    assert read.layout.strata["sex"] == ["f"] * 8 + [""] * 4


def test_two_patients_of_one_picture_are_taken_for_one(plan, caplog) -> None:
    rows = [f"{name},{label},{place // 4}" for place, (name, label) in enumerate(TRUTH.items())] + ["p00,a,1"]
    read = plan(PICTURES | {"t.csv": "\n".join(["image,class,who", *rows])}, labels={**COLUMN, "patient": "who"})
    assert Counter(Counter(read.layout.patient).values()) == {8: 1, 4: 1}
    assert "1 pictures have rows of different patients" in caplog.text


def test_codes_as_spreadsheets_write_them_are_one(plan) -> None:
    codes = {
        name: ("1.0" if label == "a" else "0") if name < "p06" else str(int(label == "a"))
        for name, label in TRUTH.items()
    }
    read = plan(PICTURES | {"t.csv": table(codes)}, labels=COLUMN, class_names={0: "normal", 1: "ill"})
    assert found(read) == {"normal": 6, "ill": 6}


def test_minus_one_may_be_a_class_where_the_mapping_says_so(plan) -> None:
    codes = {name: "1" if label == "a" else "-1" for name, label in TRUTH.items()}
    with pytest.raises(ChestbenchError, match=r"dataset.labels.uncertain: .* 6 rows have it; .*class_names"):
        plan(PICTURES | {"t.csv": table(codes)}, labels=COLUMN)
    read = plan(PICTURES | {"t.csv": table(codes)}, labels=COLUMN, class_names={-1: "normal", 1: "ill"})
    assert found(read) == {"normal": 6, "ill": 6}


def test_truth_in_words_in_one_hot_columns(plan) -> None:
    rows = {name: "TRUE,false" if label == "a" else "no,Yes" for name, label in TRUTH.items()}
    labels = {"table": "*.csv", "id": "image", "one_hot": ["x", "y"]}
    assert found(plan(PICTURES | {"t.csv": table(rows, "image,x,y")}, labels=labels)) == {"x": 6, "y": 6}


def test_one_hot_columns_may_be_one_class(plan) -> None:
    rows = {name: ("1,1,0", "0,0,1", "1,0,0")[place % 3] for place, name in enumerate(NAMES)}
    labels = {"table": "*.csv", "id": "image", "one_hot": ["Edema", "Effusion", "No Finding"]}
    names = {"Edema": "ill", "Effusion": "ill"}
    read = plan(PICTURES | {"t.csv": table(rows, "image,Edema,Effusion,No Finding")}, labels=labels, class_names=names)
    assert found(read) == {"ill": 8, "No Finding": 4}


@pytest.mark.parametrize(
    ("cells", "separator"),
    [
        (["A|B", "A", "C"], "|"),
        (["A;B", "C"], ";"),
        (["Effusion, Edema", "Effusion", "Edema"], ","),
        (["a/b", "a", "b", "c"], "/"),
        (["a, b", "b, c", "c, a", "a, b, c"], ","),
        (["Pneumonia/Viral/COVID-19", "Pneumonia/Viral/SARS", "Pneumonia/Bacterial/E.Coli", "Pneumonia"], ""),
        (["Pneumonia/Viral", "Pneumonia/Bacterial", "Tuberculosis/Active", "Tuberculosis/Old", "No/Unknown"], ""),
        (["pneumonia, viral", "normal"], ""),
        (["No Lung Opacity / Not Normal", "Normal", "Lung Opacity"], ""),
        (["R&D", "normal"], ""),
        (["A|", "B"], ""),
        (["['effusion', 'mass']", "['normal']"], "[,]"),
        (["effusion\nmass", "normal"], "\n"),
        (["COVID and ARDS", "COVID", "ARDS"], " and "),
        (["COVID", "Non-COVID", "COVID_old", "old"], "_"),
        (["COVID", "Non-COVID", "viral_pneumonia", "bacterial_pneumonia", "viral"], ""),
    ],
)
def test_what_joins_labels_and_what_only_stands_in_names(cells: list[str], separator: str) -> None:
    assert separator_of(Counter(cells)) == separator


def test_a_joined_cell_may_be_named_as_one_class(plan) -> None:
    rows = {name: ("A|B", "C")[place % 2] for place, name in enumerate(NAMES)}
    with pytest.raises(ChestbenchError, match=r"6 of 12 that hold several, joined by '\|'"):
        plan(PICTURES | {"t.csv": table(rows)}, labels=COLUMN)
    read = plan(PICTURES | {"t.csv": table(rows)}, labels=COLUMN, class_names={"A|B": "both"})
    assert found(read) == {"both": 6, "C": 6}
    assert parts_of("A | B|A", "|") == ["A", "B"]


def test_lists_in_brackets_are_taken_apart(plan) -> None:
    """As PadChest has them."""
    cells = ("\"['normal']\"", "\"['effusion', 'mass']\"", "\"['effusion']\"", "[]")
    rows = {name: cells[place % 4] for place, name in enumerate(NAMES)}
    read = plan(PICTURES | {"t.csv": table(rows)}, labels=COLUMN, classes=["normal", "effusion"])
    assert found(read) == {"normal": 3, "effusion": 6, "": 3}


def test_a_column_of_texts_is_no_class(plan) -> None:
    members = {f"{place}.png": "" for place in range(150)}
    rows = table({str(place): f"text {place}" for place in range(150)})
    with pytest.raises(ChestbenchError, match=r"received 150 different texts, such as"):
        plan(members | {"t.csv": rows}, labels=COLUMN)


def test_classes_that_differ_in_case_only_are_refused_with_the_line(plan) -> None:
    rows = {name: ("Normal", "COVID", "normal", "covid")[place % 4] for place, name in enumerate(NAMES)}
    with pytest.raises(
        ChestbenchError, match=r"more than case and blanks, found 'COVID', 'covid' .*covid:COVID"
    ) as error:
        plan(PICTURES | {"t.csv": table(rows)}, labels=COLUMN)
    assert "normal:Normal" in str(error.value)
    names = {"covid": "COVID", "normal": "Normal"}
    assert found(plan(PICTURES | {"t.csv": table(rows)}, labels=COLUMN, class_names=names)) == {"COVID": 6, "Normal": 6}


@pytest.mark.parametrize("labels", [COLUMN, r"(?P<label>[ab])\.png$", None])
def test_a_found_name_that_is_nowhere_is_refused_with_a_hint(plan, labels) -> None:
    members = {f"{label}/{name}-{label}.png": "" for name, label in TRUTH.items()}
    ids = {f"{name}-{label}": {"a": "Alpha", "b": "Beta"}[label] for name, label in TRUTH.items()}
    mapping = {"alpha": "one"} if labels is COLUMN else {"A": "one"}
    hint = "Alpha" if labels is COLUMN else "a"
    with pytest.raises(ChestbenchError, match=rf"dataset.class_names: .*found no '.*'; .*did you mean '{hint}'"):
        plan(members | {"t.csv": table(ids)}, labels=labels, class_names=mapping)


def test_folders_get_their_wanted_names(plan) -> None:
    members = {f"{folder}/{place}.png": "" for folder in ("NORMAL", "Viral", "Bacterial", "x") for place in range(3)}
    names = {"NORMAL": "normal", "Viral": "pneumonia", "Bacterial": "pneumonia"}
    read = plan(members, class_names=names)
    assert found(read) == read.layout.said["classes"] == {"normal": 3, "pneumonia": 6, "x": 3}
    assert read.layout.said["class_names"] == names
    read = plan(members, class_names=names, classes=["pneumonia", "normal"], limit_per_class={"pneumonia": 2})
    assert read.layout.classes == ["pneumonia", "normal"] and found(read) == {"normal": 3, "pneumonia": 6, "": 3}


def test_the_catalog_groups_by_the_table_s_patients(build) -> None:
    members = {f"{name}.png": png(picture(place)) for place, name in enumerate(NAMES)}
    rows = [f"{name},{label},{place // 2},M,PA" for place, (name, label) in enumerate(TRUTH.items())]
    members["t.csv"] = "\n".join(["image,class,pid,s,v", *rows]).encode()
    labels = {**COLUMN, "patient": "pid", "strata": {"sex": "s", "view": "v"}}
    catalog, read = build(members, labels=labels)
    assert catalog.split_unit == "patient" and len({row.group for row in read.values()}) == 6
    assert all(len(row.group) == 16 and row.sex == "M" and row.view == "PA" for row in read.values())
    assert catalog.layout["classes"] == {"a": 6, "b": 6}
