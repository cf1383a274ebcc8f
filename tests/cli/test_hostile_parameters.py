"""No parameter reaches a shell or leads out of a folder: what dvc.yaml interpolates is checked before DVC reads it."""

import copy
import json
import re
from pathlib import Path

import pytest
import yaml

from chestbench.core.errors import ChestbenchError
from chestbench.repository.parameters import check_values
from tests.conftest import ROOT

STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
EXPRESSION = re.compile(r"\$\{([^}]*)\}")
HOSTILE = [
    *("x; touch marker", "x && touch marker", "$(touch marker)", "`touch marker`", "x\ntouch marker", "x | touch m"),
    *("../../tests", "../../../x", "..", ".", "", "/tmp/x", "~", "~/x", "a/b", "a\\b", "..\\..\\x", "x/", "tiny\n"),
    *("-x", "--force", "tiny ", " tiny", "ti ny", "tiny#", "tiny%", "*", "tiny\0", "tiny'", 'tiny"', "$HOME"),
    *("${oc.env:HOME}", "${model.name}", "???", "+x=1", "tiny,small", "[tiny]", "{a: b}", "x" * 65, "x" * 5000),
    *("con", "nul", "aux", "prn", "com1", "lpt9", "TINY", "tіny", "ｔｉｎｙ", "tiny\u202e", "tiny\u200b", "é"),
    *(None, True, 3, 1.5, ["tiny"], {"tiny": 1}),
]


def with_network(parameters: dict, name: object) -> None:
    parameters["model"]["variants"] = [name]


def with_detector(parameters: dict, name: object) -> None:
    parameters["task"] = "both"
    parameters["detector"] |= {"variants": [name], "boxes": ["drawn"]}


def with_set(parameters: dict, name: object) -> None:
    parameters["evaluate"]["external"] = [{"name": name, "path": "conf/dataset/siim.yaml"}]


def with_data_set(parameters: dict, name: object) -> None:
    parameters["dataset"]["name"] = name


def interpolated(node: object, key: str = "") -> dict[str, set[str]]:
    """Return {expression: the keys of stages that it stands in}."""
    found: dict[str, set[str]] = {}
    if isinstance(node, str):
        for expression in EXPRESSION.findall(node):
            found.setdefault(expression, set()).add(key)
    elif isinstance(node, list | dict):
        pairs = node.items() if isinstance(node, dict) else [(key, each) for each in node]
        for name, value in pairs:
            parts = [interpolated(value, key or name), interpolated(name, key) if key else {}]
            for part in parts:
                for expression, keys in part.items():
                    found.setdefault(expression, set()).update(keys)
    return found


def test_what_dvc_interpolates_is_known_here() -> None:
    """A new `${...}` in dvc.yaml needs a check of its own. No expression stands in a command."""
    found: dict[str, set[str]] = {}
    for stage in STAGES.values():
        for expression, keys in interpolated(stage).items():
            found.setdefault(expression, set()).update(keys)
    assert set(found) == {
        *("model.variants", "evaluate.external", "item.model"),
        *("item.set.name", "item.set.path", "dataset.watch"),
        *("detector.variants", "detector.boxes", "item.detector"),
    }
    assert found["item.set.path"] == found["dataset.watch"] == {"deps"}, "DVC removes and runs no dependency"
    assert not any("cmd" in keys or "wdir" in keys or "params" in keys for keys in found.values())


def test_an_output_that_leads_out_of_its_folder_meets_another() -> None:
    """Why a pipeline as a whole refuses `../../x`: two stages then write one path, which DVC looks for first.

    `-s` looks at one stage alone, and `dvc checkout -f` looks too late: SECURITY.md says so.
    """
    for name in ("item.model", "item.set.name", "item.detector"):
        above = {
            entry.partition("${")[0]
            for stage in STAGES.values()
            for entry in stage.get("outs", [])
            if entry.endswith(f"${{{name}}}")
        }
        depths = [folder.count("/") for folder in above]
        assert any(depths.count(depth) > 1 for depth in depths), (name, above)


@pytest.mark.parametrize("place", [with_network, with_detector, with_set, with_data_set])
@pytest.mark.parametrize("value", HOSTILE, ids=[json.dumps(value)[:20] for value in HOSTILE])
def test_no_name_is_more_than_a_name(default_parameters: dict, place, value: object) -> None:
    parameters = copy.deepcopy(default_parameters)
    place(parameters, value)
    with pytest.raises(ChestbenchError, match=r"model\.variants|detector\.variants|evaluate\.external|dataset\.name"):
        check_values(parameters)


@pytest.mark.parametrize("value", HOSTILE, ids=[json.dumps(value)[:20] for value in HOSTILE])
def test_boxes_are_drawn_or_nothing(default_parameters: dict, value: object) -> None:
    parameters = copy.deepcopy(default_parameters)
    parameters["task"] = "both"
    parameters["detector"] |= {"variants": ["fcos_tiny"], "boxes": [value]}
    with pytest.raises(ChestbenchError, match=r"detector\.boxes"):
        check_values(parameters)


def test_what_names_are_made_of(default_parameters: dict) -> None:
    for place in (with_set, with_data_set):
        for name in ("a", "other_hospital", "x" * 64, "2024", "console"):
            parameters = copy.deepcopy(default_parameters)
            place(parameters, name)
            check_values(parameters)


@pytest.mark.parametrize("key", ["path", "watch", "title", "citation", "salt", "licence"])
@pytest.mark.parametrize(
    "secret", ["https://me:hunter2hunter2@h/x", "s3://b/x?token=hunter2hunter2", "ftp://h/#sig=hunter2"]
)
def test_no_parameter_holds_a_secret(default_parameters: dict, key: str, secret: str) -> None:
    parameters = copy.deepcopy(default_parameters)
    parameters["dataset"][key] = f"see {secret}" if key in ("title", "citation") else secret
    with pytest.raises(ChestbenchError, match=rf"dataset\.{key}: expected no secret") as error:
        check_values(parameters)
    assert "hunter2" not in str(error.value)


def test_nor_does_one_hold_what_hydra_takes_from_the_environment(
    default_parameters: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAGGLE_KEY", "hunter2hunter2")
    parameters = copy.deepcopy(default_parameters)
    parameters["dataset"]["salt"] = "x hunter2hunter2"  # ${oc.env:KAGGLE_KEY}
    with pytest.raises(ChestbenchError, match=r"dataset\.salt: expected no secret.* the value of KAGGLE_KEY"):
        check_values(parameters)


def test_nor_do_sets_from_elsewhere(default_parameters: dict) -> None:
    parameters = copy.deepcopy(default_parameters)
    parameters["evaluate"]["external"] = [{"name": "other", "path": "https://me:hunter2@h/x.zip"}]
    with pytest.raises(ChestbenchError, match=r"evaluate\.external\[0\]\.path: expected no secret"):
        check_values(parameters)


def test_the_plugin_of_hydra_stands_where_dvc_looks() -> None:
    config = (ROOT / ".dvc/config").read_text(encoding="utf-8")
    folder = re.search(r"plugins_path = (\S+)", config)
    assert folder and Path(ROOT, folder[1], "hydra_plugins/check_parameters.py").is_file()
