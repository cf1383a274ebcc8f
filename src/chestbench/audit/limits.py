"""`dataset.limit_per_class`: a few of many images, the same in every run and on every machine."""

import hashlib
import logging
from collections.abc import Mapping

import numpy as np

from chestbench.audit.verdicts import Verdict
from chestbench.errors import ChestbenchError

logger = logging.getLogger(__name__)


def rank_of(image_id: str) -> str:
    """Return a text by which images are ordered as if at random, yet always the same: 64 hex digits."""
    return hashlib.sha256(f"chestbench limit_per_class:{image_id}".encode()).hexdigest()


def check_limits(limits: Mapping[str, int] | None, classes: list[str]) -> None:
    """Refuse a limit for a class that there is not.

    Raises:
        ChestbenchError: names the classes.
    """
    unknown = [name for name in limits or {} if name not in classes]
    if unknown:
        raise ChestbenchError(
            f"dataset.limit_per_class: expected names among {', '.join(map(repr, classes))}, "
            f"received {', '.join(map(repr, unknown))}; correct them"
        )


def apply_limits(numbers: np.ndarray, classes: list[str], limits: Mapping[str, int] | None) -> int:
    """Keep of each class in `limits` so many images, those that rank first; classes not named in it stay whole.

    Args:
        numbers: NUMBERS (N,), all judged; the verdict of what is over a limit is set.
        classes: names by code.

    Returns:
        How many were left out.
    """
    left_out = 0
    for name, limit in (limits or {}).items():
        rows = np.flatnonzero((numbers["label"] == classes.index(name)) & (numbers["verdict"] == Verdict.KEPT))
        if len(rows) < limit:
            logger.warning("dataset.limit_per_class: %d images of %r are wished, only %d can be used",
                           limit, name, len(rows))  # fmt: skip
            continue
        ranks = np.array([rank_of(f"{image_id:016x}") for image_id in numbers["image_id"][rows].tolist()], "S64")
        over = rows[np.argsort(ranks, kind="stable")[limit:]]
        numbers["verdict"][over] = Verdict.OVER_LIMIT
        left_out += len(over)
    return left_out
