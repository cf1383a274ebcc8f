"""McNemar's exact test and Holm's correction, against statsmodels."""

import numpy as np
import pytest

from chestbench.measures.significance import holm, mcnemar_exact

statsmodels = pytest.importorskip("statsmodels")


def test_mcnemar_is_that_of_statsmodels() -> None:
    from statsmodels.stats.contingency_tables import mcnemar

    generator = np.random.default_rng(0)
    pairs = [(0, 0), (0, 1), (1, 0), (5, 5), (0, 40), (3000, 2900), (1, 9000), *generator.integers(0, 200, (200, 2))]
    for first, second in pairs:
        expected = mcnemar([[7, first], [second, 9]], exact=True).pvalue
        assert mcnemar_exact(int(first), int(second)) == pytest.approx(expected, abs=1e-9, rel=1e-9)
    table = np.array(pairs)
    together = mcnemar_exact(table[:, 0], table[:, 1])
    assert together.shape == (len(pairs),)
    assert together[0] == 1.0
    assert ((together > 0) & (together <= 1)).all()


def test_holm_is_that_of_statsmodels() -> None:
    from statsmodels.stats.multitest import multipletests

    generator = np.random.default_rng(1)
    for count in (1, 2, 5, 17):
        for _ in range(10):
            p_values = np.round(generator.random(count) ** 3, generator.integers(1, 6))
            assert holm(p_values.tolist()) == pytest.approx(
                multipletests(p_values, method="holm")[1].tolist(), abs=1e-12
            )


def test_what_could_not_be_tested_is_no_comparison() -> None:
    assert holm([]) == []
    assert holm([None]) == [None]
    assert holm([0.01, None, 0.04]) == [0.02, None, 0.04]
