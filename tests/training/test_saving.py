"""model.keras: equal networks give equal bytes, and load and predict as what keras wrote."""

import time
import zipfile

import keras
import numpy as np

from chestbench.models.build import build
from chestbench.models.registry import get
from chestbench.training.predict import load, predict
from chestbench.training.saving import save_network
from tests.training.helpers import squares


def made() -> keras.Model:
    keras.backend.clear_session()
    keras.utils.set_random_seed(3)
    return build(get("tiny"), 32, 2, 0.2)


def test_equal_networks_have_equal_files(tmp_path):
    first = made()
    save_network(first, tmp_path / "first.keras")
    expected = predict(first, squares(6)[0])
    time.sleep(2.1)  # the resolution of a ZIP file's clock
    save_network(made(), tmp_path / "second.keras")
    assert (tmp_path / "first.keras").read_bytes() == (tmp_path / "second.keras").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first.keras", "second.keras"]
    np.testing.assert_array_equal(predict(load(tmp_path / "first.keras"), squares(6)[0]), expected)
    with zipfile.ZipFile(tmp_path / "first.keras") as saved:
        assert saved.testzip() is None and "1980-01-01" in saved.read("metadata.json").decode()


def test_other_weights_are_another_file(tmp_path):
    network = made()
    save_network(network, tmp_path / "first.keras")
    network.get_layer("probabilities").bias.assign([0.5, 0.0])
    save_network(network, tmp_path / "second.keras")
    assert (tmp_path / "first.keras").read_bytes() != (tmp_path / "second.keras").read_bytes()
