"""Heat maps: which part of an image speaks for a class. Works on every Keras backend.

Grad-CAM (Selvaraju et al. 2017, arXiv 1610.02391) on the last maps of at least 7 x 7 says roughly where. It is then
multiplied, as Guided Grad-CAM is in section 3.2 there, by a map in full resolution: what each pixel's difference from
its surroundings adds to the class, that is gradient times (image - blurred image), the gradient being the plain one and
not guided backpropagation, which hardly depends on the weights (Adebayo et al. 2018, arXiv 1810.03292). Blurred images
as the reference: Sturmfels et al. 2020, doi 10.23915/distill.00022. `benchmarks/heat.py` measures both on pictures
whose findings are known. Heat shows where a network looks, not why, and is no evidence that the finding is there.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from chestbench.figures.cuts import first_float_layer, logits_after, map_layer

if TYPE_CHECKING:
    import keras

IMAGES_PER_STEP = 4
# Standard deviations of the two blurs, in shares of the image's side: what a pixel is compared with, and how far what
# it adds is spread. Chosen on the sample's pictures at 64 pixels (16 and 2 pixels).
SURROUNDINGS, SPREAD = 1 / 4, 1 / 32


class Evidence(NamedTuple):
    """What heat maps are made of, for n images.

    Attributes:
        maps: (n, h, w, channels) float32, output of `cuts.map_layer`.
        maps_gradient: the same shape: gradient of the class's evidence with respect to `maps`.
        grey_gradient: (n, H, W) float32, with respect to the grey values, up to a positive factor.
    """

    maps: NDArray[np.float32]
    maps_gradient: NDArray[np.float32]
    grey_gradient: NDArray[np.float32]


def heat_maps(model: "keras.Model", images: NDArray[np.uint8], class_index: NDArray[np.integer]) -> NDArray[np.float32]:
    """Return one heat map per image for the given class, (N, H, W) float32, 0 to 1 (each image's own maximum is 1).

    A map is all zero where nothing speaks for the class.

    Args:
        model: as built by `chestbench.models.build.build`.
        images: uint8 (N, H, W, 1).
        class_index: class to explain per image, (N,).
    """
    heat = [np.zeros((0, *images.shape[1:3]), np.float32)]
    gather = evidence_of(model)
    for first in range(0, len(images), IMAGES_PER_STEP):
        part = slice(first, first + IMAGES_PER_STEP)
        evidence = gather(images[part], class_index[part])
        heat.append(scaled(coarse_maps(evidence) * fine_maps(evidence, images[part])))
    return np.concatenate(heat)


def evidence_of(model: "keras.Model") -> Callable[[NDArray[np.uint8], NDArray[np.integer]], Evidence]:
    """Return the function from images (n, H, W, 1) and classes (n,) to their `Evidence`.

    The evidence for a class is its logit less the mean of the others': what decides the softmax, and not flat where
    the network is certain.
    """
    import keras

    first, middle = first_float_layer(model), map_layer(model)
    to_first = keras.Model(model.input, first.output)
    to_maps = keras.Model(first.output, middle.output)
    logits = logits_after(model, middle)
    n_classes = model.output_shape[-1]

    def gather(images: NDArray[np.uint8], class_index: NDArray[np.integer]) -> Evidence:
        wanted = np.where(np.eye(n_classes)[class_index] == 1, 1.0, -1.0 / (n_classes - 1)).astype(np.float32)
        start = keras.ops.cast(to_first(keras.ops.convert_to_tensor(images), training=False), "float32")
        maps = keras.ops.cast(to_maps(start, training=False), "float32")

        def score(x: Any, change: Any) -> Any:
            # The gradient to a change of the maps is the gradient to the maps.
            return keras.ops.sum(logits(keras.ops.cast(to_maps(x, training=False), "float32") + change) * wanted)

        to_grey, to_change = _gradients(score, start, keras.ops.zeros_like(maps))
        return Evidence(keras.ops.convert_to_numpy(maps), to_change, to_grey.sum(axis=-1))

    return gather


def coarse_maps(evidence: Evidence) -> NDArray[np.float32]:
    """Return Grad-CAM, (n, H, W): maps weighed by their mean gradient, what is positive of their sum, enlarged."""
    heat = np.maximum((evidence.maps * evidence.maps_gradient.mean(axis=(1, 2), keepdims=True)).sum(axis=-1), 0)
    height, width = evidence.grey_gradient.shape[1:]
    enlarged = [cv2.resize(one, (width, height), interpolation=cv2.INTER_LINEAR) for one in heat.astype(np.float32)]
    return np.clip(np.stack(enlarged), 0, None)


def fine_maps(evidence: Evidence, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return what each pixel's difference from its surroundings adds to the class where that is positive, (n, H, W)."""
    side = max(images.shape[1:3])
    heat = []
    for gradient, image in zip(evidence.grey_gradient, images[..., 0].astype(np.float32), strict=True):
        added = gradient * (image - cv2.GaussianBlur(image, (0, 0), SURROUNDINGS * side))
        heat.append(cv2.GaussianBlur(added.astype(np.float32), (0, 0), SPREAD * side))
    return np.maximum(np.stack(heat), 0)


def scaled(heat: NDArray[np.floating]) -> NDArray[np.float32]:
    """Divide each map (n, H, W) by its own maximum; a map of zeros stays."""
    peak = heat.max(axis=(1, 2), keepdims=True)
    return (heat / np.where(peak > 0, peak, 1)).astype(np.float32)


def _gradients(score: Callable[[Any, Any], Any], x: Any, change: Any) -> tuple[NDArray[np.float32], ...]:
    """Return the gradients of `score(x, change)` with respect to both, with the tool of keras' backend."""
    import keras

    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch([x, change])
            value = score(x, change)
        gradients = tape.gradient(value, [x, change])
    elif backend == "torch":
        import torch

        leaves = [part.detach().requires_grad_() for part in (x, change)]
        gradients = torch.autograd.grad(score(*leaves), leaves)
    else:
        import jax

        gradients = jax.grad(score, argnums=(0, 1))(x, change)
    return tuple(np.asarray(keras.ops.convert_to_numpy(gradient), np.float32) for gradient in gradients)
