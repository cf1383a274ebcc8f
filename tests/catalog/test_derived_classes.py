"""Classes that are called after others: with the same thing more, by their denial, or with a word of drawing."""

import pytest

from chestbench.catalog.folders.copies.drawn_over import find_drawn_over
from chestbench.catalog.folders.splits.class_outside_train import ClassOutsideTrainError
from chestbench.catalog.layout import read_layout
from chestbench.core.errors import ChestbenchError
from tests.catalog.test_aside_folders import tree


@pytest.mark.parametrize(
    "more", ["{}_Wärmebild", "{}_肺分割", "{}熱図", "Karte {}", "{} (thermal)", "xx-{}", "{}qq", "{} B-mode"]
)
@pytest.mark.parametrize("above", ["", "set/", "train/"])
def test_the_same_thing_more_beside_every_class_is_asked_whatever_it_is(more: str, above: str) -> None:
    names = ["covid", "normal", more.format("covid"), more.format("normal")]
    members = tree(*(f"{above}{name}" for name in names))
    with pytest.raises(ChestbenchError, match="received 3:") as stopped:
        read_layout(members, None, True)
    assert "dataset.classes=[covid,normal]" in str(stopped.value) and "dataset.class_names=" in str(stopped.value)
    assert read_layout(members, ["covid", "normal"], True).classes == ["covid", "normal"]
    assert len(read_layout(members, names, True).classes) == 4


@pytest.mark.parametrize(
    "classes",
    [
        ("covid", "covid severe", "normal"), ("covid", "no covid", "no tb", "tb"), ("mass", "mass 2", "normal"),
        ("pneumonia", "pneumonia bacterial", "pneumonia viral", "normal"), ("effusion", "effusion_and_mass", "mass"),
    ],
)  # fmt: skip
def test_names_that_hold_others_in_other_ways_are_not_asked_for_that(classes: tuple[str, ...]) -> None:
    try:
        found = read_layout(tree(*classes), None, True).classes
    except ChestbenchError as error:
        assert "the same thing more" not in str(error) and "received 3" not in str(error)
    else:
        assert found == sorted(classes)


@pytest.mark.parametrize("denied", ["anormal", "anormale", "anormales", "abnormal", "no normal", "unnormal", "不正常"])
def test_a_denial_is_no_other_spelling(denied: str) -> None:
    plain = {"anormale": "normale", "anormales": "normales", "不正常": "正常"}.get(denied, "normal")
    assert read_layout(tree(denied, plain), None, True).classes == sorted([denied, plain])
    with pytest.raises(ClassOutsideTrainError) as stopped:
        read_layout(tree("train/tb", f"train/{plain}", f"test/{denied}", "test/tb"), None, True)
    assert "another spelling" not in str(stopped.value)


def test_the_name_that_is_spelt_right_is_kept() -> None:
    with pytest.raises(ChestbenchError, match=r"class_names=\{tubercolosis:tuberculosis\}"):
        read_layout(tree("tubercolosis", "tuberculosis", "normal"), None, True)


def numbered(*folders: str) -> list[str]:
    return [f"{folder}/{number}.png" for folder in folders for number in range(9)]


@pytest.mark.parametrize(("classes", "count"), [(["effusion", "normal"], 3), (["effusion"], 2)])
def test_one_class_marked_is_asked_where_pictures_are_counted_anew(classes: list[str], count: int) -> None:
    members = numbered(*classes, "effusion_marked")
    assert not find_drawn_over(members).members
    with pytest.raises(ChestbenchError, match=f"{count} classes: effusion"):
        read_layout(members, None, True)


def test_every_class_marked_is_drawn_over() -> None:
    found = find_drawn_over(numbered("effusion", "normal", "effusion_marked", "normal_marked"))
    assert found.counts == {"effusion_marked": 9, "normal_marked": 9}


IDS = ["Q8_a3", "Z1_k9", "P4_c2", "M7_x1", "B2_d8", "K9_e5"]


def test_one_class_called_after_another_with_its_pictures_names_is_asked() -> None:
    normal = [f"normal/{number}.png" for number in range(6)]
    members = [f"{folder}/{name}.png" for folder in ("covid", "covid_thermal") for name in IDS]
    with pytest.raises(ChestbenchError, match="received 2:") as stopped:
        read_layout(members + normal, None, True)
    assert "dataset.classes=[covid,normal]" in str(stopped.value)
    others = [f"covid_severe/{name}x.png" for name in IDS]
    assert len(read_layout(members[:6] + others + normal, None, True).classes) == 3
