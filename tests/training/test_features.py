"""The pass through a frozen body is done once, and goes on after a kill."""

import keras
import numpy as np
import pytest

from chestbench.training import features, predict
from chestbench.training.features import cached_features
from tests.training.helpers import small_data


@pytest.fixture
def backbone(monkeypatch):
    """A backbone: mean grey of each image; and a list of how many images each of its steps saw."""
    grey = keras.Input((32, 32, 1))
    model, seen = keras.Model(grey, keras.layers.GlobalAveragePooling2D()(grey)), []
    original = predict.forward_of

    def counted(asked, *shifts):
        forward = original(asked, *shifts)
        return lambda images: (seen.append(len(images)), forward(images))[1]

    monkeypatch.setattr(predict, "forward_of", counted)
    return model, seen


def test_features_stand_in_for_images(backbone):
    data = small_data(6)
    found = cached_features(backbone[0], data, 4, None)
    np.testing.assert_allclose(found.train_images, data.train_images.mean(axis=(1, 2)), rtol=1e-6)
    np.testing.assert_allclose(found.val_images, data.val_images.mean(axis=(1, 2)), rtol=1e-6)
    np.testing.assert_array_equal(found.train_labels, data.train_labels)


def test_finished_chunks_are_not_computed_again(backbone, tmp_path, monkeypatch):
    monkeypatch.setattr(features, "CHUNK_IMAGES", 8)
    data, (model, seen) = small_data(20), backbone
    expected = cached_features(model, data, 4, tmp_path)
    assert sum(seen) == 30
    seen.clear()
    (tmp_path / "features-train-00000008.npz").unlink()
    found = cached_features(model, data, 4, tmp_path)
    assert sum(seen) == 8
    np.testing.assert_array_equal(found.train_images, expected.train_images)
