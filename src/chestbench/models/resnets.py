"""The six ResNets of keras.applications: 50, 101 and 152 layers, original (v1) and pre-activation (V2)."""

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from chestbench.models.heads import pooled_head
from chestbench.models.network import Network
from chestbench.models.published import PublishedWeights, library_constants

if TYPE_CHECKING:
    import keras

# Means of ImageNet's blue, green and red, 0 to 255: the weights of v1 were trained on BGR minus these.
CAFFE_MEANS = (103.939, 116.779, 123.68)
# Where keras itself took them from before; the checksums are the same.
MIRROR = "https://github.com/keras-team/keras-applications/releases/download/resnet"
V1_PAPER = "K. He, X. Zhang, S. Ren, J. Sun. Deep Residual Learning for Image Recognition. CVPR 2016, arXiv:1512.03385"
V2_PAPER = "K. He, X. Zhang, S. Ren, J. Sun. Identity Mappings in Deep Residual Networks. ECCV 2016, arXiv:1603.05027"


def body(constructor: str, grey: "keras.KerasTensor", weights_file: Path | None = None) -> "keras.KerasTensor":
    """Return the last feature maps, (N, h, w, 2048), of raw grey values.

    Args:
        constructor: name in keras.applications, such as "ResNet50V2".
        grey: symbolic uint8 tensor (N, H, W, 1).
        weights_file: published ImageNet file (no top), or None for random weights.

    Raises:
        ValueError: the file holds other weights.
        OSError: it is no HDF5 file.
    """
    import keras

    # Built-in layers only, so that model.keras loads where chestbench is not installed. In float32 also under mixed
    # precision: bfloat16 has eight significant bits, exactly a grey value's own.
    x = keras.layers.Concatenate(name="grey_to_three_channels", dtype="float32")([grey, grey, grey])
    if constructor.endswith("V2"):
        x = keras.layers.Rescaling(1 / 127.5, offset=-1.0, name="normalisation", dtype="float32")(x)
    else:
        offset = [-mean for mean in CAFFE_MEANS]
        x = keras.layers.Rescaling(1.0, offset=offset, name="normalisation", dtype="float32")(x)
    build = getattr(keras.applications, constructor)
    weights = None if weights_file is None else str(weights_file)
    network = build(include_top=False, weights=weights, input_tensor=x)
    if weights_file is None:
        start_as_identity(network)
    return network.output


def start_as_identity(network: "keras.Model") -> None:
    """Set the last scale of every residual branch to zero, so that each block starts as the identity.

    Deep networks then learn from the first steps on: ResNet152 on the synthetic sample stays at chance for six epochs
    without. For version 1 this is the last batch norm's gamma (Goyal et al. 2017, arXiv 1706.02677, section 5.1);
    version 2 has no batch norm after the last convolution, so it is that convolution's kernel.
    """
    last = re.compile(r"conv\d_block\d+_3_conv" if network.name.endswith("v2") else r"conv\d_block\d+_3_bn")
    for layer in network.layers:
        if last.fullmatch(layer.name):
            scale = layer.kernel if hasattr(layer, "kernel") else layer.gamma
            scale.assign(np.zeros(scale.shape, "float32"))


def published(constructor: str) -> PublishedWeights:
    """Return the ImageNet file (no top) of one network, from the constants of the installed keras."""
    constants = library_constants("resnet")
    name = constructor.lower()
    file = f"{name}_weights_tf_dim_ordering_tf_kernels_notop.h5"
    return PublishedWeights(
        file=file,
        url=constants["BASE_WEIGHTS_PATH"] + file,
        md5=constants["WEIGHTS_HASHES"][name][1],
        mirrors=(f"{MIRROR}/{file}",),
    )


def resnet(constructor: str, parameters: int) -> Network:
    """Return the registry's entry of one ResNet.

    Args:
        constructor: name in keras.applications, such as "ResNet50V2"; in small letters the network's own.
        parameters: published count of the body (without top).
    """
    second = constructor.endswith("V2")
    return Network(
        name=constructor.lower(),
        body=partial(body, constructor),
        head=pooled_head,
        normalisation="grey to three channels, -1 to 1" if second else "grey to BGR minus ImageNet means",
        image_size=224,
        parameters=parameters,
        published=partial(published, constructor),
        citation=V2_PAPER if second else V1_PAPER,
    )
