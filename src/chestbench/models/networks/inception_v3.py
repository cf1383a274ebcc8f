"""Inception v3 of keras.applications."""

from pathlib import Path
from typing import TYPE_CHECKING

from chestbench.models.heads import pooled_head
from chestbench.models.network import Network
from chestbench.models.published import PublishedWeights, library_constants

if TYPE_CHECKING:
    import keras

# The library has it inside a function, where `library_constants` does not look; a test compares.
MD5 = "bcbd6486424b2319ff4ef7d526e38f63"
# Where keras itself took it from before; the checksum is the same.
MIRROR = "https://github.com/fchollet/deep-learning-models/releases/download/v0.5"


def body(grey: "keras.KerasTensor", weights_file: Path | None = None) -> "keras.KerasTensor":
    """Return the last feature maps, (N, h, w, 2048), of raw grey values.

    Args:
        grey: symbolic uint8 tensor (N, H, W, 1), sides of 75 or more.
        weights_file: published ImageNet file (no top), or None for random weights.

    Raises:
        ValueError: the file holds other weights.
        KeyError: the same.
        OSError: it is no HDF5 file.
    """
    import keras

    # In float32 also under mixed precision: bfloat16 has eight significant bits, exactly a grey value's own.
    x = keras.layers.Concatenate(name="grey_to_three_channels", dtype="float32")([grey, grey, grey])
    x = keras.layers.Rescaling(1 / 127.5, offset=-1.0, name="normalisation", dtype="float32")(x)
    weights = None if weights_file is None else str(weights_file)
    return keras.applications.InceptionV3(include_top=False, weights=weights, input_tensor=x).output


def published() -> PublishedWeights:
    """Return the ImageNet file (no top), from the constants of the installed keras."""
    url = library_constants("inception_v3")["WEIGHTS_PATH_NO_TOP"]
    file = url.rpartition("/")[2]
    return PublishedWeights(file=file, url=url, md5=MD5, mirrors=(f"{MIRROR}/{file}",))


NETWORK = Network(
    name="inception_v3",
    body=body,
    head=pooled_head,
    normalisation="grey to three channels, -1 to 1",
    image_size=299,
    parameters=21_802_784,
    published=published,
    citation=(
        "C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens, Z. Wojna. Rethinking the Inception Architecture for "
        "Computer Vision. CVPR 2016, arXiv:1512.00567"
    ),
    smallest=75,
)
