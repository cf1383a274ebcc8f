"""Sentences of the leak audit, for the leaderboard, the cards and the audit page; see templates/audit."""

from collections.abc import Mapping
from typing import Any

from chestbench.reports.leak_words import SPLIT_WORDS
from chestbench.reports.rendering import said
from chestbench.reports.templates import audit


def leak_warnings(split: Mapping[str, Any]) -> list[str]:
    """Return what must stand under every score: that pictures of test are known from train.

    Args:
        split: metrics/split.json.
    """
    return said(
        audit, "leak_warning", [f"{count} {SPLIT_WORDS[name]}" for name, count in split["leaks"].items() if count]
    )


def leak_notes(leaks: Mapping[str, int]) -> list[str]:
    """Return what should be looked into, though no score rests on it alone.

    Args:
        leaks: metrics/catalog.json["leaks"].
    """
    return said(audit, "leak_notes", leaks)
