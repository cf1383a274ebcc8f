"""Files in PyTorch's layouts, made up here: complete, every array used once and in its place, wrong ones refused."""

import keras
import numpy as np
import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.models import efficientnet_lite, timm
from chestbench.models.build import build
from chestbench.models.parts import backbone_layers
from chestbench.models.pytorch_arrays import arrays, blocks, in_keras_order
from chestbench.models.registry import get
from tests.models.pytorch_files import random_arrays, write_safetensors, write_state_dict

LAYOUTS = {
    "efficientnet_b0": (timm.wanted("EfficientNetB0"), timm.CLASSIFIER, write_safetensors, "tf_b0.safetensors"),
    "efficientnet_lite0": (
        efficientnet_lite.wanted(),
        efficientnet_lite.CLASSIFIER,
        write_state_dict,
        efficientnet_lite.FILE,
    ),
}


@pytest.fixture(params=LAYOUTS)
def layout(request, tmp_path):
    """Name of a network, its arrays, and a function that writes them and returns the path."""
    wanted, classifier, write, file = LAYOUTS[request.param]

    def written(found):
        write(tmp_path / file, found)
        return tmp_path / file

    return request.param, wanted, random_arrays(wanted, classifier), written


def test_every_variable_of_the_body_is_an_array_of_the_file(layout):
    """Exactly: each value once, in the order of axes that Keras has, and nothing else moved."""
    name, wanted, found, written = layout
    model = build(get(name), 32, 2, weights_file=written(found))
    own = [layer for layer in backbone_layers(model) if not isinstance(layer, keras.layers.Normalization)]
    variables = {(layer.name, variable.name): variable for layer in own for variable in layer.weights}
    assert len(variables) == len(wanted) == len({array.name for array in wanted})
    for array in wanted:
        value = keras.ops.convert_to_numpy(variables.pop((array.layer, array.variable)))
        np.testing.assert_array_equal(value, in_keras_order(found[array.name], array))
    assert not variables


def test_axes():
    """A convolution's own numbers stand where Keras looks for them: (height, width, channels, filters)."""
    wanted = timm.wanted("EfficientNetB0")
    for array, place in ((wanted[0], (1, 2, 0, 5)), (wanted[5], (1, 2, 5, 0))):
        value = np.arange(np.prod(array.shape), dtype=np.float32).reshape(array.shape)
        theirs = value[5, 0, 1, 2]
        assert array.variable == "kernel" and in_keras_order(value, array)[place] == theirs


@pytest.mark.parametrize("fault", ["missing", "more", "shape", "not finite", "cut", "empty"])
def test_wrong_files_are_refused(layout, fault):
    name, wanted, found, written = layout
    last = wanted[-1].name
    match = {
        "missing": rf"1 of {len(wanted)} arrays are missing, such as {last}",
        "more": "1 arrays more than the network has, such as blocks.9.weight",
        "shape": rf"{wanted[0].name} has the shape \(32, 3, 3, 4\), expected \(32, 3, 3, 3\)",
        "not finite": rf"{last} is not of finite",
    }.get(fault, "cut short")
    if fault == "missing":
        del found[last]
    elif fault == "more":
        found["blocks.9.weight"] = np.zeros(3, np.float32)
    elif fault == "shape":
        found[wanted[0].name] = np.zeros((32, 3, 3, 4), np.float32)
    elif fault == "not finite":
        found[last][3] = np.nan
    path = written(found)
    if fault == "cut":
        path.write_bytes(path.read_bytes()[:-5])
    elif fault == "empty":
        path.write_bytes(b"")
    with pytest.raises(ChestbenchError, match=match) as caught:
        build(get(name), 32, 2, weights_file=path)
    assert str(path) in str(caught.value)


def test_a_file_of_another_size_is_refused(tmp_path):
    """B0's arrays for B3, both ways."""
    for ours, theirs in (("EfficientNetB3", "EfficientNetB0"), ("EfficientNetB0", "EfficientNetB3")):
        write_safetensors(tmp_path / "x.safetensors", random_arrays(timm.wanted(theirs), timm.CLASSIFIER))
        with pytest.raises(ValueError, match=r"arrays|shape"):
            timm.check_file(ours, tmp_path / "x.safetensors")
        timm.check_file(theirs, tmp_path / "x.safetensors")


@pytest.mark.parametrize("constructor", timm.SCALES)
def test_sizes_are_those_of_keras_applications(constructor):
    """Widths, repeats and squeezed channels, worked out without Keras, are those that it builds."""
    network = getattr(keras.applications, constructor)(include_top=False, weights=None, input_shape=(32, 32, 3))
    layers = [layer for layer in network.layers if not isinstance(layer, keras.layers.Normalization)]
    built = {(layer.name, each.name): tuple(each.shape) for layer in layers for each in layer.weights}
    ours = {
        (array.layer, array.variable): in_keras_order(np.zeros(array.shape), array).shape
        for array in arrays(timm.names, *timm.SCALES[constructor], squeeze=True)
    }
    assert ours == built


def test_blocks_of_b0():
    """Table 1 of the paper: 16 blocks, halved before stages 2, 3, 4 and 6."""
    placed = list(blocks())
    assert len(placed) == 16 and [block.name for block in placed if block.stride == 2] == [
        "block2a",
        "block3a",
        "block4a",
        "block6a",
    ]
    assert [placed[0].inside, placed[1].inside, placed[-1].inside, placed[-1].behind] == [32, 96, 1152, 320]
