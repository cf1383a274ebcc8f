"""Files of an archive that are no pictures: counted by kind, with examples for the log, so that none goes unnamed."""

import logging
from collections.abc import Iterable

from chestbench.catalog.kinds import NOT_WORTH_A_WARNING, advice, words

logger = logging.getLogger(__name__)

_EXAMPLES = 3


class LeftOut:
    """Counts by kind. Names of files can name people: they go into the log alone, at most three of a kind."""

    def __init__(self) -> None:
        self._without_row: dict[str, int] = {}
        self._in_all: dict[str, int] = {}
        self._examples: dict[str, list[str]] = {}

    @property
    def counts(self) -> dict[str, int]:
        """Files without a row in the catalog, kind -> number, by kind."""
        return dict(sorted(self._without_row.items()))

    def add(self, kind: str, member: str, has_row: bool = False) -> None:
        """Count a file; one with a row in the catalog counts among the excluded, and is shown in the log alone."""
        self._in_all[kind] = self._in_all.get(kind, 0) + 1
        if not has_row:
            self._without_row[kind] = self._without_row.get(kind, 0) + 1
        examples = self._examples.setdefault(kind, [])
        if len(examples) < _EXAMPLES:
            examples.append(member)

    def add_all(self, kinds: dict[str, list[str]]) -> None:
        """Count files, kind -> names."""
        for kind, names in kinds.items():
            for name in names:
                self.add(kind, name)

    def log(self) -> None:
        """Say what was left out, a line for each kind: a warning where pictures may be missing."""
        for kind, count in sorted(self._in_all.items()):
            level = logging.INFO if kind in NOT_WORTH_A_WARNING else logging.WARNING
            shown = ", ".join(self._examples[kind]) + (", ..." if count > len(self._examples[kind]) else "")
            what_to_do = f": {advice(kind)}" if advice(kind) else ""
            logger.log(level, "left out: %s (%s)%s", words(kind, count), shown, what_to_do)


def in_words(counts: Iterable[tuple[str, int]]) -> str:
    """Return "8 volumes, 1 web page" of pairs (kind, number)."""
    return ", ".join(words(kind, count) for kind, count in counts)
