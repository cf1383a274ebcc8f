"""Folders of a split that a person would ask about: they are said, or the run stops with a line for each reading."""

import re
import shlex

import pytest
import yaml

from chestbench.catalog.folders.splits.split_siblings import read_parts
from chestbench.core.errors import ChestbenchError
from tests.catalog.test_outside_split import part_of_top, tree


def lines_of(error: ChestbenchError) -> list[dict[str, object]]:
    """Return the settings that the lines of an error set."""
    found = [shlex.split(line.partition("-S ")[2])[0] for line in str(error).splitlines() if "choose it with" in line]
    pairs = [line.removeprefix("dataset.").split("=", 1) for line in found]
    return [{key: yaml.safe_load(value.replace(":[", ": [").replace(":{", ": {"))} for key, value in pairs]


@pytest.mark.parametrize(
    ("train", "val", "test"),
    [
        ("训练集", "验证集", "外部测试集"), ("train", "val", "독립평가셋"), ("训练集", "", "外部验证集"),
        ("eğitim", "doğrulama", "sınama"),
        ("koulutus", "", "testi"), ("derivation cohort", "", "validation cohort"), ("development", "", "validation"),
        ("discovery", "", "Validation set"), ("training cohort", "", "validation cohort"),
        ("estimation", "", "validation"),
        ("train", "validation", ""), ("training set", "validation set", ""),
        ("training cohort", "internal validation cohort", ""), ("training cohort", "validation cohort", "test cohort"),
        ("Entwicklungskohorte", "", "Validierungskohorte"), ("训练队列", "", "验证队列"),
        ("学習", "検証", "最終テスト"),
        ("cohorte de derivación", "", "cohorte de validación"), ("train", "val", "test set - locked"),
        ("training cohort", "tuning cohort", ""), ("derivation", "val", ""), ("oefenen", "", "toetsen"),
    ],
)  # fmt: skip
def test_what_says_that_it_is_held_out_is_the_test(plan, train: str, val: str, test: str) -> None:
    wanted = {name: part for name, part in ((train, "train"), (val, "val"), (test, "test")) if name}
    read = plan(tree(*wanted))
    assert part_of_top(read) == wanted


@pytest.mark.parametrize("more", ["train_old", "old train", "train full", "Train (backup)", "train_small"])
def test_a_second_folder_of_one_part_is_said(plan, caplog, more: str) -> None:
    read = plan(tree("train", more, "test"))
    found = part_of_top(read)
    assert found["train"] == "train" and found["test"] == "test"
    assert more in caplog.text and ("all read as train" in caplog.text or "in no part" in caplog.text)
    assert f'"{more}/*"' in caplog.text


@pytest.mark.parametrize(
    "tops", [("train", "test 1", "test 2"), ("training_set", "test"), ("Train images", "Test images")]
)
def test_numbered_parts_are_not_said(plan, caplog, tops: tuple[str, ...]) -> None:
    plan(tree(*tops))
    assert "all read as" not in caplog.text


@pytest.mark.parametrize(
    ("codes", "others"),
    [(("VAL",), ("MAD", "BCN")), (("DEV",), ("LAB",)), (("TE",), ("MU", "KA")), (("VA", "TE"), ("MU",))],
)
def test_codes_that_make_no_split_are_places(plan, codes: tuple[str, ...], others: tuple[str, ...]) -> None:
    read = plan(tree(*codes, *others))
    assert not read.layout.is_split and {*read.layout.source} == {*codes, *others}


def test_codes_that_make_a_split_are_asked(plan) -> None:
    members = tree("TR", "TE", "MU")
    with pytest.raises(ChestbenchError, match="parts of a split or places") as stopped:
        plan(members)
    by_split, by_places = lines_of(stopped.value)
    assert part_of_top(plan(members, **by_split)) == {"TR": "train", "TE": "test"}
    assert not plan(members, **by_places).layout.is_split
    assert part_of_top(plan(tree("TR", "TE"))) == {"TR": "train", "TE": "test"}
    assert read_parts([f"{top}/{label}" for top in ("TRAIN", "VAL", "BERN") for label in "ab"]).codes == {}


@pytest.mark.parametrize("vals", [("validation1", "validation2"), ("val", "validation 2")])
def test_two_validations_without_a_test_are_said_with_the_line(plan, caplog, vals: tuple[str, str]) -> None:
    members = tree("train", *vals)
    assert part_of_top(plan(members)) == {"train": "train", vals[0]: "val", vals[1]: "val"}
    assert "nothing is called test" in caplog.text
    line = next(record.getMessage() for record in caplog.records if "split_lists" in record.getMessage())
    lists = yaml.safe_load(shlex.split(line.partition("-S ")[2])[0].partition("=")[2].replace(":[", ": ["))
    assert part_of_top(plan(members, split_lists=lists)) == {"train": "train", vals[0]: "val", vals[1]: "test"}


def test_a_validation_cohort_can_be_val(plan, caplog) -> None:
    members = tree("derivation cohort", "validation cohort")
    plan(members)
    assert "'validation cohort': read as the test" in caplog.text
    line = next(record.getMessage() for record in caplog.records if "split_lists" in record.getMessage())
    lists = yaml.safe_load(shlex.split(line.partition("-S ")[2])[0].partition("=")[2].replace(":[", ": ["))
    assert part_of_top(plan(members, split_lists=lists)) == {"derivation cohort": "train", "validation cohort": "val"}


def test_codes_below_the_classes_are_places_too(plan) -> None:
    read = plan(
        {f"{label}/{code}/{n}.png": "" for label in ("tb", "normal") for code in ("VAL", "MAD") for n in range(3)}
    )
    assert not read.layout.is_split and {*read.layout.source} == {"VAL", "MAD"}


def test_groups_of_a_trial_are_classes(plan) -> None:
    assert plan({f"{name}/{n}.png": "" for name in ("Testgruppe", "Kontrollgruppe") for n in range(3)}).layout.classes


@pytest.mark.parametrize("name", ["test (do not use)", "control set", "zzyzx", "Wuhan"])
@pytest.mark.parametrize("above", ["", "my set/"])
def test_one_folder_of_all_classes_beside_train_is_asked(plan, name: str, above: str) -> None:
    members = tree(f"{above}train", f"{above}{name}")
    with pytest.raises(ChestbenchError, match="expected a test folder beside 'train'") as stopped:
        plan(members)
    is_test, left_out, anew = lines_of(stopped.value)
    depth = 1 + bool(above)
    assert part_of_top(plan(members, **is_test), depth) == {f"{above}train": "train", f"{above}{name}": "test"}
    read = plan(members, **left_out)
    assert part_of_top(read, depth) == {f"{above}train": "none"} and not read.layout.is_split
    assert len(plan(members, **anew).layout.classes) == 2


def test_the_test_beside_train_and_val_has_a_line(plan) -> None:
    members = tree("train", "val", "Wuhan")
    with pytest.raises(ChestbenchError, match="expected a test folder") as stopped:
        plan(members)
    line = next(line for line in lines_of(stopped.value) if "split_lists" in line)
    read = plan(members, **line)
    assert part_of_top(read) == {"train": "train", "val": "val", "Wuhan": "test"}


def test_pictures_that_split_lists_names_must_be_there(plan) -> None:
    with pytest.raises(
        ChestbenchError, match=re.escape("list or pictures in the archive whose path matches 'nowhere/*'")
    ):
        plan(tree("train", "val", "Wuhan"), split_lists={"train": ["train/*"], "test": ["nowhere/*"]})
