"""The pass through a frozen body is done once, and goes on after a kill."""

import keras
import numpy as np

from chestbench.training import features
from chestbench.training.features import cached_features
from tests.training.helpers import small_data


class Counting:
    """Stands for a backbone: mean grey of each image, and counts the images it saw."""

    output_shape = (None, 1)

    def __init__(self):
        self.seen = 0

    def predict(self, feed: keras.utils.PyDataset, verbose: int) -> np.ndarray:
        batches = [feed[i][0].mean(axis=(1, 2)) for i in range(len(feed))]
        self.seen += len(feed.images)
        return np.concatenate(batches)


def test_features_stand_in_for_images():
    data = small_data(6)
    found = cached_features(Counting(), data, 4, None)
    np.testing.assert_allclose(found.train_images, data.train_images.mean(axis=(1, 2)), rtol=1e-6)
    np.testing.assert_allclose(found.val_images, data.val_images.mean(axis=(1, 2)), rtol=1e-6)
    np.testing.assert_array_equal(found.train_labels, data.train_labels)


def test_finished_chunks_are_not_computed_again(tmp_path, monkeypatch):
    monkeypatch.setattr(features, "CHUNK_IMAGES", 8)
    data, first, second = small_data(20), Counting(), Counting()
    expected = cached_features(first, data, 4, tmp_path)
    assert first.seen == 30
    (tmp_path / "features-train-00000008.npz").unlink()
    found = cached_features(second, data, 4, tmp_path)
    assert second.seen == 8
    np.testing.assert_array_equal(found.train_images, expected.train_images)
