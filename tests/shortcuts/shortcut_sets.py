"""Sets of drawn patients in which something beside the lungs tells the class, or nothing does."""

from pathlib import Path

import cv2
import numpy as np

from chestbench.core.files import write_json
from chestbench.datasets.phantom import NEGATIVE, POSITIVE, draw_slice
from tests.imaging.pictures import make_zip, png

SIDES = (104, 112, 120, 128)
KINDS = ("clean", "format", "border", "marker")


def write_raw_set(folder: Path, kind: str, seed: int = 0, patients: int = 48, slices: int = 2) -> None:
    """Write data/raw of a set of KINDS; a third of the patients is positive.

    `format`: positives are JPEG files, the others PNG. `border`: positives have a grey frame of 3% of the side.
    `marker`: positives have a letter in a corner that is burnt in.
    """
    generator = np.random.default_rng([seed, 77])
    ill = np.zeros(patients, bool)
    ill[generator.permutation(patients)[: patients // 3]] = True
    members = {}
    for patient in range(patients):
        for index in range(slices):
            side = int(generator.choice(SIDES))
            positive = bool(ill[patient])
            pixels = draw_slice(800_000 + 1000 * seed + patient, index, side, side, positive).pixels
            if kind == "border" and positive:
                pixels = _framed(pixels)
            if kind == "marker" and positive:
                cv2.putText(pixels, "L", (3, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 255, 2)
            is_jpeg = positive if kind == "format" else bool(generator.random() < 0.5)
            data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes() if is_jpeg else png(pixels)
            label = POSITIVE if positive else NEGATIVE
            members[f"{label}/patient-{patient:03d}/{index}.{'jpg' if is_jpeg else 'png'}"] = data
    make_zip(folder / "data/raw/archive.zip", members)
    write_json(folder / "data/raw/source.json", {"name": kind, "source": "sample"})


def _framed(pixels: np.ndarray) -> np.ndarray:
    width = max(2, round(0.03 * pixels.shape[0]))
    framed = np.full_like(pixels, 90)
    framed[width:-width, width:-width] = pixels[width:-width, width:-width]
    return framed
