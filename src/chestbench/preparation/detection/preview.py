"""A sheet of pictures of train with the boxes that a detector is shown."""

from pathlib import Path

import cv2
import numpy as np

from chestbench.imaging.sheet import draw_sheet, write_png
from chestbench.imaging.text import ascii_label
from chestbench.preparation.detection.load import load_boxes, load_boxes_info

COLUMNS, TILE = 8, 128


def draw_preview(path: Path, folder: Path, images: np.ndarray, synthetic: bool) -> None:
    """Draw up to eight pictures of each finding, evenly spread over train, and as many without a box.

    Args:
        path: results/boxes/preview.png.
        folder: train.csv and info.json of the boxes stage.
        images: uint8 (N, H, W, 1) of train.
        synthetic: whether the pictures were generated, which the title says.
    """
    boxes = load_boxes(folder, "train")
    rows = []
    for label, name in enumerate(load_boxes_info(folder)["findings"]):
        caption = ascii_label(name, f"finding {label + 1}")
        rows.append((caption, [place for place, own in enumerate(boxes) if (own.labels == label).any()]))
    rows.append(("without a box", [place for place, own in enumerate(boxes) if not len(own)]))
    drawn = [
        (f"{caption} ({len(places)} images)", [_draw(images[place], boxes[place].corners) for place in _spread(places)])
        for caption, places in rows
    ]
    kind = "SYNTHETIC, " if synthetic else ""
    size = images.shape[1]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_png(
        path, draw_sheet(drawn, f"{kind}boxes as a detector is shown them: {size} x {size}, train", TILE, COLUMNS)
    )


def _spread(places: list[int]) -> list[int]:
    return [places[at] for at in np.unique(np.linspace(0, len(places) - 1, min(COLUMNS, len(places))).astype(int))]


def _draw(image: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Draw boxes as white lines between black ones, which are seen on any grey."""
    scale = TILE / image.shape[0]
    drawn = cv2.resize(image[:, :, 0], (TILE, TILE), interpolation=cv2.INTER_LINEAR)
    for x0, y0, x1, y1 in np.rint(corners * scale).astype(int).tolist():
        for grey, thickness in ((0, 3), (255, 1)):
            cv2.rectangle(drawn, (x0, y0), (max(x1 - 1, x0), max(y1 - 1, y0)), grey, thickness)
    return drawn
