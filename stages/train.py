"""train: train one network and log it to MLflow while it learns.

Reads data/processed/, data/train_indices.npy and data/weights/MODEL/; writes models/MODEL/ with model.keras,
history.csv, steps.csv, training.json, timing.json and provenance.json, and the same under seeds/SEED/ for the seeds of
train.seeds. Interrupted, it goes on from its last epoch when it is run again.
"""

import argparse
from pathlib import Path

from chestbench.core.beside import Beside
from chestbench.core.config import Config
from chestbench.core.notice import tiny_note
from chestbench.core.stage import run_stage
from chestbench.models.registry import check_names
from chestbench.preparation.arrays import load_info
from chestbench.preparation.tiny import refuse_tiny
from chestbench.tracking.get_ready import get_ready
from chestbench.tracking.run_beside import opener
from chestbench.training.compile_cache import keep_compiled
from chestbench.training.device import select_backend


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Train every seed and write."""
    # Speaks to MLflow, which it imports while this process imports Keras.
    with Beside(f"train@{arguments.model}") as beside:
        return _train(config, arguments.model, beside)


def _train(config: Config, name: str, beside: Beside) -> str:
    check_names([name])
    processed = Path("data/processed")
    info = load_info(processed)
    refuse_tiny(info)
    beside.call(get_ready)
    keep_compiled(select_backend(config.train.backend, config.train.deterministic))
    # Imports keras, which takes its backend from the line above.
    from chestbench.training.data import Inputs
    from chestbench.training.session import train_model

    inputs = Inputs(processed, Path("data/train_indices.npy"), Path("data/weights") / name)
    summary = train_model(config, name, inputs, Path("models") / name, opener(beside))
    return f"{tiny_note(info)}\n{summary}" if info.get("tiny") else summary


if __name__ == "__main__":
    run_stage(work, __doc__, per_model=True)
