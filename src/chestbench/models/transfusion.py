"""The five small networks of the Transfusion paper: blocks of convolution, batch norm, ReLU and max pool."""

from functools import partial
from typing import TYPE_CHECKING

from chestbench.models.heads import pooled_head
from chestbench.models.network import Network

if TYPE_CHECKING:
    import keras

PAPER = (
    "M. Raghu, C. Zhang, J. Kleinberg, S. Bengio. Transfusion: Understanding Transfer Learning for Medical Imaging. "
    "NeurIPS 2019, arXiv:1902.07208"
)


def body(kernel: int, widths: tuple[int, ...], last_pool: bool, grey: "keras.KerasTensor") -> "keras.KerasTensor":
    """Return the last feature maps, (N, h, w, widths[-1]), of raw grey values.

    One block per width: convolution with stride 1 and bias, batch norm, ReLU, max pool 3x3 with stride 2 (appendix B
    of the paper). The paper says nothing of padding; here it is "same", so that small images pass too.

    Args:
        kernel: side of the convolutions.
        widths: filters of each block.
        last_pool: whether the last block has a pool.
        grey: symbolic uint8 tensor (N, H, W, 1).
    """
    import keras

    x = keras.layers.Rescaling(1 / 255, name="normalisation", dtype="float32")(grey)
    for number, width in enumerate(widths, 1):
        x = keras.layers.Conv2D(width, kernel, padding="same", name=f"conv{number}")(x)
        x = keras.layers.BatchNormalization(name=f"bn{number}")(x)
        x = keras.layers.Activation("relu", name=f"relu{number}")(x)
        if last_pool or number < len(widths):
            x = keras.layers.MaxPooling2D(3, strides=2, padding="same", name=f"pool{number}")(x)
    return x


def transfusion(name: str, kernel: int, widths: tuple[int, ...], whole: int, last_pool: bool = True) -> Network:
    """Return the registry's entry of one network of the paper.

    Args:
        name: what users type.
        kernel: side of the convolutions.
        widths: filters of each block.
        whole: published count of parameters with one channel and two classes.
        last_pool: whether the last block has a pool.
    """
    return Network(
        name=name,
        body=partial(body, kernel, widths, last_pool),
        head=pooled_head,
        normalisation="0 to 1",
        image_size=224,
        parameters=whole - 2 * (widths[-1] + 1),
        published=None,
        citation=PAPER,
    )
