"""One detector from the pipeline's files to models/NAME/: reads, trains every seed, reports to a tracker, writes."""

import logging
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from chestbench.core.code import deciding_code_sha256
from chestbench.core.config import Config
from chestbench.core.files import sha256_file, sha256_json
from chestbench.preparation.arrays import load_info
from chestbench.preparation.detection.load import load_boxes_info
from chestbench.training.checkpoint import Checkpoint
from chestbench.training.detection.callbacks import COLUMNS
from chestbench.training.detection.data import BoxInputs, read_box_data
from chestbench.training.detection.recipe import train_detector
from chestbench.training.detection.settings import followed, left_in_words, refuse_meaningless
from chestbench.training.device import Device
from chestbench.training.one_training import OpenRun, best_epoch_of, train_once, train_seeds, training_in_words
from chestbench.training.routine import TrainingResult
from chestbench.training.run_key import flatten
from chestbench.training.session import deciding, known_of, outcome_parameters, weights_note
from chestbench.training.writer import OnEpoch

logger = logging.getLogger(__name__)

TASK = "detect"


def train_detector_model(config: Config, name: str, inputs: BoxInputs, target: Path, open_run: OpenRun) -> str:
    """Train one detector with every seed, write `target`, and return a summary, see `training.session.train_model`.

    Args:
        config: all parameters. Of a recipe that networks share, settings that a detector has no place for are left
            (`settings.followed`); with the task detect the stage `check` has refused them.
        name: detector.
        inputs: the files to read.
        target: folder to write: the files of a classifier; training.json has `task` and `findings` besides,
            `findings` as its `classes`, what was followed as its `config` and, where something was left,
            `not_followed`; history.csv has `val_map50` in place of accuracies.
        open_run: called once per seed with what is known before the first step.

    Raises:
        ChestbenchError: an input is missing or does not fit, a setting means nothing to a detector, the training
            diverged, or another process of this repository does the very same training.
    """
    train, left = followed(config.train)
    refuse_meaningless(train, name)
    if left:
        logger.warning("%s", left_in_words(left, name))
    config = config.model_copy(update={"train": train})

    def train_seed(seed: int, first: Path | None, held: ExitStack) -> tuple[Checkpoint, str]:
        return _train_seed(config, name, inputs, seed, left, open_run, held)

    return train_seeds(config.training_seeds, target, train_seed)


def _train_seed(
    config: Config,
    name: str,
    inputs: BoxInputs,
    seed: int,
    left: dict[str, Any],
    open_run: OpenRun,
    held: ExitStack,
) -> tuple[Checkpoint, str]:
    """Train with one seed, see `one_training.train_seeds`."""
    info, of_boxes = load_info(inputs.processed), load_boxes_info(inputs.boxes)
    data, note = read_box_data(inputs), weights_note(inputs.weights, name, "weights_boxes")
    parameters = _parameters(config, seed)
    decides = {
        "detector": name,
        "data_sha256": info["data_sha256"],
        "boxes_sha256": {split: sha256_file(inputs.boxes / f"{split}.csv") for split in ("train", "val")},
        "findings": of_boxes["findings"],
        "weights_sha256": note["sha256"],
        "parameters": deciding(parameters),
        "code": deciding_code_sha256([__name__, f"chestbench.models.detectors.{name}"]),
    }

    def record(device: Device) -> dict[str, Any]:
        return {
            **known_of(config, name, seed, device, info, note),
            "config": flatten(parameters),
            "task": TASK,
            "findings": of_boxes["findings"],
            "classes": of_boxes["findings"],
            "boxes_sha256": of_boxes["data_sha256"],
            "random_labels": False,
            **({"not_followed": left} if left else {}),
        }

    def train(checkpoint: Checkpoint, on_epoch: OnEpoch) -> TrainingResult:
        file = inputs.weights / note["file"] if note["file"] else None
        return train_detector(
            name, data, config.train, seed=seed, weights_file=file, checkpoint=checkpoint, on_epoch=on_epoch
        )

    key = sha256_json(decides)
    return train_once(key, f"train_boxes@{name}", record, open_run, train, _summary, held, **COLUMNS)


def _parameters(config: Config, seed: int) -> dict[str, Any]:
    """Return what decides a training, and what its reports name: without `balance`, which is of classes."""
    parameters = outcome_parameters(config, seed)
    del parameters["balance"]
    return parameters


def _summary(result: TrainingResult) -> str:
    return f"{training_in_words(result)}, val mAP@0.5 {best_epoch_of(result)['val_map50']:.3f}"
