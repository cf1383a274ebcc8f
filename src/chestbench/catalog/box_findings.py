"""The names of findings in a table of boxes: one spelling each, and what may be a misspelling of another."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher

from chestbench.catalog.box_left_out import findings_in_words
from chestbench.core.errors import ChestbenchError

# A finding is doubted that so much of another's letters has, and at most so few boxes for each of the other's.
_ALIKE, _RARER = 0.8, 4


def refuse_spellings(counts: Mapping[str, int], table: str, column: str) -> None:
    """Refuse findings that differ in nothing but case, blanks and signs: each would be learnt and judged by itself.

    Args:
        counts: boxes of each finding.
        table: name of the table.
        column: that names them.

    Raises:
        ChestbenchError: with both spellings.
    """
    spelt: dict[str, Counter[str]] = defaultdict(Counter)
    for name, count in counts.items():
        if plain := re.sub(r"[\W_]+", "", name).casefold():
            spelt[plain][name] = count
    for names in spelt.values():
        if len(names) > 1:
            raise ChestbenchError(
                f"dataset.boxes.label: expected one spelling of each finding in the column {column!r} of {table}, "
                f"received {findings_in_words(names)}; make them one in the table, or name those that count in "
                "dataset.boxes.findings"
            )


def doubted_findings(counts: Mapping[str, int]) -> Iterator[str]:
    """Yield a sentence on each rare finding whose name is nearly that of a common one; numbers apart, they may differ.

    >>> list(doubted_findings({"nodule": 57, "nodul": 1, "grade 1": 60, "grade 2": 2}))
    ["the finding 'nodul' (1 box) is one of its own; is it a misspelling of 'nodule' (57)?"]

    Args:
        counts: boxes of each finding.
    """
    for name, count in counts.items():
        if not name or not count:
            continue
        alike = [
            other
            for other, more in counts.items()
            if more >= _RARER * count
            and re.sub(r"\d+", "", other) != re.sub(r"\d+", "", name)
            and SequenceMatcher(None, name.casefold(), other.casefold()).ratio() >= _ALIKE
        ]
        if alike:
            near = max(alike, key=lambda other: counts[other])
            boxes = f"{count} box{'' if count == 1 else 'es'}"
            yield (
                f"the finding {name!r} ({boxes}) is one of its own; is it a misspelling of {near!r} ({counts[near]})?"
            )
