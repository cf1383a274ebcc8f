"""What is said where a set has no one grey scale: both readings, with counts, examples and the lines to set."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from chestbench.catalog.scale.cost import depth_line, empties, leave_out, leaves, left_of
from chestbench.catalog.scale.facts import bits_needed_of
from chestbench.catalog.scale.state import SetOfScales
from chestbench.imaging.grey import STORED_BITS, Kind

MIXED = "set dataset.grey.mixed=true (each file by what it says of itself; the audit says whether that tells the class)"
_NAMES = {
    Kind.PLAIN: "of up to 8 bits",
    Kind.DECLARED: "of a declared depth",
    Kind.SIGNIFICANT: "of a declared depth (sBIT)",
    Kind.MAX_SAMPLE: "of a declared depth (MaxSampleValue)",
    Kind.UNDECLARED: "of 16 bits without a declared depth",
    Kind.HOUNSFIELD: "of Hounsfield units (CT)",
    Kind.RADIOGRAPH: "X-ray DICOM",
    Kind.UNIT: "of values from 0 to 1",
}


def both_depths(
    state: SetOfScales, rows: np.ndarray, bits: int, kind: str, code: np.ndarray, names: Sequence[str]
) -> str:
    """Say that files without a declared depth use clearly different ones.

    Args:
        state: the files, N.
        rows: bool (N,), those in question.
        bits: the most that any of them needs.
        kind: "class" or "source".
        code: (N,), class or source of each row.
        names: by code.
    """
    needed = state.needed
    parts = []
    for one in np.unique(code[rows]).tolist():
        of_one = rows & (code == one)
        depths = Counter(needed[of_one].tolist())
        shown = [
            f"{count} within {depth} bits (such as {shape_of(state.numbers, state.facts, of_one & (needed == depth))})"
            for depth, count in sorted(depths.items())
        ]
        parts.append(f"{kind} {names[one] or '(none)'}: {', '.join(shown)}")
    usual = Counter(needed[rows & (needed < bits)].tolist()).most_common(1)[0][0]
    low = rows & (needed <= usual)
    label, above = state.numbers["label"], rows & ~low
    lines = [
        depth_line(
            state.facts,
            label,
            state.classes,
            rows,
            bits,
            f", and {int(low.sum())} files stay within {(1 << usual) - 1}",
        ),
        depth_line(state.facts, label, state.classes, rows, usual, f", and {int(above.sum())} files are cut off there"),
    ]
    kinds = [(f"files within {usual} bits", low), ("deeper files", above)]
    return (
        "dataset.grey: expected 16-bit files of one depth, received files that declare none and use clearly different "
        f"ones ({'; '.join(parts)}): set {', or '.join(filter(None, lines))}; "
        f"or {leave_out(label, state.classes, state.usable, kinds)}, or {MIXED}"
    )


def depth_unknown(state: SetOfScales, rows: np.ndarray, known: np.ndarray, bits: int, highest: int) -> str:
    """Say that 16-bit files do not reach white of any depth, beside files whose white is known."""
    label = state.numbers["label"]
    lines = [depth_line(state.facts, label, state.classes, rows, depth) for depth in (bits, STORED_BITS)]
    kinds = [("files that declare none", rows), ("others", known)]
    return (
        f"dataset.grey.bits: expected the depth of {int(rows.sum())} files of 16 bits that declare none (such as "
        f"{shape_of(state.numbers, state.facts, rows)}), for they stand beside {int(known.sum())} whose white is known "
        f"(such as {shape_of(state.numbers, state.facts, known)}), and their highest value, {highest}, is white of no "
        f"depth: set {' or '.join(filter(None, lines))}, or {leave_out(label, state.classes, state.usable, kinds)}"
    )


def sliver(
    facts: np.ndarray, numbers: np.ndarray, rows: np.ndarray, bits: int, lowest: int, highest: int, levels: int
) -> str:
    """Say that 16-bit files use so little of their range that nothing would be left of them in 8 bits."""
    return (
        f"dataset.grey.bits: expected 16-bit files that use their range, received {int(rows.sum())} that declare "
        f"no depth (such as {shape_of(numbers, facts, rows)}) with values from {lowest} to {highest}, some {levels} "
        "of 256 grey levels: label maps, or values with an offset (Hounsfield units + 32768): convert them (signed "
        f"TIFF is read as Hounsfield units), leave them out with dataset.exclude, or set dataset.grey.bits={bits} to "
        "read them so"
    )


def two_significances(state: SetOfScales, high: np.ndarray, low: np.ndarray) -> str:
    """Say that PNG files with sBIT use their bits in two ways."""
    kinds = [("files of the high bits", high), ("files of the low bits", low)]
    return (
        f"dataset.grey: expected PNG files whose chunk sBIT counts the same bits, received {int(high.sum())} whose "
        f"values use the high ones of 16 and {int(low.sum())} whose values stay within the low ones; "
        f"{leave_out(state.numbers['label'], state.classes, state.usable, kinds)}, or {MIXED}"
    )


def both_windows(state: SetOfScales, with_window: np.ndarray, without: np.ndarray) -> str:
    """Say that only a part of the X-ray DICOM files has a window."""
    left = left_of(state.numbers["label"], state.classes, state.usable, without)
    window = f"dataset.grey.dicom=window (leaves out those without: {leaves(left)}), "
    no_window = f"; the window is no choice, for it {leaves(left)}"
    return (
        f"dataset.grey.dicom: expected X-ray DICOM files that all have a window (or VOI LUT), or none, received "
        f"{_counted(state, with_window)} with one (such as {shape_of(state.numbers, state.facts, with_window)}) and "
        f"{_counted(state, without)} without (such as {shape_of(state.numbers, state.facts, without)}): set "
        f"{'' if empties(left) else window}dataset.grey.dicom=range (all over the whole range of their declared bits) "
        "or dataset.grey.dicom=percentiles (all from the 0.5th to the 99.5th of each picture)"
        f"{no_window if empties(left) else ''}"
    )


def both_families(state: SetOfScales, units: np.ndarray, others: np.ndarray) -> str:
    """Say that Hounsfield units stand beside pictures of no unit."""
    kinds = sorted({_NAMES[Kind(code)] for code in np.unique(state.facts["kind"][others]).tolist()})
    ways = [("files of Hounsfield units", units), ("others", others)]
    return (
        f"dataset.grey: expected pictures of one scale, received {_counted(state, units)} of Hounsfield units (CT, "
        f"such as {shape_of(state.numbers, state.facts, units)}) beside {_counted(state, others)} "
        f"{' and '.join(kinds)} (such as {shape_of(state.numbers, state.facts, others)}), whose window is not known: "
        f"{leave_out(state.numbers['label'], state.classes, state.usable, ways)}, or {MIXED}"
    )


def _counted(state: SetOfScales, rows: np.ndarray) -> str:
    counts = Counter(state.numbers["label"][rows].tolist())
    shown = ", ".join(f"{state.classes[code]} {count}" for code, count in sorted(counts.items()))
    return f"{int(rows.sum())} files ({shown})"


def shape_of(numbers: np.ndarray, facts: np.ndarray, rows: np.ndarray) -> str:
    """Describe the first of some files by what is nobody's secret: its size, depth and highest value."""
    place = int(np.flatnonzero(rows)[0])
    size = f"{int(numbers['width'][place])} x {int(numbers['height'][place])}"
    if facts["kind"][place] in (Kind.UNDECLARED, Kind.MAX_SAMPLE, Kind.SIGNIFICANT):
        return f"{size}, highest value {int(facts['highest'][place])} of {int(bits_needed_of(facts)[place])} bits"
    return f"{size}, {int(facts['declared'][place])} bits"
