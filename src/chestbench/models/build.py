"""From a network's entry to a Keras model for raw grey images."""

from pathlib import Path
from typing import TYPE_CHECKING

from chestbench.core.errors import ChestbenchError
from chestbench.models.network import Network, require_published, require_size

if TYPE_CHECKING:
    import keras


def build(
    network: Network, image_size: int, n_classes: int, dropout: float = 0.0, weights_file: Path | None = None
) -> "keras.Model":
    """Build one network for raw grey images.

    >>> from chestbench.models.networks.simple_gmp import NETWORK
    >>> model = build(NETWORK, image_size=32, n_classes=3)
    >>> model.input_shape, model.output_shape
    ((None, 32, 32, 1), (None, 3))

    Args:
        network: entry of the registry.
        image_size: side of the square images in pixels, 32 or more (75 for inception_v3).
        n_classes: number of classes, 2 or more.
        dropout: rate before the last layer, 0 to below 1; networks with a published rate keep their own.
        weights_file: ImageNet file for the body (see `chestbench.models.weights`), or None for random weights.

    Returns:
        An uncompiled model: uint8 (N, image_size, image_size, 1) to float32 probabilities (N, n_classes). Of built-in
        layers only, or (bit_r50x1) made so for saving by `chestbench.models.standardised.plain_copy`.

    Raises:
        ChestbenchError: images too small, or the weights file does not fit the network.
    """
    import keras

    require_size(network, image_size)
    grey = keras.Input((image_size, image_size, 1), dtype="uint8", name="grey")
    maps = body_maps(network, grey, weights_file)
    return keras.Model(grey, network.head(maps, n_classes, dropout), name=network.name)


def body_maps(network: Network, grey: "keras.KerasTensor", weights_file: Path | None = None) -> "keras.KerasTensor":
    """Return the last feature maps of a network's body, with the weights of a file where one is given.

    Args:
        network: entry of the registry.
        grey: symbolic uint8 tensor (N, H, W, 1).
        weights_file: ImageNet file for the body, or None for random weights.

    Raises:
        ChestbenchError: the weights file does not fit the network.
    """
    if weights_file is None:
        return network.body(grey)
    file = require_published(network, "timm" if weights_file.suffix == ".safetensors" else "imagenet").file
    try:
        return network.body(grey, weights_file)
    except (ValueError, KeyError, OSError) as error:
        raise ChestbenchError(
            f"{weights_file}: expected the ImageNet weights of {network.name} ({file}), "
            f"received something else ({error}); delete it and run the weights stage again"
        ) from error
