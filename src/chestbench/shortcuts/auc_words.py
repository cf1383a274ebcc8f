"""How the AUC of an audit is written."""

from collections.abc import Mapping
from typing import Any


def in_words(auc: Mapping[str, Any]) -> str:
    """Return an AUC such as `0.91 [0.85, 0.95]`.

    >>> in_words({"value": 0.912, "low": 0.85, "high": 0.95})
    '0.91 [0.85, 0.95]'
    """
    if auc["value"] is None:
        return "not defined"
    return f"{auc['value']:.2f}" + ("" if auc["low"] is None else f" [{auc['low']:.2f}, {auc['high']:.2f}]")
