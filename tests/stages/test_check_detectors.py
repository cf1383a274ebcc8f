"""check refuses, before any work, the settings that training of detectors would refuse late."""

import argparse
from pathlib import Path

import pytest

from chestbench.core.compose import compose_params
from chestbench.core.config import Config, load_config
from chestbench.core.errors import ChestbenchError
from stages.check import work

CONF = Path(__file__).resolve().parents[2] / "conf"


def composed(folder: Path, *overrides: str) -> Config:
    compose_params(CONF, folder / "params.yaml", list(overrides))
    return load_config(folder / "params.yaml")


@pytest.mark.parametrize("task", ["detect", "both"])
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("head_epochs", "1"),
        ("cache_features", "true"),
        ("mix", "mixup"),
        ("label_smoothing", "0.1"),
        ("random_labels", "true"),
    ],
)
def test_a_setting_without_meaning_stops_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, task: str, key: str, value: str
) -> None:
    monkeypatch.chdir(tmp_path)
    model = "tiny" if task == "both" else "none"
    config = composed(tmp_path, f"task={task}", f"model={model}", "train=detect", f"train.{key}={value}")
    with pytest.raises(ChestbenchError, match=rf"^train\.{key}: expected .* for the detector fcos_tiny"):
        work(config, argparse.Namespace())
    assert not Path("data").exists()


def test_the_recipe_of_detectors_passes_and_classifiers_keep_their_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "fcos_tiny" in work(composed(tmp_path, "task=detect"), argparse.Namespace())
    config = composed(tmp_path, "model=tiny", "train=scratch", "train.label_smoothing=0.1")
    assert "tiny" in work(config, argparse.Namespace())
