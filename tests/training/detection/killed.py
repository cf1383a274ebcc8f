"""Trains a detector in a process of its own; prints SHA-256 of its weights. Used by test_recipe.py.

python -m tests.training.detection.killed PARAMS STATE straight   trains without a checkpoint
python -m tests.training.detection.killed PARAMS STATE killed     dies without warning after two epochs
python -m tests.training.detection.killed PARAMS STATE resumed    goes on from there
"""

import hashlib
import sys
from pathlib import Path

from chestbench.core.config import load_config
from chestbench.training.device import select_backend

select_backend("tensorflow")

from chestbench.training.checkpoint import Checkpoint  # noqa: E402
from chestbench.training.detection.recipe import train_detector  # noqa: E402
from tests.training.detection.helpers import small_box_data  # noqa: E402
from tests.training.killed import kill_after  # noqa: E402

if __name__ == "__main__":
    params, state, how = sys.argv[1:]
    train = load_config(Path(params)).train
    checkpoint = None if how == "straight" else Checkpoint(Path(state))
    on_epoch = kill_after(2) if how == "killed" else None
    result = train_detector(
        "fcos_tiny", small_box_data(16, 32, 6), train, seed=3, checkpoint=checkpoint, on_epoch=on_epoch
    )
    weights = b"".join(array.tobytes() for array in result.model.get_weights())
    print("weights", hashlib.sha256(weights).hexdigest(), flush=True)
