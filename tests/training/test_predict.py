"""One way to ask a model: any number of images, one trace, the same numbers after loading."""

import keras
import numpy as np
import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.models.build import build
from chestbench.models.registry import get
from chestbench.training.predict import load, predict
from chestbench.training.saving import save_network
from tests.training.helpers import squares


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return build(get("simple_cnn"), 32, 2)


@pytest.mark.parametrize("n", [1, 3, 4, 7, 8])
def test_tail_is_padded_and_cut(model, n):
    images, _ = squares(8)
    expected = keras.ops.convert_to_numpy(model(images, training=False))
    got = predict(model, images[:n], batch_size=4)
    assert got.shape == (n, 2) and got.dtype == np.float32
    np.testing.assert_allclose(got, expected[:n], rtol=1e-5)


def shifted(images: np.ndarray, down: int, right: int) -> np.ndarray:
    moved = np.zeros_like(images)
    height, width = images.shape[1:3]
    moved[:, max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)] = images[
        :, max(-down, 0) : height + min(-down, 0), max(-right, 0) : width + min(-right, 0)
    ]
    return moved


@pytest.mark.parametrize("batch_size", [1, 4, 20, 64])
def test_shifts_average_over_the_picture_and_four_shifted_ones(model, batch_size):
    images, _ = squares(7)
    places = [(0, 0), (3, 0), (-3, 0), (0, 3), (0, -3)]
    each = [predict(model, shifted(images, *place)) for place in places]
    assert np.abs(each[1] - each[2]).max() > 1e-4
    found = predict(model, images, batch_size, shifts=3)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, np.mean(each, axis=0), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(predict(model, images, batch_size), each[0], rtol=1e-4)


def test_no_images(model):
    assert predict(model, squares(2)[0][:0]).shape == (0, 2)


def test_all_batches_have_one_size():
    """The network is called on batches of one size only, or a backend would compile anew for the tail."""
    sizes = set()

    class Spy(keras.layers.Layer):
        def call(self, x):
            sizes.add(x.shape[0])
            return x

    inputs = keras.Input((32, 32, 1), dtype="uint8")
    model = keras.Model(inputs, Spy(dtype="uint8")(inputs))
    sizes.clear()  # building a model calls its layers too
    predict(model, squares(7)[0], batch_size=3)
    assert sizes - {None} == {3}


def test_saved_model_predicts_the_same(model, tmp_path):
    model.save(tmp_path / "model.keras")
    images, _ = squares(5)
    np.testing.assert_array_equal(predict(load(tmp_path / "model.keras"), images), predict(model, images))


def test_memory_mapped_images(model, tmp_path):
    images, _ = squares(5)
    np.save(tmp_path / "images.npy", images)
    np.testing.assert_array_equal(
        predict(model, np.load(tmp_path / "images.npy", mmap_mode="r"), 2), predict(model, images, 2)
    )


def test_load_says_what_is_wrong(tmp_path):
    with pytest.raises(ChestbenchError, match=r"missing\.keras"):
        load(tmp_path / "missing.keras")
    (tmp_path / "broken.keras").write_bytes(b"x")
    with pytest.raises(ChestbenchError, match="expected a model written by the train stage"):
        load(tmp_path / "broken.keras")


def test_a_damaged_model_is_refused_in_one_sentence(model, tmp_path):
    path = tmp_path / "model.keras"
    save_network(model, path)
    whole = path.read_bytes()
    for damaged in (
        b"",
        whole[:4096],
        whole[:-1],
        whole[: len(whole) // 2] + bytes(64) + whole[len(whole) // 2 + 64 :],
    ):
        path.write_bytes(damaged)
        with pytest.raises(ChestbenchError, match=r"expected a model written by .*, received: .*dvc repro"):
            load(path)
