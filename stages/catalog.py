"""catalog: audit every image of the archive.

Reads data/raw (archive.zip, source.json); writes data/catalog.csv, data/boxes.csv, metrics/catalog.json and
results/catalog.
"""

import argparse
from pathlib import Path

from chestbench.catalog.audit import build_catalog
from chestbench.catalog.boxes import read_boxes, write_boxes
from chestbench.catalog.report import describe, summarise, write_report
from chestbench.core.config import Config
from chestbench.core.files import read_json
from chestbench.core.positive import KEY, positive_class
from chestbench.core.stage import run_stage


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Build the catalog of data/raw/archive.zip and report on it."""
    source = read_json(Path("data/raw/source.json"))
    archive, table = Path("data/raw/archive.zip"), Path("data/catalog.csv")
    boxes = read_boxes(archive, config.dataset.boxes)
    catalog = build_catalog(archive, config.dataset, table)
    catalog.notes.update(write_boxes(boxes, table, Path("data/boxes.csv")))
    synthetic = source["source"] == "sample"
    metrics = summarise(catalog, source["name"], config.dataset.expected_counts, synthetic)
    positive = positive_class(catalog.classes, config.dataset.positive)
    metrics[KEY] = positive.as_record()
    title = "SYNTHETIC, no real patient" if synthetic else source["name"]
    write_report(catalog, metrics, title, Path("metrics/catalog.json"), Path("results/catalog"))
    found = f"{describe(metrics)}\n{positive.in_words()}"
    return f"{found}\nwrote data/catalog.csv, data/boxes.csv, metrics/catalog.json and results/catalog"


if __name__ == "__main__":
    run_stage(work, __doc__)
