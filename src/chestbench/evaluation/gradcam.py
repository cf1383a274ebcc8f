"""Grad-CAM: which part of an image speaks for the predicted class (Selvaraju et al. 2017, arXiv 1610.02391).

Works on every Keras backend; only the gradient itself is taken with the backend's own tool. It shows where a network
looks, not why, and is no evidence that the finding is there.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from chestbench.models.registry import gradcam_layer, head_layers

if TYPE_CHECKING:
    import keras

IMAGES_PER_STEP = 16


def heat_maps(model: "keras.Model", images: NDArray[np.uint8], class_index: NDArray[np.integer]) -> NDArray[np.float32]:
    """Return one heat map per image for the given class, (N, H, W) float32, 0 to 1 (each image's own maximum is 1).

    The gradient is that of the class's logit, not of its probability, which is flat where the network is certain.
    A map is all zero where no feature speaks for the class.

    Args:
        model: as built by `chestbench.models.registry.build`.
        images: uint8 (N, H, W, 1).
        class_index: class to explain per image, (N,).
    """
    import keras

    size = (images.shape[2], images.shape[1])
    to_maps = keras.Model(model.input, gradcam_layer(model).output)
    tail = _tail(model)
    pieces = []
    for first in range(0, len(images), IMAGES_PER_STEP):
        part = slice(first, first + IMAGES_PER_STEP)
        maps = to_maps(keras.ops.convert_to_tensor(images[part]), training=False)
        maps = keras.ops.cast(maps, "float32")
        wanted = np.eye(model.output_shape[-1], dtype=np.float32)[class_index[part]]
        gradients = _gradient(keras.backend.backend(), tail, maps, wanted)
        pieces += [
            _upsampled(one, gradient, size)
            for one, gradient in zip(keras.ops.convert_to_numpy(maps), gradients, strict=True)
        ]
    return np.stack(pieces) if pieces else np.zeros((0, images.shape[1], images.shape[2]), np.float32)


def choose_images(
    labels: NDArray[np.integer], predicted: NDArray[np.integer], confidence: NDArray[np.floating], wanted: int
) -> list[int]:
    """Return up to `wanted` image positions that show hits and misses of every kind.

    The cells of the confusion matrix take turns, and each gives its most confident prediction first.
    """
    queues = []
    for cell in sorted({(int(a), int(p)) for a, p in zip(labels, predicted, strict=True)}):
        inside = np.flatnonzero((labels == cell[0]) & (predicted == cell[1]))
        queues.append(list(inside[np.argsort(-confidence[inside], kind="stable")]))
    chosen: list[int] = []
    while len(chosen) < wanted and any(queues):
        chosen += [int(queue.pop(0)) for queue in queues if queue]
    kept = chosen[:wanted]
    return sorted(kept, key=lambda place: (int(labels[place]), int(predicted[place]), -float(confidence[place])))


def _tail(model: "keras.Model") -> Callable[[Any], Any]:
    """Return the function from the last feature maps to logits (before the softmax)."""
    import keras

    layers: Sequence[keras.Layer] = [model.get_layer("features"), *head_layers(model)]
    *between, last = layers

    def logits(maps: Any) -> Any:
        x = maps
        for layer in between:
            x = layer(x, training=False) if isinstance(layer, keras.layers.Dropout) else layer(x)
        return keras.ops.matmul(keras.ops.cast(x, last.kernel.dtype), last.kernel) + last.bias

    return logits


def _gradient(backend: str, tail: Callable[[Any], Any], maps: Any, wanted: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the gradient of sum(logits * wanted) with respect to `maps`, (n, h, w, channels)."""
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(maps)
            score = tf.reduce_sum(tail(maps) * wanted)
        return np.asarray(tape.gradient(score, maps))
    if backend == "torch":
        import torch

        leaf = maps.detach().requires_grad_()
        score = (tail(leaf) * torch.as_tensor(wanted, device=leaf.device)).sum()
        return torch.autograd.grad(score, leaf)[0].cpu().numpy()
    import jax

    return np.asarray(jax.grad(lambda x: (tail(x) * wanted).sum())(maps))


def _upsampled(maps: NDArray[np.float32], gradient: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Weigh channels by their mean gradient, keep what is positive, enlarge to (W, H) and scale to a maximum of 1."""
    heat = np.maximum((maps * gradient.mean(axis=(0, 1))).sum(axis=-1), 0)
    heat = np.clip(cv2.resize(heat.astype(np.float32), size, interpolation=cv2.INTER_LINEAR), 0, None)
    peak = float(heat.max())
    return (heat / peak if peak > 0 else heat).astype(np.float32)
