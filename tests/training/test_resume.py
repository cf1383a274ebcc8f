"""A training that was killed goes on from its last epoch and ends as if it had not been killed."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import yaml

from chestbench.training import callbacks
from chestbench.training.checkpoint import Checkpoint
from chestbench.training.recipes import train_network
from tests.training.helpers import small_data

OVERRIDES = {
    "main": {"epochs": 4, "head_epochs": 0, "schedule": "cosine", "dropout": 0.0, "batch_size": 8},
    "plateau": {"epochs": 4, "head_epochs": 0, "schedule": "plateau", "batch_size": 8},
    "phases": {"epochs": 2, "head_epochs": 2, "schedule": "cosine", "batch_size": 8},
    "averaged": {"epochs": 4, "head_epochs": 0, "ema": 0.9, "mix": "mixup", "warmup_epochs": 1, "batch_size": 8},
    "features": {"epochs": 4, "cache_features": True, "head_epochs": 0, "augment": "none", "batch_size": 8},
}


@pytest.mark.parametrize("case", OVERRIDES)
def test_killed_after_two_epochs_of_four(case, tmp_path, make_config, default_parameters, request):
    overrides = {"precision": "float32", **OVERRIDES[case]}
    params = tmp_path / "params.yaml"
    params.write_text(yaml.safe_dump({**default_parameters, "train": {**default_parameters["train"], **overrides}}))
    command = [sys.executable, "-m", "tests.training.killed", str(params), str(tmp_path / "state"), "2"]
    killed = subprocess.run(command, cwd=request.config.rootpath, env=None, capture_output=True, text=True)
    assert killed.returncode == -9, killed.stderr
    checkpoint = Checkpoint(tmp_path / "state")
    assert checkpoint.load()[0].epochs_done == 2

    train = make_config({f"train.{key}": value for key, value in overrides.items()}).train
    epochs = []
    resumed = train_network(
        "simple_cnn",
        small_data(),
        train,
        seed=3,
        checkpoint=checkpoint,
        on_epoch=lambda epoch, row: epochs.append(epoch),
    )
    straight = train_network("simple_cnn", small_data(), train, seed=3)
    assert epochs == [1, 2, 3, 4]
    assert resumed.progress.best_epoch == straight.progress.best_epoch
    for key in ("epoch", "phase", "learning_rate", "loss", "val_loss"):
        got, expected = ([row[key] for row in result.progress.history] for result in (resumed, straight))
        if key in ("epoch", "phase"):
            assert got == expected
        else:
            np.testing.assert_allclose(got, expected, rtol=1e-3, atol=1e-7)
    for got, expected in zip(resumed.model.get_weights(), straight.model.get_weights(), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-2, atol=1e-4)


def test_a_rate_that_was_lowered_stays_so_when_the_training_goes_on(tmp_path, make_config):
    """The state of the epoch that ends a plateau holds the rate of the next one."""
    train = make_config({"train.epochs": 12, "train.schedule": "plateau", "train.batch_size": 8}).train
    data, checkpoint = replace(small_data(), val_labels=1 - small_data().val_labels), Checkpoint(tmp_path / "state")

    def stop(epoch, row):
        if checkpoint.load()[0].waited == callbacks.PLATEAU_EPOCHS:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_network("simple_cnn", data, train, seed=3, checkpoint=checkpoint, on_epoch=stop)
    rates = {}
    straight = train_network("simple_cnn", data, train, seed=3)
    resumed = train_network("simple_cnn", data, train, seed=3, checkpoint=checkpoint)
    for name, result in (("straight", straight), ("resumed", resumed)):
        rates[name] = [row["learning_rate"] for row in result.progress.history]
    assert rates["resumed"] == rates["straight"] and len(set(rates["straight"])) > 1


def test_finished_training_is_not_trained_again(tmp_path, make_config):
    """Killed after the last epoch but before the outputs were written: nothing is left to train."""
    train = make_config({"train.epochs": 2}).train
    checkpoint = Checkpoint(tmp_path / "state")
    first = train_network("simple_cnn", small_data(), train, seed=3, checkpoint=checkpoint)
    again = train_network("simple_cnn", small_data(), train, seed=3, checkpoint=checkpoint)
    assert again.progress.history == first.progress.history
    for got, expected in zip(again.model.get_weights(), first.model.get_weights(), strict=True):
        np.testing.assert_array_equal(got, expected)
