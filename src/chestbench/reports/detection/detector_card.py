"""MODEL_CARD.md of a detector: what it is, what it learnt from, how well it does, and what it is not for.

As the card of a classifier, `reports.model_card`. Its words: templates/detector/detector_card.md.j2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chestbench.core.config import Dataset
from chestbench.core.files import write_text
from chestbench.core.notice import NOTICE, SYNTHETIC, copy_notes, tiny_note
from chestbench.measures.detection.record import DetectorRecord
from chestbench.models.detection.decode import LEAST_SCORE, MOST_BOXES, MOST_OVERLAP
from chestbench.reports.detection.detector_tables import detector_tables, told_difference
from chestbench.reports.leak_words import catalog_rows, split_rows
from chestbench.reports.model_card import FITS, energy_words, partitions
from chestbench.reports.rendering import render
from chestbench.reports.templates import card as shared  # noqa: F401
from chestbench.reports.templates import detector as templates
from chestbench.reports.unit_words import unit_of, units_of


@dataclass(frozen=True)
class DetectorFacts:
    """What the card is made from.

    Attributes:
        training: models/DETECTOR: all of `records.read_training`.
        record: metrics/detectors/DETECTOR.json.
        dataset: what the parameters say of the data set.
        source: data/raw/source.json.
        catalog: metrics/catalog.json.
        split: metrics/split.json.
        citation: the paper of the detector.
    """

    training: Mapping[str, Any]
    record: DetectorRecord
    dataset: Dataset
    source: Mapping[str, Any]
    catalog: Mapping[str, Any]
    split: Mapping[str, Any]
    citation: str


def write_detector_card(path: Path, found: DetectorFacts) -> None:
    """Write the card atomically: UTF-8, newline ends."""
    write_text(path, detector_card(found))


def detector_card(found: DetectorFacts) -> str:
    """Return the card as Markdown."""
    training = found.training
    return render(
        templates,
        "detector_card.md.j2",
        **vars(found),
        notice=NOTICE,
        synthetic=SYNTHETIC,
        tiny=tiny_note(found.record),
        copied=copy_notes(found.catalog),
        fit=FITS[training["config"]["preprocess.fit"]],
        region=training["config"].get("preprocess.roi", "none"),
        classes=partitions(found.split, list(next(iter(found.split["images"].values()))), "split"),
        energy=energy_words(training.get("energy") or {}),
        tables=detector_tables(found.record),
        over=told_difference(found.record["difference"]["map50"]),
        says=_says(found.record),
        unit=unit_of(found.record),
        units=units_of(found.record),
        least_score=LEAST_SCORE,
        most_overlap=MOST_OVERLAP,
        most_boxes=MOST_BOXES,
        catalog_leaks=catalog_rows(found.catalog.get("leaks")),
        split_leaks=split_rows(found.split.get("leaks")),
    )


def _says(record: DetectorRecord) -> str:
    """Return whether the detector has learnt more than where boxes usually lie, in a sentence."""
    over = record["difference"]["map50"]
    if over["value"] is None or over["low"] is None or over["high"] is None:
        return "whether that is more than place alone gives cannot be told from this test set"
    if over["low"] > 0:
        return "it has learnt more than where boxes usually lie"
    if over["high"] < 0:
        return "it does worse than the mean box, which looks at no picture"
    return "it cannot be told apart from the mean box, which looks at no picture"
