import pytest

from chestbench.catalog.layout import drop_excluded, read_layout
from chestbench.core.errors import ChestbenchError


def _where(members: list[str], classes: list[str] | None = None, honour: bool = True) -> list[tuple[str | None, int]]:
    layout = read_layout(members, classes, honour)
    return [
        (layout.classes[a] if a >= 0 else None, b)
        for a, b in zip(layout.label.tolist(), layout.given.tolist(), strict=True)
    ]


@pytest.mark.parametrize(
    "template",
    [
        "{label}/x.png",
        "data/set 1/{label}/x.png",
        "COVID-19_Radiography_Dataset/{label}/images/x.png",
        "{label}/images/x.PNG",
        "images/{label}/x.jpg",
        "root/{label}/patient-01/series/x.jpeg",
        "root/{label}/pngs/patient-01/x.tif",
    ],
)
def test_the_class_is_found_at_any_depth(template: str) -> None:
    members = [template.format(label=label) for label in ("Viral Pneumonia", "정상 'q'")]
    assert _where(members) == [("Viral Pneumonia", -1), ("정상 'q'", -1)]


@pytest.mark.parametrize(
    "template",
    [
        "{split}/{label}/x.png",
        "{label}/{split}/x.png",
        "set/{split}/{label}/PATIENT/x.png",
        "{label}/images/{split}/p/x.png",
    ],
)
@pytest.mark.parametrize(
    "names", [("train", "val", "test"), ("Train", "Valid", "TEST"), ("training", "validation", "testing")]
)
def test_given_splits_above_and_below_the_class(template: str, names: tuple[str, ...]) -> None:
    members = [template.format(split=split, label=label) for label in "ab" for split in names]
    assert _where(members) == [(label, code) for label in "ab" for code in (0, 1, 2)]
    assert {code for _, code in _where(members, honour=False)} == {-1}


def test_one_split_folder_is_no_split_but_does_not_hide_the_class() -> None:
    assert _where(["train/a/1.png", "train/b/1.png"]) == [("a", -1), ("b", -1)]


def test_images_outside_the_given_folders_have_no_split() -> None:
    assert _where(["train/a/1.png", "train/b/1.png", "test/b/1.png", "b/2.png"]) == [
        ("a", 0),
        ("b", 0),
        ("b", 2),
        ("b", -1),
    ]


def test_val_and_test_without_train_are_refused() -> None:
    with pytest.raises(ChestbenchError, match=r"expected a train folder.*given_split=ignore"):
        read_layout(["val/a/1.png", "val/b/1.png", "test/a/2.png"], None, True)


def test_other_files_do_not_decide_what_the_classes_are() -> None:
    members = ["README.md", "set/a/1.png", "set/b/1.png", "set/docs/notes.txt", "set/loose.png"]
    assert _where(members) == [(None, -1), ("a", -1), ("b", -1), (None, -1), (None, -1)]


def test_given_classes_pick_their_folders_nearest_to_the_file() -> None:
    members = ["COVID/Normal/1.png", "COVID/COVID/1.png", "COVID/other/1.png", "x/1.png"]
    assert [label for label, _ in _where(members, ["Normal", "COVID"])] == ["Normal", "COVID", "COVID", None]


def test_the_order_of_given_classes_is_kept() -> None:
    assert read_layout(["a/1.png", "b/1.png"], ["b", "a"], True).classes == ["b", "a"]


def test_a_class_named_like_a_split_is_a_class_when_it_is_given() -> None:
    assert _where(["test/1.png", "control/1.png"], ["test", "control"]) == [("test", -1), ("control", -1)]


def test_an_absent_class_is_refused_with_what_is_there() -> None:
    with pytest.raises(
        ChestbenchError, match=r"none for 'Normall'; the set's folders are 'COVID', 'Normal'; did you mean 'Normal'"
    ):
        read_layout(["Normal/1.png", "COVID/1.png"], ["COVID", "Normall"], True)


@pytest.mark.parametrize("members", [["a/1.png", "a/2.png"], ["set/a/1.png"], ["train/a/1.png", "test/a/2.png"]])
def test_a_single_class_is_refused_by_name(members: list[str]) -> None:
    with pytest.raises(ChestbenchError, match=r"two classes or more; received the single class 'a'"):
        read_layout(members, None, True)


def test_no_folders_at_all_are_refused_with_the_layout_that_is_expected() -> None:
    with pytest.raises(ChestbenchError, match=r"CLASS/picture.png.*2 file\(s\) without folders"):
        read_layout(["1.png", "2.png"], None, True)


def test_exclude_patterns_match_the_whole_path() -> None:
    members = ["set/a/images/1.png", "set/a/masks/1.png", "b/[1].png"]
    assert drop_excluded(members, ["*/masks/*"]) == [members[0], members[2]]
    assert drop_excluded(members, ["*.png"]) == []
    assert drop_excluded(members, ["*/MASKS/*"]) == members
    assert drop_excluded(members, []) == members


def test_pictures_without_an_extension_count_as_well() -> None:
    assert _where(["a/1.png", "b/IMG0001", "b/2.bin"]) == [("a", -1), ("b", -1), ("b", -1)]


def test_a_published_split_with_patient_folders_below_the_classes() -> None:
    """The layout of m2dgithub/CT-COV19: the split, the class, the patient."""
    members = [
        f"CT-COV19-598e9b8/{split}/{label}/{patient}/{number}.jpg"
        for split, patient in (("Train", "P1"), ("Val", "P2"), ("Test", "3"))
        for label in ("COV", "Normal", "OtherPneumonia")
        for number in range(2)
    ]
    expected = [(label, code) for code in range(3) for label in ("COV", "Normal", "OtherPneumonia") for _ in range(2)]
    assert _where(["CT-COV19-598e9b8/README.md", *members])[1:] == expected
    assert _where(members, ["COV", "Normal", "OtherPneumonia"]) == expected
