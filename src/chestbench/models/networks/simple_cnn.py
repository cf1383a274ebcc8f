"""A small convolutional network: the baseline that a ResNet has to beat."""

from typing import TYPE_CHECKING

from chestbench.models.heads import FEATURES, probabilities
from chestbench.models.network import Network

if TYPE_CHECKING:
    import keras

DROPOUT = 0.5


def body(grey: "keras.KerasTensor") -> "keras.KerasTensor":
    """Two 3x3 convolutions, each followed by a max pool; uint8 (N, H, W, 1) to (N, h, w, 64)."""
    import keras

    x = keras.layers.Rescaling(1 / 255, name="normalisation", dtype="float32")(grey)
    x = keras.layers.Conv2D(32, 3, activation="relu", name="conv1")(x)
    x = keras.layers.MaxPooling2D(name="pool1")(x)
    x = keras.layers.Conv2D(64, 3, activation="relu", name="conv2")(x)
    return keras.layers.MaxPooling2D(name="pool2")(x)


def head(maps: "keras.KerasTensor", n_classes: int, dropout: float) -> "keras.KerasTensor":
    """Flatten, dropout, 128 hidden units and softmax. `dropout` is not used: the network's own rate is part of it."""
    import keras

    x = keras.layers.Flatten(name=FEATURES)(maps)
    x = keras.layers.Dropout(DROPOUT, name="dropout")(x)
    x = keras.layers.Dense(128, activation="relu", name="hidden")(x)
    return probabilities(x, n_classes)


NETWORK = Network(
    name="simple_cnn",
    body=body,
    head=head,
    normalisation="0 to 1",
    image_size=64,
    parameters=None,
    published=None,
    citation="none: a common baseline, two convolutions and two dense layers",
)
