"""weights: the published ImageNet file of one network, verified, so that training needs no network.

Reads params.yaml; writes data/weights/MODEL/ with weights.json and, unless train.weights is none, the weights file.
Where the file was received from is no part of the result, which is the same from every place: it goes into
data/weights-received/MODEL.json, which no stage reads.
"""

import argparse
from pathlib import Path

from chestbench.core.config import Config
from chestbench.core.files import atomic_folder, write_json
from chestbench.core.stage import run_stage
from chestbench.models.registry import get
from chestbench.models.weights import fetch_weights

RECEIVED = Path("data/weights-received")


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Fetch, or note that training starts from random weights."""
    network = get(arguments.model)
    target, received = Path("data/weights") / network.name, RECEIVED / f"{network.name}.json"
    received.unlink(missing_ok=True)
    with atomic_folder(target) as folder:
        note = dict.fromkeys(("weights", "file", "sha256", "md5", "verified", "source"))
        note["weights"] = "none"
        if config.train.weights != "none":
            note = fetch_weights(network, folder, config.train.weights)
            origin = note.pop("received_from")
            size = (folder / str(note["file"])).stat().st_size
        write_json(folder / "weights.json", note)
    if note["file"] is None:
        return f"{target}: random initial weights, nothing to fetch"
    received.parent.mkdir(exist_ok=True)
    write_json(received, {"file": note["file"], "sha256": note["sha256"], "received_from": origin})
    checksum = f"MD5 {note['md5']}" if note["md5"] else f"SHA-256 {note['sha256']}"
    return (
        f"{target}: {note['file']}, {size / 1e6:.0f} MB, {checksum}; verified: {note['verified']}; "
        f"received from {origin}"
    )


if __name__ == "__main__":
    run_stage(work, __doc__, per_model=True)
