"""What happens between the epochs of a detector: as of a classifier, but judged by its boxes."""

from collections.abc import Mapping
from typing import Any

from chestbench.models.detection.points import Points
from chestbench.training.callbacks import EpochEnd
from chestbench.training.detection.data import BoxData
from chestbench.training.detection.validation import validate_boxes
from chestbench.training.state import Phase, Training

# Of history.csv and steps.csv.
COLUMNS = {
    "history_columns": ("epoch", "phase", "loss", "val_loss", "val_map50", "learning_rate"),
    "step_columns": ("step", "epoch", "loss"),
}


class BoxEpochEnd(EpochEnd):
    """Closes every epoch of a detector. The best has the highest mAP at IoU 0.5 on val; of equals, the lowest loss.

    Args:
        training: continued in place.
        phase: whose epochs these are.
        steps: of one epoch.
        points: of the detector.
    """

    measured = ("loss",)
    reported = "val_map50"
    said = "epoch %d/%d (%s): loss %.4f, val loss %.4f, val mAP@0.5 %.3f, %.1f images/s, %s left"

    def __init__(self, training: Training[BoxData], phase: Phase, steps: int, points: Points) -> None:
        super().__init__(training, phase, steps)
        self.points = points

    def validate(self) -> dict[str, float]:
        """Return val_loss and val_map50."""
        training = self.training
        return validate_boxes(training.predictor, training.inputs, self.points, training.train.batch_size)

    def is_better(self, row: Mapping[str, Any]) -> bool:
        """Tell whether an epoch is better than the best before it."""
        progress = self.training.progress
        if not progress.best_epoch:
            return True
        best = progress.history[progress.best_epoch - 1]
        return (row["val_map50"], -row["val_loss"]) > (best["val_map50"], -best["val_loss"])
