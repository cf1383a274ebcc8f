"""Loss and accuracy by step: what a curve of few epochs is drawn from (steps.csv)."""

from collections.abc import Mapping, Sequence
from typing import Any

MOST_ROWS = 500
DIGITS = 6


class StepRecorder:
    """Keeps the mean loss and accuracy of every few steps, evenly, and of those up to each epoch's end.

    keras reports the mean of an epoch up to each step; from two of them follows the mean of the steps between. It has
    turned that mean into a number for its callbacks anyway, so that recording waits for nothing.

    Args:
        rows: where the rows go: step (from 1, over all epochs), epoch (from 1), loss, accuracy.
        steps: of one epoch.
        epochs: of the whole training; with the steps it decides how many steps share a row.
        names: of what is recorded.
    """

    def __init__(
        self, rows: list[dict[str, Any]], steps: int, epochs: int, names: Sequence[str] = ("loss", "accuracy")
    ) -> None:
        self.rows, self.steps, self.every, self.names = rows, steps, steps_a_row(steps, epochs), names
        self._start_epoch()

    def _start_epoch(self) -> None:
        self.before, self.sums = 0, dict.fromkeys(self.names, 0.0)

    def add(self, epoch: int, step: int, means: Mapping[str, float]) -> None:
        """Take what keras says after a step.

        Args:
            epoch: from 0.
            step: of the epoch, from 1; 1 begins an epoch.
            means: of `names`, of the epoch's steps up to this one.
        """
        if step == 1:
            self._start_epoch()
        if step % self.every and step != self.steps:
            return
        row: dict[str, Any] = {"step": epoch * self.steps + step, "epoch": epoch + 1}
        for name, before in self.sums.items():
            self.sums[name] = float(means[name]) * step
            row[name] = round((self.sums[name] - before) / (step - self.before), DIGITS)
        self.before = step
        self.rows.append(row)


def steps_a_row(steps: int, epochs: int) -> int:
    """Return how many steps share a row, so that a training has at most `MOST_ROWS` rows, but one for each epoch.

    >>> steps_a_row(steps=52, epochs=4), steps_a_row(steps=1000, epochs=60), steps_a_row(steps=10, epochs=900)
    (1, 125, 10)
    """
    rows_an_epoch = max(1, MOST_ROWS // epochs)
    return -(-steps // rows_an_epoch)
