"""The training routine: it learns, keeps the best epoch, honours the recipe, and stops when it must."""

import subprocess
import sys
from dataclasses import replace

import keras
import numpy as np
import pytest
import yaml

from chestbench.core.errors import ChestbenchError
from chestbench.core.progress import duration_in_words
from chestbench.models.build import build
from chestbench.models.registry import get
from chestbench.training import finishing, recipes
from chestbench.training import predict as predicting
from chestbench.training.checkpoint import Checkpoint
from chestbench.training.compiling import SmoothedCrossentropy, compile_learner
from chestbench.training.device import Device
from chestbench.training.feed import Feed
from chestbench.training.predict import load, predict
from chestbench.training.recipes import train_network
from chestbench.training.validation import validate
from tests.training.helpers import small_data, squares

CPU = Device("cpu", "chip", 2)


@pytest.fixture
def recipe(make_config):
    """Return a function that makes a recipe for tests from overrides."""

    def make(**overrides):
        base = {"epochs": 2, "batch_size": 8, "precision": "float32"}
        return make_config({f"train.{key}": value for key, value in {**base, **overrides}.items()}).train

    return make


def test_overfits_one_batch(recipe):
    """The first thing any training loop must be able to do."""
    images, labels = squares(8)
    labels = np.array([0, 1, 1, 0, 1, 0, 0, 1])  # not the squares: to be learnt by heart
    data = replace(
        small_data(),
        train_images=images,
        train_labels=labels,
        indices=np.tile(np.arange(8), 20),
        val_images=images,
        val_labels=labels,
    )
    result = train_network("simple_cnn", data, recipe(epochs=15, augment="none", schedule="constant"), seed=0)
    assert (predict(result.model, images).argmax(axis=1) == labels).all()
    assert result.progress.best_loss < 0.2


def test_history_has_every_epoch_and_best_weights_come_back(recipe):
    data, rows = small_data(), []
    result = train_network("simple_cnn", data, recipe(epochs=3), seed=1, on_epoch=lambda epoch, row: rows.append(row))
    history = result.progress.history
    assert history == rows and [row["epoch"] for row in history] == [1, 2, 3]
    assert {"phase", "loss", "accuracy", "val_loss", "val_accuracy", "val_balanced_accuracy", "learning_rate"} <= set(
        history[0]
    )
    assert result.progress.best_epoch == 1 + int(np.argmin([row["val_loss"] for row in history]))
    again = validate(result.model, data.val_images, data.val_labels, 8, balanced=False)
    assert again["val_loss"] == pytest.approx(min(row["val_loss"] for row in history), rel=1e-5)
    assert result.progress.first_step_seconds > 0 and result.images_per_second > 0
    assert result.parameters == result.model.count_params()


def test_saved_model_computes_what_training_computed(recipe, tmp_path):
    data = small_data()
    result = train_network("simple_cnn", data, recipe(), seed=1)
    result.model.save(tmp_path / "model.keras")
    np.testing.assert_allclose(
        predict(load(tmp_path / "model.keras"), data.val_images, 3),
        predict(result.model, data.val_images, 8),
        rtol=1e-5,
    )


def test_short_resnet_training_predicts_with_statistics_of_its_own_weights(recipe):
    """Without precise batch norm these few steps predict with statistics of the initial weights."""
    data = small_data(16, size=32)
    result = train_network("resnet50v2", data, recipe(epochs=1, augment="none"), seed=1)
    model = result.model
    training = keras.ops.convert_to_numpy(model(data.train_images, training=True))
    np.testing.assert_allclose(predict(model, data.train_images, 16), training, atol=0.02)


