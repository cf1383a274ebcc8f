"""What happens between epochs: batch norm, validation, the best epoch, early stopping, progress, checkpoint."""

import logging
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from chestbench.core.progress import bar, duration_in_words
from chestbench.training.batchnorm import reestimate
from chestbench.training.checkpoint import Arrays, Checkpoint, Progress
from chestbench.training.device import seed_epoch
from chestbench.training.divergence import STEPS_BETWEEN_LOOKS, Diverged, all_finite
from chestbench.training.validation import validate
from chestbench.training.variables import snapshot

logger = logging.getLogger(__name__)

PLATEAU_EPOCHS = 3
PLATEAU_FACTOR = 0.2
ESTIMATE_AFTER_STEPS = 4

OnEpoch = Callable[[int, dict[str, Any]], None]


class EpochEnd(keras.callbacks.Callback):
    """Closes every epoch of one phase.

    Args:
        network: its name, for errors.
        phase: "head" or "main", written to the history.
        predictor: shares its layers with the model that learns, but is never recompiled; takes `val_images`.
        val_images: (V, ...), natural class balance.
        val_labels: int (V,).
        statistics_images: un-augmented training images for batch norm, or None to leave its statistics alone.
        progress: continued in place.
        checkpoint: where the state goes after each epoch, or None.
        best: weights of the best epoch so far (empty list: none yet), replaced in place.
        batch_size: images per step.
        balanced: see `validate`.
        epochs: number of epochs of the whole training, both phases.
        patience: epochs without a better validation loss before training stops; 0: never.
        plateau: whether the learning rate falls to a fifth when the validation loss stalls for three epochs.
        started: `time.monotonic()` at the start of this process' work.
        seed: of the training.
        cpu: whether to say, after the first steps, how long it will take on this CPU.
        on_epoch: called with (epoch, row) once the epoch is safe.

    Its hooks raise Diverged when loss, predictions or variables are not finite; nothing of that epoch is kept.
    """

    def __init__(
        self,
        *,
        network: str,
        phase: str,
        predictor: keras.Model,
        val_images: np.ndarray,
        val_labels: np.ndarray,
        statistics_images: np.ndarray | None,
        progress: Progress,
        checkpoint: Checkpoint | None,
        best: Arrays,
        batch_size: int,
        balanced: bool,
        epochs: int,
        patience: int,
        plateau: bool,
        started: float,
        seed: int,
        cpu: bool,
        on_epoch: OnEpoch | None,
    ) -> None:
        super().__init__()
        self.network, self.phase, self.predictor, self.progress, self.best = network, phase, predictor, progress, best
        self.val_images, self.val_labels, self.statistics_images = val_images, np.asarray(val_labels), statistics_images
        self.checkpoint, self.on_epoch, self.batch_size, self.epochs = checkpoint, on_epoch, batch_size, epochs
        self.patience, self.plateau, self.started = patience, plateau, started
        self.seed, self.cpu, self.balanced = seed, cpu, balanced
        self.seconds_before = progress.seconds

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Start the clock and the bar."""
        self.epoch = epoch
        self.epoch_started = self.steps_started = time.monotonic()
        self.timed_steps = self.steps_done = 0
        self.bar = bar(self.params["steps"], f"epoch {epoch + 1}/{self.epochs}", "step")

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Seed the epoch once its batches flow: making the stream of batches draws numbers too."""
        if batch == 0:
            seed_epoch(self.seed, self.epoch)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Count; after the first step of the process note what the start-up cost."""
        self.steps_done += 1
        self.bar.update(1)
        if self.progress.first_step_seconds == 0.0:
            float((logs or {})["loss"])  # waits until the step is computed
            self.progress.first_step_seconds = time.monotonic() - self.started
            logger.info("first step after %.1f s", self.progress.first_step_seconds)
        if self.steps_done == 1:
            # Speed is measured from the second step on: the first of a process includes compiling.
            self.steps_started = time.monotonic()
        elif self.cpu and self.steps_done == ESTIMATE_AFTER_STEPS:
            self._estimate()
        if self.steps_done % STEPS_BETWEEN_LOOKS == 0:
            # The mean of the epoch so far: once not finite, it stays so, and the hours to its end would be lost.
            self._refuse_divergence("the loss", float((logs or {})["loss"]))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Validate on up-to-date statistics, write the state, decide whether to go on."""
        logs = logs or {}
        now = time.monotonic()
        self.bar.close()
        rate = self._images_per_second(now)
        self._refuse_divergence("the loss", logs["loss"])
        if self.statistics_images is not None:
            reestimate(self.predictor, self.statistics_images, self.batch_size)
        validation = validate(self.predictor, self.val_images, self.val_labels, self.batch_size, self.balanced)
        self._refuse_divergence("the predictions on val", validation["val_loss"])
        variables = snapshot(self.predictor, self.model.optimizer)
        if not all_finite(variables):
            self._refuse_divergence("weights and moments", float("nan"))
        row = {
            "epoch": epoch + 1,
            "phase": self.phase,
            "loss": float(logs["loss"]),
            "accuracy": float(logs["accuracy"]),
            **validation,
            "learning_rate": self._learning_rate(),
            "seconds": round(time.monotonic() - self.epoch_started, 3),
            "images_per_second": round(rate, 2),
        }
        progress = self.progress
        progress.history.append(row)
        progress.seconds = self.seconds_before + time.monotonic() - self.started
        if progress.best_loss is None or validation["val_loss"] < progress.best_loss:
            progress.best_loss, progress.best_epoch, progress.waited = validation["val_loss"], epoch + 1, 0
            self.best[:] = self.predictor.get_weights()
        else:
            progress.waited += 1
        self._adapt(progress)
        self._report(row)
        if self.checkpoint is not None:
            self.checkpoint.save(progress, variables, self.best)
        if self.on_epoch is not None:
            self.on_epoch(epoch + 1, row)

    def _refuse_divergence(self, what: str, value: float) -> None:
        if not np.isfinite(value):
            self.bar.close()
            raise Diverged(self.network, self.epoch + 1, what, value, self._learning_rate())

    def _learning_rate(self) -> float:
        return float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))

    def _images_per_second(self, now: float) -> float:
        """Return the speed from the end of the epoch's first step on (from its start, when there is only one)."""
        if self.steps_done > 1:
            return self.batch_size * (self.steps_done - 1) / (now - self.steps_started)
        return self.batch_size / (now - self.epoch_started)

    def _adapt(self, progress: Progress) -> None:
        """Lower the learning rate on a plateau; stop when patience is at its end."""
        rate = self.model.optimizer.learning_rate
        if self.plateau and progress.waited and progress.waited % PLATEAU_EPOCHS == 0:
            rate.assign(float(keras.ops.convert_to_numpy(rate)) * PLATEAU_FACTOR)
        if self.patience and progress.waited >= self.patience:
            logger.info(
                "no better validation loss for %d epochs: stopping, epoch %d was the best",
                progress.waited,
                progress.best_epoch,
            )
            progress.finished = self.model.stop_training = True

    def _report(self, row: dict[str, Any]) -> None:
        left = 0.0 if self.progress.finished else (self.epochs - row["epoch"]) * row["seconds"]
        logger.info(
            "epoch %d/%d (%s): loss %.4f, val loss %.4f, val balanced accuracy %.3f, %.1f images/s, %s left",
            row["epoch"],
            self.epochs,
            self.phase,
            row["loss"],
            row["val_loss"],
            row["val_balanced_accuracy"],
            row["images_per_second"],
            duration_in_words(left),
        )

    def _estimate(self) -> None:
        """Say once how long the CPU will need."""
        self.cpu = False
        step = (time.monotonic() - self.steps_started) / (self.steps_done - 1)
        steps = self.params["steps"] * (self.epochs - self.progress.epochs_done) - self.steps_done
        rate, left = self.batch_size / step, duration_in_words(step * steps)
        logger.info("on this CPU: %.1f images/s, about %s for the %d steps to come", rate, left, steps)
