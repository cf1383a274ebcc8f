"""Figures of a report in words: intervals of a kind of their own are marked, thresholds say how they were chosen."""

import re
from typing import Any

import numpy as np
from markupsafe import Markup, escape

from chestbench.core.positive import INFERRED, STATED, Positive, read_positive
from chestbench.core.words import MEASURES, Figure, number, with_interval
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


def looked_for(positive: Positive) -> str:
    """Return which class is looked for and who says so, for readers who have no terminal beside them.

    >>> looked_for(Positive("COVID", STATED))
    'Positive, the class that is looked for: COVID, as dataset.positive states'
    """
    if positive.name is None:
        return "No class is looked for: figures are means over the classes (the setting dataset.positive names one)"
    by_names = ", by the names of the classes (the setting dataset.positive overrules them)"
    how = {STATED: ", as dataset.positive states", INFERRED: by_names}[positive.how]
    return f"Positive, the class that is looked for: {positive.name}{how}"


def positive_sentence(record: Any, split: Any) -> str:
    """Return which class is looked for and how well it is told from the rest, at both working points.

    Args:
        record: metrics/models/NAME.json or metrics/external/SET/NAME.json.
        split: its val or test.
    """
    positive = read_positive(record)
    if positive.name is None:
        return looked_for(positive)
    found = split["per_class"][positive.name]
    parts = [f"at the highest probability {_both(found)}"]
    called, chosen = found.get("at_threshold"), record.get("thresholds", {}).get(positive.name, {})
    if called and chosen.get("threshold") is not None:
        at = number(chosen["threshold"], MEASURES["threshold"].form)
        parts.append(f"called from {at} on ({rule_words(chosen['rule'])}) {_both(called)}")
    return f"{looked_for(positive)}: {'; '.join(parts)}"


def _both(measures: Any) -> str:
    return f"sensitivity {told(measures['sensitivity'])}, specificity {told(measures['specificity'])}"


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
    return float(with_temperature(np.array([[threshold, 1 - threshold]]), record["temperature"])[0, 0])


def coded(sentence: str) -> Markup:
    """Return a sentence as HTML, escaped; what stands in backticks is code.

    >>> coded("`dvc repro` & more")
    Markup('<code>dvc repro</code> &amp; more')
    """
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(sentence))))
