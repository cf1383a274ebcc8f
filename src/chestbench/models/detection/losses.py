"""The loss of a detector: focal for the finding, generalised IoU for the box, cross-entropy for centerness."""

from typing import Any

import keras
from keras import ops

# T.-Y. Lin et al. 2017, arXiv:1708.02002, section 5.1.
ALPHA, GAMMA = 0.25, 2.0
TINY = 1e-7


class DetectionLoss(keras.losses.Loss):
    """The sum of the three, each over the points that answer for a box (equation 2 of FCOS, arXiv:1904.01355).

    Boxes weigh by their centerness, as in the authors' later code.

    Args:
        n_findings: C.
    """

    def __init__(self, n_findings: int) -> None:
        super().__init__(name="detection", reduction="sum_over_batch_size")
        self.n_findings = n_findings

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the loss (B,) whose mean is that of the batch: each image's share times B.

        Args:
            y_true: (B, P, 6), see `targets.targets_of`.
            y_pred: (B, P, 4 + C + C + 1), see `fcos.build_detector`.
        """
        y_true, count = ops.cast(y_true, "float32"), self.n_findings
        central, label = y_true[..., 4], y_true[..., 5]
        holds = ops.cast(label >= 0, "float32")
        finding = focal(label, y_pred[..., 4 + count : 4 + 2 * count], count)
        box = (1.0 - generalised_iou(y_true[..., :4], y_pred[..., :4])) * central * holds
        centre = crossentropy(central, y_pred[..., 4 + 2 * count]) * holds
        points, weights = ops.maximum(ops.sum(holds), 1.0), ops.maximum(ops.sum(central * holds), TINY)
        whole = ops.sum(finding + centre, axis=1) / points + ops.sum(box, axis=1) / weights
        return whole * ops.cast(ops.shape(y_true)[0], "float32")


def crossentropy(wanted: Any, logits: Any) -> Any:
    """Return the binary cross-entropy of logits, elementwise."""
    return ops.softplus(logits) - wanted * logits


def focal(label: Any, logits: Any, n_findings: int) -> Any:
    """Return the focal loss of each point, (B, P), of labels (B, P), -1 for nothing, and logits (B, P, C)."""
    wanted = ops.cast(label[..., None] == ops.arange(n_findings, dtype="float32"), "float32")
    right = wanted * ops.sigmoid(logits) + (1 - wanted) * ops.sigmoid(-logits)
    weight = wanted * ALPHA + (1 - wanted) * (1 - ALPHA)
    return ops.sum(weight * ops.power(1 - right, GAMMA) * crossentropy(wanted, logits), axis=-1)


def generalised_iou(first: Any, second: Any) -> Any:
    """Return the generalised intersection over union, -1 to 1, of boxes (..., 4) and (..., 4), elementwise.

    H. Rezatofighi et al., CVPR 2019, arXiv:1902.09630.
    """
    low, high = ops.maximum(first[..., :2], second[..., :2]), ops.minimum(first[..., 2:], second[..., 2:])
    shared = ops.prod(ops.maximum(high - low, 0.0), axis=-1)
    together = _areas(first) + _areas(second) - shared
    hull = ops.prod(
        ops.maximum(first[..., 2:], second[..., 2:]) - ops.minimum(first[..., :2], second[..., :2]), axis=-1
    )
    return shared / (together + TINY) - (hull - together) / (hull + TINY)


def _areas(boxes: Any) -> Any:
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])
