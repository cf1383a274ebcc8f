"""What -S on the command line makes of a replication: it is part of the result, and no path of a machine gets out."""

from pathlib import Path

import pytest
import yaml

from chestbench.cli.replication.definition import Replication
from chestbench.cli.replication.settings import merged, settle
from chestbench.core.errors import ChestbenchError
from chestbench.repository.paths import check_paths
from tests.cli.replication.test_definition import GOOD
from tests.conftest import ROOT

CONF = ROOT / "conf"


def settled(*overrides: str, **changed: object):
    found = Replication.model_validate({**GOOD, **changed})
    return settle("a-set", found, list(overrides), Path("/home/someone/repository"), CONF)


def differences(*overrides: str, **changed: object) -> dict[str, tuple[str, str]]:
    return {each.key: (each.default, each.value) for each in settled(*overrides, **changed).differences}


def test_without_overrides_it_is_the_replication_itself() -> None:
    found = settled(settings=["train.epochs=3"])
    assert not found.differences and found.config.train.epochs == 3 and found.config.training_seeds == [1, 2]
    assert found.config.model.variants == ["tiny"] and found.command("a-set") == "chestbench replicate a-set"


def test_what_is_overridden_is_found_by_its_effect() -> None:
    assert differences("train.epochs=1") == {"train.epochs": ("4", "1")}
    assert differences("train.epochs=4") == {}, "the replication's own value"
    assert differences("train.epochs=9", "train.epochs=1") == {"train.epochs": ("4", "1")}, "the last counts"
    assert differences("model.variants=[small]")["model.variants"] == ("[tiny]", "[small]")
    assert differences("model=small")["model.variants"] == ("[tiny]", "[small]")
    assert differences("train.seeds=[7]")["train.seeds"] == ("[1, 2]", "[7]")


def test_another_recipe_or_data_set_takes_the_file_s_own_settings_of_it_along() -> None:
    found = settled(
        "train=scratch", "dataset=folder", "dataset.path=x", settings=["train.epochs=3", "dataset.sample_patients=20"]
    )
    recipe = yaml.safe_load((CONF / "train/scratch.yaml").read_text(encoding="utf-8"))["train"]
    assert found.config.train.epochs == recipe["epochs"] != 3 and found.config.train.seeds == [1, 2]
    assert found.config.dataset.source == "folder" and found.config.dataset.sample_patients == 600
    assert merged(["split.train=0.8"], ["split.train=0.7"]) == ["split.train=0.7"]


def test_sets_from_elsewhere_are_those_of_the_file() -> None:
    sets = [{"name": "other", "path": "sets/other", "classes": {"ill, very": "COVID", "fine": "non-COVID"}}]
    found = settled(external=sets)
    assert not found.differences
    [entry] = found.config.evaluate.external
    assert (entry.name, entry.classes) == ("other", {"ill, very": "COVID", "fine": "non-COVID"})
    assert yaml.safe_load(found.text)["evaluate"]["external"][0]["path"] == "/home/someone/repository/sets/other"
    described = settled(external=[{"name": "other", "path": "conf/dataset/sample.yaml"}])
    assert yaml.safe_load(described.text)["evaluate"]["external"][0]["path"] == "conf/dataset/sample.yaml"


@pytest.mark.parametrize("written", ["/data/of a person/mine.npz", "../data/of a person/mine.npz"])
def test_a_path_is_absolute_in_the_run_and_told_by_its_last_part(written: str) -> None:
    found = settled("dataset=folder", f'dataset.path="{written}"')
    run = yaml.safe_load(found.text)["dataset"]
    assert Path(run["path"]).is_absolute() and run["path"].endswith("mine.npz") and run["watch"] == run["path"]
    shown = "\n".join([found.shown, *found.given, found.command("a-set"), *map(str, found.differences)])
    assert "mine.npz" in shown and "someone" not in shown and "of a person" not in shown


def test_a_path_where_there_is_nothing_is_refused_before_dvc_begins(tmp_path: Path) -> None:
    check_paths(settled().values)
    check_paths(settled("dataset=folder", f"dataset.path={tmp_path}").values)
    with pytest.raises(ChestbenchError, match=r"dataset.path: expected .* where there is nothing"):
        check_paths(settled("dataset=folder", f"dataset.path={tmp_path}/gone.zip").values)
    gone = [{"name": "other", "path": "sets/gone"}]
    with pytest.raises(ChestbenchError, match=r"evaluate.external.other.path: expected .*/sets/gone"):
        check_paths(settled(external=gone).values)
    check_paths(settled(external=[{"name": "other", "path": "conf/dataset/sample.yaml"}]).values)


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("train.epochs", "expected KEY=VALUE after -S"),
        ("train.epochs=1,2", "expected one value after -S"),
        ("model=tiny,small", "a grid is"),
        ("train.epoch=1", "did you mean train.epochs?"),
        ("train.epochs=0", "train.epochs: expected"),
        ("model.variants=[no_network]", "no_network"),
        ("dataset.url=https://me:secret@host/x.zip", "secret"),
    ],
)
def test_a_wrong_override_is_refused_before_any_work(override: str, words: str) -> None:
    with pytest.raises(ChestbenchError) as caught:
        settled(override)
    assert words in str(caught.value)


def test_what_is_asked_for_must_be_given_and_is_no_difference() -> None:
    asks = {"dataset.handle": "OWNER/NAME", "dataset.version": 1}
    with pytest.raises(ChestbenchError, match=r"-S dataset.handle=OWNER/NAME -S dataset.version=1"):
        settled("dataset.version=2", dataset="ct_binary", asks=asks)
    found = settled("dataset.version=2", "dataset.handle=me/mine", dataset="ct_binary", asks=asks)
    assert not found.differences and found.config.dataset.handle == "me/mine"
    assert "dataset.handle=me/mine" in found.command("a-set")


def test_detectors_are_refused_before_any_work() -> None:
    with pytest.raises(ChestbenchError, match=r"a-set: expected networks for classes alone.*the detector fcos_tiny;"):
        settled("task=both")
