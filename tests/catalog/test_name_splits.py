"""The split that the pictures' own names give."""

import logging
import re

import pytest

from chestbench.catalog.folders.patients.patient_hints import patient_hint
from chestbench.catalog.layout import Layout, read_layout
from chestbench.core.errors import ChestbenchError

_COUNTS = {"train": 6, "val": 3, "test": 3}


def _members(template: str, counts: dict[str, int] | None = None) -> list[str]:
    return [
        template.format(label=label, part=part, n=n)
        for label in ("covid", "normal")
        for part, count in (counts or _COUNTS).items()
        for n in range(count)
    ]


def _parts(layout: Layout) -> dict[str, int]:
    return {part: layout.given.tolist().count(code) for code, part in enumerate(("train", "val", "test"))}


@pytest.mark.parametrize(
    "template",
    [
        *("{label}/{part}_{n:03}.png", "{label}/{n:03}_{part}.png", "{label}/{part}-{n}.jpg"),
        *("{label}/{part}{n:04}.png", "{label}/IMG {n} ({part}).jpeg", "set/{label}/P1_{part}_{n}.dcm"),
    ],
)
def test_words_of_a_split_in_names_of_files_are_the_split(template: str) -> None:
    layout = read_layout(_members(template), None, honour_split=True)
    assert layout.is_split
    assert _parts(layout) == {"train": 12, "val": 6, "test": 6}
    assert layout.said["split_in_names"]["pictures"] == {"train": 12, "val": 6, "test": 6}
    assert not read_layout(_members(template), None, honour_split=False).is_split


def test_other_words_and_train_with_test_alone() -> None:
    layout = read_layout(_members("{label}/{part}_{n}.png", {"Training": 6, "Testing": 3}), None, honour_split=True)
    assert (layout.is_split, _parts(layout)) == (True, {"train": 12, "val": 0, "test": 6})


def test_train_val_is_train_as_in_folders() -> None:
    members = _members("{label}/{part}_{n}.png", {"train_val": 6, "test": 3})
    assert _parts(read_layout(members, None, honour_split=True)) == {"train": 12, "val": 0, "test": 6}


def test_folders_say_it_before_names() -> None:
    members = [f"{part}/{label}/{word}_{n}.png" for label in ("covid", "normal") for part, word in
               (("train", "test"), ("test", "train")) for n in range(3)]  # fmt: skip
    layout = read_layout(members, None, honour_split=True)
    assert layout.given.tolist() == [0, 0, 0, 2, 2, 2] * 2
    assert "split_in_names" not in layout.said


def test_names_that_hold_one_part_only_are_no_split(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        layout = read_layout(_members("{label}/pcr_test_{n}.png"), None, honour_split=True)
    assert (layout.is_split, caplog.text) == (False, "")


def test_a_few_pictures_without_the_word_are_outside_and_many_make_it_no_split(
    caplog: pytest.LogCaptureFixture,
) -> None:
    members = _members("{label}/{part}_{n}.png", {"train": 60, "test": 30})
    with caplog.at_level(logging.WARNING):
        few = read_layout([*members, "covid/x.png"], None, honour_split=True)
        assert (few.is_split, few.given[-1], caplog.text) == (True, -1, "")
        many = read_layout([*members, *(f"covid/x{n}.png" for n in range(40))], None, honour_split=True)
    assert not many.is_split
    assert "the names of 180 pictures hold a word of a split (test, train), which is not used" in caplog.text


def test_a_class_that_a_part_lacks_makes_it_no_split(caplog: pytest.LogCaptureFixture) -> None:
    members = [m for m in _members("{label}/{part}_{n}.png") if not m.startswith("normal/test")]
    with caplog.at_level(logging.WARNING):
        assert not read_layout(members, None, honour_split=True).is_split
    assert "a class has no picture in test" in caplog.text


def test_a_word_of_a_split_behind_a_number_is_no_second_picture_of_one_patient() -> None:
    assert patient_hint(_members("{label}/{n:03}_{part}.png"), classes=["covid", "normal"]) == {}


def test_short_words_count_where_all_have_one() -> None:
    layout = read_layout(_members("{label}/{part}_{n}.png", {"tr": 6, "va": 3, "ts": 3}), None, honour_split=True)
    assert (layout.is_split, _parts(layout)) == (True, {"train": 12, "val": 6, "test": 6})


@pytest.mark.parametrize(
    "template",
    [
        "{part}_{label}_{n:03}.png",
        "{n:03}_{label}_{part}.png",
        "{label}_{part}_{n:03}.png",
        "{part}_{n:03}_{label}.png",
    ],
)
def test_in_names_of_flat_files_words_of_a_split_are_no_classes(plan, template: str) -> None:
    files = {name: b"" for name in _members(template)}
    with pytest.raises(ChestbenchError) as error:
        plan(files)
    lines = [line for line in str(error.value).splitlines() if "dataset.labels=" in line]
    assert lines
    assert all("covid" in line and "<label>test" not in line for line in lines)
    pattern = re.search(r'dataset.labels="(.*)"\'', lines[0])[1]
    read = plan(files, labels=pattern).layout
    assert (read.classes, read.is_split, _parts(read)) == (
        ["covid", "normal"],
        True,
        {"train": 12, "val": 6, "test": 6},
    )


def test_a_pattern_that_finds_parts_of_a_split_is_refused(plan) -> None:
    files = {name: b"" for name in _members("{part}_{n:03}.png")}
    with pytest.raises(ChestbenchError, match="which are the parts of a split"):
        plan(files, labels=r"(?:^|/)(?P<label>train|val|test)_")


def test_a_list_or_a_column_is_followed_before_names(plan, caplog: pytest.LogCaptureFixture) -> None:
    members = _members("{label}/{part}_{n:03}.png", {"train": 6, "test": 6})
    turned = {name: "test" if n % 3 == 0 else "train" for n, name in enumerate(members)}
    lists = {
        f"{part}_list.txt": "\n".join(name for name, of in turned.items() if of == part) for part in ("train", "test")
    }
    files: dict[str, bytes | str] = {name: b"" for name in members}
    with caplog.at_level(logging.WARNING):
        by_list = plan(files | lists).layout
        rows = "".join(f"{name},{of}\n" for name, of in turned.items())
        settings = {"table": "*t.csv", "id": "id", "split": "part"}
        by_column = plan(files | {"t.csv": "id,part\n" + rows}, labels=settings).layout
    for layout in (by_list, by_column):
        pictures = [given for given in layout.given.tolist() if given >= 0]
        assert (layout.is_split, pictures) == (True, [0 if turned[name] == "train" else 2 for name in sorted(members)])
        assert "split_in_names" not in layout.said
    assert "of another part of the split than a list says, which is followed" in caplog.text
    assert "than the column 'part' says" in caplog.text
