"""Trains a small network deterministically and prints SHA-256: of its weights, model.keras and tables, one line each.

    python -m tests.training.digest PARAMS STATE straight   trains without a checkpoint
    python -m tests.training.digest PARAMS STATE killed     dies without warning after two epochs
    python -m tests.training.digest PARAMS STATE resumed    goes on from there; then trains once more from the start

With batch norm, dropout, augmentation, class weights and cosine schedule. Used by test_deterministic.py.
"""

import hashlib
import sys
import time
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from chestbench.core.config import load_config
from chestbench.core.files import sha256_file
from chestbench.training.checkpoint import Checkpoint
from chestbench.training.recipes import train_network
from chestbench.training.records import HISTORY_FILE, STEPS_FILE, TRAINING_FILE, write_training
from chestbench.training.routine import TrainingResult
from chestbench.training.saving import save_network
from tests.training.helpers import small_data
from tests.training.killed import kill_after

EPOCHS_BEFORE_THE_KILL = 2


def say(result: TrainingResult, folder: Path) -> None:
    digest = hashlib.sha256()
    for array in result.model.get_weights():
        digest.update(str((array.shape, array.dtype)).encode() + array.tobytes())
    save_network(result.model, folder / "own.keras")
    # Of a clock there must be nothing in these.
    write_training(folder, {"parameters": result.parameters, "seconds": time.time()}, *tables(result))
    texts = [sha256_file(folder / name) for name in (TRAINING_FILE, HISTORY_FILE, STEPS_FILE)]
    print(f"weights {digest.hexdigest()} file {sha256_file(folder / 'own.keras')} texts {texts}", flush=True)


def tables(result: TrainingResult) -> tuple[list[dict], list[dict]]:
    return result.progress.history, result.progress.steps


if __name__ == "__main__":
    train, state, how = load_config(Path(sys.argv[1])).train, Path(sys.argv[2]), sys.argv[3]
    data = replace(small_data(), class_weights=np.array([0.75, 1.5]), balanced=True)
    checkpoint = Checkpoint(state) if how != "straight" else None
    on_epoch = kill_after(EPOCHS_BEFORE_THE_KILL) if how == "killed" else None
    say(train_network("tiny", data, train, seed=5, checkpoint=checkpoint, on_epoch=on_epoch), state.parent)
    if how == "resumed":
        keras.backend.clear_session()
        say(train_network("tiny", data, train, seed=5), state.parent)
