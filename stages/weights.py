"""weights: the published ImageNet file of one network, verified, so that training needs no network.

Reads params.yaml; writes data/weights/MODEL/ with weights.json and, when train.weights is imagenet, the weights file.
"""

import argparse
from pathlib import Path

from chestbench.core.config import Config
from chestbench.core.files import atomic_folder, write_json
from chestbench.core.stage import run_stage
from chestbench.models.registry import get
from chestbench.models.weights import fetch_weights


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Fetch, or note that training starts from random weights."""
    network = get(arguments.model)
    target = Path("data/weights") / network.name
    with atomic_folder(target) as folder:
        note = dict.fromkeys(("weights", "file", "sha256", "md5", "verified", "source"))
        note["weights"] = "none"
        if config.train.weights == "imagenet":
            note = fetch_weights(network, folder)
            size = (folder / str(note["file"])).stat().st_size
        write_json(folder / "weights.json", note)
    if note["file"] is None:
        return f"{target}: random initial weights, nothing to fetch"
    checksum = f"MD5 {note['md5']}" if note["md5"] else f"SHA-256 {note['sha256']}"
    return f"{target}: {note['file']}, {size / 1e6:.0f} MB, {checksum}; verified: {note['verified']}"


if __name__ == "__main__":
    run_stage(work, __doc__, per_model=True)
