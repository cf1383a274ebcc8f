"""FCOS on a body of the registry: a pyramid, two towers that all its levels share, and boxes at every point.

Z. Tian, C. Shen, H. Chen, T. He. FCOS: Fully Convolutional One-Stage Object Detection. ICCV 2019, arXiv:1904.01355.
Centerness hangs on the tower of the boxes, and the score is the root of its product with the class, as in the authors'
later code. Distances are softplus times the stride in place of an exponential with a scale of its own for each level.
"""

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from chestbench.models.build import body_maps
from chestbench.models.detection.detector import Detector, require_boxes_size
from chestbench.models.detection.maps import scales_of
from chestbench.models.detection.points import Level

if TYPE_CHECKING:
    import keras

BOXES, SCORES = "boxes", "scores"
# The share of points that hold something, which a new network begins with (T.-Y. Lin et al. 2017, arXiv:1708.02002).
PRIOR = 0.01
# Coarser levels are added until one has so few cells a side.
FEWEST_CELLS = 4
CHANNELS_PER_GROUP = 8


def build_detector(
    detector: Detector, image_size: int, n_findings: int, weights_file: Path | None = None
) -> "keras.Model":
    """Build one detector for training.

    >>> from chestbench.models.detection.registry import get
    >>> model = build_detector(get("fcos_tiny"), image_size=64, n_findings=1)
    >>> model.output_shape, for_finding(model).output_shape
    ((None, 336, 7), [(None, 336, 4), (None, 336, 1)])

    Args:
        detector: entry of the registry.
        image_size: side of the square images in pixels.
        n_findings: C, 1 or more.
        weights_file: ImageNet file for the body, or None for random weights.

    Returns:
        An uncompiled model: uint8 (N, image_size, image_size, 1) to float32 (N, P, 4 + C + C + 1): boxes in pixels,
        scores, logits of the findings and of centerness. `for_finding` gives what is saved of it.

    Raises:
        ChestbenchError: images too small, or the weights file does not fit the body.
    """
    import keras

    require_boxes_size(detector, image_size)
    grey = keras.Input((image_size, image_size, 1), dtype="uint8", name="grey")
    levels = _pyramid(scales_of(grey, body_maps(detector.body, grey, weights_file)), detector.width)
    towers = {name: _tower(name, detector) for name in ("finding", "box")}
    start = -math.log((1 - PRIOR) / PRIOR)
    finding = _last("finding_logits", n_findings, start)
    sides, centre = _last("sides", 4, 1.0), _last("centre_logits", 1, 0.0)
    found: dict[str, list[keras.KerasTensor]] = {name: [] for name in ("boxes", "finding", "centre")}
    for level, maps in zip(levels_of(levels, image_size), levels, strict=True):
        of_box = _through(towers["box"], maps)
        flat = (level.cells**2, -1)
        distances = keras.layers.Activation("softplus", dtype="float32")(sides(of_box))
        found["boxes"].append(keras.layers.Reshape((flat[0], 4))(_boxes(distances, level)))
        found["finding"].append(keras.layers.Reshape((flat[0], n_findings))(finding(_through(towers["finding"], maps))))
        found["centre"].append(keras.layers.Reshape((flat[0], 1))(centre(of_box)))
    boxes, of_finding, of_centre = (
        _joined(found[key], name, 1)
        for key, name in (("boxes", BOXES), ("finding", "all_findings"), ("centre", "all_centres"))
    )
    scores = _scores(of_finding, of_centre)
    learnt = _joined([boxes, scores, of_finding, of_centre], "learnt", -1)
    return keras.Model(grey, learnt, name=detector.name)


def for_finding(model: "keras.Model") -> "keras.Model":
    """Return what is saved of a detector: uint8 (N, H, W, 1) to [boxes, scores].

    Boxes are float32 (N, P, 4), corners in pixels, not cut at the edges; scores are float32 (N, P, C), 0 to 1.
    """
    import keras

    outputs = [model.get_layer(name).output for name in (BOXES, SCORES)]
    return keras.Model(model.input, outputs, name=model.name)


def levels_of_model(model: "keras.Model") -> list[Level]:
    """Return the levels of a detector as `build_detector` gives it."""
    names = {layer.name: layer for layer in model.layers}
    count = sum(name.startswith("level") and name[5:].isdigit() for name in names)
    return levels_of([names[f"level{number}"].output for number in range(count)], model.input_shape[1])


