"""Outputs of a training that is through: they wait beside its checkpoint until DVC has noted them in dvc.lock.

DVC hashes and copies them after the stage has ended, which takes seconds for a large network. A kill in that time would
cost the whole training, and leave a second finished run of it in MLflow.
"""

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from chestbench.core.dvc_lock import noted_hashes
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import DamagedFile, read_json, write_json
from chestbench.core.one_at_a_time import one_at_a_time
from chestbench.training.checkpoint import Checkpoint
from chestbench.training.records import TIMING_FILE
from chestbench.training.run_key import checkpoint_folder

INSTALLED = "installed.json"


def let_wait(checkpoints: Sequence[Checkpoint], target: Path) -> None:
    """Keep the outputs of trainings whose copies are in place; delete them where DVC is not what runs the stage.

    Args:
        checkpoints: of all seeds.
        target: models/NAME; what a clock said of its first seed tells this training from every other.
    """
    noted_as = hashlib.md5((target / TIMING_FILE).read_bytes(), usedforsecurity=False).hexdigest()
    for checkpoint in checkpoints:
        if "DVC_STAGE" in os.environ:
            write_json(checkpoint.folder / INSTALLED, {"noted_as": noted_as})
            checkpoint.keep_outputs(INSTALLED)
        else:
            checkpoint.remove()


def forget_noted() -> None:
    """Delete the waiting outputs that the dvc.lock of the current folder names: they are safe."""
    notes = sorted(checkpoint_folder("x").parent.glob(f"*/{INSTALLED}"))
    noted = noted_hashes(Path.cwd()) if notes else set()
    for note in notes:
        # Damaged: the outputs have checksums of their own, and stay.
        with suppress(FileNotFoundError, DamagedFile, KeyError, TypeError):
            if read_json(note)["noted_as"] in noted:
                # Another process that is at this training takes them.
                with suppress(ChestbenchError), one_at_a_time(training_lock(note.parent.name), note.parent.name):
                    Checkpoint(note.parent).remove()


def training_lock(key: str) -> Path:
    """Return the lock of one training, see `one_at_a_time`."""
    return checkpoint_folder(key).with_name(f"{key}.lock")
