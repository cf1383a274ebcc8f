"""How deep 16-bit files are: by what they declare, and for the rest one whole number of bits for the set."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chestbench.catalog.scale.messages import both_depths, depth_unknown, sliver, two_significances
from chestbench.catalog.scale.state import Choice, SetOfScales
from chestbench.imaging.grey import STORED_BITS, Kind

# Of files that declare no depth, so many may stay below an eighth of white: blank and very dark pictures do.
_FEW = 0.05
_FAR, _APART = 3, 2  # bits: of a file below the set's depth, of one class's (or source's) median from another's
_LEAST = 3  # files of a class (or source) whose median counts
_LEVELS = 24  # of 256, that the median file must use
_SATURATED = 15 / 16  # of white: files that reach it use their whole depth


def choose_max_sample(state: SetOfScales, choice: Choice) -> dict[str, Any]:
    """Decide whether MaxSampleValue of TIFF files is a depth or a statistic."""
    if state.statistic:
        choice.decided["max_sample"] = "MaxSampleValue is the highest value of each picture, not a depth"
        return {"max_sample": "statistic"}
    return {"max_sample": "depth"} if state.of(Kind.MAX_SAMPLE).any() else {}


def choose_significant(state: SetOfScales, choice: Choice) -> dict[str, Any]:
    """Decide which of 16 bits the chunk sBIT of PNG files counts."""
    rows = state.of(Kind.SIGNIFICANT)
    high = rows & (state.exceeds)
    rows &= state.highest > 0
    if not rows.any() or state.settings.mixed:
        return {}
    if high.any() and (rows & ~high).sum() > _FEW * rows.sum():
        choice.trouble = two_significances(state, high, rows & ~high)
    way = "high" if high.any() else "low"
    choice.decided["significant"] = f"sBIT of {int(rows.sum())} PNG files counts the {way} ones of 16 bits"
    return {"significant": way}


def choose_bits(state: SetOfScales, choice: Choice) -> dict[str, Any]:
    """Decide white of 16-bit files that declare no depth, or say why there is no one."""
    rows = state.undeclared
    count = int(rows.sum())
    if not count:
        return {}
    if state.settings.bits:
        choice.decided["bits"] = f"{state.settings.bits}, as dataset.grey.bits says, of {count} files"
        _warn_of_darker(state, rows & (state.highest > 0), choice)
        return {}
    if state.settings.mixed:
        choice.decided["bits"] = f"each of {count} files that declare no depth by the bits that hold its own values"
        return {}
    lit = rows & (state.highest > 0)
    evidence = lit & state.in_train if (lit & state.in_train).any() else lit
    if not evidence.any():
        return {"bits": STORED_BITS}
    bits, highest = int(state.needed[evidence].max()), int(state.highest[evidence].max())
    where = " of train" if evidence.sum() < lit.sum() else ""
    if bits == STORED_BITS and state.facts["widened"][evidence].any() and not highest >> 15:
        reason = f"{count} files that declare no depth hold 8 bits widened to 16"
    else:
        reason = f"the highest value of {int(evidence.sum())} files{where} that declare no depth is {highest}"
    if state.ours and state.ours.bits and 0 <= state.ours.bits - bits < _FAR:
        choice.decided["bits"] = f"{state.ours.bits}, as the networks were trained: {reason}"
        return {"bits": state.ours.bits}
    choice.decided["bits"] = f"{bits}: {reason}"
    low = lit & (state.needed <= bits - _FAR)
    for kind, code, names in _groupings(state):
        medians = _medians(state, lit, code)
        if low.sum() > _FEW * lit.sum() or (medians and max(medians.values()) - min(medians.values()) >= _APART):
            choice.trouble = both_depths(state, lit, bits, kind, code, names)
            return {}
        if medians and max(medians.values()) != min(medians.values()):
            words = ", ".join(f"{names[at]} {value} bits" for at, value in sorted(medians.items()))
            choice.warnings.append(
                f"16-bit files differ in depth by {kind} ({words}); look at them in the contact sheet"
            )
    spans = np.sort((state.highest - state.facts["lowest"])[evidence])
    levels = int(spans[len(spans) // 2]) * 256 >> bits
    if levels < _LEVELS and not state.facts["widened"][evidence].all():
        lowest = int(state.facts["lowest"][evidence].min())
        choice.trouble = sliver(state.facts, state.numbers, evidence, bits, lowest, highest, levels)
        return {}
    # White of what declares its depth is known; that of files which do not reach theirs is a guess.
    declared = (Kind.PLAIN, Kind.DECLARED, Kind.RADIOGRAPH, Kind.SIGNIFICANT, Kind.UNIT)
    known = state.of(*declared) | (state.of(Kind.MAX_SAMPLE) & ~rows)
    is_whole = highest >= _SATURATED * ((1 << bits) - 1) or bool(state.facts["widened"][evidence].all())
    if known.any() and not is_whole:
        choice.trouble = depth_unknown(state, lit, known, bits, highest)
    return {"bits": bits}


def _groupings(state: SetOfScales) -> list[tuple[str, np.ndarray, Sequence[str]]]:
    """Return by what files are compared: "class", and "source" where there are several; code of each row, and names."""
    found: list[tuple[str, np.ndarray, Sequence[str]]] = [("class", state.numbers["label"], state.classes)]
    if len(state.source_names) > 1:
        found.append(("source", state.sources, state.source_names))
    return found


def _warn_of_darker(state: SetOfScales, lit: np.ndarray, choice: Choice) -> None:
    """Say that files which one stated depth reads use different ones: those of fewer bits are darker by it."""
    if not lit.any():
        return
    bits, deepest = state.settings.bits, int(state.needed[lit].max())
    mend = "where each file is of its own depth, dataset.grey.mixed=true reads it by that; look at the contact sheet"
    for kind, code, names in _groupings(state):
        medians = _medians(state, lit, code)
        if medians and max(medians.values()) != min(medians.values()):
            words = ", ".join(f"{names[at] or '(none)'} {value} bits" for at, value in sorted(medians.items()))
            choice.warnings.append(
                f"dataset.grey.bits={bits} reads 16-bit files of different depths by {kind} ({words}) as one: those of "
                f"fewer bits are darker by that, which may tell the class; {mend}"
            )
            return
    low = lit & (state.needed <= deepest - _FAR)
    if low.sum() > _FEW * lit.sum():
        choice.warnings.append(
            f"dataset.grey.bits={bits} reads 16-bit files of different depths as one: {int(low.sum())} of "
            f"{int(lit.sum())} stay {_FAR} bits or more below the deepest, {deepest}, and are darker by that; {mend}"
        )


def _medians(state: SetOfScales, rows: np.ndarray, code: np.ndarray) -> dict[int, int]:
    """Return code of each class or source -> median bits of its files, of those that have enough."""
    found = {}
    for one in np.unique(code[rows]).tolist():
        of_one = np.sort(state.needed[rows & (code == one)])
        if len(of_one) >= _LEAST:
            found[int(one)] = int(of_one[len(of_one) // 2])
    return found
