"""Detectors learn, go on after a kill, and give the same weights again."""

import os
import subprocess
import sys

import numpy as np
import pytest
import yaml

from chestbench.core.errors import ChestbenchError
from chestbench.imaging.box_precision import mean_average_precision
from chestbench.training.checkpoint import Checkpoint
from chestbench.training.detection.predict import load, predict_boxes
from chestbench.training.detection.recipe import train_detector
from chestbench.training.predict import load as load_any
from chestbench.training.saving import save_network
from tests.training.detection.helpers import rectangles, small_box_data

WITHOUT = "import sys, keras, numpy as np; assert not any(name.startswith('chestbench') for name in sys.modules); " + (
    "model = keras.saving.load_model(sys.argv[1]); boxes, scores = model.predict(np.load(sys.argv[2]), verbose=0); "
    "np.savez(sys.argv[3], boxes=boxes, scores=scores)"
)


def recipe(make_config, **changes):
    """Return a short recipe of detectors."""
    plain = {"augment": "none", "dropout": 0.0, "epochs": 2, "batch_size": 8, "learning_rate": 0.002} | changes
    return make_config({f"train.{key}": value for key, value in plain.items()}).train


@pytest.fixture(scope="module")
def learnt(request):
    """Return a detector that has learnt rectangles of two findings."""
    make_config = request.getfixturevalue("make_config")
    data = small_box_data(72, 48, 18, n_findings=2)
    return train_detector("fcos_tiny", data, recipe(make_config, epochs=8, augment="light"), seed=1)


@pytest.mark.campaign
def test_rectangles_are_learnt(learnt):
    images, boxes = rectangles(24, 48, seed=9, n_findings=2)
    assert mean_average_precision(boxes, predict_boxes(learnt.model, images), 2) > 0.5
    history = learnt.progress.history
    best = history[learnt.progress.best_epoch - 1]
    assert best["val_map50"] == max(row["val_map50"] for row in history)
    assert history[-1]["loss"] < history[0]["loss"]


@pytest.mark.campaign
def test_it_is_loaded_where_chestbench_is_not(learnt, tmp_path):
    images, _ = rectangles(4, 48, seed=9, n_findings=2)
    save_network(learnt.model, tmp_path / "model.keras")
    np.save(tmp_path / "images.npy", images)
    command = [sys.executable, "-I", "-c", WITHOUT, *map(str, (tmp_path / "model.keras", tmp_path / "images.npy"))]
    subprocess.run([*command, str(tmp_path / "found.npz")], check=True, cwd=tmp_path, capture_output=True)
    found = np.load(tmp_path / "found.npz")
    for got, expected in zip((found["boxes"], found["scores"]), learnt.model.predict(images, verbose=0), strict=True):
        assert got.dtype == np.float32
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-4)
    again = predict_boxes(load(tmp_path / "model.keras"), images, batch_size=3)
    for got, expected in zip(again, predict_boxes(learnt.model, images), strict=True):
        np.testing.assert_allclose(got.corners, expected.corners, atol=1e-2)


def test_a_classifier_is_no_detector(tmp_path):
    from chestbench.models.build import build
    from chestbench.models.registry import get

    save_network(build(get("tiny"), 32, 2), tmp_path / "model.keras")
    assert load_any(tmp_path / "model.keras")
    with pytest.raises(ChestbenchError, match=r"expected a detector, .*received a network with the output"):
        load(tmp_path / "model.keras")


@pytest.mark.campaign
def test_interrupted_it_goes_on_and_ends_the_same(make_config, tmp_path):
    """With averaged weights and a second seed that differs."""
    train, data = recipe(make_config, epochs=3, ema=0.9, precision="float32"), small_box_data(16, 32, 6)
    checkpoint = Checkpoint(tmp_path / "state")

    def stop(epoch, row):
        if epoch == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_detector("fcos_tiny", data, train, seed=3, checkpoint=checkpoint, on_epoch=stop)
    epochs = []
    resumed = train_detector(
        "fcos_tiny", data, train, seed=3, checkpoint=checkpoint, on_epoch=lambda epoch, row: epochs.append(epoch)
    )
    straight, other = (train_detector("fcos_tiny", data, train, seed=seed) for seed in (3, 4))
    assert epochs == [1, 2, 3]
    for got, expected in zip(resumed.model.get_weights(), straight.model.get_weights(), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-2, atol=1e-3)
    assert any(
        not np.allclose(got, expected, atol=1e-3)
        for got, expected in zip(other.model.get_weights(), straight.model.get_weights(), strict=True)
    )


@pytest.mark.campaign
def test_killed_and_run_twice_it_gives_the_same_bits(default_parameters, tmp_path, request):
    train = {"epochs": 4, "batch_size": 8, "dropout": 0.0, "deterministic": True, "precision": "float32"}
    params = tmp_path / "params.yaml"
    params.write_text(yaml.safe_dump({**default_parameters, "train": {**default_parameters["train"], **train}}))
    said = {}
    for how in ("killed", "resumed", "straight"):
        command = [sys.executable, "-m", "tests.training.detection.killed", str(params), str(tmp_path / "state"), how]
        done = subprocess.run(command, cwd=request.config.rootpath, capture_output=True, text=True, env=os.environ)
        assert done.returncode == (-9 if how == "killed" else 0), done.stderr
        said[how] = [line for line in done.stdout.splitlines() if line.startswith("weights ")]
    assert said["resumed"] == said["straight"] and len(said["straight"]) == 1 and not said["killed"]


@pytest.mark.campaign
@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_gives_a_network_in_float32(make_config, precision):
    result = train_detector(
        "fcos_tiny", small_box_data(8, 32, 4), recipe(make_config, epochs=1, precision=precision), seed=1
    )
    assert np.isfinite(result.progress.history[0]["loss"]) and result.precision == precision
    assert {layer.compute_dtype for layer in result.model.layers} == {"float32"}
    assert all(np.isfinite(array).all() for array in result.model.get_weights())


@pytest.mark.parametrize(
    ("key", "value"),
    [("head_epochs", 1), ("cache_features", True), ("mix", "mixup"), ("label_smoothing", 0.1), ("random_labels", True)],
)
def test_what_means_nothing_to_a_detector_is_refused(make_config, key, value):
    with pytest.raises(
        ChestbenchError, match=rf"train\.{key}: expected .* for the detector fcos_tiny.*choose -S train=det"
    ):
        train_detector("fcos_tiny", small_box_data(4, 32, 4), recipe(make_config, **{key: value}), seed=1)


@pytest.mark.campaign
def test_a_loss_that_is_not_finite_ends_the_training(make_config):
    with pytest.raises(ChestbenchError, match="fcos_tiny: training diverged in epoch 1"):
        train_detector("fcos_tiny", small_box_data(8, 32, 4), recipe(make_config, learning_rate=1e30), seed=1)