def test_head_phase_leaves_the_body_alone(recipe, monkeypatch):
    seen = []
    original = recipes.set_body_learns

    def spy(model, learns):
        original(model, learns)
        seen.append((learns, [np.array(weight) for weight in model.get_layer("conv1").get_weights()]))

    for module in (recipes, finishing):
        monkeypatch.setattr(module, "set_body_learns", spy)
    result = train_network("simple_cnn", small_data(), recipe(head_epochs=2, epochs=1), seed=1)
    assert [row["phase"] for row in result.progress.history] == ["head", "head", "main"]
    (first, before), (second, after_head), (_, after_main) = seen
    assert (first, second) == (False, True)
    np.testing.assert_array_equal(before[0], after_head[0])
    assert not np.array_equal(after_head[0], after_main[0])


def test_features_train_the_head_and_give_a_whole_model(recipe, monkeypatch):
    """One pass over the images; the body is as it was, the model takes images."""
    data = small_data()
    passes = []
    original = predicting.forward_of

    def counted(model, *shifts):
        forward = original(model, *shifts)
        of_body = model.name.endswith("_backbone")
        return lambda images: (passes.append(len(images)) if of_body else None, forward(images))[1]

    monkeypatch.setattr(predicting, "forward_of", counted)
    result = train_network("simple_cnn", data, recipe(cache_features=True, epochs=10), seed=1)
    assert passes == [8] * (3 + 2)  # 24 training and 10 validation images in batches of 8, once
    keras.utils.set_random_seed(1)
    fresh = build(get("simple_cnn"), 32, 2)
    np.testing.assert_array_equal(
        result.model.get_layer("conv2").get_weights()[0], fresh.get_layer("conv2").get_weights()[0]
    )
    assert result.model.input_shape == (None, 32, 32, 1)
    again = validate(result.model, data.val_images, data.val_labels, 8, balanced=False)
    assert again["val_loss"] == pytest.approx(min(row["val_loss"] for row in result.progress.history), rel=1e-4)


def test_patience_stops_and_keeps_the_best(recipe):
    data = small_data()
    data = replace(data, val_labels=1 - data.val_labels)  # learning makes the validation loss worse
    result = train_network("simple_cnn", data, recipe(epochs=40, patience=2, augment="none"), seed=1)
    history = result.progress.history
    assert len(history) == result.progress.best_epoch + 2 < 40 and result.progress.finished


def test_plateau_lowers_the_rate(recipe):
    data = small_data()
    data = replace(data, val_labels=1 - data.val_labels)
    result = train_network("simple_cnn", data, recipe(epochs=12, schedule="plateau", augment="none"), seed=1)
    rates = [row["learning_rate"] for row in result.progress.history]
    assert rates[0] == pytest.approx(1e-3) and min(rates) < 1e-3
    assert min(rate for rate in rates if rate < 0.9e-3) == pytest.approx(rates[-1])


def test_cosine_falls_to_zero(recipe):
    rates = [
        row["learning_rate"]
        for row in train_network("simple_cnn", small_data(), recipe(epochs=4), seed=1).progress.history
    ]
    assert rates == sorted(rates, reverse=True) and rates[-1] == pytest.approx(0.0, abs=1e-9)


def test_divergence_names_the_epoch(recipe, tmp_path):
    with pytest.raises(
        ChestbenchError, match=r"training diverged in epoch 1: expected the loss to be finite.*train\.learning_rate"
    ):
        train_network(
            "simple_cnn", small_data(), recipe(learning_rate=1e30, epochs=3), seed=1, checkpoint=Checkpoint(tmp_path)
        )
    assert list(tmp_path.iterdir()) == []  # nothing to go on from


def test_seed_decides(recipe):
    """Same seed, same weights (but for the order of sums); another seed, others."""
    one, two, other = (
        train_network("simple_cnn", small_data(), recipe(), seed=seed).model.get_weights() for seed in (5, 5, 6)
    )
    for a, b in zip(one, two, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
    assert not np.allclose(one[0], other[0])


def test_deterministic_gives_the_same_bits(default_parameters, tmp_path, request):
    """In processes of their own, because a backend cannot take determinism back."""
    params = tmp_path / "params.yaml"
    overrides = {"deterministic": True, "epochs": 2, "batch_size": 8}
    params.write_text(yaml.safe_dump({**default_parameters, "train": {**default_parameters["train"], **overrides}}))
    command = [sys.executable, "-m", "tests.training.killed", str(params)]
    processes = [
        subprocess.Popen([*command, str(tmp_path / name), "2"], cwd=request.config.rootpath) for name in ("one", "two")
    ]
    assert [process.wait() for process in processes] == [-9, -9]
    (_, one, _), (_, two, _) = (Checkpoint(tmp_path / name).load() for name in ("one", "two"))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)


