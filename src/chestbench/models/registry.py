"""Every network by name. Importing this needs no keras; only `build` and what follows it do.

To add a network: write its `body` (and `head`, or take `heads.pooled_head`) in the file of its family, add a `Network`
to that file's `NETWORKS`, name the family below, and add conf/model/NAME.yaml.
"""

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from chestbench.core.errors import ChestbenchError
from chestbench.models import bit, efficientnets, inception, resnets, simple_cnn, simple_gmp, transfusion
from chestbench.models.heads import FEATURES
from chestbench.models.network import Network, require_published, require_size

if TYPE_CHECKING:
    import keras

FAMILIES = (resnets, simple_cnn, inception, efficientnets, bit, transfusion, simple_gmp)
NETWORKS: dict[str, Network] = {network.name: network for family in FAMILIES for network in family.NETWORKS}


def get(name: str) -> Network:
    """Return the entry of one network.

    Raises:
        ChestbenchError: there is no such network; the nearest names are given.
    """
    if name in NETWORKS:
        return NETWORKS[name]
    near = difflib.get_close_matches(str(name).lower(), NETWORKS, n=2, cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    known = ", ".join(NETWORKS)
    raise ChestbenchError(
        f"model.variants: expected a network of the registry, received {name!r}; {hint}Known: {known}"
    )


def check_names(names: Iterable[str]) -> None:
    """Raise the `ChestbenchError` of `get` for the first name that is not in the registry."""
    for name in names:
        get(name)


def build(
    name: str, image_size: int, n_classes: int, dropout: float = 0.0, weights_file: Path | None = None
) -> "keras.Model":
    """Build one network for raw grey images.

    Args:
        name: entry of the registry.
        image_size: side of the square images in pixels, 32 or more (75 for inception_v3).
        n_classes: number of classes, 2 or more.
        dropout: rate before the last layer, 0 to below 1; networks with a published rate keep their own.
        weights_file: ImageNet file for the body (see `chestbench.models.weights`), or None for random weights.

    Returns:
        An uncompiled model: uint8 (N, image_size, image_size, 1) to float32 probabilities (N, n_classes). Of built-in
        layers only, or (bit_r50x1) made so for saving by `chestbench.models.standardised.plain_copy`.

    Raises:
        ChestbenchError: unknown name, images too small, or the weights file does not fit the network.
    """
    import keras

    network = get(name)
    require_size(network, image_size)
    grey = keras.Input((image_size, image_size, 1), dtype="uint8", name="grey")
    if weights_file is None:
        maps = network.body(grey)
    else:
        file = require_published(network).file
        try:
            maps = network.body(grey, weights_file)
        except (ValueError, KeyError, OSError) as error:
            raise ChestbenchError(
                f"{weights_file}: expected the ImageNet weights of {name} ({file}), received something else ({error}); "
                f"delete it and run the weights stage again"
            ) from error
    return keras.Model(grey, network.head(maps, n_classes, dropout), name=name)


def backbone_layers(model: "keras.Model") -> list["keras.Layer"]:
    """Return the layers of the body, from the input up to the last feature maps."""
    names = [layer.name for layer in model.layers]
    return model.layers[: names.index(FEATURES)]


def head_layers(model: "keras.Model") -> list["keras.Layer"]:
    """Return the layers that turn cached features into probabilities: all after the one named "features"."""
    names = [layer.name for layer in model.layers]
    return model.layers[names.index(FEATURES) + 1 :]


def gradcam_layer(model: "keras.Model") -> "keras.Layer":
    """Return the layer whose output is the last feature maps (N, h, w, channels).

    `keras.Model(model.inputs, [gradcam_layer(model).output, model.output])` gives maps and probabilities.
    """
    return backbone_layers(model)[-1]


def split_backbone(model: "keras.Model") -> tuple["keras.Model", "keras.Model"]:
    """Return (images to features, features to probabilities). Both share their layers, and weights, with `model`."""
    import keras

    features = model.get_layer(FEATURES).output
    backbone = keras.Model(model.input, features, name=f"{model.name}_backbone")
    inputs = x = keras.Input(features.shape[1:], name="cached_features")
    for layer in head_layers(model):
        x = layer(x)
    return backbone, keras.Model(inputs, x, name=f"{model.name}_head")
