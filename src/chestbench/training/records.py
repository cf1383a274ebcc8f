"""What one training leaves beside its weights, as text: files that hold its result, and files that a clock wrote.

Result, the same bytes whenever the same training is repeated with `train.deterministic=true` on one machine:
    training.json   what was trained, on what, with which parameters; how many epochs, which was the best
    history.csv     one row an epoch: losses, scores, learning rate
    steps.csv       the training loss and accuracy every few steps, some 500 rows at most
Not result, another one with every repetition or every commit:
    timing.json     seconds, images/s and joules, of the whole training and of each epoch
    provenance.json the machine, the versions of the packages, the Git revision and whether code differed from it

Backend and precision stand in training.json although the environment (`KERAS_BACKEND`) and the GPU (`precision: auto`)
have a say in them: two trainings that differ in them are two trainings, and who loads the network must know them.
Device and versions only describe: the same parameters, data and code are the same training on any machine, and how
far its figures then differ is what docs/explanation/reproducibility.md measures.

Reading needs no keras: one record of all three JSON files (`read_training`), rows with their times (`read_history`).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NotRequired, TypedDict, cast

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import Row, read_csv, read_json, write_csv, write_json

HISTORY_COLUMNS = (
    "epoch",
    "phase",
    "loss",
    "val_loss",
    "accuracy",
    "val_accuracy",
    "val_balanced_accuracy",
    "learning_rate",
)
STEP_COLUMNS = ("step", "epoch", "loss", "accuracy")
TIMED_COLUMNS = ("seconds", "images_per_second")
TIMING = ("seconds", "first_step_seconds", "images_per_second", "energy")
PROVENANCE = ("device", "versions", "git_revision", "git_dirty")
TRAINING_FILE, HISTORY_FILE, STEPS_FILE = "training.json", "history.csv", "steps.csv"
TIMING_FILE, PROVENANCE_FILE = "timing.json", "provenance.json"
EPOCHS = "epochs"
Rows = Sequence[Mapping[str, Any]]


class Energy(TypedDict):
    """Joules of each counter, None where it could not be read; `whole` is false where a training went on."""

    cpu_joules: float | None
    gpu_joules: float | None
    whole: bool


class TrainingRecord(TypedDict):
    """What `read_training` gives; what is `NotRequired` without a reason stands beside training.json, not in it.

    `config` has the parameters flat, such as `train.learning_rate`.
    """

    run_key: str
    mlflow_experiment: str
    model: str
    dataset: str
    data_sha256: str
    split_unit: str
    images_in_all: NotRequired[int]  # not of trainings before there was one
    images_without_group: NotRequired[int]
    tiny: NotRequired[list[str]]  # only where there is too little for a result
    synthetic: bool
    classes: list[str]
    grey: NotRequired[dict[str, Any]]  # not of trainings before it was kept
    image_size: int
    weights: str
    seed: int
    seeds: list[int]
    random_labels: bool
    backend: str
    precision: str
    config: dict[str, Any]
    parameters: int
    epochs_run: int
    best_epoch: int
    seconds: NotRequired[float]
    first_step_seconds: NotRequired[float]
    images_per_second: NotRequired[float]
    energy: NotRequired[Energy]
    device: NotRequired[str]
    versions: NotRequired[dict[str, str]]
    git_revision: NotRequired[str]  # only in a Git repository
    git_dirty: NotRequired[str]


def write_training(
    folder: Path,
    record: Mapping[str, Any],
    history: Rows,
    steps: Rows,
    history_columns: Sequence[str] = HISTORY_COLUMNS,
    step_columns: Sequence[str] = STEP_COLUMNS,
) -> None:
    """Write training.json, history.csv, steps.csv, timing.json and provenance.json of one training.

    Args:
        folder: exists.
        record: everything known of the training; each key goes to the file that it belongs to.
        history: one row an epoch, with `history_columns` and `TIMED_COLUMNS`.
        steps: rows with `step_columns`.
        history_columns: of history.csv; without them those of a classifier.
        step_columns: of steps.csv.
    """
    apart = {*TIMING, *PROVENANCE}
    timing = {key: record[key] for key in TIMING if key in record}
    epochs = [{key: row[key] for key in ("epoch", *TIMED_COLUMNS)} for row in history]
    write_json(folder / TRAINING_FILE, {key: value for key, value in record.items() if key not in apart})
    write_json(folder / TIMING_FILE, {**timing, EPOCHS: epochs})
    write_json(folder / PROVENANCE_FILE, {key: record[key] for key in PROVENANCE if key in record})
    for name, columns, rows in ((HISTORY_FILE, history_columns, history), (STEPS_FILE, step_columns, steps)):
        write_csv(folder / name, columns, ({key: row.get(key) for key in columns} for row in rows))


def read_training(folder: Path) -> TrainingRecord:
    """Return training.json, timing.json and provenance.json of a training as one record.

    Args:
        folder: models/NAME or models/NAME/seeds/SEED.

    Raises:
        ChestbenchError: one of the three is missing.
    """
    for name in (TRAINING_FILE, TIMING_FILE, PROVENANCE_FILE):
        if not (folder / name).is_file():
            raise ChestbenchError(
                f"{folder}: expected {TRAINING_FILE}, {TIMING_FILE} and {PROVENANCE_FILE} of a training, found no "
                f"{name}; run `dvc repro`"
            )
    timing = read_json(folder / TIMING_FILE)
    del timing[EPOCHS]
    whole = {**read_json(folder / TRAINING_FILE), **timing, **read_json(folder / PROVENANCE_FILE)}
    return cast("TrainingRecord", whole)


def read_history(folder: Path) -> list[Row]:
    """Return the rows of history.csv (as text), each with its `seconds` and `images_per_second` of timing.json."""
    epochs = read_json(folder / TIMING_FILE)[EPOCHS]
    rows = read_csv(folder / HISTORY_FILE)
    return [{**row, **{key: epoch[key] for key in TIMED_COLUMNS}} for row, epoch in zip(rows, epochs, strict=True)]
