"""Networks under two backends: `write` saves what one computes, `check` compares what another makes of it.

    KERAS_BACKEND=tensorflow python -m tests.models.backend_check write FOLDER [NETWORK ...]
    KERAS_BACKEND=jax        python -m tests.models.backend_check check FOLDER [NETWORK ...]

Without names: every network of the registry. `check` prints one JSON line per network: the largest difference of
probabilities to the saved ones, that of features relative to the largest feature (random weights hardly tell images
apart in their probabilities), and that of probabilities after a training step, saving and loading of its own.
"""

import json
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np

from chestbench.models.build import build
from chestbench.models.registry import get, known_names
from chestbench.models.standardised import plain_copy


def trained(name: str) -> tuple[keras.Model, np.ndarray]:
    """Return a network after one training step, and four images."""
    keras.utils.set_random_seed(0)
    size = get(name).smallest
    model = build(get(name), size, n_classes=3)
    x = np.random.default_rng(0).integers(0, 256, (4, size, size, 1), dtype=np.uint8)
    before = model.get_weights()
    model.compile(keras.optimizers.Adam(1e-4), "sparse_categorical_crossentropy", jit_compile=False, run_eagerly=True)
    loss = float(model.train_on_batch(x, np.array([0, 1, 2, 0])))
    changed = sum(not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    if not (np.isfinite(loss) and changed):
        raise AssertionError(f"{name}: loss {loss}, {changed} weights changed")
    return model, x


def probabilities(model: keras.Model, x: np.ndarray) -> np.ndarray:
    """Return float32 (N, C)."""
    return np.asarray(keras.ops.convert_to_numpy(model(x, training=False)))


def features(model: keras.Model, x: np.ndarray) -> np.ndarray:
    """Return what the head is given, float32 (N, ...)."""
    return probabilities(keras.Model(model.input, model.get_layer("features").output), x)


def write(name: str, folder: Path) -> None:
    """Train a step, save the network and its probabilities."""
    model, x = trained(name)
    plain_copy(model).save(folder / f"{name}.keras")
    np.savez(folder / f"{name}.npz", x=x, expected=probabilities(model, x), features=features(model, x))


def check(name: str, folder: Path) -> dict[str, Any]:
    """Compare predictions of the saved network, then of one trained, saved and loaded here."""
    saved = np.load(folder / f"{name}.npz")
    loaded = keras.saving.load_model(folder / f"{name}.keras", compile=False)
    across = np.abs(probabilities(loaded, saved["x"]) - saved["expected"]).max()
    apart = np.abs(features(loaded, saved["x"]) - saved["features"]).max() / np.abs(saved["features"]).max()
    model, x = trained(name)
    expected = probabilities(model, x)
    plain_copy(model).save(folder / "own.keras")
    own = probabilities(keras.saving.load_model(folder / "own.keras", compile=False), x)
    return {
        "network": name,
        "backend": keras.backend.backend(),
        "across": float(across),
        "features": float(apart),
        "reloaded": float(np.abs(own - expected).max()),
    }


if __name__ == "__main__":
    command, place, *names = sys.argv[1:]
    for network in names or known_names():
        if command == "write":
            write(network, Path(place))
        else:
            print(json.dumps(check(network, Path(place))), flush=True)
