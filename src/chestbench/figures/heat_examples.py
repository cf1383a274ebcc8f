"""Test images of every kind of hit and miss, with what speaks for the class that each was given; nothing is drawn."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from chestbench.core.positive import read_positive
from chestbench.figures.examples import Examples, choose_images
from chestbench.figures.gradcam import heat_maps
from chestbench.measures.metrics import predict_class
from chestbench.measures.record import NetworkRecord
from chestbench.preparation.arrays import SplitArrays

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class HeatExamples:
    """The images that gradcam.png shows.

    Attributes:
        kinds: hits and misses, each with the places of its images in the test set.
        images: uint8 (n, H, W, 1), those of all kinds one after another.
        heat: float32 (n, H, W), 0 to 1, from `heat_maps`.
        actual, predicted: class index of each, (n,).
        confidence: probability of the predicted class, (n,).
        tested: how many images the test set has.
    """

    kinds: list[Examples]
    images: NDArray[np.uint8]
    heat: NDArray[np.float32]
    actual: NDArray[np.integer]
    predicted: NDArray[np.integer]
    confidence: NDArray[np.floating]
    tested: int


def explain(
    model: "keras.Model",
    record: NetworkRecord,
    split: SplitArrays,
    probabilities: NDArray[np.floating],
    wanted: int,
) -> HeatExamples:
    """Return up to `wanted` test images in all, of every kind, with their heat maps.

    Args:
        model: the network.
        record: what metrics/models/{model}.json will hold.
        split: the test images.
        probabilities: of them, (N, C).
        wanted: images in all.
    """
    classes = record["classes"]
    predicted, confidence = predict_class(probabilities), probabilities.max(axis=1)
    positive = read_positive(record).name
    sought = None if positive is None else classes.index(positive)
    kinds = choose_images(split.class_index, predicted, confidence, classes, wanted, sought)
    places = [place for kind in kinds for place in kind.places]
    images = np.asarray(split.images[places])
    heat = heat_maps(model, images, predicted[places])
    actual = np.asarray(split.class_index)[places]
    return HeatExamples(kinds, images, heat, actual, predicted[places], confidence[places], len(predicted))
