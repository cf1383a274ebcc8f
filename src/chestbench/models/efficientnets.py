"""EfficientNet B0, B3 and B7 of keras.applications, which bring their normalisation as layers of their own."""

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from chestbench.models import timm
from chestbench.models.heads import pooled_head
from chestbench.models.network import Network
from chestbench.models.published import PublishedWeights, library_constants

if TYPE_CHECKING:
    import keras

# Of ImageNet's red, green and blue, 0 to 1.
MEANS = (0.485, 0.456, 0.406)
DEVIATIONS = (0.229, 0.224, 0.225)
PAPER = (
    "M. Tan, Q. V. Le. EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks. "
    "ICML 2019, arXiv:1905.11946"
)


def body(constructor: str, grey: "keras.KerasTensor", weights_file: Path | None = None) -> "keras.KerasTensor":
    """Return the last feature maps, (N, h, w, channels), of raw grey values.

    Args:
        constructor: name in keras.applications, such as "EfficientNetB0".
        grey: symbolic uint8 tensor (N, H, W, 1).
        weights_file: published ImageNet file (no top) of Keras, or timm's (.safetensors), or None for random weights.

    Raises:
        ValueError: the file holds other weights.
        KeyError: the same.
        OSError: it is no HDF5 file.
    """
    import keras

    ported = weights_file is not None and weights_file.suffix == ".safetensors"
    x = keras.layers.Concatenate(name="grey_to_three_channels", dtype="float32")([grey, grey, grey])
    weights = None if weights_file is None or ported else str(weights_file)
    network = getattr(keras.applications, constructor)(include_top=False, weights=weights, input_tensor=x)
    set_normalisation(network)
    if weights_file is None:
        start_as_identity(network)
    elif ported:
        timm.load(network, constructor, weights_file)
    return network.output


def set_normalisation(network: "keras.Model") -> None:
    """Let the network's own layers give (grey / 255 - mean) / deviation, which the published weights were trained on.

    The library does so for `weights="imagenet"` only. The published files hold the deviation where the layer expects
    the variance, and the library mends that with one more layer, which it leaves out when the same file is given as
    a path (keras/src/applications/efficientnet.py, after `weights == "imagenet"`); with random weights it does not
    normalise at all.
    """
    import keras

    layer = next(layer for layer in network.layers if isinstance(layer, keras.layers.Normalization))
    layer.adapt_mean.assign(np.array(MEANS, np.float32))
    layer.adapt_variance.assign(np.square(np.array(DEVIATIONS, np.float32)))
    layer.finalize_state()


def start_as_identity(network: "keras.Model") -> None:
    """Set the last batch norm's gamma of every residual branch to zero, so that each block starts as the identity.

    P. Goyal et al. 2017, arXiv 1706.02677, section 5.1; see `chestbench.models.resnets.start_as_identity`.
    """
    names = {layer.name for layer in network.layers}
    for layer in network.layers:
        match = re.fullmatch(r"(block\d+[a-z]+_)project_bn", layer.name)
        if match and f"{match[1]}add" in names:
            layer.gamma.assign(np.zeros(layer.gamma.shape, "float32"))


def published(constructor: str) -> PublishedWeights:
    """Return the ImageNet file (no top) of one network, from the constants of the installed keras."""
    constants = library_constants("efficientnet")
    file = f"{constructor.lower()}_notop.h5"
    md5 = constants["WEIGHTS_HASHES"][constructor[-2:].lower()][1]
    return PublishedWeights(file=file, url=constants["BASE_WEIGHTS_PATH"] + file, md5=md5)


def efficientnet(name: str, constructor: str, image_size: int, parameters: int) -> Network:
    """Return the registry's entry of one EfficientNet.

    Args:
        name: what users type.
        constructor: name in keras.applications, such as "EfficientNetB0".
        image_size: side in pixels that it was published with.
        parameters: published count of the body (without top).
    """
    return Network(
        name=name,
        body=partial(body, constructor),
        head=pooled_head,
        normalisation="grey to three channels, 0 to 1, minus ImageNet means, over ImageNet deviations",
        image_size=image_size,
        parameters=parameters,
        published=partial(published, constructor),
        timm=partial(timm.published, constructor),
        citation=PAPER,
    )
