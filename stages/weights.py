"""weights: the published ImageNet file of one network, checksum verified, so that training needs no network.

Reads params.yaml; writes data/weights/MODEL/ with weights.json and, when train.weights is imagenet, the .h5 file.
"""

import argparse
from pathlib import Path

from chestbench.config import Config
from chestbench.files import atomic_folder, write_json
from chestbench.models.registry import get
from chestbench.models.weights import fetch_weights
from chestbench.stage import run_stage


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Fetch, or note that training starts from random weights."""
    network = get(arguments.model)
    target = Path("data/weights") / network.name
    with atomic_folder(target) as folder:
        note = {"weights": "none", "file": None, "sha256": None, "md5": None, "source": None}
        if config.train.weights == "imagenet":
            note = fetch_weights(network, folder)
            size = (folder / str(note["file"])).stat().st_size
        write_json(folder / "weights.json", note)
    if note["file"] is None:
        return f"{target}: random initial weights, nothing to fetch"
    return f"{target}: {note['file']}, {size / 1e6:.0f} MB, MD5 {note['md5']} as published"


if __name__ == "__main__":
    run_stage(work, __doc__, per_model=True)
