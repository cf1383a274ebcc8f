"""What a training needs to go on after it was killed, written after every epoch."""

import logging
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import atomic_file, read_json, write_json
from chestbench.training.divergence import Diverged, all_finite

logger = logging.getLogger(__name__)

Arrays = list[np.ndarray]
STATE = "state.json"
DIVERGED = "diverged.json"


@dataclass
class Progress:
    """How far a training is.

    Attributes:
        history: one row per finished epoch, as in history.csv, with its time.
        steps: rows of steps.csv, see `steps.StepRecorder`.
        best_epoch: epoch (from 1) of the lowest validation loss, 0 before there is one.
        best_loss: that loss, or None.
        waited: epochs of this phase since the validation loss was last better.
        finished: whether early stopping ended the training.
        seconds: spent so far, over all processes that worked on it.
        first_step_seconds: from the start of the first process to the end of its first step.
    """

    history: list[dict[str, Any]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    best_epoch: int = 0
    best_loss: float | None = None
    waited: int = 0
    finished: bool = False
    seconds: float = 0.0
    first_step_seconds: float = 0.0

    @property
    def epochs_done(self) -> int:
        """Return the number of finished epochs."""
        return len(self.history)


class Checkpoint:
    """A folder with the state after the last finished epoch.

    state.json is written last and names the array files that belong to it, so a kill at any moment leaves either the
    state before or the state after.

    Args:
        folder: of this training alone; made when something is saved.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def finished(self) -> Path:
        """Where the outputs of the training wait, once it is through, for those of the other seeds."""
        return self.folder / "finished"

    @property
    def last_good(self) -> Path:
        """The network of the best epoch before a training diverged."""
        return self.folder / "last-good.keras"

    def load(self) -> tuple[Progress, Arrays, Arrays] | None:
        """Return (progress, current arrays, best weights), or None when there is nothing to go on from.

        Raises:
            ChestbenchError: a number in it is not finite; nothing good would come of such a state.
        """
        if not (self.folder / STATE).exists():
            return None
        state = read_json(self.folder / STATE)
        current, best = (_read_arrays(self.folder / state[key]) for key in ("current", "best"))
        progress = Progress(**state["progress"])
        if not all_finite(current) or not all_finite(best):
            raise ChestbenchError(
                f"{self.folder}: expected finite weights after epoch {progress.epochs_done}, received NaN or infinity; "
                "delete the folder to train from the start, with a lower train.learning_rate"
            )
        if (self.folder / DIVERGED).exists():
            logger.warning(
                "this training diverged in epoch %d before; it goes on from the state of epoch %d, which is finite",
                read_json(self.folder / DIVERGED)["epoch"],
                progress.epochs_done,
            )
        return progress, current, best

    def diverged(self, error: Diverged) -> None:
        """Note that the epoch after the state diverged; the state itself stays as it is."""
        write_json(self.folder / DIVERGED, {"epoch": error.epoch, "what": error.what, "received": str(error.received)})

    def save(self, progress: Progress, current: Arrays, best: Arrays) -> None:
        """Write the state after an epoch; the state of the epoch before is removed once this one is complete.

        Args:
            progress: with this epoch's row in its history.
            current: variables of model and optimizer.
            best: weights of the best epoch; written only when this epoch is the best.
        """
        files = {"current": f"current-{progress.epochs_done:05d}.npz", "best": f"best-{progress.best_epoch:05d}.npz"}
        for key, arrays in (("current", current), ("best", best)):
            path = self.folder / files[key]
            if key == "current" or not path.exists():
                _write_arrays(path, arrays)
        write_json(self.folder / STATE, {"progress": vars(progress), **files})
        for old in self.folder.glob("*-[0-9]*.npz"):
            if old.name.startswith(("current-", "best-")) and old.name not in files.values():
                old.unlink()
        (self.folder / DIVERGED).unlink(missing_ok=True)
        self.last_good.unlink(missing_ok=True)

    def clear_state(self) -> None:
        """Delete the state, which a finished training does not need; cached features and outputs stay."""
        for pattern in (STATE, DIVERGED, "last-good.keras", "current-*.npz", "best-*.npz"):
            for path in self.folder.glob(pattern):
                path.unlink()

    def remove(self) -> None:
        """Delete everything: the training is complete and its outputs are in their place."""
        if self.folder.exists():
            shutil.rmtree(self.folder)


def _write_arrays(path: Path, arrays: Arrays) -> None:
    with atomic_file(path) as temporary, open(temporary, "wb") as stream:
        np.savez(stream, allow_pickle=False, **{f"a{i:05d}": array for i, array in enumerate(arrays)})


def _read_arrays(path: Path) -> Arrays:
    with np.load(path) as stored:
        return [stored[name] for name in sorted(stored.files)]
