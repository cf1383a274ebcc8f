"""Resampled figures: those of the intervals, scikit-learn's under each weighting, and a file that says its draws."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from chestbench.core.errors import ChestbenchError
from chestbench.measures.intervals import evaluate_resampled
from chestbench.measures.operating import choose, split_resampled
from chestbench.measures.ranking import Ranking
from chestbench.measures.resampled import Resampled, read_resampled, resample, write_resampled
from chestbench.measures.resampling import resampled_weights
from tests.evaluation.simulated import simulate

CLASSES = ("a", "b", "c")


def made_up(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    labels, probabilities, groups = simulate(np.random.default_rng(seed), 40, "random, three classes")
    # Few digits, so that equal scores occur.
    return labels, np.round(probabilities, 2), groups


def test_they_are_scikit_learns_under_the_same_draws() -> None:
    labels, probabilities, groups = made_up()
    found = resample(labels, probabilities, groups, 30, seed=4)
    codes = np.unique([str(group) for group in groups], return_inverse=True)[1]
    weights = np.concatenate(list(resampled_weights(codes, 30, 4)), axis=1)
    weights = np.concatenate([np.ones((len(labels), 1)), weights], axis=1)
    assert found.auc.shape == found.sensitivity.shape == (31, 3)
    for row in range(31):
        for place in range(3):
            expected = roc_auc_score(labels == place, probabilities[:, place], sample_weight=weights[:, row])
            assert found.auc[row, place] == pytest.approx(expected, abs=1e-12)
            own = labels == place
            right = np.average(probabilities[own].argmax(axis=1) == place, weights=weights[own, row])
            assert found.sensitivity[row, place] == pytest.approx(right, abs=1e-12)


def test_a_class_without_weight_has_no_figure() -> None:
    generator = np.random.default_rng(3)
    positive, codes = generator.random(200) < 0.3, generator.integers(0, 30, 200)
    scores = np.round(generator.normal(size=200) + positive, 1)
    rows = generator.integers(0, 4, (20, 30))
    rows[0] = 0
    rows[1, np.unique(codes[positive])] = 0
    auc, _ = Ranking(scores, positive, codes).measure(rows)
    assert np.isnan(auc[:2]).all()
    for row in range(2, 20):
        assert auc[row] == pytest.approx(roc_auc_score(positive, scores, sample_weight=rows[row, codes]), abs=1e-12)


def test_they_are_those_that_the_intervals_are_made_of() -> None:
    labels, probabilities, groups = made_up()
    alone = resample(labels, probabilities, groups, 120, 7)
    record, found = evaluate_resampled(labels, probabilities, groups, CLASSES, 120, seed=7)
    chosen = choose(labels, probabilities, groups, CLASSES)
    _, beside = split_resampled(labels, probabilities, groups, CLASSES, chosen, 120, 0.95, 7)
    for other in (found, beside):
        assert other.draws == alone.draws
        np.testing.assert_array_equal(other.auc, alone.auc)
        np.testing.assert_array_equal(other.sensitivity, alone.sensitivity)
    for place, name in enumerate(CLASSES):
        assert record["per_class"][name]["auc"]["value"] == alone.auc[0, place]


def test_equal_hashes_mean_equal_draws() -> None:
    labels, probabilities, groups = made_up()
    first = resample(labels, probabilities, groups, 60, 1)
    assert resample(labels, probabilities[:, ::-1], list(map(str, groups)), 60, 1).draws == first.draws
    other_groups = [f"{group}x" for group in groups]
    for changed in ((other_groups, 60, 1), (groups, 61, 1), (groups, 60, 2), (groups[::-1], 60, 1)):
        assert resample(labels, probabilities, *changed).draws != first.draws


def test_the_file_keeps_every_bit_and_has_the_same_bytes_again(tmp_path: Path) -> None:
    labels, probabilities, groups = made_up()
    figures = resample(labels, probabilities, groups, 60)
    absent = Resampled(np.where(figures.auc > 0.5, figures.auc, np.nan), figures.auc, figures.draws)
    digests = []
    for name in ("one.npz", "two.npz"):
        write_resampled(tmp_path / name, absent)
        digests.append(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert digests[0] == digests[1]
    found = read_resampled(tmp_path / "one.npz")
    np.testing.assert_array_equal(found.sensitivity, absent.sensitivity)
    np.testing.assert_array_equal(found.auc, absent.auc)
    assert (found.draws, found.auc.dtype) == (figures.draws, np.float64)
    with pytest.raises(ChestbenchError, match="found none; run `dvc repro`"):
        read_resampled(tmp_path / "three.npz")
    (tmp_path / "one.npz").write_bytes(b"no archive")
    with pytest.raises(ChestbenchError, match="received something else"):
        read_resampled(tmp_path / "one.npz")
