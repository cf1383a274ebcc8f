from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chestbench.core.errors import ChestbenchError
from chestbench.preparation.sampling import class_weights, describe_order, summarise_order, training_order, write_order


@given(st.lists(st.integers(1, 60), min_size=1, max_size=5), st.integers(0, 2**31 - 1))
def test_upsampling_repeats_evenly_until_classes_balance(counts: list[int], seed: int) -> None:
    classes = np.repeat(np.arange(len(counts)), counts)
    order = training_order(classes, "upsample", seed)
    assert order.dtype == np.int64 and len(order) == len(counts) * max(counts)
    repeats = np.bincount(order, minlength=len(classes))
    for label, count in enumerate(counts):
        mine = repeats[classes == label]
        assert mine.sum() == max(counts)
        assert set(mine.tolist()) <= {max(counts) // count, -(-max(counts) // count)}


def test_thirteen_to_one_is_balanced_either_way() -> None:
    classes = np.repeat([0, 1], [350, 27])
    order = training_order(classes, "upsample", 3)
    assert np.bincount(classes[order]).tolist() == [350, 350]
    assert set(order.tolist()) == set(range(377)), "no image is lost"
    weights = class_weights(classes, 2)
    assert 350 * weights[0] == pytest.approx(27 * weights[1])


@pytest.mark.parametrize("balance", ["class_weight", "none"])
def test_without_upsampling_each_image_is_read_once(balance: str) -> None:
    order = training_order(np.array([0, 0, 0, 1]), balance, 5)
    assert sorted(order.tolist()) == [0, 1, 2, 3]


def test_the_seed_decides_the_order() -> None:
    classes = np.repeat([0, 1], [40, 9])
    np.testing.assert_array_equal(training_order(classes, "upsample", 1), training_order(classes, "upsample", 1))
    assert (training_order(classes, "upsample", 1) != training_order(classes, "upsample", 2)).any()


def test_classes_are_mixed_in_the_order() -> None:
    classes = np.repeat([0, 1], [100, 100])
    assert 20 < classes[training_order(classes, "upsample", 1)[:100]].sum() < 80


def test_weights_are_inverse_to_counts_and_average_to_one() -> None:
    classes = np.repeat([0, 1, 2], [6, 3, 1])
    weights = class_weights(classes, 3)
    np.testing.assert_allclose(weights, [10 / 18, 10 / 9, 10 / 3])
    assert weights[classes].mean() == pytest.approx(1)


def test_an_empty_class_is_refused() -> None:
    with pytest.raises(ChestbenchError, match=r"class number \[1\]"):
        class_weights(np.array([0, 2]), 3)
    with pytest.raises(ChestbenchError, match="some of every class"):
        training_order(np.array([], np.int64), "none", 1)


def test_the_summary_tells_counts_and_weights(tmp_path: Path) -> None:
    classes = np.array([0, 0, 1])
    order = training_order(classes, "upsample", 1)
    assert summarise_order(classes, order, "upsample", ["정상", "b"]) == {
        "balance": "upsample",
        "before": {"정상": 2, "b": 1},
        "after": {"정상": 2, "b": 2},
        "class_weights": {},
    }
    weighted = summarise_order(classes, training_order(classes, "class_weight", 1), "class_weight", ["a", "b"])
    assert weighted["class_weights"] == {"a": 0.75, "b": 1.5}
    assert describe_order(weighted) == "balance class_weight: a 2 -> 2, b 1 -> 1"
    write_order(tmp_path / "order.npy", order)
    np.testing.assert_array_equal(np.load(tmp_path / "order.npy"), order)
