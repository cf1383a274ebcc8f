"""What the registry knows of one network. Importable without keras."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chestbench.core.errors import ChestbenchError
from chestbench.models.published import PublishedWeights

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Network:
    """One entry of the registry.

    Attributes:
        name: what users type.
        body: `body(grey) -> maps`. Takes a symbolic uint8 tensor (N, H, W, 1) of raw grey values, casts it, applies the
            family's own normalisation and returns the last feature maps (N, h, w, channels). With a second argument,
            the path of an ImageNet file, the weights are loaded from it; `ValueError`, `KeyError` or `OSError` when
            it holds other weights or is no such file.
        head: `head(maps, n_classes, dropout) -> probabilities`, float32 softmax (N, n_classes); one of its layers is
            named "features": what that layer gives is cached when the body is frozen.
        normalisation: what the body does to grey values, in words.
        image_size: default side in pixels.
        parameters: published count of the body (without top), or None where the count depends on the image size.
        published: returns what is known of the ImageNet file; None when there is no such file.
        citation: the paper.
        smallest: least side in pixels that the body can take.
        timm: returns what is known of timm's file of the same network, which the body takes too; None: there is none.
    """

    name: str
    body: Callable[..., "keras.KerasTensor"]
    head: Callable[["keras.KerasTensor", int, float], "keras.KerasTensor"]
    normalisation: str
    image_size: int
    parameters: int | None
    published: Callable[[], PublishedWeights] | None
    citation: str
    smallest: int = 32
    timm: Callable[[], PublishedWeights] | None = None


def require_size(network: Network, size: int) -> None:
    """Raise unless the network can take square images of `size` pixels.

    Raises:
        ChestbenchError: they are too small; the least size and the network's own are given.
    """
    if size < network.smallest:
        raise ChestbenchError(
            f"preprocess.size: expected {network.smallest} or more for {network.name}, received {size}; "
            f"add -S preprocess.size={network.image_size} (the size it was published with), or another from "
            f"{network.smallest} on"
        )


def require_published(network: Network, weights: str = "imagenet") -> PublishedWeights:
    """Return what is known of the network's ImageNet file.

    Args:
        network: entry of the registry.
        weights: train.weights, imagenet or timm.

    Raises:
        ChestbenchError: there is none.
    """
    if weights == "timm":
        if network.timm is not None:
            return network.timm()
        expected = "none" if network.published is None else "imagenet or none"
        raise ChestbenchError(
            f"train.weights: expected {expected} for {network.name}, as timm's files are read of EfficientNet B0, B3 "
            f"and B7 alone, received timm; add -S train.weights={expected.partition(' ')[0]}"
        )
    if network.published is not None:
        return network.published()
    raise ChestbenchError(
        f"train.weights: expected none for {network.name}, which has no published ImageNet weights, "
        f"received imagenet; add -S train.weights=none"
    )
