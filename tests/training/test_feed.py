"""The feed: every image in every epoch, one batch size, and the same batches whatever the order of asking."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from chestbench.training.augment import AUGMENTATIONS
from chestbench.training.feed import Feed

LIGHT = AUGMENTATIONS["light"]


def numbered(n: int, size: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Image i is filled with i and has label i % 3."""
    images = np.broadcast_to(np.arange(n, dtype=np.uint8)[:, None, None, None], (n, size, size, 1)).copy()
    return images, np.arange(n) % 3


@pytest.fixture
def feed():
    """Return a function that makes feeds and closes them after the test."""
    made = []

    def make(n=10, batch_size=4, seed=1, indices=None, **options):
        images, labels = numbered(n)
        made.append(Feed(images, labels, np.arange(n) if indices is None else indices, batch_size, seed, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


def seen(feed: Feed, epoch: int) -> list[int]:
    return [int(image[0, 0, 0]) for step in range(feed.steps) for image in feed.batch(epoch, step)[0]]


def test_each_epoch_holds_every_image_in_batches_of_one_size(feed):
    one = feed(n=10, batch_size=4)
    assert one.steps == 3 and one.num_batches is None
    for epoch in range(3):
        counts = Counter(seen(one, epoch))
        assert set(counts) == set(range(10)) and sum(counts.values()) == 12 and max(counts.values()) <= 2
    assert {one.batch(0, step)[0].shape for step in range(3)} == {(4, 8, 8, 1)}


def test_fewer_images_than_a_batch(feed):
    one = feed(n=3, batch_size=8)
    assert one.steps == 1 and set(seen(one, 0)) == {0, 1, 2} and len(seen(one, 0)) == 8


def test_order_changes_with_epoch_and_seed_only(feed):
    assert seen(feed(), 0) == seen(feed(), 0)
    assert seen(feed(), 0) != seen(feed(), 1)
    assert seen(feed(), 0) != seen(feed(seed=2), 0)


def test_labels_and_weights_belong_to_their_images(feed):
    one = feed(class_weights=np.array([1.0, 2.0, 4.0]))
    images, labels, weights = one.batch(0, 0)
    np.testing.assert_array_equal(labels, images[:, 0, 0, 0] % 3)
    np.testing.assert_array_equal(weights, np.array([1.0, 2.0, 4.0])[labels])
    assert labels.dtype == np.int32 and weights.dtype == np.float32


def test_repeated_images_come_as_often_as_listed_and_differ(feed):
    images, labels = numbered(2, size=32)
    images[1, 8:16, 8:16] = 200
    one = Feed(images, labels, np.array([0, 1, 1, 1]), 4, 0, LIGHT)
    batch, got = one.batch(0, 0)[:2]
    one.close()
    assert sorted(got) == [0, 1, 1, 1]
    repeated = batch[got == 1]
    assert not np.array_equal(repeated[0], repeated[1]) and not np.array_equal(repeated[1], repeated[2])


def test_augmentation_does_not_depend_on_the_batches():
    """The same place of the epoch gives the same pixels in batches of another size."""
    images, labels = numbered(12, size=32)
    images[:, 8:16, 8:20] = 250
    feeds = [Feed(images, labels, np.arange(12), size, 3, LIGHT) for size in (3, 4)]
    flat = [np.concatenate([one.batch(5, step)[0] for step in range(one.steps)]) for one in feeds]
    for one in feeds:
        one.close()
    np.testing.assert_array_equal(flat[0], flat[1])


def test_any_order_of_asking_gives_the_same_batches(feed):
    straight, crooked = feed(augmentation=LIGHT), feed(augmentation=LIGHT)
    expected = [straight[i] for i in range(9)]
    with ThreadPoolExecutor(4) as pool:
        got = dict(
            zip(
                [8, 0, 1, 0, 5, 2, 3, 4, 6, 7],
                pool.map(crooked.__getitem__, [8, 0, 1, 0, 5, 2, 3, 4, 6, 7]),
                strict=True,
            )
        )
    for i, batch in enumerate(expected):
        for a, b in zip(batch, got[i], strict=True):
            np.testing.assert_array_equal(a, b)


def test_stream_runs_over_epochs_and_can_start_later(feed):
    one, later = feed(), feed(first_epoch=1)
    np.testing.assert_array_equal(one[one.steps][0], one.batch(1, 0)[0])
    np.testing.assert_array_equal(later[0][0], one.batch(1, 0)[0])


def test_memory_mapped_images_are_read_and_not_changed(tmp_path, feed):
    images, labels = numbered(6)
    np.save(tmp_path / "train.npy", images)
    mapped = np.load(tmp_path / "train.npy", mmap_mode="r")
    one = Feed(mapped, labels, np.arange(6), 4, 0, LIGHT)
    batch = one[0][0]
    one.close()
    assert isinstance(batch, np.ndarray) and not isinstance(batch, np.memmap)


def test_an_error_in_a_thread_reaches_the_caller(feed):
    with pytest.raises(IndexError):
        feed(indices=np.array([0, 99]), batch_size=2)[0]
