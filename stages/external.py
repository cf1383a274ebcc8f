"""external: a set from elsewhere, audited and prepared as our own images are, all of it as test.

Reads data/external_raw/NAME, data/catalog.csv, data/split, data/split.csv and data/processed/info.json; writes
data/external/NAME (test.npy, test.csv, info.json, catalog.csv, set.json).
"""

import argparse
from pathlib import Path

from chestbench.core.config import Config
from chestbench.core.files import read_json
from chestbench.core.stage import run_stage
from chestbench.datasets.archive import ARCHIVE
from chestbench.external.known import OwnPictures
from chestbench.external.prepare import describe_prepared, prepare_set
from chestbench.external.sets import describe_set, find_set
from chestbench.imaging.grey import GreyScale


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Prepare the set."""
    entry = find_set(config, arguments.set)
    raw, output = Path("data/external_raw") / entry.name, Path("data/external") / entry.name
    info = read_json(Path("data/processed/info.json"))
    scale = GreyScale.from_json(info.get("grey"))
    own = OwnPictures(Path("data/catalog.csv"), Path("data/split"), Path("data/split.csv"), info["classes"], scale)
    dataset, source = describe_set(entry, config), read_json(raw / "source.json")
    about = prepare_set(entry, dataset, source, raw / ARCHIVE, own, config.preprocess, output)
    return f"{describe_prepared(about)}\nwrote {output}"


if __name__ == "__main__":
    run_stage(work, __doc__, per_set=True)