def test_class_weights_weigh_the_loss(recipe):
    data = small_data()
    plain = train_network("simple_cnn", data, recipe(epochs=1), seed=1).progress.history[0]["loss"]
    weighted = train_network(
        "simple_cnn", replace(data, class_weights=np.array([10.0, 10.0])), recipe(epochs=1), seed=1
    )
    assert weighted.progress.history[0]["loss"] > 4 * plain


def test_one_trace_of_the_step(recipe):
    """Neither `fit` nor its loss and metrics trace the network more than once; the last batch is no other size."""
    traced = []

    class Spy(keras.layers.Layer):
        def call(self, x, training=None):
            traced.append(training)
            return x

    inputs = keras.Input((32, 32, 1), dtype="uint8")
    x = keras.layers.Flatten()(Spy(dtype="float32")(inputs))
    model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(x))
    compile_learner(model, recipe(), 1e-3, "cosine", 10, 2, CPU)
    data = small_data(20)
    feed = Feed(data.train_images, data.train_labels, data.indices, 8, 0)
    traced.clear()
    model.fit(feed, steps_per_epoch=feed.steps, epochs=2, verbose=0, shuffle=False)
    feed.close()
    steps = 6
    assert traced == [True] if keras.backend.backend() != "torch" else len(traced) == steps


def test_smoothed_crossentropy_equals_the_one_hot_loss():
    labels, guess = np.array([0, 2]), np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]], np.float32)
    for smoothing in (0.0, 0.1):
        expected = keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)(np.eye(3)[labels], guess)
        assert float(SmoothedCrossentropy(3, smoothing)(labels, guess)) == pytest.approx(float(expected), rel=1e-5)


def test_validation_figures():
    answers = np.array([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.3, 0.7]], np.float32)
    grey = keras.Input((2, 2, 1), dtype="uint8")
    first = keras.layers.Reshape((4,))(keras.layers.Rescaling(1.0)(grey))
    fixed = keras.Model(grey, keras.layers.Dense(2, use_bias=False, name="answers")(first))
    fixed.get_layer("answers").set_weights([answers])
    # Each image is one of the four unit vectors.
    images, labels = np.eye(4, dtype=np.uint8).reshape(4, 2, 2, 1), np.array([0, 0, 0, 1])
    found = validate(fixed, images, labels, 4, balanced=False)
    assert found["val_accuracy"] == 1.0 and found["val_balanced_accuracy"] == 1.0
    assert found["val_loss"] == pytest.approx(-np.log([0.9, 0.8, 0.6, 0.7]).mean())
    by_class = [-np.log([0.9, 0.8, 0.6]).mean(), -np.log(0.7)]
    assert validate(fixed, images, labels, 4, balanced=True)["val_loss"] == pytest.approx(np.mean(by_class))
    wrong = validate(fixed, images, np.array([0, 0, 1, 1]), 4, balanced=False)
    assert wrong["val_accuracy"] == 0.75 and wrong["val_balanced_accuracy"] == 0.75


def test_durations_in_words():
    assert [duration_in_words(value) for value in (3.2, 99, 600, 9000)] == ["3 s", "99 s", "10 min", "2.5 h"]


def test_mixed_precision_trains_and_saves_float32(recipe):
    result = train_network("simple_cnn", small_data(), recipe(precision="mixed_bfloat16"), seed=1)
    assert result.precision == "mixed_bfloat16"
    assert {layer.compute_dtype for layer in result.model.layers if layer.weights} == {"float32"}
    assert keras.config.dtype_policy().name == "float32"
    assert np.isfinite(result.progress.history[-1]["loss"])
