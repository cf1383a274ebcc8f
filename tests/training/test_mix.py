"""Mixed batches: drawn from (seed, epoch, step) alone, in the shares that their labels say, with the loss of both."""

import numpy as np
import pytest

from chestbench.training.compiling import SmoothedCrossentropy
from chestbench.training.feed import Feed
from chestbench.training.mix import Mix, mix_of, mixed

MIXUP, CUTMIX = Mix("mixup", 1.0, 3), Mix("cutmix", 1.0, 3)
LABELS = np.array([0, 1, 2, 1])
WEIGHTS = np.array([0.5, 1.0, 4.0])


def levels(size: int = 16) -> np.ndarray:
    """Image i is filled with 10, 60, 110, 160."""
    return np.repeat(np.arange(10, 170, 50, dtype=np.uint8), size * size).reshape(4, size, size, 1)


def drawn(mix: Mix, seed: int, epoch: int, step: int, batch: int = 4) -> tuple[float, np.ndarray]:
    generator = np.random.default_rng((seed, epoch, step, 7001))
    return generator.beta(mix.alpha, mix.alpha), generator.permutation(batch)


@pytest.mark.parametrize("mix", [MIXUP, CUTMIX])
def test_it_is_drawn_from_seed_epoch_and_step_alone(mix: Mix) -> None:
    first = mixed(levels(), LABELS, None, mix, 1, 2, 3)
    for again, expected in zip(mixed(levels(), LABELS, None, mix, 1, 2, 3), first, strict=True):
        np.testing.assert_array_equal(again, expected)
    for other in ((2, 2, 3), (1, 3, 3), (1, 2, 4)):
        assert not np.array_equal(mixed(levels(), LABELS, None, mix, *other)[1], first[1])
    assert first[0].dtype == np.uint8 and first[1].dtype == np.float32 and len(first) == 2
    np.testing.assert_allclose(first[1].sum(axis=1), 1, rtol=1e-6)


def test_mixup_blends_pictures_and_labels_in_one_share() -> None:
    share, order = drawn(MIXUP, 1, 0, 0)
    images, labels = mixed(levels(), LABELS, None, MIXUP, 1, 0, 0)
    for place, other in enumerate(order):
        level = (1 - share) * levels()[place, 0, 0, 0] + share * levels()[other, 0, 0, 0]
        assert np.abs(images[place].astype(float) - level).max() <= 0.51
        expected = np.zeros(3)
        expected[LABELS[place]] += 1 - share
        expected[LABELS[other]] += share
        np.testing.assert_allclose(labels[place], expected, rtol=1e-6)


def test_cutmix_puts_in_one_rectangle_and_labels_by_its_area() -> None:
    areas = []
    for step in range(60):
        _, order = drawn(CUTMIX, 1, 0, step)
        images, labels = mixed(levels(), LABELS, None, CUTMIX, 1, 0, step)
        for place, other in enumerate(order):
            from_other = images[place, ..., 0] == levels()[other, 0, 0, 0]
            assert (from_other | (images[place, ..., 0] == levels()[place, 0, 0, 0])).all()
            if other != place:
                rows, columns = from_other.any(axis=1), from_other.any(axis=0)
                assert (from_other == np.outer(rows, columns)).all()
                areas.append(from_other.mean())
                assert labels[place, LABELS[place]] == pytest.approx(
                    1 if LABELS[place] == LABELS[other] else 1 - areas[-1], abs=1e-6
                )
    assert min(areas) < 0.1 and max(areas) > 0.6


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_the_loss_is_that_of_both_pictures_in_their_shares(smoothing: float, weights: np.ndarray | None) -> None:
    share, order = drawn(MIXUP, 3, 1, 2)
    _, labels, *sample = mixed(levels(), LABELS, weights, MIXUP, 3, 1, 2)
    said = np.random.default_rng(0).dirichlet(np.ones(3), 4).astype(np.float32)
    found = np.asarray(SmoothedCrossentropy(3, smoothing, soft=True).call(labels, said)) * (sample[0] if sample else 1)
    each = np.ones(3) if weights is None else weights
    # Of integer labels, as a training without mixing has it.
    plain = SmoothedCrossentropy(3, smoothing)
    own, other = (np.asarray(plain.call(of, said)) * each[of] for of in (LABELS, LABELS[order]))
    np.testing.assert_allclose(found, (1 - share) * own + share * other, rtol=1e-4)


def test_the_feed_mixes_the_same_batches_whatever_the_order_of_asking() -> None:
    images = np.random.default_rng(0).integers(0, 256, (12, 8, 8, 1), dtype=np.uint8)
    feeds = [Feed(images, np.arange(12) % 3, np.arange(12), 4, 5, class_weights=WEIGHTS, mix=CUTMIX) for _ in range(2)]
    try:
        straight = [feeds[0][i] for i in range(6)]
        crooked = {i: feeds[1].batch(*divmod(i, 3)) for i in (5, 0, 3, 1, 4, 2)}
    finally:
        for feed in feeds:
            feed.close()
    for i, batch in enumerate(straight):
        assert [part.shape for part in batch] == [(4, 8, 8, 1), (4, 3), (4,)]
        for got, expected in zip(crooked[i], batch, strict=True):
            np.testing.assert_array_equal(got, expected)
    # Epochs are mixed otherwise.
    assert not np.array_equal(straight[0][1], straight[3][1])


def test_how_a_recipe_mixes(make_config) -> None:
    assert mix_of(make_config().train, 2) is None
    assert mix_of(make_config({"train.mix": "cutmix", "train.mix_alpha": 1.0}).train, 2) == Mix("cutmix", 1.0, 2)