def levels_of(maps: list["keras.KerasTensor"], image_size: int) -> list[Level]:
    """Return the levels of square maps (N, h, h, channels) of square images."""
    return [Level(tensor.shape[1], image_size / tensor.shape[1]) for tensor in maps]


def _pyramid(scales: list["keras.KerasTensor"], width: int) -> list["keras.KerasTensor"]:
    """Return maps of `width` channels: of each scale, with what the coarser ones know, and of coarser ones still."""
    import keras

    above: keras.KerasTensor | None = None
    levels: list[keras.KerasTensor] = []
    for number in reversed(range(len(scales))):
        x = keras.layers.Conv2D(width, 1, name=f"lateral{number}")(scales[number])
        if above is not None:
            x = keras.layers.Add(name=f"merged{number}")([x, _as_large(above, x.shape[1])])
        above = x
        levels.insert(0, keras.layers.Conv2D(width, 3, padding="same", name=f"level{number}")(x))
    while levels[-1].shape[1] > FEWEST_CELLS:
        name = f"level{len(levels)}"
        levels.append(keras.layers.Conv2D(width, 3, strides=2, padding="same", name=name)(levels[-1]))
    return levels


def _as_large(maps: "keras.KerasTensor", cells: int) -> "keras.KerasTensor":
    """Return maps repeated to `cells` rows and columns; sizes that are no multiple are filled up or cut at the end."""
    import keras

    factor = max(2, round(cells / maps.shape[1]))
    maps = keras.layers.UpSampling2D(factor)(maps)
    over = maps.shape[1] - cells
    if over > 0:
        return keras.layers.Cropping2D(((0, over), (0, over)))(maps)
    return keras.layers.ZeroPadding2D(((0, -over), (0, -over)))(maps) if over else maps


def _tower(name: str, detector: Detector) -> list["keras.Layer"]:
    """Return the layers of one tower. Group norm: batch norm would mix the statistics of all levels."""
    import keras

    layers: list[keras.Layer] = []
    for number in range(detector.depth):
        start = keras.initializers.HeNormal()
        conv = keras.layers.Conv2D(
            detector.width, 3, padding="same", use_bias=False, kernel_initializer=start, name=f"{name}_conv{number}"
        )
        norm = keras.layers.GroupNormalization(detector.width // CHANNELS_PER_GROUP, name=f"{name}_norm{number}")
        layers += [conv, norm, keras.layers.Activation("relu", name=f"{name}_relu{number}")]
    return layers


def _through(layers: list["keras.Layer"], maps: "keras.KerasTensor") -> "keras.KerasTensor":
    for layer in layers:
        maps = layer(maps)
    return maps


def _last(name: str, filters: int, start: float) -> "keras.Layer":
    """Return a last convolution, in float32 whatever the precision of the layers before, that begins at `start`."""
    import keras

    return keras.layers.Conv2D(
        filters,
        3,
        padding="same",
        kernel_initializer=keras.initializers.RandomNormal(stddev=0.01),
        bias_initializer=keras.initializers.Constant(start),
        name=name,
        dtype="float32",
    )


def _boxes(distances: "keras.KerasTensor", level: Level) -> "keras.KerasTensor":
    """Return corners in pixels of distances to left, top, right and bottom in strides, both (N, cells, cells, 4)."""
    import keras

    columns, rows = np.zeros((1, level.cells, 4)), np.zeros((level.cells, 1, 4))
    columns[0, :, 0] = columns[0, :, 2] = rows[:, 0, 1] = rows[:, 0, 3] = level.middles
    away = [-level.stride, -level.stride, level.stride, level.stride]
    x = keras.layers.Rescaling(away, offset=columns.tolist(), dtype="float32")(distances)
    return keras.layers.Rescaling(1.0, offset=rows.tolist(), dtype="float32")(x)


def _joined(tensors: list["keras.KerasTensor"], name: str, axis: int) -> "keras.KerasTensor":
    import keras

    return keras.layers.Concatenate(axis=axis, name=name, dtype="float32")(tensors)


def _scores(finding: "keras.KerasTensor", centre: "keras.KerasTensor") -> "keras.KerasTensor":
    """Return the root of the product of two sigmoids, of logits (N, P, C) and (N, P, 1), made of Keras' own layers."""
    import keras

    logs = [keras.layers.Activation("log_sigmoid", dtype="float32")(logits) for logits in (finding, centre)]
    return keras.layers.Activation("exponential", name=SCORES, dtype="float32")(
        keras.layers.Average(dtype="float32")(logs)
    )
