"""Figures of a report in words: intervals of a kind of their own are marked, thresholds say how they were chosen."""

from typing import Any

from chestbench.core.words import Figure, with_interval
from chestbench.measures.calibration import with_temperature

# Behind an interval that no draw could give, see `bounds.exact_bounds`.
EXACT = "†"


def told(figure: Figure) -> str:
    """Return a figure between 0 and 1 with its interval, marked where it is an end of its range.

    >>> told({"value": 1.0, "low": 0.912, "high": 1.0}), told({"value": 0.9, "low": 0.8, "high": 0.95})
    ('1.000 [0.912, 1.000]†', '0.900 [0.800, 0.950]')
    """
    return with_interval(figure) + (EXACT if is_exact(figure) else "")


def is_exact(figure: Figure) -> bool:
    """Return whether a figure is 0 or 1, so that no draw of the units differs from it, and has an interval."""
    return figure["value"] in (0.0, 1.0) and figure["low"] is not None


def rule_words(rule: str) -> str:
    """Return how a threshold was chosen.

    >>> rule_words("youden"), rule_words("sensitivity 0.95")
    ('where sensitivity + specificity is largest on val', 'the highest with sensitivity 0.95 or more on val')

    Args:
        rule: from `thresholds.rule_name`.
    """
    if rule == "youden":
        return "where sensitivity + specificity is largest on val"
    return f"the highest with {rule} or more on val"


def calibrated_threshold(record: Any, name: str) -> float | None:
    """Return where a class's threshold lies among calibrated probabilities, as `chestbench predict` prints them.

    Of more than two classes it is no single place there, and of a class without threshold it is none: None.

    Args:
        record: metrics/models/NAME.json.
        name: of the class.
    """
    threshold = record["thresholds"].get(name, {}).get("threshold")
    if threshold is None or len(record["classes"]) != 2:
        return None
    return float(with_temperature([[threshold, 1 - threshold]], record["temperature"])[0][0])  # type: ignore[arg-type]
