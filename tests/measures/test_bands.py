"""Bands of curves: the curve itself, where it is certain and where not, and how often the truth lies inside."""

import numpy as np
import pytest
from sklearn.metrics import precision_recall_curve, roc_curve

from chestbench.measures.bands import FPR_PLACES, RECALL_PLACES, pr_band, roc_band
from tests.evaluation.simulated import simulate


def _drawn(seed: int, n_groups: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    labels, said, groups = simulate(np.random.default_rng(seed), n_groups, "good")
    return said[:, 1].round(2), labels == 1, groups


def test_the_curves_are_scikit_learns_at_every_place() -> None:
    scores, positive, groups = _drawn(3)
    fpr, tpr, _ = roc_curve(positive, scores, drop_intermediate=False)
    highest = [tpr[fpr <= place + 1e-12].max() for place in FPR_PLACES]
    assert np.allclose(roc_band(scores, positive, groups, 100).value, highest)
    precision, recall, _ = precision_recall_curve(positive, scores)
    # The highest threshold that reaches the recall; scikit-learn's come from the lowest on, and end with none.
    first = [precision[:-1][recall[:-1] >= place - 1e-12][-1] for place in RECALL_PLACES]
    assert np.allclose(pr_band(scores, positive, groups, 100).value, first)


def test_bands_hold_the_curve_and_stay_within_nought_and_one() -> None:
    for band in (roc_band(*_drawn(4), 300), pr_band(*_drawn(4), 300)):
        known = np.isfinite(band.low)
        assert known.mean() > 0.9
        assert (band.low[known] <= band.value[known]).all() and (band.value[known] <= band.high[known]).all()
        assert band.low[known].min() >= 0 and band.high[known].max() <= 1


def test_a_perfect_curve_of_few_patients_is_not_certain() -> None:
    scores = np.linspace(0, 1, 20)
    band = roc_band(scores, scores > 0.5, range(20), 200)
    assert (band.value == 1).all() and np.allclose(band.low, 0.025 ** (1 / 10)) and (band.high == 1).all()


def test_what_one_group_holds_alone_has_no_band() -> None:
    scores, positive = np.linspace(0, 1, 20), np.arange(20) > 15
    band = roc_band(scores, positive, ["all the same" if value else str(n) for n, value in enumerate(positive)], 200)
    assert np.isnan(band.low).all() and np.isfinite(band.value).all()
    assert roc_band(scores, np.ones(20, bool), range(20), 200) is None
    assert pr_band(scores, np.zeros(20, bool), range(20), 200) is None


@pytest.mark.parametrize("n_groups", [20, 80])
def test_the_true_sensitivity_lies_inside_as_often_as_is_promised(n_groups: int) -> None:
    """At a false positive rate of 0.3, over 120 drawn test sets; the truth is that of very many groups."""
    truth = roc_band(*_drawn(1, 20_000), 60).value
    place = int(np.searchsorted(FPR_PLACES, 0.3 - 1e-9))
    inside = 0
    for seed in range(120):
        band = roc_band(*_drawn(100 + seed, n_groups), 200, seed=seed)
        low, high = band.low[place], band.high[place]
        inside += np.isnan(low) or low <= truth[place] <= high
    # 95 of 100 are promised; 120 draws of a band that holds 95 give 108 or fewer in one of 100 cases.
    assert inside >= 108
