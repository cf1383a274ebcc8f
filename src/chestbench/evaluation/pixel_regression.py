"""A logistic regression on 32 x 32 grey pixels: what brightness and outline tell without a deep network.

Memory is bounded: at most `MOST_IMAGES` training images (drawn by the seed, and said so), which are 80 MB of features;
val and test are read in blocks.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from chestbench.core.errors import ChestbenchError
from chestbench.measures.metrics import measure
from chestbench.measures.other_records import RegressionSettings
from chestbench.preparation.arrays import SplitArrays

Floats = NDArray[np.floating]
SIDE = 32
MOST_IMAGES = 20_000
IMAGES_AT_A_TIME = 512
# Inverse strengths of the L2 penalty, strongest first: each fit starts from the one before.
STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
ITERATIONS = 300


@dataclass(frozen=True)
class Regression:
    """A fitted logistic regression.

    Attributes:
        mean: of each pixel over the training images, float32 (1024,).
        scale: its standard deviation, float32 (1024,).
        coefficients: (1024, C) float64.
        intercepts: (C,) float64; minus infinity where train has no image of the class.
    """

    mean: Floats
    scale: Floats
    coefficients: Floats
    intercepts: Floats

    def predict(self, images: NDArray[np.uint8]) -> Floats:
        """Return probabilities (N, C) float32 of images (N, H, W, 1), read in blocks."""
        return np.concatenate([self.probabilities(block) for _, block in _blocks(images, np.arange(len(images)))])

    def probabilities(self, features: Floats) -> Floats:
        """Return probabilities (n, C) float32 of features from `pixels`."""
        logits = ((features - self.mean) / self.scale) @ self.coefficients + self.intercepts
        exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
        return (exponents / exponents.sum(axis=1, keepdims=True)).astype(np.float32)


def pixels(images: NDArray[np.uint8]) -> Floats:
    """Return images (n, H, W, 1) shrunk by area to 32 x 32, 0 to 1, float32 (n, 1024)."""
    shrunk = [cv2.resize(image[:, :, 0], (SIDE, SIDE), interpolation=cv2.INTER_AREA) for image in images]
    return np.array(shrunk, dtype=np.float32).reshape(len(images), SIDE * SIDE) / np.float32(255)


def fit(
    train: SplitArrays, val: SplitArrays, n_classes: int, balanced: bool, seed: int
) -> tuple[Regression, RegressionSettings]:
    """Return the regression that is best on val (balanced accuracy, then AUC, then stronger penalty) and its settings.

    Args:
        train: fitted on.
        val: chosen on.
        n_classes: of the data set; train may lack some.
        balanced: whether the classes have the same say.
        seed: draws the training images where there are more than `MOST_IMAGES`.

    Raises:
        ChestbenchError: train has images of one class only.
    """
    # Imported here: `--help` does not wait for them.
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    occurring = np.unique(train.class_index)
    if len(occurring) < 2:
        raise ChestbenchError(
            "data/processed/train.csv: expected training images of two classes or more, received one; correct the "
            "split of the data set, or set dataset.given_split to ignore"
        )
    used = np.arange(len(train.images))
    if len(used) > MOST_IMAGES:
        used = np.sort(np.random.default_rng(seed).choice(used, MOST_IMAGES, replace=False))
    features = np.empty((len(used), SIDE * SIDE), dtype=np.float32)
    for first, block in _blocks(train.images, used):
        features[first : first + len(block)] = block
    mean, scale = features.mean(axis=0, dtype=np.float64), features.std(axis=0, dtype=np.float64)
    # A pixel that is the same in every training image tells nothing.
    mean, scale = mean.astype(np.float32), np.where(scale > 1e-6, scale, 1).astype(np.float32)
    features -= mean
    features /= scale
    model = LogisticRegression(max_iter=ITERATIONS, class_weight="balanced" if balanced else None, warm_start=True)
    candidates, iterations = [], []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for strength in STRENGTHS:
            model.set_params(C=strength).fit(features, train.class_index[used])
            candidates.append(_regression(model.coef_, model.intercept_, model.classes_, n_classes, mean, scale))
            iterations.append(int(model.n_iter_.max()))
    best = _best_on_val(candidates, val)
    return candidates[best], {
        "pixels": f"{SIDE} x {SIDE}",
        "C": STRENGTHS[best],
        "iterations": iterations[best],
        "converged": iterations[best] < ITERATIONS,
        "candidates": list(STRENGTHS),
        "class_weight": "balanced" if balanced else "none",
        "train_images": len(train.images),
        "train_images_used": len(used),
        "parameters": int(model.coef_.size + model.intercept_.size),
    }


def _best_on_val(candidates: Sequence[Regression], val: SplitArrays) -> int:
    """Return the place of the candidate that is best on val; the first, more strongly penalised, wins a tie."""
    blocks = (features for _, features in _blocks(val.images, np.arange(len(val.images))))
    said = [[candidate.probabilities(features) for candidate in candidates] for features in blocks]
    scores = []
    for answers in zip(*said, strict=True):
        overall = measure(val.class_index, np.concatenate(answers)).overall
        scores.append((overall["balanced_accuracy"][0], np.nan_to_num(overall["macro_auc"][0])))
    return scores.index(max(scores))


def _regression(
    coefficients: Floats, intercepts: Floats, occurring: Sequence[int], n_classes: int, mean: Floats, scale: Floats
) -> Regression:
    """Return scikit-learn's coefficients with a column per class; it has one row for two classes (the second's)."""
    if len(coefficients) == 1:
        coefficients = np.concatenate([np.zeros_like(coefficients), coefficients])
        intercepts = np.append(0, intercepts)
    columns_of = np.zeros((coefficients.shape[1], n_classes))
    columns_of[:, occurring] = coefficients.T
    all_intercepts = np.full(n_classes, -np.inf)
    all_intercepts[occurring] = intercepts
    return Regression(mean, scale, columns_of, all_intercepts)


def _blocks(images: NDArray[np.uint8], places: NDArray[np.integer]) -> Iterator[tuple[int, Floats]]:
    """Yield the features of the images at `places`, block by block, with the number of those before."""
    for first in range(0, len(places), IMAGES_AT_A_TIME):
        yield first, pixels(images[places[first : first + IMAGES_AT_A_TIME]])
