"""The moving average of the weights: its arithmetic, its exchange with them, and a training that is judged by it.

On every backend: KERAS_BACKEND=jax python -m pytest tests/training/test_average.py
"""

from dataclasses import replace

import keras
import numpy as np
import pytest

from chestbench.training.checkpoint import Checkpoint
from chestbench.training.compiling import cosine
from chestbench.training.optimizer import FlatAdamW
from chestbench.training.predict import predict
from chestbench.training.recipes import train_network
from chestbench.training.validation import validate
from tests.training.helpers import small_data


def numbers(variables) -> np.ndarray:
    return np.concatenate([np.ravel(keras.ops.convert_to_numpy(variable)) for variable in variables])


def test_it_follows_the_weights_and_forgets_the_first_ones() -> None:
    """average = kept * average + (1 - kept) * weights, kept = min(decay, n / (n + 9)) with n steps before."""
    variables = [keras.Variable(np.ones((2, 3), np.float32)), keras.Variable(np.zeros(4, np.float32))]
    optimizer = FlatAdamW(0.1, average=0.15)
    optimizer.build(variables)
    expected = None
    for step in range(5):
        optimizer.apply([keras.ops.full(variable.shape, float(step + 1)) for variable in variables], variables)
        kept = min(0.15, step / (step + 9))
        now = numbers(variables)
        expected = now if expected is None else kept * expected + (1 - kept) * now
        np.testing.assert_allclose(numbers([optimizer.average]), expected, rtol=1e-5)
    weights = numbers(variables)
    optimizer.exchange()
    np.testing.assert_array_equal(numbers(variables), numbers([optimizer.average]) * 0 + numbers(variables))
    np.testing.assert_allclose(numbers(variables), expected, rtol=1e-5)
    np.testing.assert_array_equal(numbers([optimizer.average]), weights)
    optimizer.exchange()
    np.testing.assert_array_equal(numbers(variables), weights)
    np.testing.assert_allclose(numbers([optimizer.average]), expected, rtol=1e-5)


def test_none_is_kept_where_none_is_asked_for() -> None:
    optimizer = FlatAdamW(0.1)
    optimizer.build([keras.Variable(np.ones(3, np.float32))])
    assert not hasattr(optimizer, "average") and len(optimizer.variables) == 4


def test_the_steps_are_those_without_it_and_what_is_judged_and_kept_is_the_average(make_config) -> None:
    # The same shuffled data; no batch norm lies in this network, so that nothing but the weights differs.
    base = {"train.batch_size": 8, "train.epochs": 3, "train.precision": "float32", "train.schedule": "constant"}
    data = small_data()
    plain = train_network("simple_gmp", data, make_config(base).train, seed=1)
    averaged = train_network("simple_gmp", data, make_config({**base, "train.ema": 0.9}).train, seed=1)
    for key in ("loss", "learning_rate"):
        found, expected = ([row[key] for row in each.progress.history] for each in (averaged, plain))
        np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert [row["val_loss"] for row in averaged.progress.history] != [row["val_loss"] for row in plain.progress.history]
    again = validate(averaged.model, data.val_images, data.val_labels, 8, balanced=False)
    assert again["val_loss"] == pytest.approx(min(row["val_loss"] for row in averaged.progress.history), rel=1e-4)


def test_batch_norm_is_estimated_for_the_averaged_weights(make_config) -> None:
    train = make_config({"train.batch_size": 8, "train.epochs": 2, "train.ema": 0.9, "train.augment": "none"}).train
    data = small_data(16)
    result = train_network("tiny", data, train, seed=1)
    statistics = keras.ops.convert_to_numpy(result.model(data.train_images, training=True))
    np.testing.assert_allclose(predict(result.model, data.train_images, 16), statistics, atol=0.03)


def test_a_training_goes_on_with_weights_and_average(make_config, tmp_path) -> None:
    """Stopped after each epoch, in the head's phase and in the main one, it ends as if it had not been."""
    changes = {"epochs": 2, "head_epochs": 2, "ema": 0.9, "batch_size": 8, "mix": "cutmix", "mix_alpha": 1.0,
               "warmup_epochs": 1, "augment": "strong", "precision": "float32"}  # fmt: skip
    train = make_config({f"train.{key}": value for key, value in changes.items()}).train
    data = replace(small_data(), class_weights=np.array([0.75, 1.5]), balanced=True)
    straight = train_network("simple_cnn", data, train, seed=3)
    checkpoint = Checkpoint(tmp_path / "state")
    for stop in (1, 2, 3):

        def stopped(epoch: int, row: dict, stop: int = stop) -> None:
            if epoch == stop:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            train_network("simple_cnn", data, train, seed=3, checkpoint=checkpoint, on_epoch=stopped)
        assert checkpoint.load()[0].epochs_done == stop
    resumed = train_network("simple_cnn", data, train, seed=3, checkpoint=checkpoint)
    assert resumed.progress.best_epoch == straight.progress.best_epoch
    for key in ("loss", "val_loss", "learning_rate", "accuracy"):
        found, expected = ([row[key] for row in each.progress.history] for each in (resumed, straight))
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-7)
    for got, expected in zip(resumed.model.get_weights(), straight.model.get_weights(), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-2, atol=1e-4)


@pytest.mark.parametrize(("ema", "schedule"), [(0.9, "cosine"), (0.0, "plateau")])
def test_loss_scaling_has_the_optimizer_within_it(make_config, ema: float, schedule: str) -> None:
    base = {"train.batch_size": 8, "train.epochs": 2, "train.precision": "mixed_float16"}
    train = make_config({**base, "train.ema": ema, "train.schedule": schedule}).train
    result = train_network("simple_gmp", small_data(), train, seed=1)
    assert all(np.isfinite(weight).all() for weight in result.model.get_weights())
    assert result.progress.history[0]["learning_rate"] > 0


def test_the_rate_rises_to_its_top_and_falls_to_zero() -> None:
    rates = [float(keras.ops.convert_to_numpy(cosine(0.1, 12, 4)(step))) for step in range(13)]
    np.testing.assert_allclose(rates[:5], [0.025, 0.04375, 0.0625, 0.08125, 0.1], rtol=1e-5)
    np.testing.assert_allclose(rates[4:], 0.05 * (1 + np.cos(np.pi * np.arange(9) / 8)), atol=1e-7)
    plain = [float(keras.ops.convert_to_numpy(cosine(0.1, 8, 0)(step))) for step in range(9)]
    np.testing.assert_allclose(plain, rates[4:], atol=1e-7)


def test_the_warm_up_is_of_the_main_phase_and_at_most_half_of_it(make_config) -> None:
    base = {"train.batch_size": 12, "train.head_epochs": 1, "train.epochs": 4, "train.learning_rate": 0.01}
    for wished, warm in ((1, 1), (9, 2)):
        train = make_config({**base, "train.warmup_epochs": wished}).train
        rates = [
            row["learning_rate"] for row in train_network("simple_gmp", small_data(), train, seed=1).progress.history
        ]
        # At an epoch's end the rate of the next step; two steps an epoch.
        assert rates[0] == pytest.approx(0.001) and rates[warm] == pytest.approx(0.01) == max(rates)
        assert rates[-1] == pytest.approx(0, abs=1e-9)
