"""What is said where a set has no one grey scale: both readings, with counts, examples and the lines to set."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from chestbench.catalog.scale.facts import bits_needed_of
from chestbench.imaging.grey import Kind

_EXCLUDE = "leave one kind out with dataset.exclude"
_MIXED = "set dataset.grey.mixed=true to read each file by what it says of itself"
_NAMES = {
    Kind.PLAIN: "of up to 8 bits",
    Kind.DECLARED: "of a declared depth",
    Kind.SIGNIFICANT: "of a declared depth (sBIT)",
    Kind.MAX_SAMPLE: "of a declared depth (MaxSampleValue)",
    Kind.UNDECLARED: "of 16 bits without a declared depth",
    Kind.HOUNSFIELD: "of Hounsfield units (CT)",
    Kind.RADIOGRAPH: "X-ray DICOM",
}


def both_depths(
    facts: np.ndarray,
    needed: np.ndarray,
    numbers: np.ndarray,
    rows: np.ndarray,
    bits: int,
    kind: str,
    code: np.ndarray,
    names: Sequence[str],
) -> str:
    """Say that files without a declared depth use clearly different ones.

    Args:
        facts, numbers: FACTS and NUMBERS (N,).
        needed: int64 (N,), bits that hold each file's values.
        rows: bool (N,), the files in question.
        bits: the most that any of them needs.
        kind: "class" or "source".
        code: (N,), class or source of each row.
        names: by code.
    """
    parts = []
    for one in np.unique(code[rows]).tolist():
        of_one = rows & (code == one)
        depths = Counter(needed[of_one].tolist())
        shown = [
            f"{count} within {depth} bits (such as {_shape(numbers, facts, of_one & (needed == depth))})"
            for depth, count in sorted(depths.items())
        ]
        parts.append(f"{kind} {names[one] or '(none)'}: {', '.join(shown)}")
    usual = Counter(needed[rows & (needed < bits)].tolist()).most_common(1)[0][0]
    below, above = int((rows & (needed <= usual)).sum()), int((rows & (needed > usual)).sum())
    return (
        "dataset.grey: expected 16-bit files of one depth, received files that declare none and use clearly different "
        f"ones ({'; '.join(parts)}): set dataset.grey.bits={bits} (white is {(1 << bits) - 1}, and {below} files stay "
        f"within {(1 << usual) - 1}), or dataset.grey.bits={usual} (white is {(1 << usual) - 1}, and {above} files are "
        f"cut off there); or {_EXCLUDE}, or {_MIXED}"
    )


def depth_unknown(
    facts: np.ndarray, numbers: np.ndarray, rows: np.ndarray, known: np.ndarray, bits: int, highest: int
) -> str:
    """Say that 16-bit files do not reach white of any depth, beside files whose white is known."""
    return (
        f"dataset.grey.bits: expected the depth of {int(rows.sum())} files of 16 bits that declare none (such as "
        f"{_shape(numbers, facts, rows)}), for they stand beside {int(known.sum())} whose white is known (such as "
        f"{_shape(numbers, facts, known)}), and their highest value, {highest}, is white of no depth: set "
        f"dataset.grey.bits={bits} (white is {(1 << bits) - 1}) or dataset.grey.bits=16 (white is 65535), or {_EXCLUDE}"
    )


def sliver(
    facts: np.ndarray, numbers: np.ndarray, rows: np.ndarray, bits: int, lowest: int, highest: int, levels: int
) -> str:
    """Say that 16-bit files use so little of their range that nothing would be left of them in 8 bits."""
    return (
        f"dataset.grey.bits: expected 16-bit files that use their range, received {int(rows.sum())} that declare no "
        f"depth (such as {_shape(numbers, facts, rows)}) with values from {lowest} to {highest}, some {levels} of 256 "
        "grey levels: label maps, or values with an offset (Hounsfield units + 32768): convert them (signed TIFF is "
        f"read as Hounsfield units), leave them out with dataset.exclude, or set dataset.grey.bits={bits} to read them "
        "so"
    )


def two_significances(high: int, low: int) -> str:
    """Say that PNG files with sBIT use their bits in two ways."""
    return (
        f"dataset.grey: expected PNG files whose chunk sBIT counts the same bits, received {high} whose values use the "
        f"high ones of 16 and {low} whose values stay within the low ones; {_EXCLUDE}, or {_MIXED}"
    )


def both_windows(
    facts: np.ndarray, numbers: np.ndarray, classes: Sequence[str], with_window: np.ndarray, without: np.ndarray
) -> str:
    """Say that only a part of the X-ray DICOM files has a window."""
    return (
        f"dataset.grey.dicom: expected X-ray DICOM files that all have a window (or VOI LUT), or none, received "
        f"{_counted(numbers, classes, with_window)} with one (such as {_shape(numbers, facts, with_window)}) and "
        f"{_counted(numbers, classes, without)} without (such as {_shape(numbers, facts, without)}): set "
        "dataset.grey.dicom=window (the latter are left out), dataset.grey.dicom=range (all over the whole range of "
        "their declared bits) or dataset.grey.dicom=percentiles (all from the 0.5th to the 99.5th of each picture)"
    )


def both_families(
    facts: np.ndarray, numbers: np.ndarray, classes: Sequence[str], units: np.ndarray, others: np.ndarray
) -> str:
    """Say that Hounsfield units stand beside pictures of no unit."""
    kinds = sorted({_NAMES[Kind(code)] for code in np.unique(facts["kind"][others]).tolist()})
    return (
        f"dataset.grey: expected pictures of one scale, received {_counted(numbers, classes, units)} of Hounsfield "
        f"units (CT, such as {_shape(numbers, facts, units)}) beside {_counted(numbers, classes, others)} "
        f"{' and '.join(kinds)} (such as {_shape(numbers, facts, others)}), whose window is not known: {_EXCLUDE}, or "
        f"{_MIXED}"
    )


def _counted(numbers: np.ndarray, classes: Sequence[str], rows: np.ndarray) -> str:
    counts = Counter(numbers["label"][rows].tolist())
    shown = ", ".join(f"{classes[code]} {count}" for code, count in sorted(counts.items()))
    return f"{int(rows.sum())} files ({shown})"


def _shape(numbers: np.ndarray, facts: np.ndarray, rows: np.ndarray) -> str:
    """Describe the first of some files by what is nobody's secret: its size, depth and highest value."""
    place = int(np.flatnonzero(rows)[0])
    size = f"{int(numbers['width'][place])} x {int(numbers['height'][place])}"
    if facts["kind"][place] in (Kind.UNDECLARED, Kind.MAX_SAMPLE, Kind.SIGNIFICANT):
        return f"{size}, highest value {int(facts['highest'][place])} of {int(bits_needed_of(facts)[place])} bits"
    return f"{size}, {int(facts['declared'][place])} bits"
