"""Inception v3: its ImageNet file is the library's, and a file in that layout is loaded."""

import inspect
import re

import keras
import numpy as np
from keras.src.applications import inception_v3

from chestbench.models.build import build
from chestbench.models.parts import backbone_layers
from chestbench.models.registry import get
from tests.models.weights_server import write_legacy_h5


def test_published_file_is_the_librarys():
    """The checksum stands inside a function of the library: read from its source."""
    published = get("inception_v3").published()
    assert published.url == inception_v3.WEIGHTS_PATH_NO_TOP
    source = inspect.getsource(inception_v3.InceptionV3)
    call = source[source.index(published.file) :]
    assert re.search(r'file_hash="(\w+)"', call)[1] == published.md5


def test_file_in_the_published_layout_is_loaded(tmp_path):
    plain = keras.applications.InceptionV3(include_top=False, weights=None, input_shape=(75, 75, 3))
    path = tmp_path / "weights.h5"
    write_legacy_h5(plain, path, seed=1)
    model = build(get("inception_v3"), 75, 2, weights_file=path)
    loaded = [weight for layer in backbone_layers(model) for weight in layer.get_weights()]
    assert len(loaded) == len(plain.get_weights())
    assert all(np.all((weight > 0.0099) & (weight < 0.0201)) for weight in loaded)
