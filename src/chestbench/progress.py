"""Progress with an estimate of the time left: a bar on a terminal, a line now and then elsewhere."""

import sys
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from tqdm import tqdm

Item = TypeVar("Item")
SECONDS_BETWEEN_LINES = 10.0
_LOG_SHAPE = {
    "ncols": 0,
    "ascii": True,
    "bar_format": "{desc}: {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_fmt}]\n",
}


def bar(total: int | None, label: str, unit: str = "image", **options: Any) -> tqdm:
    """Return a tqdm bar: redrawn in place on a terminal, one line every ten seconds in a log (CI, `nohup`).

    Args:
        total: number of units expected, or None when unknown.
        label: what is being done, such as "catalog".
        unit: name of one unit, such as "image" or "B" (bytes).
        options: passed on to tqdm (`unit_scale=True`, `initial=...`).
    """
    terminal = sys.stderr.isatty()
    shape: dict[str, Any] = {"mininterval": 0.2} if terminal else _LOG_SHAPE | {"mininterval": SECONDS_BETWEEN_LINES}
    shape["delay"] = 0 if terminal else SECONDS_BETWEEN_LINES
    return tqdm(total=total, desc=label, unit=unit, leave=terminal, file=sys.stderr, **{**shape, **options})


def track(items: Iterable[Item], total: int | None, label: str, unit: str = "image") -> Iterator[Item]:
    """Yield `items` unchanged while showing how far along they are."""
    with bar(total, label, unit) as shown:
        for item in items:
            yield item
            shown.update(1)
