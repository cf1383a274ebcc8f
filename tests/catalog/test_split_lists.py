"""Lists of names that are the split: whatever they are called, and those that cannot be one."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chestbench.catalog.plan import Plan
from chestbench.catalog.tables.words.part_words import TEST, TRAIN, VAL, part_of_cell, parts_in_name
from chestbench.core.errors import ChestbenchError

NAMES = [f"p{place:02d}.png" for place in range(20)]
PICTURES = {f"{'ab'[place % 2]}/{name}": "" for place, name in enumerate(NAMES)}


def parts(plan: Plan) -> Counter[str]:
    """Return how many pictures are in each part."""
    layout = plan.layout
    pairs = zip(plan.members, layout.given.tolist(), strict=True)
    return Counter(("none", "train", "val", "test")[part + 1] for member, part in pairs if member.endswith(".png"))


def lists(train: str = "train.txt", test: str = "test.txt", first: int = 14) -> dict[str, str]:
    return PICTURES | {train: "\n".join(NAMES[:first]), test: "\n".join(NAMES[first:])}


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("train.txt", "test.txt"),
        ("lists/train_val_list.txt", "lists/test_list.txt"),
        ("Training set.txt", "Testing set.txt"),
        ("TRAIN.csv", "TEST.csv"),
        ("trn.lst", "tst.lst"),
        ("mytrain.txt", "mytest.txt"),
        ("trainSet.txt", "testSet.txt"),
        ("train/files.txt", "test/files.txt"),
        ("2020-01-train-v2.txt", "2020-01-test-v2.txt"),
    ],
)
def test_lists_are_found_by_their_names(plan, train: str, test: str) -> None:
    read = plan(lists(train, test))
    assert parts(read) == {"train": 14, "test": 6} and read.layout.is_split
    assert set(read.layout.said["split_lists"]["lists"]) == {train, test}
    assert not plan(lists(train, test), given_split="ignore").layout.is_split


@pytest.mark.parametrize(
    "form",
    ["{0}", "{1}", "a/{0} 1", "./{2}/{0}", '"{0}","x, y"', "{1};1;0", "{0}\t0 1 0", "set/{2}/{0}", "{2}\\{0}"],
)
def test_lines_may_hold_paths_stems_and_more(plan, form: str) -> None:
    lines = [form.format(name, name[:-4], "ab"[place % 2]) for place, name in enumerate(NAMES)]
    lines = [line.replace("a/", f"{'ab'[place % 2]}/", 1) if line.startswith("a/") else line
             for place, line in enumerate(lines)]  # fmt: skip
    members = PICTURES | {"train.txt": "name\n" + "\n".join(lines[:14]), "val.txt": "\n".join(lines[14:]) + "\n\n"}
    assert parts(plan(members)) == {"train": 14, "val": 6}


def test_pictures_in_no_list_are_outside_and_counted(plan) -> None:
    members = lists() | {"test.txt": "\n".join(NAMES[14:17])}
    read = plan(members)
    assert parts(read) == {"train": 14, "test": 3, "none": 3}
    assert read.layout.said["split_lists"]["pictures_in_no_list"] == 3


def test_train_val_gives_way_to_a_list_of_val(plan) -> None:
    members = PICTURES | {"train_val.txt": "\n".join(NAMES[:14]), "val.txt": "\n".join(NAMES[10:14])}
    members["test.txt"] = "\n".join(NAMES[14:])
    assert parts(plan(members)) == {"train": 10, "val": 4, "test": 6}


def test_texts_that_are_no_lists_do_not_matter(plan) -> None:
    members = PICTURES | {
        "train_notes.txt": "How the network was trained.\nOn 4 GPUs, for 20 epochs.\n",
        "test_results.csv": "epoch,loss\n1,0.5\n2,0.4\n",
        "train.txt": "",
        "latest.txt": "\n".join(NAMES),
        "train_test_split.csv": "\n".join(NAMES),
        "train/labels/p01.txt": "0 0.5 0.5 0.1 0.1",
    }
    read = plan(members)
    assert not read.layout.is_split and "split_lists" not in read.layout.said


def test_a_list_that_is_no_text_is_said_and_refused_where_it_is_stated(plan, caplog) -> None:
    members = lists() | {"val.txt": "a\0b"}
    assert parts(plan(members)) == {"train": 14, "test": 6}
    assert "val.txt is called like a list of a split and cannot be read" in caplog.text
    with pytest.raises(
        ChestbenchError, match=r"dataset.split_lists: expected a text, received val.txt with null bytes"
    ):
        plan(members, split_lists={"train": "train.txt", "val": "val.txt"})


def test_a_line_of_any_length_is_read(plan) -> None:
    members = lists() | {"val.txt": '"' + "x, " * 100_000}
    assert parts(plan(members)) == {"train": 14, "test": 6}


def test_a_single_list_is_no_split_and_said(plan, caplog) -> None:
    assert not plan(PICTURES | {"train.txt": "\n".join(NAMES[:4])}).layout.is_split
    assert "only train, which is no split" in caplog.text


def test_names_without_a_picture_and_named_twice_are_counted(plan, caplog) -> None:
    members = lists() | {"test.txt": "\n".join([*NAMES[14:], NAMES[14], "p77.png"])}
    read = plan(members)
    said = read.layout.said["split_lists"]["lists"]["test.txt"]
    assert said == {"part": "test", "pictures": 6, "names_without_a_picture": 1, "named_twice": 1}
    assert "1 names have no picture (20 have), such as 'a99.aaa' in test.txt" in caplog.text
    assert "1 names stand twice" in caplog.text


@pytest.mark.parametrize("form", ["{0}/{1}/{2}.png", "{0}/{1}_{2}.png", "{1}/{0}/x{2}.png", "{0}/{1}-{2}.png"])
def test_a_list_may_name_patients(plan, form: str) -> None:
    patients = [f"patient{number:03d}" for number in range(10)]
    members = {
        form.format("ab"[number % 2], name, picture): "" for number, name in enumerate(patients) for picture in range(3)
    }
    members |= {"train_patients.txt": "\n".join(patients[:7]), "test_patients.csv": "id\n" + "\n".join(patients[7:])}
    read = plan(members, classes=["a", "b"])
    assert parts(read) == {"train": 21, "test": 9}
    assert read.layout.said["split_lists"]["lists"]["test_patients.csv"]["names_without_a_picture"] == 0


def test_a_list_of_classes_is_no_list_of_patients(plan) -> None:
    members = PICTURES | {"train_classes.txt": "a\nb\nc\n", "test_classes.txt": "a\nb\nd\n"}
    assert not plan(members).layout.is_split


def test_two_folders_that_stand_for_one_set_share_the_part(plan) -> None:
    members = {f"set/{name}": data for name, data in PICTURES.items()} | lists()
    members = {**members, **{f"set/set/{name}": "" for name in PICTURES}}
    members = {name: data for name, data in members.items() if name not in PICTURES}
    assert parts(plan(members, classes=["a", "b"])) == {"train": 28, "test": 12}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"test.txt": "\n".join(NAMES[10:])}, r"received 4 in two: 4 in .*test.txt.*looks like 'a99.aaa'.*ignore"),
        (
            {"train.txt": "\n".join(f"q{place}.png" for place in range(9))},
            r"train.txt, found no picture by any of its 9",
        ),
        (
            {"train.txt": "\n".join([NAMES[0], *(f"q{place}.png" for place in range(30))])},
            r"30 names without a picture and 7 with one.*-S 'dataset.split_lists=\{train:\[\"\*train.txt\"\],test:",
        ),
        (
            {"train.txt": "\n".join(f"/data/set/{name}" for name in NAMES[:14])},
            r"received 14 in train.txt that point out",
        ),
        ({"train.txt": "\n".join(f"../{name}" for name in NAMES[:14])}, r"point out of it.*of 14"),
        ({"train.txt": "", "val.txt": "\n".join(NAMES[:14])}, r"expected train beside val and test in lists"),
    ],
)
def test_lists_that_cannot_be_the_split_are_refused(plan, change: dict, message: str) -> None:
    with pytest.raises(ChestbenchError, match=message):
        plan(lists() | change)


def test_a_part_of_the_set_takes_its_lists_when_told(plan) -> None:
    members = lists() | {"train.txt": "\n".join([*NAMES[:3], *(f"q{place}.png" for place in range(30))])}
    stated = {"train": "*train.txt", "test": ["*test.txt"]}
    assert parts(plan(members, split_lists=stated)) == {"train": 3, "test": 6, "none": 11}


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ({"train": ["*train.txt"]}, "expected lists for train and for val or test"),
        (
            {"train": ["*trian.txt"], "test": ["*test.txt"]},
            r"matches '\*trian.txt', found none; its texts.*'train.txt'",
        ),
        ({"train": ["*.txt"], "test": ["*test.txt"]}, r"expected each list in one part, received 'test.txt' in two"),
        ({"train": ["notes.md.txt"], "test": ["*test.txt"]}, r"expected names of pictures in notes.md.txt, found no"),
    ],
)
def test_stated_lists_that_do_not_fit_are_refused(plan, stated: dict, message: str) -> None:
    with pytest.raises(ChestbenchError, match=message):
        plan(lists() | {"notes.md.txt": "nothing here"}, split_lists=stated)


def test_folders_that_say_another_split_are_refused_with_both(plan) -> None:
    members = {f"{'train' if place < 12 else 'test'}/{'ab'[place % 2]}/{name}": "" for place, name in enumerate(NAMES)}
    same = {"train.txt": "\n".join(NAMES[:12]), "test.txt": "\n".join(NAMES[12:])}
    assert parts(plan(members | same)) == {"train": 12, "test": 8}
    other = {"train.txt": "\n".join(NAMES[:14]), "test.txt": "\n".join(NAMES[14:])}
    with pytest.raises(ChestbenchError, match=r"2 pictures are in test by folders or a column and in train by lists"):
        plan(members | other)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (["train"] * 14 + ["test"] * 6, ""),
        (["Training"] * 14 + ["TEST SET"] * 6, ""),
        (["train"] * 10 + [""] * 4 + ["validate"] * 6, ""),
        (["train"] * 14 + ["fold 3"] * 6, r"dataset.labels.split: expected words .*received 'fold 3' 6"),
        (["val"] * 14 + ["test"] * 6, r"expected train beside val and test in the column 'part'"),
    ],
)
def test_the_split_in_a_column(plan, column: list[str], message: str) -> None:
    rows = ["name,class,part", *(f"{name},{'ab'[place % 2]},{column[place]}" for place, name in enumerate(NAMES))]
    labels = {"table": "*.csv", "id": "name", "column": "class", "split": "part"}
    members = {f"images/{name}": "" for name in NAMES} | {"all.csv": "\n".join(rows)}
    if message:
        with pytest.raises(ChestbenchError, match=message):
            plan(members, labels=labels)
    else:
        read = plan(members, labels=labels)
        assert sum(parts(read).values()) == 20 and parts(read)["train"] == column.count(column[0])
        assert parts(read)["none"] == column.count("")


def test_a_picture_in_two_parts_of_the_column_is_refused(plan) -> None:
    rows = ["name,class,part", *(f"{name},{'ab'[place % 2]},train" for place, name in enumerate(NAMES))]
    rows += [f"{NAMES[0]},a,test", f"{NAMES[1]},b,test"]
    labels = {"table": "*.csv", "id": "name", "column": "class", "split": "part"}
    with pytest.raises(ChestbenchError, match=r"each picture in one part, received 2 whose rows in the column 'part'"):
        plan({f"images/{name}": "" for name in NAMES} | {"all.csv": "\n".join(rows)}, labels=labels)


WORDS = {TRAIN: ["train", "training", "trn"], VAL: ["val", "valid", "validation", "dev"], TEST: ["test", "testing"]}


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([(part, word) for part, words in WORDS.items() for word in words]),
    st.sampled_from([str.lower, str.upper, str.title]),
    st.sampled_from(["{}", "{}_set", "{}-list", "my_{}", "{} 01", "01.{}", "{}_data_v2", "the {} images", "fold2_{}"]),
)
def test_words_of_parts_in_any_spelling(word: tuple[int, str], case, frame: str) -> None:
    part, text = word
    assert parts_in_name(frame.format(case(text)))[0] == {part}
    assert part_of_cell(case(text)) == part


@pytest.mark.parametrize(
    "name", ["latest", "contest", "strain", "values", "heart valve", "restrain", "tested", "normal"]
)
def test_words_that_only_look_alike_are_no_parts(name: str) -> None:
    assert parts_in_name(name)[0] == set() and part_of_cell(name) is None


@pytest.mark.parametrize("name", ["{}_idx.txt", "{}_indices.csv", "{}-rows.txt"])
def test_numbers_of_rows_are_no_names(plan, name: str, caplog: pytest.LogCaptureFixture) -> None:
    members = {f"{'ab'[place % 2]}/{place}.png": b"" for place in range(20)}
    files = {name.format(part): "\n".join(map(str, rows)) for part, rows in
             {"train": range(14), "test": range(14, 20)}.items()}  # fmt: skip
    read = plan(members | files)
    assert not read.layout.is_split
    assert "they may count the pictures in any order and are not used" in caplog.text
    stated = {part: [f"*{name.format(part)}"] for part in ("train", "test")}
    assert parts(plan(members | files, split_lists=stated)) == {"train": 14, "test": 6}


def test_the_table_of_all_labels_is_no_list_of_train(plan, caplog: pytest.LogCaptureFixture) -> None:
    rows = "\n".join(f"{place}.png,{'ab'[place % 2]}" for place in range(20))
    members = {f"{place}.png": b"" for place in range(20)} | {"train.csv": f"file,label\n{rows}\n"}
    read = plan(members, labels={"table": "*train.csv", "id": "file", "column": "label"})
    assert not read.layout.is_split
    assert "only train" not in caplog.text
