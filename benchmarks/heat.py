"""Measure whether heat maps lie on the finding: share of the heat on the sample's ground-glass patches.

    python benchmarks/heat.py
    python benchmarks/heat.py --model models/resnet50/model.keras --control

Trains nothing: it takes the networks of a finished run on the sample (`dvc repro`), draws slices of patients that no
network has seen, and explains the positive slices that a network recognises. The generator knows where it painted.
`inside` counts heat on the patches themselves, `near` also heat within half a cell of the network's coarse maps, which
is as exact as those maps can be; `chance` is the share of the picture's area, what heat without any aim would score.
With --control the same network with random weights explains the same pictures: what the method alone finds.

What it gave: docs/explanation/heat-maps.md.
"""

import argparse
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    import keras

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def unseen_slices(seen: int, patients: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return positive slices of the `patients` after the first `seen`: uint8 (N, size, size, 1), patches (N, ...)."""
    from chestbench.datasets.phantom import POSITIVE
    from chestbench.datasets.sample import truth
    from chestbench.imaging.resize import resize_grey

    images, patches = [], []
    for name, drawn in truth(seen + patients):
        number = re.search(r"patient-(\d+)", name)
        if drawn.label == POSITIVE and number is not None and int(number[1]) > seen:
            images.append(resize_grey(drawn.pixels, size, "pad"))
            patches.append(resize_grey(drawn.patches.astype(np.uint8) * 255, size, "pad")[..., 0] > 127)
    return np.stack(images), np.stack(patches)


def kinds_of_map(
    model: "keras.Model", images: np.ndarray, positive: int
) -> Iterator[tuple[str, np.ndarray, tuple[int, ...]]]:
    """Yield (name, heat (N, H, W), shape of the coarse maps) for each kind of heat map."""
    from chestbench.figures import gradcam
    from chestbench.figures.cuts import map_layer

    index = np.full(len(images), positive)
    found: list[list[np.ndarray]] = [[], [], []]
    gather = gradcam.evidence_of(model)
    for first in range(0, len(images), gradcam.IMAGES_PER_STEP):
        part = slice(first, first + gradcam.IMAGES_PER_STEP)
        evidence = gather(images[part], index[part])
        coarse, fine = gradcam.coarse_maps(evidence), gradcam.fine_maps(evidence, images[part])
        for kept, heat in zip(found, (coarse, fine, coarse * fine), strict=True):
            kept.append(gradcam.scaled(heat))
    shape = tuple(map_layer(model).output.shape[1:3])
    for name, kept in zip(("Grad-CAM", "pixels", "both (shown)"), found, strict=True):
        yield name, np.concatenate(kept), shape


def share(heat: np.ndarray, places: np.ndarray) -> float:
    """Return the mean share of each map's heat (N, H, W) inside `places`; an empty map has none inside."""
    total = heat.sum(axis=(1, 2))
    return float(np.mean((heat * places).sum(axis=(1, 2)) / np.where(total > 0, total, 1)))


def widened(patches: np.ndarray, radius: int) -> np.ndarray:
    """Return bool masks (N, H, W) widened by `radius` pixels."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return np.stack([cv2.dilate(one.astype(np.uint8), disc) > 0 for one in patches])


def measure(path: Path, seen: int, patients: int, control: bool) -> None:
    """Print the shares of one network."""
    import keras

    from chestbench.datasets.phantom import NEGATIVE, POSITIVE
    from chestbench.training.predict import load, predict

    model = load(path)
    # The sample's classes in the order of the class index.
    positive = sorted((POSITIVE, NEGATIVE)).index(POSITIVE)
    size = model.input_shape[1]
    images, patches = unseen_slices(seen, patients, size)
    hits = predict(model, images).argmax(axis=1) == positive
    print(f"{path.parent.name}, {size} px: {hits.sum()} of {len(images)} positive slices of unseen patients recognised")
    if not hits.any():
        return
    images, patches = images[hits], patches[hits]
    networks = {"": model}
    if control:
        keras.utils.set_random_seed(0)
        networks["random weights: "] = keras.models.clone_model(model)
    for prefix, network in networks.items():
        for name, heat, shape in kinds_of_map(network, images, positive):
            near = widened(patches, max(1, round(size / min(shape) / 2)))
            print(
                f"  {prefix + name:32s} inside {share(heat, patches):4.0%} (chance {patches.mean():.0%})   "
                f"near {share(heat, near):4.0%} (chance {near.mean():.0%})   maps {shape[0]} x {shape[1]}",
                flush=True,
            )


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, action="append", help="model.keras (all of models/ by default)")
    parser.add_argument("--patients", type=int, default=100, help="unseen patients to draw (100)")
    parser.add_argument("--control", action="store_true", help="also with random weights")
    arguments = parser.parse_args()
    paths = arguments.model or sorted(ROOT.glob("models/*/model.keras"))
    if not paths:
        sys.exit("models/*/model.keras: expected a trained network, found none; run `dvc repro`, or give --model FILE")
    from chestbench.core.config import load_config
    from chestbench.training.device import select_backend

    select_backend("tensorflow")
    seen = load_config(ROOT / "params.yaml").dataset.sample_patients
    for path in paths:
        measure(path, seen, arguments.patients, arguments.control)


if __name__ == "__main__":
    main()
