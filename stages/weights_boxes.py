"""weights_boxes: the published ImageNet file of one detector's body, verified, so that training needs no network.

Reads params.yaml; writes data/weights_boxes/DETECTOR/ with weights.json and, unless train.weights is none, the weights
file. Where it was received from goes into data/weights-received/DETECTOR.json, which no stage reads.
"""

import argparse
from pathlib import Path

from chestbench.core.config import Config
from chestbench.core.stage import run_stage
from chestbench.models.detection.registry import get
from chestbench.models.weights import write_weights

RECEIVED = Path("data/weights-received")


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Fetch, or note that training starts from random weights."""
    name = arguments.detector
    target = Path("data/weights_boxes") / name
    return write_weights(get(name).body, target, RECEIVED / f"{name}.json", config.train.weights)


if __name__ == "__main__":
    run_stage(work, __doc__, per_detector=True)
