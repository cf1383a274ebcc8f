"""The options that the report gives compose the very parameters again, and tell no place, person or secret."""

import shlex
import shutil
from pathlib import Path

import pytest
import yaml

from chestbench.core.unique_yaml import load_yaml
from chestbench.reports.study.reproduced import reproduced
from chestbench.repository.parameters import compose
from tests.conftest import ROOT

CASES = [
    [],
    ["model=resnet50"],
    ["train=finetune", "train.epochs=7", "train.seeds=[1,2,3]"],
    ["dataset=covid_ct", "seed=7", "split.train=0.6", "split.test=0.3"],
    ["dataset=folder", "dataset.path=data/mine", "dataset.name=mine", 'dataset.title="A \\"q\\", b: c [d] {e}"'],
    [
        "dataset=folder",
        "dataset.path=x",
        r'dataset.group_pattern="(?P<group>p-\d+)\\"',
        "dataset.classes=['정상','a b']",
    ],
    ["task=detect", "detector=fcos_small", "train.epochs=3"],
    ["evaluate.external=[{name: o, path: x/o, classes: {a b: COVID, c: d}}]", "model.variants=[tiny,small]"],
    ["dataset=folder", "dataset.path=x", "dataset.exclude=['*a, b*', null_,\"it's\"]", "dataset.positive=null"],
]


def composed(folder: Path, overrides: list[str]) -> dict:
    compose(ROOT / "conf", folder / "params.yaml", overrides)
    return load_yaml((folder / "params.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("overrides", CASES, ids=range(len(CASES)))
def test_the_options_give_the_same_parameters(tmp_path: Path, overrides: list[str]) -> None:
    wanted = composed(tmp_path, overrides)
    found = reproduced(tmp_path / "params.yaml", ROOT / "conf")
    words = shlex.split(" ".join(found.options))
    assert set(words[::2]) <= {"-S"} and bool(found.settings) == bool(overrides)
    assert composed(tmp_path, words[1::2]) == wanted and not found.hidden


def test_what_no_command_line_can_say_is_left_to_fill_in(tmp_path: Path) -> None:
    values = composed(tmp_path, ["dataset=folder", "dataset.path=x"])
    values["dataset"]["class_names"] = {"정상": "normal"}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")
    found = reproduced(tmp_path / "params.yaml", ROOT / "conf")
    assert found.hidden and "-S dataset.class_names=..." in found.options
    assert ("dataset.class_names", "null", "{정상: normal}") in found.settings


def test_places_salts_and_secrets_are_not_told(tmp_path: Path) -> None:
    secret = ["dataset=folder", "dataset.path=/home/doctor/data/mine", "dataset.salt=pepper1"]
    secret += ["evaluate.external=[{name: o, path: 'C:\\Users\\doctor\\o'}]"]
    composed(tmp_path, secret)
    found = reproduced(tmp_path / "params.yaml", ROOT / "conf")
    told = f"{found.settings} {found.options}"
    assert found.hidden and "…/mine" in told
    for word in ("doctor", "/home", "pepper1", "Users"):
        assert word not in told, word


def test_the_default_is_named_by_nothing(tmp_path: Path) -> None:
    shutil.copyfile(ROOT / "params.yaml", tmp_path / "params.yaml")
    assert reproduced(tmp_path / "params.yaml", ROOT / "conf") == ([], [], False)
