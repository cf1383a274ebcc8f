"""Pictures whose names are those of others in the same folder and something more: "12_denoised", "12_2", "12 copy"."""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from chestbench.catalog.folders.words.augmented_words import stem_of

# So many names at least have the same thing more: one alone may be a chance.
_FEWEST = 3
# What a name may end with after another's: what joins words, or a letter after a number.
_CUT = re.compile(r"(?=[^0-9A-Za-z])|(?<=[0-9])(?=[A-Za-z])")
_NUMBER = re.compile(r"\d+")
# A system's own way out when a file of this name is there: any two pictures may be called so.
_AGAIN = re.compile(r" ?\(\d+\)")


def longer_names(members: Sequence[str], label: np.ndarray) -> Iterator[tuple[int, int, str]]:
    """Yield (original, copy, what the copy's name has more, numbers as "#") of pictures in one folder.

    A picture's name holds a number; Keras writes "_0_1234" behind it, and "_" before it where it has no prefix.

    Args:
        members: N paths, with forward slashes.
        label: int (N,), class codes, -1 for members that have no say.
    """
    folders: dict[tuple[str, int], dict[str, int]] = {}
    for row in np.flatnonzero(label >= 0).tolist():
        key = members[row].rpartition("/")[0], int(label[row])
        folders.setdefault(key, {}).setdefault(stem_of(members[row]), row)
    found: dict[str, list[tuple[int, int]]] = {}
    for stems in folders.values():
        for stem, row in stems.items():
            if base := _base(stem, stems):
                tail = stem[stem.index(base) + len(base) :]
                found.setdefault(_NUMBER.sub("#", tail), []).append((stems[base], row))
    for tail, pairs in sorted(found.items()):
        if len({original for original, _ in pairs}) >= _FEWEST:
            yield from ((original, row, tail) for original, row in pairs)


def _base(stem: str, stems: dict[str, int]) -> str:
    """Return the longest name in the folder that this one begins with and that may be its original's."""
    plain = stem.lstrip("_-")
    cuts = [cut.start() for cut in _CUT.finditer(plain) if cut.start()]
    for cut in reversed(cuts):
        base = plain[:cut]
        if base in stems and any(map(str.isdigit, base)) and not _AGAIN.fullmatch(plain[cut:]):
            return base
    return ""
