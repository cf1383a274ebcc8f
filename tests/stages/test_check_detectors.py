"""check refuses, before any work, the settings that training of detectors would refuse late."""

import argparse
from pathlib import Path

import pytest
import yaml

from chestbench.core.compose import compose_params
from chestbench.core.config import Config, load_config
from chestbench.core.errors import ChestbenchError
from stages.check import work

CONF = Path(__file__).resolve().parents[2] / "conf"
WITH_BOXES = sorted(
    path.stem
    for path in (CONF / "dataset").glob("[!_]*.yaml")
    if yaml.safe_load(path.read_text(encoding="utf-8"))["dataset"].get("boxes")
)


def composed(folder: Path, *overrides: str) -> Config:
    compose_params(CONF, folder / "params.yaml", list(overrides))
    return load_config(folder / "params.yaml")


@pytest.mark.parametrize(
    ("task", "key", "value"),
    [
        ("detect", "head_epochs", "1"),
        ("detect", "cache_features", "true"),
        ("detect", "mix", "mixup"),
        ("detect", "label_smoothing", "0.1"),
        ("detect", "random_labels", "true"),
        ("both", "cache_features", "true"),
        ("both", "random_labels", "true"),
    ],
)
def test_a_setting_without_meaning_stops_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, task: str, key: str, value: str
) -> None:
    monkeypatch.chdir(tmp_path)
    model = "tiny" if task == "both" else "none"
    config = composed(tmp_path, f"task={task}", f"model={model}", "train=detect", f"train.{key}={value}")
    instead = "two runs, -S task=classify and -S task=detect" if task == "both" else "-S train=detect"
    with pytest.raises(ChestbenchError, match=rf"^train\.{key}: expected .* for the detector fcos_tiny.*{instead}"):
        work(config, argparse.Namespace())
    assert not Path("data").exists()


@pytest.mark.parametrize("setting", ["head_epochs=1", "mix=mixup", "label_smoothing=0.1"])
def test_what_is_of_networks_alone_stops_no_run_of_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.chdir(tmp_path)
    config = composed(tmp_path, "task=both", "model=tiny", "train=detect", f"train.{setting}")
    assert "tiny, fcos_tiny" in work(config, argparse.Namespace())


@pytest.mark.parametrize("dataset", WITH_BOXES)
def test_each_data_set_with_boxes_passes_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dataset: str
) -> None:
    """By the one command of each task: detector, size and recipe are those of its pictures."""
    monkeypatch.chdir(tmp_path)
    small = dataset == "sample"
    for task, recipe, size, networks in (
        ("detect", "detect" if small else "detect_finetune", 64 if small else 512, 0),
        ("both", "demo" if small else "finetune", 64 if small else 224, 6),
    ):
        config = composed(tmp_path, f"dataset={dataset}", f"task={task}")
        assert config.detector.variants == ["fcos_tiny" if small else "fcos_resnet50v2"]
        assert (config.train.recipe, config.preprocess.size, len(config.model.variants)) == (recipe, size, networks)
        assert config.train.weights == ("none" if small else "imagenet")
        assert f"data set {dataset}, recipe {recipe}" in work(config, argparse.Namespace())
    config = composed(tmp_path, f"dataset={dataset}", "task=detect", "detector=fcos_small", "train=scratch")
    assert (config.detector.variants, config.train.recipe) == (["fcos_small"], "scratch")
    assert composed(tmp_path, f"dataset={dataset}", "task=detect", "preprocess.size=96").preprocess.size == 96


def test_the_samples_detector_trains_as_it_did(tmp_path: Path) -> None:
    train = composed(tmp_path, "task=detect").train
    told = train.weights, train.epochs, train.batch_size, train.learning_rate, train.warmup_epochs, train.patience
    assert told == ("none", 12, 16, 0.002, 1, 0)


def test_the_recipe_of_detectors_passes_and_classifiers_keep_their_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "fcos_tiny" in work(composed(tmp_path, "task=detect"), argparse.Namespace())
    config = composed(tmp_path, "model=tiny", "train=scratch", "train.label_smoothing=0.1")
    assert "tiny" in work(config, argparse.Namespace())


@pytest.mark.parametrize("key", ["model.variants", "detector.variants"])
def test_a_model_that_is_called_as_the_chosen_detector_is_registered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    config = composed(tmp_path, "task=both", "detector=fcos_tiny")
    monkeypatch.setattr("stages.check.check_names", lambda names: None)
    monkeypatch.setattr("stages.check.check_detectors", lambda config: None)
    part, _ = key.split(".")
    named = config.model_copy(update={part: getattr(config, part).model_copy(update={"variants": ["detector"]})})
    with pytest.raises(ChestbenchError, match="expected another name of a network or detector"):
        work(named, argparse.Namespace())
