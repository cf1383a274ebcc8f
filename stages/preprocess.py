"""preprocess: decode every image once, keep its region of interest, resize it, into memory-mappable arrays.

Reads data/split, data/split.csv, data/masks and metrics/split.json; writes data/processed, results/preprocess and
metrics/preprocess.json.
"""

import argparse
from pathlib import Path

from chestbench.core.config import Config
from chestbench.core.files import read_json, write_json
from chestbench.core.notice import tiny_note
from chestbench.core.stage import run_stage
from chestbench.preparation.loading import SplitFolder
from chestbench.preparation.preprocessing import SplitFacts, describe_preprocess, preprocess_split


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Turn data/split into arrays."""
    split = read_json(Path("metrics/split.json"))
    facts = SplitFacts(
        split["split_unit"],
        config.dataset.classes,
        config.dataset.modality,
        split["synthetic"],
        split["images_without_group"],
        tuple(split.get("tiny", ())),
        split.get("allow_tiny", False),
        split["grey"],
    )
    metrics = preprocess_split(
        SplitFolder(Path("data/split"), Path("data/split.csv"), Path("data/masks")),
        Path("data/processed"),
        config.preprocess,
        facts,
        sheets=Path("results/preprocess"),
    )
    write_json(Path("metrics/preprocess.json"), metrics)
    wrote = (
        "data/processed (with preview.png), results/preprocess (contours.png, stages.png) and metrics/preprocess.json"
    )
    banner = f"{tiny_note(split)}\n" if facts.allow_tiny and facts.tiny else ""
    return f"{banner}{describe_preprocess(metrics)}\nwrote {wrote}"


if __name__ == "__main__":
    run_stage(work, __doc__)
