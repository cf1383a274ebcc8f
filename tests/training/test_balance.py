"""Thirteen to one: what `balance` does for the smaller class, on val and test as they come."""

import numpy as np
import pytest

from chestbench.preparation.sampling import class_weights, training_order
from chestbench.training.data import TrainingData
from chestbench.training.predict import predict
from chestbench.training.recipes import train_network

SEPARATION = 1.6  # distance of the classes in standard deviations: no network can tell all of them apart


def one_in_fourteen(minority: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return uint8 images (14 n, 32, 32, 1) and labels: the brightness of a square is drawn from its class's bell."""
    rng = np.random.default_rng(seed)
    labels = (np.arange(14 * minority) % 14 == 0).astype(int)
    level = 120 + 20 * (rng.standard_normal(len(labels)) + SEPARATION * (labels - 0.5))
    images = rng.normal(100, 10, (len(labels), 32, 32, 1))
    images[:, 8:24, 8:24] = level[:, None, None, None] + rng.normal(0, 10, (len(labels), 16, 16, 1))
    return np.clip(images, 0, 255).astype(np.uint8), labels


@pytest.fixture(scope="module")
def rates(make_config) -> dict[str, dict[str, tuple[float, float]]]:
    """balance -> split -> (sensitivity, specificity) of the smaller class, after equal trainings."""
    (images, labels), val, test = (one_in_fourteen(n, seed) for n, seed in ((70, 1), (40, 2), (80, 3)))
    train = make_config({"train.epochs": 6, "train.augment": "none", "train.batch_size": 32}).train
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for balance in ("none", "upsample", "class_weight"):
        data = TrainingData(
            train_images=images,
            train_labels=labels,
            indices=training_order(labels, balance, seed=1),
            val_images=val[0],
            val_labels=val[1],
            n_classes=2,
            class_weights=class_weights(labels, 2) if balance == "class_weight" else None,
            balanced=balance != "none",
        )
        model = train_network("simple_cnn", data, train, seed=1).model
        found[balance] = {}
        for split, (pictures, truth) in (("val", val), ("test", test)):
            guess = predict(model, pictures, 64).argmax(axis=1)
            found[balance][split] = (float((guess[truth == 1] == 1).mean()), float((guess[truth == 0] == 0).mean()))
    return found


@pytest.mark.parametrize("split", ["val", "test"])
@pytest.mark.parametrize("balance", ["upsample", "class_weight"])
def test_the_smaller_class_is_found_far_more_often(rates, balance, split):
    without, with_balance = rates["none"][split], rates[balance][split]
    assert with_balance[0] > without[0] + 0.25, rates
    # Not by calling everything the smaller class: both classes together gain as well.
    assert sum(with_balance) > sum(without) + 0.1 and with_balance[1] > 0.5, rates
