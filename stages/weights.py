"""weights: the published ImageNet file of one network, verified, so that training needs no network.

Reads params.yaml; writes data/weights/MODEL/ with weights.json and, unless train.weights is none, the weights file.
Where the file was received from is no part of the result, which is the same from every place: it goes into
data/weights-received/MODEL.json, which no stage reads.
"""

import argparse
from pathlib import Path

from chestbench.core.config import Config
from chestbench.core.stage import run_stage
from chestbench.models.registry import get
from chestbench.models.weights import write_weights

RECEIVED = Path("data/weights-received")


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Fetch, or note that training starts from random weights."""
    network = get(arguments.model)
    target = Path("data/weights") / network.name
    return write_weights(network, target, RECEIVED / f"{network.name}.json", config.train.weights)


if __name__ == "__main__":
    run_stage(work, __doc__, per_model=True)
