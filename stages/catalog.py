"""catalog: audit every image of the archive.

Reads data/raw (archive.zip, source.json); writes data/catalog.csv, data/boxes.csv, metrics/catalog.json and
results/catalog.
"""

import argparse
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chestbench.catalog.audit import build_catalog
from chestbench.catalog.box_table import read_boxes
from chestbench.catalog.boxes import write_boxes
from chestbench.catalog.report import describe, summarise, write_report
from chestbench.catalog.stated import counted, differences
from chestbench.core.config import Config, Dataset
from chestbench.core.files import read_json
from chestbench.core.notice import OTHER_BYTES
from chestbench.core.positive import KEY, positive_class
from chestbench.core.stage import run_stage

logger = logging.getLogger(__name__)


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Build the catalog of data/raw/archive.zip and report on it."""
    source = read_json(Path("data/raw/source.json"))
    archive, table = Path("data/raw/archive.zip"), Path("data/catalog.csv")
    boxes = read_boxes(archive, config.dataset.boxes)
    catalog = build_catalog(archive, config.dataset, table)
    positive = positive_class(catalog.classes, config.dataset.positive)
    catalog.notes.update(write_boxes(boxes, table, Path("data/boxes.csv"), positive.name))
    synthetic = source["source"] == "sample"
    metrics = summarise(catalog, source["name"], config.dataset.expected_counts, synthetic)
    metrics[KEY] = positive.as_record()
    metrics |= _beside_published(table, config.dataset, source)
    title = "SYNTHETIC, no real patient" if synthetic else source["name"]
    if metrics.get("copy"):
        title = f"{title}: {OTHER_BYTES}"
    write_report(catalog, metrics, title, Path("metrics/catalog.json"), Path("results/catalog"))
    found = f"{describe(metrics)}\n{positive.in_words()}"
    return f"{found}\nwrote data/catalog.csv, data/boxes.csv, metrics/catalog.json and results/catalog"


def _beside_published(table: Path, dataset: Dataset, source: Mapping[str, Any]) -> dict[str, Any]:
    """Return, where there is something to say: `copy`, and `differs` from the numbers that the publisher states."""
    told = differences(counted(table), dataset) if dataset.expected_counts else []
    for sentence in told:
        logger.warning("%s", sentence)
    return ({"copy": source["copy"]} if source.get("copy") else {}) | ({"differs": told} if told else {})


if __name__ == "__main__":
    run_stage(work, __doc__)
