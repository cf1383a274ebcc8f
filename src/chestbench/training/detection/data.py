"""What a detector learns from: the pipeline's pictures with the boxes on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chestbench.core.errors import ChestbenchError
from chestbench.imaging.boxes import Boxes
from chestbench.preparation.arrays import load_split
from chestbench.preparation.detection.load import load_boxes, load_boxes_info


@dataclass(frozen=True)
class BoxInputs:
    """The files that the training of a detector reads.

    Attributes:
        processed: folder of the preprocess stage.
        boxes: folder of the boxes stage.
        weights: folder of the weights_boxes stage for this detector.
    """

    processed: Path
    boxes: Path
    weights: Path


@dataclass(frozen=True)
class BoxData:
    """What a detector learns from.

    Attributes:
        train_images: uint8 (N, H, W, 1), may be memory-mapped.
        train_boxes: N, one for each image; those without boxes too.
        val_images: uint8 (V, H, W, 1).
        val_boxes: V.
        n_findings: C.
    """

    train_images: np.ndarray
    train_boxes: Sequence[Boxes]
    val_images: np.ndarray
    val_boxes: Sequence[Boxes]
    n_findings: int


def read_box_data(inputs: BoxInputs) -> BoxData:
    """Return the arrays of train and val and their boxes.

    Raises:
        ChestbenchError: a file is missing or damaged, or train or val has no box at all.
    """
    images = {split: load_split(inputs.processed, split).images for split in ("train", "val")}
    boxes = {split: load_boxes(inputs.boxes, split) for split in images}
    for split, of_split in boxes.items():
        if len(of_split) != len(images[split]):
            raise ChestbenchError(
                f"{inputs.boxes}/{split}.csv: expected boxes of the {len(images[split])} images of {split}, received "
                f"those of {len(of_split)}; run `dvc repro -f boxes`"
            )
        if not any(len(of_image) for of_image in of_split):
            raise ChestbenchError(
                f"{inputs.boxes}/{split}.csv: expected a box on one image of {split} or more, received none; a "
                "detector has nothing to learn from: give more images with boxes, or choose another seed of the split"
            )
    findings = load_boxes_info(inputs.boxes)["findings"]
    return BoxData(images["train"], boxes["train"], images["val"], boxes["val"], len(findings))
