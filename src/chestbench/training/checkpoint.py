"""What a training needs to go on after it was killed, written after every epoch."""

import logging
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from chestbench.core.arrays import read_arrays, write_arrays
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import (
    DamagedFile,
    read_json,
    set_aside,
    sha256_json,
    write_bytes,
    write_json,
)
from chestbench.training.divergence import Diverged, all_finite
from chestbench.training.sealed import is_whole, seal

logger = logging.getLogger(__name__)

Arrays = list[np.ndarray]
STATE, STATE_BEFORE = "state.json", "state-before.json"
CHECKSUMS = "checksums.json"
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
    """A folder with the state after the last finished epoch, and the one before it.

    state.json is written last and names the array files that belong to it, so a kill at any moment leaves either the
    state before or the state after. A state that was damaged since (a power cut, a full disk) is known by checksums:
    it is set aside, and the training goes on from the state before, else from the start.

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

    @property
    def is_begun(self) -> bool:
        """Whether there is a state of an earlier process."""
        return any((self.folder / name).exists() for name in (STATE, STATE_BEFORE))

    def load(self) -> tuple[Progress, Arrays, Arrays] | None:
        """Return (progress, current arrays, best weights), or None when there is nothing to go on from.

        A state that is damaged is set aside with a warning.

        Raises:
            ChestbenchError: a number in it is not finite; nothing good would come of such a state.
        """
        for name in (STATE, STATE_BEFORE):
            if not (self.folder / name).exists():
                continue
            try:
                progress, current, best = self._read(name)
            except DamagedFile as error:
                self._set_aside(name, error)
                continue
            self._check(progress, current, best)
            self._sweep()
            return progress, current, best
        self._sweep()
        return None

    def _read(self, name: str) -> tuple[Progress, Arrays, Arrays]:
        state = read_json(self.folder / name)
        if not isinstance(state, dict) or state.pop("sha256", None) != sha256_json(state):
            raise DamagedFile(self.folder / name, "a state with its checksum", "received another one")
        try:
            current, best = (_read_arrays(self.folder / state[key]) for key in ("current", "best"))
        except FileNotFoundError as error:
            raise DamagedFile(Path(error.filename), "the arrays of a state", "found none") from None
        return Progress(**state["progress"]), current, best

    def _set_aside(self, name: str, error: DamagedFile) -> None:
        for path in {self.folder / name, error.path}:
            if path.exists():
                set_aside(path)
        goes_on = (self.folder / STATE_BEFORE).exists()
        logger.warning(
            "%s of this training is damaged (a power cut or a full disk does that) and set aside; it goes on from the "
            "%s: %s",
            error.path.name,
            "state before" if goes_on else "start",
            self.folder,
        )

    def _check(self, progress: Progress, current: Arrays, best: Arrays) -> None:
        """Refuse a state that is not finite, and say of one that diverged later."""
        if not all_finite(current) or not all_finite(best):
            raise ChestbenchError(
                f"{self.folder}: expected finite weights after epoch {progress.epochs_done}, received NaN or infinity; "
                "delete the folder to train from the start, with a lower train.learning_rate"
            )
        if (self.folder / DIVERGED).exists():
            logger.warning(
                "this training diverged in epoch %d before; it goes on from the state of epoch %d, which is finite",
                self._diverged_in(),
                progress.epochs_done,
            )

    def _diverged_in(self) -> int:
        try:
            return int(read_json(self.folder / DIVERGED)["epoch"])
        except DamagedFile:
            return 0

    def diverged(self, error: Diverged) -> None:
        """Note that the epoch after the state diverged; the state itself stays as it is."""
        write_json(self.folder / DIVERGED, {"epoch": error.epoch, "what": error.what, "received": str(error.received)})

    def save(self, progress: Progress, current: Arrays, best: Arrays) -> None:
        """Write the state after an epoch; of those before, only the last is kept.

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
        state = {"progress": vars(progress), **files}
        self._keep_before()
        write_json(self.folder / STATE, {"sha256": sha256_json(state), **state})
        self._sweep()
        (self.folder / DIVERGED).unlink(missing_ok=True)
        self.last_good.unlink(missing_ok=True)

    def _keep_before(self) -> None:
        """Make the state that is there the one before."""
        if self._arrays_of(STATE):
            write_bytes(self.folder / STATE_BEFORE, (self.folder / STATE).read_bytes())

    def _sweep(self) -> None:
        """Remove arrays that no state names: of older states, and of an epoch whose process died before its state."""
        kept = {*self._arrays_of(STATE), *self._arrays_of(STATE_BEFORE)}
        for path in self.folder.glob("*-[0-9]*.npz"):
            if path.name.startswith(("current-", "best-")) and path.name not in kept:
                path.unlink()

    def _arrays_of(self, name: str) -> list[str]:
        try:
            state = read_json(self.folder / name)
            return [state["current"], state["best"]]
        except (FileNotFoundError, DamagedFile, KeyError, TypeError):
            return []

    def seal(self) -> None:
        """Say that the outputs in `finished` are complete."""
        seal(self.finished, self.folder / CHECKSUMS)

    def is_finished(self) -> bool:
        """Tell whether complete outputs wait in `finished`, every one as it was written."""
        return is_whole(self.finished, self.folder / CHECKSUMS)

    def clear_state(self) -> None:
        """Delete the state, which a finished training does not need; cached features and outputs stay."""
        for pattern in (STATE, STATE_BEFORE, DIVERGED, "last-good.keras", "current-*.npz", "best-*.npz"):
            for path in self.folder.glob(pattern):
                path.unlink()

    def keep_outputs(self, note: str) -> None:
        """Delete everything but the sealed outputs and a note beside them."""
        for path in self.folder.iterdir():
            if path.name not in (self.finished.name, CHECKSUMS, note):
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def remove(self) -> None:
        """Delete everything: the training is complete and its outputs are in their place."""
        if self.folder.exists():
            shutil.rmtree(self.folder)


def _write_arrays(path: Path, arrays: Arrays) -> None:
    write_arrays(path, {f"a{i:05d}": array for i, array in enumerate(arrays)})


def _read_arrays(path: Path) -> Arrays:
    found = read_arrays(path)
    return [found[name] for name in sorted(found)]
