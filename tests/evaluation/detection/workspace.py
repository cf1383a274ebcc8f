"""A folder as evaluate_boxes finds it: small pictures with bright rectangles, boxes around them, and what is found."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chestbench.core.files import write_json
from chestbench.imaging.boxes import Boxes
from chestbench.training.records import write_training
from tests.evaluation.workspace import SIZE, step_rows, training_record, write_about

FINDINGS = ("opacity", "결절")
PICTURES = {"train": 24, "val": 16, "test": 20}
HISTORY = ("epoch", "phase", "loss", "val_loss", "val_map50", "learning_rate")


def drawn_boxes(split: str, findings: Sequence[str] = FINDINGS) -> list[Boxes]:
    """Return the boxes of each picture of a split: none on every third, two findings by turns."""
    generator, drawn = np.random.default_rng(len(split)), []
    for place in range(PICTURES[split]):
        count = (0, 1, 2)[place % 3]
        low = generator.integers(0, 14, (count, 2))
        size = generator.integers(6, 14, (count, 2))
        labels = [(place + number) % len(findings) for number in range(count)]
        drawn.append(Boxes.of(np.concatenate([low, low + size], axis=1), labels))
    return drawn


def guess(truth: Sequence[Boxes], seed: int = 0, missed: float = 0.2, false: float = 0.4) -> list[Boxes]:
    """Return what a fair detector would find: most boxes a little moved, some missed, some false."""
    generator, found = np.random.default_rng(seed), []
    for boxes in truth:
        kept = generator.random(len(boxes)) > missed
        corners = boxes.corners[kept] + generator.uniform(-0.8, 0.8, (int(kept.sum()), 4))
        labels, scores = boxes.labels[kept], generator.uniform(0.4, 0.95, int(kept.sum()))
        if generator.random() < false:
            corners = np.concatenate([corners, [[18, 18, 27, 29]]])
            labels, scores = np.append(labels, 0), np.append(scores, generator.uniform(0.1, 0.7))
        found.append(Boxes.of(corners, labels, scores))
    return found


def write_boxes(root: Path, findings: Sequence[str] = FINDINGS, drawn: dict[str, list[Boxes]] | None = None) -> None:
    """Write data/processed, data/boxes and what the card says of the data."""
    processed, boxes = root / "data/processed", root / "data/boxes"
    for folder in (processed, boxes):
        folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(0)
    drawn = drawn or {split: drawn_boxes(split, findings) for split in PICTURES}
    for split, pictures in drawn.items():
        images = generator.integers(0, 60, (len(pictures), SIZE, SIZE, 1), dtype=np.uint8)
        rows = []
        for place, (image, own) in enumerate(zip(images, pictures, strict=True)):
            for corners, label in zip(own.corners.astype(int).tolist(), own.labels.tolist(), strict=True):
                x0, y0, x1, y1 = corners
                image[y0:y1, x0:x1] += np.uint8(100 + 60 * label)
                rows.append([f"{split}{place:012x}"[-16:], place, findings[label], label, x0, y0, x1, y1])
        np.save(processed / f"{split}.npy", images)
        _write(boxes / f"{split}.csv", ["image_id", "index", "finding", "label", "x0", "y0", "x1", "y1"], rows)
        _write(
            processed / f"{split}.csv",
            ["image_id", "label", "class_index", "group", "study"],
            [[f"{split}{place:012x}"[-16:], "a", 0, f"g{place // 2:05d}", ""] for place in range(len(pictures))],
        )
    info = {"classes": ["a", "b"], "size": SIZE, "synthetic": True, "split_unit": "patient", "data_sha256": "d" * 64}
    write_json(processed / "info.json", info)
    counts = {split: len(pictures) for split, pictures in drawn.items()}
    write_json(
        boxes / "info.json", {"findings": list(findings), "size": SIZE, "images": counts, "data_sha256": "b" * 64}
    )
    write_about(root, ["a", "b"])


def detector_training(name: str = "fcos_tiny", findings: Sequence[str] = FINDINGS, **changes: Any) -> dict[str, Any]:
    """Return what `records.read_training` gives of a detector's training."""
    facts = {"task": "detect", "findings": list(findings), "boxes_sha256": "b" * 64}
    return training_record(name, findings, **{**facts, **changes})


def write_detector_training(folder: Path, training: dict[str, Any]) -> None:
    """Write the records of a training into a folder, but no model."""
    folder.mkdir(parents=True, exist_ok=True)
    history = [
        {
            **{"epoch": epoch, "phase": "main", "loss": 1 / epoch, "val_loss": 2 / epoch, "val_map50": 0.2 * epoch},
            **{"learning_rate": 0.001, "seconds": 4.1, "images_per_second": 100.25},
        }
        for epoch in range(1, 5)
    ]
    write_training(folder, training, history, step_rows(4), HISTORY, ("step", "epoch", "loss"))


def _write(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    with open(path, "w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([columns, *rows])
