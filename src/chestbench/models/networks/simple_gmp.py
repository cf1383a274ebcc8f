"""The network called Simple in project E: three convolutions and a global max pool."""

from typing import TYPE_CHECKING

from chestbench.models.heads import FEATURES, probabilities
from chestbench.models.network import Network

if TYPE_CHECKING:
    import keras


def body(grey: "keras.KerasTensor") -> "keras.KerasTensor":
    """3x3 convolutions of 16, 32 and 64 filters with ReLU, each followed by a 2x2 max pool.

    uint8 (N, H, W, 1) to (N, h, w, 64).
    """
    import keras

    x = keras.layers.Rescaling(1 / 255, name="normalisation", dtype="float32")(grey)
    for number, width in enumerate((16, 32, 64), 1):
        x = keras.layers.Conv2D(width, 3, activation="relu", name=f"conv{number}")(x)
        x = keras.layers.MaxPooling2D(name=f"pool{number}")(x)
    return x


def head(maps: "keras.KerasTensor", n_classes: int, dropout: float) -> "keras.KerasTensor":
    """Global max pooling, 32 hidden units, dropout and softmax."""
    import keras

    x = keras.layers.GlobalMaxPooling2D(name=FEATURES)(maps)
    x = keras.layers.Dense(32, activation="relu", name="hidden")(x)
    x = keras.layers.Dropout(dropout, name="dropout")(x)
    return probabilities(x, n_classes)


NETWORK = Network(
    name="simple_gmp",
    body=body,
    head=head,
    normalisation="0 to 1",
    image_size=224,
    parameters=23_296,
    published=None,
    citation="none: the network Simple of github.com/m2dgithub/CT-COV19",
)
