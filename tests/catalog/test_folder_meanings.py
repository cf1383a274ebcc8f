"""What folders of masks, of people, of two sites and of two kinds of pictures are read as."""

import re
import shlex

import pytest

from chestbench.catalog.layout import read_layout
from chestbench.catalog.plan import Plan
from chestbench.core.errors import ChestbenchError
from tests.catalog.test_aside_folders import tree


def files(members: list[str]) -> dict[str, str]:
    return dict.fromkeys(members, "")


@pytest.mark.parametrize(
    "names",
    [("with mask", "without mask"), ("mit Maske", "ohne Maske"), ("mask", "no_mask"), ("con mascara", "sin mascara")],
)
def test_people_with_and_without_a_mask_are_classes(plan, names: tuple[str, ...]) -> None:
    read: Plan = plan(files(tree(*names)))
    assert read.layout.classes == sorted(names)


def test_old_and_fresh_have_a_line() -> None:
    with pytest.raises(ChestbenchError, match=r"dataset\.classes=\[fresh,old\]"):
        read_layout(tree("old", "fresh"), None, True)


@pytest.mark.parametrize("name", ["{}_patient{:02}", "{}-Patient-{}", "patient{1}_{0}", "Subject {1} {0}"])
@pytest.mark.parametrize("above", ["", "data/"])
def test_people_whose_folders_name_the_class_have_a_line(name: str, above: str) -> None:
    folders = [
        above + name.format(label, 2 * at + side) for at in range(6) for side, label in enumerate(("TB", "normal"))
    ]
    members = tree(*folders, count=2)
    with pytest.raises(ChestbenchError) as stopped:
        read_layout(members, None, True)
    (line,) = [line for line in str(stopped.value).splitlines() if "dataset.labels" in line]
    pattern = shlex.split(line.partition("-S ")[2])[0].partition("=")[2].strip('"').replace("\\\\", "\\")
    found = [match["label"] for member in members if (match := re.search(pattern, member))]
    assert sorted(found) == ["TB"] * 12 + ["normal"] * 12


def test_sites_that_name_the_same_classes_otherwise() -> None:
    with pytest.raises(ChestbenchError, match=r"reading B: 2 classes") as stopped:
        read_layout(tree("s1/TB", "s1/Normal", "s2/tuberculosis", "s2/healthy"), None, True)
    assert "class_names={healthy:Normal,tuberculosis:TB}" in str(stopped.value)


@pytest.mark.parametrize("kinds", [("CT", "CXR"), ("ct_scans", "x-ray images"), ("CT Bern", "Radiographs")])
def test_ct_and_xrays_above_the_classes_are_said(kinds: tuple[str, str], caplog: pytest.LogCaptureFixture) -> None:
    read_layout(tree(*(f"{kind}/{label}" for kind in kinds for label in ("tb", "normal"))), None, True)
    assert "CT and X-rays are mixed" in caplog.text and f'"{kinds[1]}/*"' in caplog.text.replace(
        f"[{kinds[1]}", f'["{kinds[1]}'
    )


def test_one_kind_of_pictures_is_not_said(caplog: pytest.LogCaptureFixture) -> None:
    read_layout(
        tree(*(f"{kind}/{label}" for kind in ("CT Bern", "CT Wuhan") for label in ("tb", "normal"))), None, True
    )
    assert "mixed" not in caplog.text
