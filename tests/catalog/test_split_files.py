"""Files that hold the lists of all parts: JSON, YAML, tables with a column for each part."""

import json
from collections import Counter

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chestbench.catalog.plan import Plan
from chestbench.catalog.tables.splits.part_columns import lists_in_columns, part_columns
from chestbench.core.errors import ChestbenchError

NAMES = [f"p{place:02d}.png" for place in range(20)]
PICTURES = {f"{'xy'[place % 2]}/{name}": "" for place, name in enumerate(NAMES)}
IN_PARTS = {"train": NAMES[:12], "val": NAMES[12:15], "test": NAMES[15:]}
WANTED = {"train": 12, "val": 3, "test": 5}


def parts(read: Plan) -> Counter[str]:
    pairs = zip(read.members, read.layout.given.tolist(), strict=True)
    return Counter(("none", "train", "val", "test")[part + 1] for member, part in pairs if member.endswith(".png"))


def _by_class(names: list[str]) -> dict[str, list[str]]:
    return {label: [name for name in names if int(name[1:3]) % 2 == at] for at, label in enumerate("xy")}


FORMS = {
    "names": IN_PARTS,
    "other keys": dict(zip(("train_ids", "valid_ids", "test_ids"), IN_PARTS.values(), strict=True)),
    "in upper case": dict(zip(("TRAINING", "Validation Set", "TestSet"), IN_PARTS.values(), strict=True)),
    "of another language": dict(zip(("huấn luyện", "thẩm định", "kiểm tra"), IN_PARTS.values(), strict=True)),
    "stems": {part: [name[:-4] for name in names] for part, names in IN_PARTS.items()},
    "paths": {part: [f"./set/{'xy'[int(n[1:3]) % 2]}/{n}" for n in names] for part, names in IN_PARTS.items()},
    "records": {part: [{"image": name, "label": 1} for name in names] for part, names in IN_PARTS.items()},
    "pairs": {part: [[name, 1] for name in names] for part, names in IN_PARTS.items()},
    "labels by name": {part: dict.fromkeys(names, 0) for part, names in IN_PARTS.items()},
    "by class": {part: _by_class(names) for part, names in IN_PARTS.items()},
    "class first": {label: {part: _by_class(names)[label] for part, names in IN_PARTS.items()} for label in "xy"},
    "below a key": {"seed": 3, "splits": {**IN_PARTS, "note": "x"}},
    "one fold": [IN_PARTS],
    "of more": {**IN_PARTS, "numTraining": 12, "classes": ["x", "y"]},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("ending", ["json", "yaml", "yml"])
def test_names_by_part_are_the_split(plan, form: str, ending: str) -> None:
    write = json.dumps if ending == "json" else yaml.safe_dump
    read = plan(PICTURES | {f"meta/split.{ending}": write(FORMS[form])})
    assert parts(read) == WANTED and read.layout.is_split
    assert all(name.startswith(f"meta/split.{ending} (") for name in read.layout.said["split_lists"]["lists"])
    assert not plan(PICTURES | {"split.json": json.dumps(FORMS[form])}, given_split="ignore").layout.is_split


def _columns(names: dict[str, list[str]]) -> str:
    rows = [[column[at] if at < len(column) else "" for column in names.values()] for at in range(12)]
    return "\n".join([",".join(["", *names]), *(",".join([str(at), *row]) for at, row in enumerate(rows))])


def _flags(names: dict[str, list[str]]) -> str:
    rows = [",".join([name, *(str(name in names[part]) for part in names)]) for name in NAMES]
    return "\n".join([",".join(["", *names]), *rows])


def _flags_among_others(names: dict[str, list[str]]) -> str:
    rows = [",".join(["a", name, *(str(int(name in names[part])) for part in names)]) for name in NAMES]
    return "\n".join([",".join(["site", "file", *(f"is_{part}" for part in names)]), *rows])


@pytest.mark.parametrize("write", [_columns, _flags, _flags_among_others])
@pytest.mark.parametrize("keys", [("train", "val", "test"), ("Training set", "validation", "Testing set")])
def test_a_table_with_a_column_for_each_part(plan, caplog, write, keys) -> None:
    text = write(dict(zip(keys, IN_PARTS.values(), strict=True)))
    read = plan(PICTURES | {"splits_0.csv": text})
    assert parts(read) == WANTED
    assert "labels these pictures" not in caplog.text and "agrees" not in caplog.text


def test_columns_of_other_tables_are_no_lists(plan) -> None:
    assert part_columns(["file", "train", "val"]) == {} and part_columns(["train", "loss"]) == {}
    assert lists_in_columns("log.csv", "train,val\n0,1\n1,0\n") == []
    curve = "epoch,train,val\n1,0.5,0.6\n2,0.4,0.5\n"
    assert not plan(PICTURES | {"curve.csv": curve, "x.csv": "train,val\n0.51,0.62\n0.4,0.5\n"}).layout.is_split


@pytest.mark.parametrize(
    "value",
    [
        {"train": [0.5, 0.4], "val": [0.6, 0.5]},  # a network's losses
        {"train": "images/train", "val": "images/val", "nc": 2},
        {"train": 12, "test": 8},
        {"train": ["resnet", "vit"], "test": ["auc"]},
        {"training": {"lr": 0.1}, "test": {"batch": 3}},
        {"train": NAMES},
        ["train", "test"],
        {"train": [], "test": []},
    ],
)
def test_other_texts_with_these_words_do_not_matter(plan, value) -> None:
    for name, text in (("a.json", json.dumps(value)), ("a.yaml", yaml.safe_dump(value))):
        assert not plan(PICTURES | {name: text}).layout.is_split
    assert not plan(PICTURES | {"a.json": '{"train": [1, "test": ', "b.yaml": "train: [\ntest: }"}).layout.is_split


def test_folds_are_said_and_not_used(plan, caplog) -> None:
    others = {"train": NAMES[8:], "test": NAMES[:8]}
    assert not plan(PICTURES | {"splits_final.json": json.dumps([IN_PARTS, others])}).layout.is_split
    assert "splits_final.json brings 2 splits" in caplog.text
    caplog.clear()
    assert not plan(PICTURES | {"s.json": json.dumps({"fold_0": IN_PARTS, "fold_1": others})}).layout.is_split
    assert "brings 2 splits" in caplog.text
    files = {f"splits_{at}.csv": _columns(each) for at, each in enumerate((IN_PARTS, others))}
    assert not plan(PICTURES | files).layout.is_split
    assert "-S 'dataset.exclude=[\"*splits_1.csv\"]' takes splits_0.csv alone" in caplog.text
    assert parts(plan(PICTURES | files, exclude=["*splits_1.csv"])) == WANTED


def test_numbers_by_part_are_said_and_not_used(plan, caplog) -> None:
    assert not plan(PICTURES | {"idx.json": json.dumps({"train": [0, 1, 2], "test": [3, 4]})}).layout.is_split
    assert "idx.json holds numbers for train and test" in caplog.text


def test_a_file_and_folders_that_contradict_each_other_are_refused(plan) -> None:
    members = {f"{'train' if at < 14 else 'test'}/{'xy'[at % 2]}/{name}": "" for at, name in enumerate(NAMES)}
    with pytest.raises(ChestbenchError, match="contradict each other"):
        plan(members | {"split.json": json.dumps(IN_PARTS)})


def test_names_in_two_lists_of_one_file_are_refused(plan) -> None:
    with pytest.raises(ChestbenchError, match=r"3 in split.json \(train\) and split.json \(test\)"):
        plan(PICTURES | {"split.json": json.dumps({"train": NAMES[:12], "test": NAMES[9:]})})


def test_a_file_of_a_larger_set_is_refused_with_the_way_on(plan) -> None:
    more = {part: [*names, *(f"q{at:03d}.png" for at in range(20))] for part, names in IN_PARTS.items()}
    with pytest.raises(ChestbenchError, match="take the other names out of the lists"):
        plan(PICTURES | {"split.json": json.dumps(more)})


@given(st.permutations(["train", "val", "test"]), st.sampled_from(["", "Unnamed: 0", "#"]), st.booleans())
def test_columns_in_any_order(order: list[str], index: str, has_index: bool) -> None:
    header = [*([index] if has_index else []), *order]
    text = ",".join(header) + "\n" + "\n".join(",".join(f"{name}{at}.png" for name in header) for at in range(3))
    lists = lists_in_columns("splits.csv", text)
    assert {one.key: (one.parts, one.lines) for one in lists} == {
        name: (frozenset({place}), tuple(f"{name}{at}.png" for at in range(3)))
        for place, name in enumerate(("train", "val", "test"))
    }
