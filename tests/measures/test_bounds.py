"""The ends of an interval: textbook values, and that they say something where the bootstrap alone cannot."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from chestbench.measures.bounds import (
    absolute_sum_bounds,
    degrees_of_freedom,
    exact_bounds,
    expansion,
    logit_bounds,
)


@pytest.mark.parametrize("groups", [2, 5, 30, 400])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_unanimous_groups_get_the_bounds_of_clopper_and_pearson(groups: int, confidence: float) -> None:
    for value in (0, 1):
        expected = proportion_confint(value * groups, groups, alpha=1 - confidence, method="beta")
        assert exact_bounds(value, groups, confidence) == pytest.approx(expected, abs=1e-9)
    assert exact_bounds(2.0, groups, confidence, top=2.0)[0] == pytest.approx(
        2 * proportion_confint(groups, groups, alpha=1 - confidence, method="beta")[0], abs=1e-9
    )


def test_many_groups_get_the_normal_interval_of_the_logit() -> None:
    generator = np.random.default_rng(0)
    drawn = generator.normal(0.8, 0.02, 20_000)
    low, high = logit_bounds(0.8, drawn, 1e9, 0.95)
    reach = stats.norm.ppf(0.975) * drawn.std(ddof=1) / (0.8 * 0.2)
    assert low == pytest.approx(1 / (1 + np.exp(-(np.log(4) - reach))), abs=1e-9)
    assert high == pytest.approx(1 / (1 + np.exp(-(np.log(4) + reach))), abs=1e-9)


def test_the_expansion_is_students_and_undoes_the_division_by_n() -> None:
    for n in (2, 10, 100):
        expected = stats.t.ppf(0.975, n - 1) * np.sqrt(n / (n - 1))
        assert expansion(n - 1, 0.95) == pytest.approx(expected, rel=1e-9)


def test_freedom_counts_the_groups_that_carry_the_variance() -> None:
    strata = np.repeat([0, 1], [5, 100])
    only_first = 0.7 + np.append(np.tile([0.01, -0.01], 3)[:5], np.zeros(100))
    assert degrees_of_freedom(0.7, only_first, strata) == pytest.approx(4)
    # Equal influence of every group: nearly all of them count.
    assert degrees_of_freedom(0.7, np.full(105, 0.71), strata) == pytest.approx(103, rel=0.01)
    assert degrees_of_freedom(0.7, np.full(105, 0.7), strata) == 104
    lost = only_first.copy()
    lost[0] = np.nan
    assert degrees_of_freedom(0.7, lost, strata) == pytest.approx(3)


def test_noise_alone_is_compatible_with_no_error_at_all() -> None:
    generator = np.random.default_rng(1)
    terms = generator.normal(0, 0.01, 15)
    low, high = absolute_sum_bounds(terms, terms + generator.normal(0, 0.01, (2000, 15)), np.full(15, 50), 50, 0.95)
    assert low == 0
    assert high >= np.abs(terms).sum()


def test_an_error_far_above_its_noise_gets_the_plain_interval() -> None:
    generator = np.random.default_rng(2)
    terms = np.array([0.1, -0.05, 0.08])
    low, high = absolute_sum_bounds(terms, terms + generator.normal(0, 0.002, (4000, 3)), np.full(3, 1e6), 1e9, 0.95)
    reach = 1.96 * 0.002 * np.sqrt(3)
    assert low == pytest.approx(0.23 - reach, abs=5e-4)
    assert high == pytest.approx(0.23 + reach, abs=5e-4)
