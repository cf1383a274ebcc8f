"""models/NAME/: weights and the files of `records`, of the first seed; the same under seeds/ for the others."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chestbench.core.files import all_to_disk, atomic_folder, to_disk
from chestbench.training.records import (
    HISTORY_FILE,
    PROVENANCE_FILE,
    STEPS_FILE,
    TIMING_FILE,
    TRAINING_FILE,
    write_training,
)
from chestbench.training.routine import TrainingResult
from chestbench.training.saving import save_network

# In the order in which they are put in place: who finds training.json finds all.
MODEL_FILE = "model.keras"
FILES = (MODEL_FILE, HISTORY_FILE, STEPS_FILE, TIMING_FILE, PROVENANCE_FILE, TRAINING_FILE)
SEEDS = "seeds"
NO_SEEDS = "none.txt"


def write_outputs(folder: Path, result: TrainingResult, record: dict[str, Any], **columns: Sequence[str]) -> None:
    """Write `FILES` of one training; `folder` is replaced when all are complete.

    Args:
        folder: to write.
        result: of the training.
        record: what else is known of it, see `records.write_training`.
        columns: its `history_columns` and `step_columns`, where they are not those of a classifier.
    """
    progress = result.progress
    figures = {
        "parameters": result.parameters,
        "epochs_run": progress.epochs_done,
        "best_epoch": progress.best_epoch,
        "seconds": round(progress.seconds, 3),
        "first_step_seconds": round(progress.first_step_seconds, 3),
        "images_per_second": round(result.images_per_second, 2),
    }
    with atomic_folder(folder) as temporary:
        save_network(result.model, temporary / MODEL_FILE)
        write_training(temporary, {**record, **figures}, progress.history, progress.steps, **columns)


def install(target: Path, seeds: Sequence[int], finished: Sequence[Path]) -> None:
    """Bring the trainings of all seeds to their places; what stood there stays until everything is copied.

    Other files in `target` are another stage's and stay.

    Args:
        target: models/NAME.
        seeds: the first seed's files go to `target` itself, the others' to `target`/seeds/SEED.
        finished: folder of `write_outputs` for each seed.
    """
    whole = target.with_name(f".{target.name}.partial")
    shutil.rmtree(whole, ignore_errors=True)  # of a process that was killed here
    try:
        for place, (seed, folder) in enumerate(zip(seeds, finished, strict=True)):
            to = whole if place == 0 else whole / SEEDS / str(seed)
            to.mkdir(parents=True)
            for name in FILES:
                shutil.copyfile(folder / name, to / name)
        if len(seeds) == 1:
            (whole / SEEDS).mkdir()
            note = "train.seeds asks for no further training of this network.\n"
            (whole / SEEDS / NO_SEEDS).write_text(note, encoding="utf-8")
        # The checkpoints that they come from are removed after this.
        all_to_disk(whole)
        target.mkdir(parents=True, exist_ok=True)
        (target / FILES[-1]).unlink(missing_ok=True)
        shutil.rmtree(target / SEEDS, ignore_errors=True)
        for name in (SEEDS, *FILES):
            os.replace(whole / name, target / name)
        to_disk(target)
    finally:
        shutil.rmtree(whole, ignore_errors=True)
