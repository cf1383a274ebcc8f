"""A set of drawn patients with leaks planted in its given split."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from chestbench.datasets.phantom import NEGATIVE, POSITIVE, draw_slice
from tests.imaging.pictures import png

SIDE, SLICES = 128, 2
PARTS = ("train", "train", "train", "val", "test")
KINDS = ("shrunk", "enlarged", "jpeg 60", "jpeg 30", "brighter", "cut", "neighbour", "flipped")
QUALITIES = {"jpeg 60": 60, "jpeg 30": 30, "flipped": 60}
_FIRST = 700_000  # no patient of the built-in sample


@dataclass
class Planted:
    """What a test looks for.

    Attributes:
        crossing: patients whose slices lie in two parts.
        pairs: kind of plant -> pairs of files (original, plant), each relative to the folder.
        files: number of pictures in the folder.
    """

    crossing: list[str] = field(default_factory=list)
    pairs: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    files: int = 0


@cache
def drawn(patient: int, index: int) -> np.ndarray:
    """Return a slice of a patient, of whom every fourth is positive."""
    return draw_slice(_FIRST + patient, index, SIDE, SIDE, patient % 4 == 0).pixels


def write_planted(folder: Path, patients: int = 100, each: int = 5, has_parts: bool = True) -> Planted:
    """Write pictures of drawn patients, two slices each, and `each` leaks of every kind.

    Files are PART/CLASS/patient-NNN/NAME (without PART where `has_parts` is false). A plant carries the number of a
    patient who does not exist otherwise, in another part than its original.
    """
    planted = Planted(pairs={kind: [] for kind in KINDS})

    def put(part: str, label: str, patient: int, name: str, data: bytes) -> str:
        relative = f"{part}/{label}/patient-{patient:03d}/{name}" if has_parts else f"{label}/p{patient:03d}-{name}"
        (folder / relative).parent.mkdir(parents=True, exist_ok=True)
        (folder / relative).write_bytes(data)
        planted.files += 1
        return relative

    labels = [POSITIVE if patient % 4 == 0 else NEGATIVE for patient in range(patients)]
    parts = [PARTS[patient % len(PARTS)] for patient in range(patients)]
    paths = {}
    for patient in range(patients):
        crosses = has_parts and patient < each and parts[patient] == "train"
        for index in range(SLICES):
            part = "test" if crosses and index == 1 else parts[patient]
            paths[patient, index] = put(part, labels[patient], patient, f"{index}.png", png(drawn(patient, index)))
        if crosses:
            planted.crossing.append(f"patient-{patient:03d}")
    stranger = patients
    for number, kind in enumerate(KINDS):
        for place in range(each):
            patient = 10 + 8 * number + place
            pixels, label = drawn(patient, 0), labels[patient]
            part = "train" if parts[patient] == "test" else "test"
            if kind == "flipped":
                label = NEGATIVE if label == POSITIVE else POSITIVE
            if kind == "neighbour":
                pixels = drawn(patient, SLICES)
            if kind == "shrunk":
                pixels = cv2.resize(pixels, (SIDE // 2, SIDE // 2), interpolation=cv2.INTER_AREA)
            if kind == "enlarged":
                pixels = cv2.resize(pixels, (17 * SIDE // 10, 17 * SIDE // 10), interpolation=cv2.INTER_CUBIC)
            if kind == "brighter":
                pixels = cv2.convertScaleAbs(pixels, alpha=1.1)
            if kind == "cut":
                pixels = pixels[SIDE // 20 :, SIDE // 20 :]
            data, ending = png(pixels), "png"
            if kind in QUALITIES:
                data, ending = (
                    cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITIES[kind]])[1].tobytes(),
                    "jpg",
                )
            original = paths[patient, SLICES - 1 if kind == "neighbour" else 0]
            planted.pairs[kind].append((original, put(part, label, stranger, f"{kind}.{ending}", data)))
            stranger += 1
    return planted
