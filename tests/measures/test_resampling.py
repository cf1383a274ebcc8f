"""Tables of groups drawn with replacement, and of groups left out."""

import numpy as np
import pytest

from chestbench.measures import resampling
from chestbench.measures.resampling import group_draws, left_out_blocks, resampled_weights


def test_a_resample_draws_whole_groups() -> None:
    codes = np.repeat(np.arange(6), [1, 2, 3, 4, 5, 6])
    weights = np.concatenate(list(resampled_weights(codes, 300, seed=3)), axis=1)
    assert weights.shape == (21, 300)
    for group in range(6):
        assert (weights[codes == group] == weights[codes == group][0]).all()
    first_of_each = weights[np.searchsorted(codes, np.arange(6))]
    assert (first_of_each.sum(axis=0) == 6).all()
    assert first_of_each.mean() == pytest.approx(1.0)
    assert len({tuple(column) for column in weights.T}) > 100


def test_the_draws_do_not_depend_on_how_the_table_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = np.concatenate(list(group_draws(41, 10, seed=0)))
    monkeypatch.setattr(resampling, "PAIRS_AT_A_TIME", 123)
    blocks = list(group_draws(41, 10, seed=0))
    assert [len(block) for block in blocks] == [3, 3, 3, 1]
    np.testing.assert_array_equal(np.concatenate(blocks), whole)
    assert len({tuple(row) for row in whole}) == 10


def test_every_group_is_left_out_once() -> None:
    codes, labels = np.repeat(np.arange(12), 2), np.repeat([0, 0, 1], 8)
    found = left_out_blocks(codes, labels, seed=0)
    (weights,) = found.tables(12)
    np.testing.assert_array_equal((weights == 0).sum(axis=0), np.ones(12))
    np.testing.assert_array_equal((weights == 0).sum(axis=1), np.ones(12))
    for row, stratum in zip(weights, found.strata, strict=True):
        assert stratum == (int(np.flatnonzero(row == 0)[0]) >= 8)


def test_many_groups_are_left_out_by_blocks_of_one_class(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = np.arange(1010)
    labels = np.where(codes < 10, 1, 0)
    found = left_out_blocks(codes, labels, seed=0)
    assert np.bincount(found.strata).tolist() == [resampling.BLOCKS_PER_CLASS, 10]
    monkeypatch.setattr(resampling, "PAIRS_AT_A_TIME", 50_000)
    tables = list(found.tables(1010, 2000))
    assert [len(table) for table in tables] == [25] * 4 + [10]
    weights = np.concatenate(tables)
    np.testing.assert_array_equal((weights == 0).sum(axis=0), np.ones(1010))
    assert (weights[found.strata == 0][:, :10] == 1).all()
