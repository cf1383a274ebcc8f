"""What happens between epochs: batch norm, validation, the best epoch, early stopping, progress, checkpoint."""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from chestbench.core.progress import bar, duration_in_words
from chestbench.training.data import TrainingData
from chestbench.training.device import seed_epoch
from chestbench.training.divergence import STEPS_BETWEEN_LOOKS, Diverged
from chestbench.training.optimizer import FlatAdamW
from chestbench.training.state import Phase, Training
from chestbench.training.steps import StepRecorder
from chestbench.training.validation import validate
from chestbench.training.variables import Copies, Weights

logger = logging.getLogger(__name__)

PLATEAU_EPOCHS = 3
PLATEAU_FACTOR = 0.2
ESTIMATE_AFTER_STEPS = 4

# Images that batch-norm statistics are estimated on before each validation.
EPOCH_STATISTICS_IMAGES = 256


class EpochEnd(keras.callbacks.Callback):
    """Closes every epoch of one phase.

    What a kind of training judges its epochs by is in `measured`, `reported`, `said`, `validate` and `is_better`; here
    they are those of a classifier.

    Its hooks raise Diverged when loss, predictions or variables are not finite; nothing of that epoch is kept.

    Args:
        training: continued in place.
        phase: whose epochs these are.
        steps: of one epoch.
    """

    # What keras reports of a step.
    measured: tuple[str, ...] = ("loss", "accuracy")
    # Of the history row, what is said of each epoch, and how.
    reported: str = "val_balanced_accuracy"
    said: str = "epoch %d/%d (%s): loss %.4f, val loss %.4f, val balanced accuracy %.3f, %.1f images/s, %s left"

    def __init__(self, training: Training[Any], phase: Phase, steps: int) -> None:
        super().__init__()
        self.training, self.phase = training, phase
        self.statistics_images = training.statistics_images(EPOCH_STATISTICS_IMAGES) if phase.body_learns else None
        self.seconds_before = training.progress.seconds
        self.recorder = StepRecorder(training.progress.steps, steps, training.epochs, self.measured)
        # On a CPU it is said, after the first steps, how long it will take.
        self.estimates = training.device.kind == "cpu"

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Start the clock and the bar."""
        self.epoch = epoch
        self.epoch_started = self.steps_started = time.monotonic()
        self.timed_steps = self.steps_done = 0
        self.bar = bar(self.params["steps"], f"epoch {epoch + 1}/{self.training.epochs}", "step")

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Seed the epoch once its batches flow: making the stream of batches draws numbers too."""
        if batch == 0:
            seed_epoch(self.training.seed, self.epoch)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Count; after the first step of the process note what the start-up cost."""
        self.steps_done += 1
        self.bar.update(1)
        means, progress = logs or {}, self.training.progress
        self.recorder.add(self.epoch, self.steps_done, means)
        if progress.first_step_seconds == 0.0:
            float(means["loss"])  # waits until the step is computed
            progress.first_step_seconds = time.monotonic() - self.training.started
            logger.info("first step after %.1f s", progress.first_step_seconds)
        if self.steps_done == 1:
            # Speed is measured from the second step on: the first of a process includes compiling.
            self.steps_started = time.monotonic()
        elif self.estimates and self.steps_done == ESTIMATE_AFTER_STEPS:
            self._estimate()
        if self.steps_done % STEPS_BETWEEN_LOOKS == 0:
            # The mean of the epoch so far: once not finite, it stays so, and the hours to its end would be lost.
            self._refuse_divergence("the loss", float(means["loss"]))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Validate on up-to-date statistics, write the state, decide whether to go on."""
        training, logs = self.training, logs or {}
        rate = self._images_per_second(time.monotonic())
        self.bar.close()
        self._refuse_divergence("the loss", logs["loss"])
        optimizer = self.model.optimizer
        with self._averaged():
            validation = self._validate()
            best = Copies(training.predictor.weights) if self._averages and self.is_better(validation) else None
        copies = Copies([*training.predictor.variables, *optimizer.variables])
        if not copies.all_finite():
            self._refuse_divergence("weights and moments", float("nan"))
        row = {
            "epoch": epoch + 1,
            "phase": self.phase.name,
            **{name: float(logs[name]) for name in self.measured},
            **validation,
            "learning_rate": self._learning_rate(),
            "seconds": round(time.monotonic() - self.epoch_started, 3),
            "images_per_second": round(rate, 2),
        }
        self._keep(row, best or copies)
        if self._adapt():
            # The state goes on with the rate as it is now.
            copies.take_again(self._stepping.learning_rate)
        self._report(row)
        assert training.best is not None  # the first epoch is the best so far
        training.writer.save(training.progress, copies, training.best)

    def _validate(self) -> dict[str, float]:
        training, batch_size = self.training, self.training.train.batch_size
        if self.statistics_images is not None:
            training.reestimate(self.statistics_images, batch_size)
        found = self.validate()
        self._refuse_divergence("the predictions on val", found["val_loss"])
        return found

    def validate(self) -> dict[str, float]:
        """Return what the predictor reaches on val, `val_loss` among it."""
        data: TrainingData = self.training.inputs
        labels, batch_size = np.asarray(data.val_labels), self.training.train.batch_size
        return validate(self.training.predictor, data.val_images, labels, batch_size, data.balanced)

    def is_better(self, row: Mapping[str, Any]) -> bool:
        """Tell whether an epoch is better than the best before it: by its validation loss."""
        best = self.training.progress.best_loss
        return best is None or row["val_loss"] < best

    @property
    def _stepping(self) -> FlatAdamW:
        """The optimizer that takes the steps: mixed_float16 has it within one that scales the loss."""
        optimizer: FlatAdamW = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)
        return optimizer

    @property
    def _averages(self) -> bool:
        return self.training.train.ema > 0

    @contextmanager
    def _averaged(self) -> Iterator[None]:
        """Let the network have the moving averages of its weights, where the recipe asks for them."""
        if not self._averages:
            yield
            return
        self._stepping.exchange()
        yield
        self._stepping.exchange()

    def _keep(self, row: dict[str, Any], copies: Copies) -> None:
        """Add the epoch to the progress, and the weights in `copies` if it is the best."""
        progress, is_better = self.training.progress, self.is_better(row)
        progress.history.append(row)
        progress.seconds = self.seconds_before + time.monotonic() - self.training.started
        if is_better:
            progress.best_loss, progress.best_epoch, progress.waited = row["val_loss"], row["epoch"], 0
            self.training.best = Weights(copies=copies, of=self.training.predictor.weights)
        else:
            progress.waited += 1

    def _refuse_divergence(self, what: str, value: float) -> None:
        if not np.isfinite(value):
            self.bar.close()
            raise Diverged(self.training.name, self.epoch + 1, what, value, self._learning_rate())

    def _learning_rate(self) -> float:
        return float(self._stepping.rate_now())

    def _images_per_second(self, now: float) -> float:
        """Return the speed from the end of the epoch's first step on (from its start, when there is only one)."""
        batch_size = self.training.train.batch_size
        if self.steps_done > 1:
            return batch_size * (self.steps_done - 1) / (now - self.steps_started)
        return batch_size / (now - self.epoch_started)

    def _adapt(self) -> bool:
        """Lower the learning rate on a plateau; stop when patience is at its end. Return whether the rate changed."""
        progress = self.training.progress
        lowers = self.phase.schedule == "plateau" and progress.waited > 0 and progress.waited % PLATEAU_EPOCHS == 0
        if lowers:
            rate = self._stepping.learning_rate
            rate.assign(float(keras.ops.convert_to_numpy(rate)) * PLATEAU_FACTOR)
        if self.phase.patience and progress.waited >= self.phase.patience:
            logger.info(
                "no better epoch on val for %d epochs: stopping, epoch %d was the best",
                progress.waited,
                progress.best_epoch,
            )
            progress.finished = self.model.stop_training = True
        return lowers

    def _report(self, row: dict[str, Any]) -> None:
        left = 0.0 if self.training.progress.finished else (self.training.epochs - row["epoch"]) * row["seconds"]
        logger.info(
            self.said,
            row["epoch"],
            self.training.epochs,
            self.phase.name,
            row["loss"],
            row["val_loss"],
            row[self.reported],
            row["images_per_second"],
            duration_in_words(left),
        )

    def _estimate(self) -> None:
        """Say once how long the CPU will need."""
        self.estimates = False
        step = (time.monotonic() - self.steps_started) / (self.steps_done - 1)
        epochs_left = self.training.epochs - self.training.progress.epochs_done
        steps = self.params["steps"] * epochs_left - self.steps_done
        rate, left = self.training.train.batch_size / step, duration_in_words(step * steps)
        logger.info("on this CPU: %.1f images/s, about %s for the %d steps to come", rate, left, steps)
