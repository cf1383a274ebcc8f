"""The parts of a built network: its body, its head, and the layer between them, named "features"."""

from typing import TYPE_CHECKING

from chestbench.models.heads import FEATURES

if TYPE_CHECKING:
    import keras


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
    """Return (images to features, features to probabilities). Both share their layers, and weights, with `model`.

    >>> from chestbench.models.build import build
    >>> from chestbench.models.networks.simple_gmp import NETWORK
    >>> backbone, head = split_backbone(build(NETWORK, image_size=32, n_classes=3))
    >>> backbone.output_shape, head.output_shape
    ((None, 64), (None, 3))

    Args:
        model: as built by `chestbench.models.build.build`.
    """
    import keras

    features = model.get_layer(FEATURES).output
    backbone = keras.Model(model.input, features, name=f"{model.name}_backbone")
    inputs = x = keras.Input(features.shape[1:], name="cached_features")
    for layer in head_layers(model):
        x = layer(x)
    return backbone, keras.Model(inputs, x, name=f"{model.name}_head")
