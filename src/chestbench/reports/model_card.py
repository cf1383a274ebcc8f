"""MODEL_CARD.md: what a trained network is, what it learnt from, how well it does, and what it is not for.

After M. Mitchell et al. 2019, Model cards for model reporting, FAT* 220-229. Everything stands in the run's files: the
card depends on them alone, so that it is the same wherever it is written. Its words: templates/card/model_card.md.j2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chestbench.core.config import Dataset
from chestbench.core.files import atomic_file
from chestbench.core.notice import NOTICE, SYNTHETIC, copy_notes, tiny_note
from chestbench.core.words import positive_words
from chestbench.measures.record import NetworkRecord
from chestbench.reports.card_results import tables
from chestbench.reports.leak_words import SHORTCUTS, catalog_rows, split_rows
from chestbench.reports.rendering import render
from chestbench.reports.templates import card as templates
from chestbench.reports.unit_words import units_of
from chestbench.training.records import TrainingRecord

CARD = "MODEL_CARD.md"
FITS = {"pad": "padded with black to a square", "stretch": "stretched to a square"}


@dataclass(frozen=True)
class Facts:
    """What the card is made from.

    Attributes:
        training: models/MODEL/training.json.
        record: metrics/models/MODEL.json.
        dataset: what the parameters say of the data set.
        source: data/raw/source.json.
        catalog: metrics/catalog.json.
        split: metrics/split.json.
        audit: metrics/audit.json, or None without one.
    """

    training: TrainingRecord
    record: NetworkRecord
    dataset: Dataset
    source: Mapping[str, Any]
    catalog: Mapping[str, Any]
    split: Mapping[str, Any]
    audit: Mapping[str, Any] | None = None


def write_card(path: Path, found: Facts) -> None:
    """Write the card atomically: UTF-8, newline ends."""
    with atomic_file(path) as temporary:
        temporary.write_text(card(found), encoding="utf-8", newline="\n")


def card(found: Facts) -> str:
    """Return the card as Markdown."""
    training = found.training
    return render(
        templates,
        "model_card.md.j2",
        **vars(found),
        notice=NOTICE,
        synthetic=SYNTHETIC,
        tiny=tiny_note(found.record),
        copied=copy_notes(found.catalog),
        positive=positive_words(found.record, found.record["test"]),
        fit=FITS[training["config"]["preprocess.fit"]],
        region=training["config"].get("preprocess.roi", "none"),
        partitions=partitions(found.split, training["classes"], "split"),
        energy=energy_words(training.get("energy") or {}),
        tables=tables(found.record),
        catalog_leaks=catalog_rows(found.catalog.get("leaks")),
        split_leaks=split_rows(found.split.get("leaks")),
        shortcuts=SHORTCUTS,
    )


def partitions(split: Mapping[str, Any], classes: list[str], name: str) -> tuple[list[str], list[list[Any]]]:
    """Return headings and cells: images of each class, and patients (or studies, or groups), in train, val and test.

    Args:
        split: metrics/split.json.
        classes: in the order of the network's outputs.
        name: over the first column.
    """
    return [name, *classes, units_of(split)], [
        [part, *(images.get(label, 0) for label in classes), split["groups"][part]]
        for part, images in split["images"].items()
    ]


def energy_words(energy: Mapping[str, Any]) -> list[str]:
    """Return what each counter measured, such as `CPU 7.2 kJ (0.0020 kWh)`; none where no counter could be read."""
    return [
        f"{part.upper()} {joules / 1000:.1f} kJ ({joules / 3.6e6:.4f} kWh)"
        for part in ("cpu", "gpu")
        if (joules := energy.get(f"{part}_joules")) is not None
    ]
