"""A small network that is asked for the class of pictures whose lungs are blacked out."""

import keras
import numpy as np

from chestbench.models.build import build
from chestbench.models.networks.simple_gmp import NETWORK
from chestbench.shortcuts.folds import Folds
from chestbench.training.device import make_deterministic
from chestbench.training.predict import predict

_SMALLEST = 32  # side in pixels that the network takes
_BATCH, _RATE = 32, 2e-3


def steps_for(images: int) -> int:
    """Return how many batches are learnt from: 100 for a few pictures, 700 for 3,000."""
    return 100 + images // 5


def cross_fit_network(images: np.ndarray, folds: Folds, seed: int) -> np.ndarray:
    """Return the probabilities, float64 (N, C), that each fold's pictures have by a network trained on all others.

    Every batch holds the classes alike. The same seed gives the same bits on the same machine.

    Args:
        images: uint8 (N, S, S, 1).
        folds: of these N.
        seed: of weights and batches.
    """
    keras.utils.set_random_seed(seed)
    make_deterministic()
    if images.shape[1] < _SMALLEST:
        images = np.repeat(np.repeat(images, 2, axis=1), 2, axis=2)
    model = build(NETWORK, images.shape[1], len(folds.classes))
    model.compile(keras.optimizers.Adam(_RATE), "sparse_categorical_crossentropy", jit_compile=False)
    model.optimizer.build(model.trainable_variables)
    weights = model.get_weights()
    state = [np.array(keras.ops.convert_to_numpy(variable)) for variable in model.optimizer.variables]
    found = np.zeros((len(images), len(folds.classes)))
    for fold in np.unique(folds.fold):
        held = folds.fold == fold
        # The same network from the start again: a new one would be traced anew.
        model.set_weights(weights)
        for variable, value in zip(model.optimizer.variables, state, strict=True):
            variable.assign(value)
        _fit(model, images[~held], folds.label[~held], np.random.default_rng([seed, int(fold)]))
        found[held] = predict(model, images[held])
    return found


def _fit(model: keras.Model, images: np.ndarray, label: np.ndarray, generator: np.random.Generator) -> None:
    of_class = [np.flatnonzero(label == code) for code in np.unique(label)]
    for _ in range(steps_for(len(images))):
        kinds = generator.integers(0, len(of_class), _BATCH)
        batch = np.array([generator.choice(of_class[kind]) for kind in kinds])
        model.train_on_batch(images[batch], label[batch])
