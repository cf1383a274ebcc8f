"""Training that diverged: numbers that are no longer finite, found as soon as possible and never kept."""

from collections.abc import Iterable

import numpy as np

from chestbench.core.errors import ChestbenchError

# Reading the loss waits for the step; at this interval it costs nothing that can be measured.
STEPS_BETWEEN_LOOKS = 32


class Diverged(ChestbenchError):
    """A training that diverged.

    Attributes:
        network: its name.
        epoch: counted from 1 over both phases.
        what: what was not finite.
        received: its value.
        learning_rate: where the schedule stood, a fraction of the rate that was set.
        mixed: whether the network computes in half precision, where numbers overflow that float32 holds.
        kept: a sentence on what of the training is left, or "".
    """

    def __init__(
        self,
        network: str,
        epoch: int,
        what: str,
        received: object,
        learning_rate: float,
        mixed: bool = False,
        kept: str = "",
    ):
        self.network, self.epoch, self.what = network, epoch, what
        self.received, self.learning_rate = received, learning_rate
        super().__init__(
            f"{network}: training diverged in epoch {epoch}: expected {what} to be finite, received {received}; "
            f"lower train.learning_rate (or train.head_learning_rate), of which the schedule gave {learning_rate:.3g}"
            + (", or choose train.precision=float32" if mixed else "")
            + (f"\n{kept}" if kept else "")
        )

    def saying(self, mixed: bool, kept: str) -> "Diverged":
        """Return the same error with what is known of the training as a whole."""
        return Diverged(self.network, self.epoch, self.what, self.received, self.learning_rate, mixed, kept)


def all_finite(arrays: Iterable[np.ndarray]) -> bool:
    """Tell whether every number of every array is finite; integers always are."""
    return all(np.isfinite(array).all() for array in arrays if np.issubdtype(np.asarray(array).dtype, np.inexact))
