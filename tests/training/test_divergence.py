"""A training that diverges for real: stopped, named, nothing of it kept, what was good before it kept."""

import numpy as np
import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json
from chestbench.training import callbacks, divergence
from chestbench.training.checkpoint import Checkpoint, Progress
from chestbench.training.divergence import Diverged, all_finite
from chestbench.training.features import cached_features
from chestbench.training.predict import load, predict
from chestbench.training.recipes import train_network
from tests.training.helpers import small_data, squares

# Two epochs of the head with a sound rate, then every layer with one that no weights survive.
ABSURD = {"train.head_epochs": 2, "train.epochs": 3, "train.batch_size": 8, "train.learning_rate": 1e30}


def test_the_last_good_weights_are_kept(tmp_path, make_config, caplog):
    train, checkpoint = make_config(ABSURD).train, Checkpoint(tmp_path / "state")
    with pytest.raises(Diverged) as caught:
        train_network("simple_gmp", small_data(), train, seed=3, checkpoint=checkpoint)
    message = str(caught.value)
    for part in (
        "simple_gmp: training diverged in epoch 3",
        "lower train.learning_rate",
        str(checkpoint.last_good),
        "goes on after epoch 2",
    ):
        assert part in message
    assert "float32" not in message  # it is what the network computed in
    progress, current, best = checkpoint.load()
    assert progress.epochs_done == 2 and all_finite(current) and all_finite(best)
    network = load(checkpoint.last_good)
    for kept, expected in zip(network.get_weights(), best, strict=True):
        np.testing.assert_array_equal(kept, expected)
    assert np.isfinite(predict(network, squares(4)[0])).all()
    # The same again: said, tried from the good state, and diverged again without harm to it.
    with caplog.at_level("WARNING"), pytest.raises(Diverged, match="epoch 3"):
        train_network("simple_gmp", small_data(), train, seed=3, checkpoint=checkpoint)
    assert "diverged in epoch 3 before; it goes on from the state of epoch 2" in caplog.text
    assert checkpoint.load()[0] == progress
    # A sound rate from the same state ends well, and nothing of the divergence is left.
    sound = make_config({**ABSURD, "train.learning_rate": 1e-3}).train
    result = train_network("simple_gmp", small_data(), sound, seed=3, checkpoint=checkpoint)
    assert result.progress.epochs_done == 5
    assert not checkpoint.last_good.exists() and not (checkpoint.folder / "diverged.json").exists()


def test_in_the_first_epoch_there_is_nothing_to_keep(tmp_path, make_config):
    train = make_config({**ABSURD, "train.head_epochs": 0}).train
    checkpoint = Checkpoint(tmp_path / "state")
    with pytest.raises(Diverged, match=r"in epoch 1.*\n.*no good weights to keep"):
        train_network("simple_gmp", small_data(), train, seed=3, checkpoint=checkpoint)
    assert checkpoint.load() is None


def test_half_precision_is_named_where_it_was_used(make_config):
    train = make_config({**ABSURD, "train.head_epochs": 0, "train.precision": "mixed_bfloat16"}).train
    with pytest.raises(Diverged, match=r"lower train\.learning_rate .*, or choose train\.precision=float32\n"):
        train_network("simple_gmp", small_data(), train, seed=3)


def test_found_within_the_epoch(make_config, monkeypatch):
    """With many steps an epoch, the end of it is not waited for."""
    monkeypatch.setattr(callbacks, "STEPS_BETWEEN_LOOKS", 4)
    assert divergence.STEPS_BETWEEN_LOOKS > 4
    validated = []
    monkeypatch.setattr(callbacks, "validate", lambda *given: validated.append(1))
    train = make_config({**ABSURD, "train.head_epochs": 0, "train.batch_size": 2}).train
    with pytest.raises(Diverged, match="expected the loss to be finite"):
        train_network("simple_gmp", small_data(), train, seed=3)
    assert not validated


def test_predictions_that_are_not_finite_while_the_loss_is(make_config, monkeypatch, tmp_path):
    """The last step of an epoch can spoil the weights after its loss was taken."""
    train, checkpoint = make_config({"train.epochs": 2, "train.batch_size": 8}).train, Checkpoint(tmp_path / "state")
    original = callbacks.EpochEnd.on_epoch_end

    def spoil(self, epoch, logs=None):
        if epoch == 1:
            kernel = self.training.predictor.get_layer("probabilities").kernel
            kernel.assign(np.full(kernel.shape, np.nan, np.float32))
        original(self, epoch, logs)

    monkeypatch.setattr(callbacks.EpochEnd, "on_epoch_end", spoil)
    with pytest.raises(Diverged, match="epoch 2: expected the predictions on val to be finite, received nan"):
        train_network("simple_gmp", small_data(), train, seed=3, checkpoint=checkpoint)
    assert checkpoint.load()[0].epochs_done == 1


def test_a_state_with_nan_is_never_gone_on_from(tmp_path):
    checkpoint = Checkpoint(tmp_path / "state")
    history = [{"epoch": 1, "val_loss": 1.0}]
    spoilt = [np.array([1.0, np.nan], np.float32), np.array(3)]
    checkpoint.save(Progress(history=history, best_epoch=1, best_loss=1.0), spoilt, spoilt)
    with pytest.raises(
        ChestbenchError, match="expected finite weights after epoch 1, received NaN or infinity; delete"
    ):
        checkpoint.load()
    assert read_json(checkpoint.folder / "state.json")["progress"]["history"] == history


def test_features_that_are_not_finite_are_not_cached(tmp_path):
    import keras

    grey = keras.Input((32, 32, 1))
    backbone = keras.Model(grey, keras.layers.GlobalMaxPooling2D()(keras.layers.Rescaling(1e38)(grey)) * 1e38)
    with pytest.raises(ChestbenchError, match="finite features of every image of train, received NaN or infinity for"):
        cached_features(backbone, small_data(), 8, tmp_path)
    assert not list(tmp_path.iterdir())
