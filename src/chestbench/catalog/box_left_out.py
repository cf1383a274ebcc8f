"""Boxes of a table that are left out: counted by reason, with the line of the first one, so that none goes unnamed."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

logger = logging.getLogger(__name__)

OTHER_FINDINGS, MALFORMED, REPEATED = "boxes_of_other_findings", "boxes_malformed", "boxes_repeated"
BELOW_PIXEL, OUTSIDE = "boxes_below_a_pixel", "boxes_outside_picture"
OF_SEVERAL, OF_EXCLUDED, OF_NONE = (
    "boxes_of_several_pictures",
    "boxes_of_excluded_pictures",
    "boxes_without_kept_picture",
)
_MOST_FINDINGS, _MOST_LETTERS = 12, 60


class _Reason(NamedTuple):
    one: str
    many: str
    level: int = logging.WARNING


# By the key of `Catalog.notes`; {sound} is what a box has, by the settings.
_REASONS = {
    OTHER_FINDINGS: _Reason(
        "is of another finding and is left out", "are of other findings and are left out", logging.INFO
    ),
    MALFORMED: _Reason("is no {sound} and is left out", "are no {sound} and are left out"),
    REPEATED: _Reason(
        "is there already (the same picture, finding and numbers) and counts once",
        "are there already (the same picture, finding and numbers) and count once",
    ),
    BELOW_PIXEL: _Reason(
        "is smaller than a pixel and is left out; in shares?", "are smaller than a pixel and are left out; in shares?"
    ),
    OUTSIDE: _Reason("lies outside its picture and is left out", "lie outside their picture and are left out"),
    OF_SEVERAL: _Reason(
        "is of an id that several pictures have and is left out (dataset.boxes.member_pattern should find an id of one "
        "picture)",
        "are of ids that several pictures have and are left out (dataset.boxes.member_pattern should find an id of one "
        "picture)",
    ),
    OF_EXCLUDED: _Reason("is of an excluded picture", "are of excluded pictures", logging.INFO),
    OF_NONE: _Reason(
        "is of an id that no picture has and is left out", "are of ids that no picture has and are left out"
    ),
}


class BoxesLeftOut:
    """Counts by reason, and line and numbers of the first box of each."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._first: dict[str, tuple[int, str]] = {}

    @property
    def counts(self) -> dict[str, int]:
        """Boxes by reason, as keys of `Catalog.notes`."""
        return dict(self._counts)

    def add(self, reason: str, line: int, numbers: Sequence[float] | Sequence[str]) -> None:
        """Count a box; the one of the lowest line is the example."""
        self._counts[reason] += 1
        if reason not in self._first or line < self._first[reason][0]:
            shown = ", ".join(value if isinstance(value, str) else f"{value:g}" for value in numbers)
            self._first[reason] = (line, shown if len(shown) <= _MOST_LETTERS else f"{shown[:_MOST_LETTERS]}...")

    def log(self, table: str, sound: str) -> None:
        """Say what was left out, a line for each reason."""
        for reason in _REASONS:
            if reason in self._counts:
                logger.log(_REASONS[reason].level, "%s: %s", table, self._sentence(reason, sound))

    def most(self, sound: str) -> str:
        """Return the sentence on the reason that most boxes were left out for; "" where none was."""
        ranked = sorted(self._counts, key=lambda reason: -self._counts[reason])
        return self._sentence(ranked[0], sound) if ranked else ""

    def _sentence(self, reason: str, sound: str) -> str:
        count, (line, numbers) = self._counts[reason], self._first[reason]
        words = _REASONS[reason].one if count == 1 else _REASONS[reason].many
        where = f"in line {line}" if count == 1 else f"such as in line {line}"
        named = words.replace("{sound}", sound)
        return f"{count} box{'' if count == 1 else 'es'} {named}, {where} ({numbers})"


def left_out_of_notes(notes: Mapping[str, int]) -> dict[str, int]:
    """Return of `Catalog.notes` what was left out of the table of boxes, reason -> number, without `boxes_`.

    >>> left_out_of_notes({"boxes": 9, "boxes_malformed": 2, "tables_read": 1})
    {'malformed': 2}
    """
    return {reason.removeprefix("boxes_"): notes[reason] for reason in sorted(_REASONS) if notes.get(reason)}


def findings_in_words(counts: Mapping[str, int]) -> str:
    """Return "'mass' 12, 'nodule' 3", the commonest first; a box without a finding is not told."""
    ranked = sorted(((name, count) for name, count in counts.items() if name), key=lambda item: (-item[1], item[0]))
    words = [f"{name[:_MOST_LETTERS]!r} {count}" for name, count in ranked[:_MOST_FINDINGS]]
    more = f" and {len(ranked) - _MOST_FINDINGS} more" if len(ranked) > _MOST_FINDINGS else ""
    return (", ".join(words) or "none") + more
