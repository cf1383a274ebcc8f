"""split: train, val and test by patient, study or look-alike group, as class folders of the original files.

Reads data/raw/archive.zip, data/catalog.csv, metrics/catalog.json and results/catalog/leaks.csv; writes data/split,
data/masks, data/split.csv and metrics/split.json.
"""

import argparse
from pathlib import Path

from chestbench.core.config import Config
from chestbench.core.files import read_json, write_json
from chestbench.core.stage import run_stage
from chestbench.imaging.grey import GreyScale
from chestbench.preparation.folders import assign_splits, describe_split, summarise_split, write_split
from chestbench.preparation.split_leaks import count_split_leaks


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Assign the kept images of the catalog and copy them."""
    catalog = Path("data/catalog.csv")
    assignment = assign_splits(catalog, config.split.model_dump(), config.seed)
    folder, masks, table = Path("data/split"), Path("data/masks"), Path("data/split.csv")
    known = read_json(Path("metrics/catalog.json"))
    scale = GreyScale.from_json(known["grey"]["scale"])
    write_split(Path("data/raw/archive.zip"), catalog, assignment, folder, masks, table, scale=scale)
    without_group = known["images_without_group"]
    facts = known["split_unit"], config.seed, known["synthetic"], without_group, config.dataset.allow_tiny
    metrics = summarise_split(assignment, *facts, scale)
    metrics["leaks"] = count_split_leaks(assignment, Path("results/catalog"))
    write_json(Path("metrics/split.json"), metrics)
    return f"{describe_split(metrics)}\nwrote data/split, data/masks, data/split.csv and metrics/split.json"


if __name__ == "__main__":
    run_stage(work, __doc__)
