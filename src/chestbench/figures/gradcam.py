"""Heat maps: which part of an image speaks for a class. Works on every Keras backend.

Grad-CAM (Selvaraju et al. 2017, arXiv 1610.02391) on the last maps of at least 7 x 7 says roughly where. It is then
multiplied, as Guided Grad-CAM is in section 3.2 there, by a map in full resolution: what each pixel's difference from
its surroundings adds to the class, that is gradient times (image - blurred image), the gradient being the plain one and
not guided backpropagation, which hardly depends on the weights (Adebayo et al. 2018, arXiv 1810.03292). Blurred images
as the reference: Sturmfels et al. 2020, doi 10.23915/distill.00022. `benchmarks/heat.py` measures both on pictures
whose findings are known. Heat shows where a network looks, not why, and is no evidence that the finding is there.
"""

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from chestbench.figures.evidence import Evidence, evidence_of

if TYPE_CHECKING:
    import keras

# Of 64 x 64 pixels; of larger ones fewer, down to four: what a network's layers hold grows with the pixels.
IMAGES_PER_STEP, FEWEST_PER_STEP = 16, 4
# Standard deviations of the two blurs, in shares of the image's side: what a pixel is compared with, and how far what
# it adds is spread. Chosen on the sample's pictures at 64 pixels (16 and 2 pixels).
SURROUNDINGS, SPREAD = 1 / 4, 1 / 32


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
    size = images_per_step(len(images), images.shape[1] * images.shape[2])
    for first in range(0, len(images), size):
        part = np.minimum(np.arange(first, first + size), len(images) - 1)
        evidence = gather(images[part], class_index[part])
        heat.append(scaled(coarse_maps(evidence) * fine_maps(evidence, images[part])))
    return np.concatenate(heat)[: len(images)]


def images_per_step(images: int, pixels: int) -> int:
    """Return the size of all steps: a power of two, as a network is compiled for each size that it is asked with.

    >>> [images_per_step(images, 64 * 64) for images in (1, 3, 12, 40)], images_per_step(40, 224 * 224)
    ([1, 4, 16, 16], 4)
    """
    most = max(FEWEST_PER_STEP, IMAGES_PER_STEP * 64 * 64 // pixels)
    return 1 << (min(max(images, 1), most) - 1).bit_length()


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
