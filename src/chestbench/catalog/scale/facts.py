"""What all files of a set say of their grey scales: some ten bytes of each, in the order of the rows."""

from array import array
from functools import lru_cache

import numpy as np

from chestbench.imaging.grey import GreyFacts, Kind

_INVERTED = ("", "yes", "mislabelled")
NO_PICTURE = 255
_WINDOW = {None: 0, False: 1, True: 2}
FACTS = np.dtype(
    [
        ("kind", "u1"),
        ("declared", "u1"),
        ("highest", "u2"),
        ("lowest", "u2"),
        ("widened", "?"),
        ("has_window", "u1"),  # 0 no telling, 1 without, 2 with
        ("inverted", "u1"),  # index into _INVERTED
        ("looks_negative", "?"),
        ("contradicts", "?"),
        ("statistic", "?"),
        ("bulk", "u1"),
        ("levels", "u1"),  # at most 255 are told apart
        ("has_gaps", "?"),
    ]
)


class ScaleFacts:
    """GreyFacts of the rows, and the source of each where folders name one."""

    def __init__(self) -> None:
        self._facts = bytearray()
        self._words = array("H")
        self._sources = array("I")
        self._word_codes: dict[str, int] = {}
        self._source_codes: dict[str, int] = {}

    def add(self, facts: GreyFacts | None, words: str, source: str = "") -> None:
        """Append a row; None: no picture."""
        self._facts += _packed(facts)
        self._words.append(self._code(words))
        self._sources.append(self._source_codes.setdefault(source, len(self._source_codes)))

    def replace(self, row: int, facts: GreyFacts, words: str) -> None:
        """Change a row."""
        self._facts[row * FACTS.itemsize : (row + 1) * FACTS.itemsize] = _packed(facts)
        self._words[row] = self._code(words)

    @property
    def facts(self) -> np.ndarray:
        """FACTS (N,), a copy."""
        return np.frombuffer(bytes(self._facts), FACTS)

    @property
    def words(self) -> tuple[np.ndarray, list[str]]:
        """Code of each row's words, int64 (N,), and the words by code."""
        return np.array(self._words, np.int64), list(self._word_codes)

    @property
    def sources(self) -> tuple[np.ndarray, list[str]]:
        """Code of each row's source, int64 (N,), and the sources by code."""
        return np.array(self._sources, np.int64), list(self._source_codes)

    @property
    def mislabelled(self) -> int:
        """How many files are shown as stored although they state that their lowest value is white."""
        return int((self.facts["inverted"] == _INVERTED.index("mislabelled")).sum())

    def of(self, row: int) -> GreyFacts:
        """Return what a row that is a picture says."""
        one = np.frombuffer(self._facts, FACTS, 1, row * FACTS.itemsize)[0]
        return GreyFacts(
            Kind(int(one["kind"])),
            int(one["declared"]),
            int(one["highest"]),
            int(one["lowest"]),
            bool(one["widened"]),
            {code: value for value, code in _WINDOW.items()}[int(one["has_window"])],
            _INVERTED[int(one["inverted"])],
            bool(one["looks_negative"]),
            bool(one["contradicts"]),
            bool(one["statistic"]),
            int(one["bulk"]),
            int(one["levels"]),
            bool(one["has_gaps"]),
        )

    def _code(self, words: str) -> int:
        return self._word_codes.setdefault(words, len(self._word_codes))


@lru_cache(maxsize=4096)  # most files of a set say the same
def _packed(facts: GreyFacts | None) -> bytes:
    if facts is None:
        return np.array((NO_PICTURE, 0, 0, 0, False, 0, 0, False, False, False, 0, 0, False), FACTS).tobytes()
    return np.array(
        (
            int(facts.kind),
            facts.declared,
            facts.highest,
            facts.lowest,
            facts.widened,
            _WINDOW[facts.has_window],
            _INVERTED.index(facts.inverted),
            facts.looks_negative,
            facts.contradicts,
            facts.statistic,
            facts.bulk,
            min(facts.levels, 255),
            facts.has_gaps,
        ),
        FACTS,
    ).tobytes()


def bits_needed_of(facts: np.ndarray) -> np.ndarray:
    """Return `bits_needed` of each of FACTS (N,): int64 (N,)."""
    bits = np.maximum(8, np.frexp(facts["highest"].astype(np.float64))[1])
    return np.where(facts["widened"], 16, bits).astype(np.int64)
