"""The baselines: what the regression learns, that it is scikit-learn's, that its bytes and its memory are bounded."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from chestbench.core.errors import ChestbenchError
from chestbench.evaluation import pixel_regression
from chestbench.evaluation.leaderboard_builder import majority_measures
from chestbench.evaluation.pixel_regression import STRENGTHS, fit, pixels
from chestbench.preparation.arrays import SplitArrays


def split_of(class_index: np.ndarray, seed: int, size: int = 48, signal: float = 60.0) -> SplitArrays:
    """Return pictures of noise in which class i has a bright bar i rows down."""
    generator = np.random.default_rng(seed)
    images = generator.integers(0, 120, (len(class_index), size, size, 1)).astype(np.uint8)
    for image, label in zip(images, class_index, strict=True):
        image[4 + 6 * label : 8 + 6 * label] += np.uint8(signal)
    names = [str(place) for place in range(len(class_index))]
    return SplitArrays(images, class_index, names, [str(label) for label in class_index], names, [""] * len(names))


@pytest.mark.parametrize(("classes", "balanced"), [(2, True), (2, False), (4, True)])
def test_it_is_scikit_learns_regression(classes: int, balanced: bool) -> None:
    generator = np.random.default_rng(0)
    train = split_of(
        generator.choice(classes, 120, p=np.r_[0.4, np.full(classes - 1, 0.6 / (classes - 1))]), 1, signal=8
    )
    val = split_of(generator.integers(0, classes, 60), 2, signal=8)
    found, settings = fit(train, val, classes, balanced, 0)
    features = pixels(train.images)
    mean, scale = features.mean(axis=0), features.std(axis=0)
    model = LogisticRegression(C=settings["C"], max_iter=2000, tol=1e-8, class_weight="balanced" if balanced else None)
    model.fit((features - mean) / scale, train.class_index)
    expected = model.predict_proba((pixels(val.images) - mean) / scale)
    np.testing.assert_allclose(found.predict(val.images), expected, atol=0.03)
    assert settings["C"] in STRENGTHS and settings["converged"]
    assert settings["parameters"] == (1025 if classes == 2 else classes * 1025)


def test_it_learns_what_brightness_tells_and_nothing_from_noise() -> None:
    generator = np.random.default_rng(0)
    parts = [split_of(generator.integers(0, 3, 150), seed) for seed in (1, 2, 3)]
    found, _ = fit(parts[0], parts[1], 3, True, 0)
    assert (found.predict(parts[2].images).argmax(axis=1) == parts[2].class_index).mean() > 0.95
    noise = [split_of(generator.integers(0, 3, 150), seed, signal=0.0) for seed in (1, 2, 3)]
    found, _ = fit(noise[0], noise[1], 3, True, 0)
    assert (found.predict(noise[2].images).argmax(axis=1) == noise[2].class_index).mean() < 0.5


def test_equal_scores_go_to_the_stronger_penalty() -> None:
    labels = np.tile([0, 1], 30)
    _, settings = fit(split_of(labels, 1, signal=130), split_of(labels, 2, signal=130), 2, True, 0)
    assert settings["C"] == STRENGTHS[0]


def test_a_class_that_train_lacks_is_never_said_and_constant_pixels_do_no_harm() -> None:
    train, val = split_of(np.tile([0, 2], 30), 1), split_of(np.tile([0, 1, 2], 10), 2)
    train.images[:, :8] = 0
    val.images[:, :8] = 255
    said = fit(train, val, 4, True, 0)[0].predict(val.images)
    assert np.isfinite(said).all()
    assert (said[:, [1, 3]] == 0).all()
    np.testing.assert_allclose(said.sum(axis=1), 1, atol=1e-5)
    with pytest.raises(ChestbenchError, match="two classes or more, received one"):
        fit(split_of(np.ones(10, int), 1), val, 4, True, 0)


def test_beyond_a_size_a_sample_is_fitted_and_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    train, val = split_of(np.tile([0, 1], 100), 1), split_of(np.tile([0, 1], 20), 2)
    whole, settings = fit(train, val, 2, True, 0)
    assert (settings["train_images"], settings["train_images_used"]) == (200, 200)
    monkeypatch.setattr(pixel_regression, "IMAGES_AT_A_TIME", 7)
    blocks, _ = fit(train, val, 2, True, 0)
    assert (blocks.coefficients == whole.coefficients).all()
    monkeypatch.setattr(pixel_regression, "MOST_IMAGES", 50)
    part, settings = fit(train, val, 2, True, 0)
    again, _ = fit(train, val, 2, True, 0)
    other, _ = fit(train, val, 2, True, 1)
    assert (settings["train_images"], settings["train_images_used"]) == (200, 50)
    assert (part.coefficients == again.coefficients).all()
    assert (part.coefficients != other.coefficients).any()


def test_areas_are_averaged() -> None:
    image = np.arange(64 * 64, dtype=np.int64).reshape(1, 64, 64, 1).astype(np.uint8)
    blocks = image.reshape(32, 2, 32, 2).astype(float).mean(axis=(1, 3)) / 255
    np.testing.assert_allclose(pixels(image).reshape(32, 32), blocks, atol=0.5 / 255)
    assert pixels(image).dtype == np.float32


def test_the_majority_is_trains() -> None:
    record = {"train_images": [10, 30], "val": {"confusion": [[2, 1], [0, 1]]}, "test": {"confusion": [[6, 0], [1, 1]]}}
    found = majority_measures(record)
    assert (found["test"]["accuracy"], found["test"]["balanced_accuracy"]) == (0.25, 0.5)
