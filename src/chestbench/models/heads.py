"""Classifiers that sit on the last feature maps of a body."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

FEATURES = "features"


def pooled_head(maps: "keras.KerasTensor", n_classes: int, dropout: float) -> "keras.KerasTensor":
    """Global average pooling, dropout and one dense layer.

    Args:
        maps: (N, h, w, channels).
        n_classes: number of classes.
        dropout: rate before the dense layer, 0 to below 1.

    Returns:
        float32 probabilities (N, n_classes).
    """
    import keras

    x = keras.layers.GlobalAveragePooling2D(name=FEATURES)(maps)
    x = keras.layers.Dropout(dropout, name="dropout")(x)
    return probabilities(x, n_classes)


def probabilities(x: "keras.KerasTensor", n_classes: int) -> "keras.KerasTensor":
    """Return softmax probabilities (N, n_classes), in float32 whatever the precision of the layers before."""
    import keras

    return keras.layers.Dense(n_classes, activation="softmax", name="probabilities", dtype="float32")(x)
