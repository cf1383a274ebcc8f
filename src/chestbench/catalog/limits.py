"""`dataset.limit_per_class`: a few of many images, the same in every run and on every machine."""

import hashlib
import logging
from collections.abc import Mapping

import numpy as np

from chestbench.catalog.verdicts import Verdict
from chestbench.core.errors import ChestbenchError

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

    Where the archive's own split is honoured, each of its parts gives its share of them, and at least one if it can.

    Args:
        numbers: NUMBERS (N,), all judged; the verdict of what is over a limit is set.
        classes: names by code.
        limits: class name -> most images of it; None: no limits.

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
        by_rank = rows[np.argsort(ranks, kind="stable")]
        given = numbers["given"][by_rank]
        shares = _shares(dict(zip(*np.unique(given, return_counts=True), strict=True)), limit)
        over = np.concatenate([by_rank[given == part][share:] for part, share in shares.items()])
        numbers["verdict"][over] = Verdict.OVER_LIMIT
        left_out += len(over)
    return left_out


def _shares(counts: Mapping[int, int], limit: int) -> dict[int, int]:
    """Deal `limit` images, at most all, out to parts of so many images each: in proportion, and none left without."""
    exact = {part: limit * count / sum(counts.values()) for part, count in counts.items()}
    least = 1 if limit >= len(counts) else 0
    shares = {part: max(least, int(wished)) for part, wished in exact.items()}
    while sum(shares.values()) < limit:
        shares[max(exact, key=lambda part: exact[part] - shares[part])] += 1
    while sum(shares.values()) > limit:
        above = [part for part in exact if shares[part] > least]
        shares[max(above, key=lambda part: shares[part] - exact[part])] -= 1
    return shares
