"""What a way to read a set costs its classes: pictures that turn white, stay nearly black, or are left out."""

from collections.abc import Sequence

import numpy as np

from chestbench.catalog.scale.facts import bits_needed_of

# Of a class, so many pictures may lose more than a marker to white: some are of metal, some are damaged.
_FEW, _COUNT = 0.05, 3
# Of 256, that the median picture of a class must keep.
LEAST_LEVELS = 24


def whitened(facts: np.ndarray, label: np.ndarray, rows: np.ndarray, bits: int) -> dict[int, tuple[int, int]]:
    """Return the classes of which white of 2**bits - 1 cuts off a notable part of notably many pictures.

    Args:
        facts: FACTS (N,).
        label: int (N,), class codes.
        rows: bool (N,), files of 16 bits that declare no depth.
        bits: white is 2**bits - 1.

    Returns:
        Class code -> (pictures of which more than a hundredth of the pixels become white, pictures).
    """
    found = {}
    for code in np.unique(label[rows]).tolist():
        mine = rows & (label == code)
        count, cut = int(mine.sum()), int((mine & (facts["bulk"] > bits)).sum())
        if cut > _FEW * count and (cut >= _COUNT or 2 * cut > count):
            found[int(code)] = (cut, count)
    return found


def darkened(facts: np.ndarray, label: np.ndarray, rows: np.ndarray, bits: int) -> dict[int, int]:
    """Return the classes whose median picture keeps few grey levels: class code -> levels of 256; as `whitened`."""
    held = np.where(facts["bulk"] > 0, facts["bulk"], bits_needed_of(facts)).astype(np.int64)
    found = {}
    for code in np.unique(label[rows & (facts["highest"] > 0)]).tolist():
        mine = np.sort(held[rows & (label == code) & (facts["highest"] > 0)])
        levels = 256 >> max(0, bits - int(mine[len(mine) // 2]))
        if levels < LEAST_LEVELS:
            found[int(code)] = levels
    return found


def depth_line(
    facts: np.ndarray, label: np.ndarray, classes: Sequence[str], rows: np.ndarray, bits: int, more: str = ""
) -> str:
    """Return the line that states a depth with what it costs, "" where it would whiten a class.

    Args:
        facts, label, rows, bits: see `whitened`.
        classes: names by code.
        more: said behind the value of white.
    """
    if whitened(facts, label, rows, bits):
        return ""
    dark = darkened(facts, label, rows, bits)
    cost = "".join(f"; {classes[code]} keeps some {levels} of 256 grey levels" for code, levels in dark.items())
    return f"dataset.grey.bits={bits} (white is {(1 << bits) - 1}{more}{cost})"


def left_of(label: np.ndarray, classes: Sequence[str], usable: np.ndarray, dropped: np.ndarray) -> dict[str, str]:
    """Return what is left of each class that loses pictures: name -> "2 of 40", those that lose none are absent."""
    found = {}
    for code in np.unique(label[usable & dropped]).tolist():
        mine = usable & (label == code)
        found[classes[code]] = f"{int((mine & ~dropped).sum())} of {int(mine.sum())}"
    return found


def empties(left: dict[str, str]) -> bool:
    """Tell whether a class keeps no picture, of what `left_of` returned."""
    return any(words.startswith("0 ") for words in left.values())


def leaves(left: dict[str, str]) -> str:
    """Return "leaves 2 of 40 pictures of TB" of what `left_of` returned."""
    return "leaves " + ", ".join(f"{words} pictures of {name}" for name, words in left.items())


def leave_out(
    label: np.ndarray, classes: Sequence[str], usable: np.ndarray, kinds: Sequence[tuple[str, np.ndarray]]
) -> str:
    """Return which kinds of files can be left out so that every class keeps pictures, and what is left then.

    Args:
        label: int (N,), class codes.
        classes: names by code.
        usable: bool (N,).
        kinds: what each is called, such as "files of 12 bits", and which rows are of it, bool (N,).
    """
    ways = []
    for name, rows in kinds:
        left = left_of(label, classes, usable, rows)
        if not empties(left):
            ways.append(f"leave the {int(rows.sum())} {name} out with dataset.exclude ({leaves(left)})")
    return ", or ".join(ways) or "convert the files to one scale (a class is of one kind only: none can be left out)"
