"""audit: draw what the catalog found.

Reads data/catalog.csv, metrics/catalog.json and results/catalog; writes results/audit.
"""

import argparse
from pathlib import Path

from chestbench.config import Config
from chestbench.files import atomic_folder, read_json
from chestbench.stage import run_stage


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Draw counts, sizes, grey levels and an example of each class."""
    # Imports matplotlib, which takes half a second: not for --help.
    from chestbench.audit.pictures import draw_catalog

    folder = Path("results/audit")
    metrics = read_json(Path("metrics/catalog.json"))
    with atomic_folder(folder) as temporary:
        draw_catalog(Path("data/catalog.csv"), metrics, Path("results/catalog"), temporary)
    return f"wrote {folder}: class_counts, image_sizes, grey_levels and examples of {len(metrics['per_class'])} classes"


if __name__ == "__main__":
    run_stage(work, __doc__)
