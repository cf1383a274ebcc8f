"""One grey scale for a whole set: chosen from what the files declare, and refused where they are of several scales."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chestbench.catalog.scale_facts import NO_PICTURE, ScaleFacts, bits_needed_of
from chestbench.catalog.scale_messages import (
    both_depths,
    both_families,
    both_windows,
    depth_unknown,
    sliver,
    two_significances,
)
from chestbench.catalog.verdicts import Verdict
from chestbench.core.dataset_config import Grey
from chestbench.imaging.grey import LUNG_WINDOW, STORED_BITS, GreyScale, Kind

# Of files that declare no depth, so many may stay below an eighth of white: blank and very dark pictures do.
_FEW = 0.05
_FAR, _APART = 3, 2  # bits: of a file below the set's depth, of one class's (or source's) median from another's
_LEAST = 3  # files of a class (or source) whose median counts
_LEVELS = 24  # of 256, that the median file must use
_SATURATED = 15 / 16  # of white: files that reach it use their whole depth
_MISLABELLED, _JUDGED = 0.9, 10


@dataclass
class Choice:
    """What was chosen.

    Attributes:
        scale: that all files are read by.
        decided: key of dataset.grey -> what it is and by what, in words.
        warnings: what people must know.
        trouble: why the set has no one scale, with the lines that would settle it; "" when it has one.
        clipped: files with values above white.
    """

    scale: GreyScale
    decided: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    trouble: str = ""
    clipped: int = 0

    def said(self) -> dict[str, Any]:
        """Return the part of metrics/catalog.json["grey"] that does not depend on which files are kept."""
        return {"scale": self.scale.to_json(), "decided": self.decided, "clipped": self.clipped}


def stated_scale(settings: Grey, ours: GreyScale | None = None) -> GreyScale:
    """Return what dataset.grey states; what it leaves open is left to each file, but the window to `ours`."""
    window, signed = settings.window, settings.signed
    if ours:
        window, signed = ours.window if window == LUNG_WINDOW else window, signed or ours.signed
    return GreyScale(bits=settings.bits, signed=signed, dicom=settings.dicom, window=window)


def choose_scale(
    found: ScaleFacts,
    numbers: np.ndarray,
    classes: list[str],
    is_split: bool,
    settings: Grey,
    ours: GreyScale | None = None,
) -> Choice:
    """Choose the scale of a set from its files that can be used.

    Where a given split is honoured, the depth of files that declare none is taken from train.

    Args:
        found: what the files say, N rows.
        numbers: NUMBERS (N,), judged one by one.
        classes: names by code.
        is_split: whether a given split is honoured.
        settings: dataset.grey; what it states is not chosen.
        ours: of the set that networks were trained on, which this one follows where it can; None: this is that set.
    """
    state = _State(found, numbers, classes, is_split, settings, ours)
    choice = Choice(stated_scale(settings, ours))
    chosen: dict[str, Any] = {}
    for step in (
        _choose_max_sample,
        _choose_significant,
        _choose_bits,
        _choose_dicom,
        _choose_polarity,
        _check_families,
    ):
        if not choice.trouble:
            chosen |= step(state, choice)
    choice.scale = GreyScale.from_json(choice.scale.to_json() | chosen)
    if settings.mixed:
        choice.decided["mixed"] = "files of several scales are read side by side, as dataset.grey.mixed says"
    choice.clipped = _clipped(state, choice.scale)
    if choice.clipped:
        choice.warnings.append(
            f"{choice.clipped} files have values above white (2**{choice.scale.bits} - 1), which become white"
        )
    return choice


class _State:
    """The facts of the files that can be used, by kind."""

    def __init__(
        self,
        found: ScaleFacts,
        numbers: np.ndarray,
        classes: list[str],
        is_split: bool,
        settings: Grey,
        ours: GreyScale | None,
    ) -> None:
        self.facts = found.facts
        self.usable = (numbers["verdict"] == Verdict.KEPT) & (self.facts["kind"] != NO_PICTURE)
        self.numbers, self.classes, self.settings, self.ours = numbers, classes, settings, ours
        self.needed = bits_needed_of(self.facts)
        self.highest = self.facts["highest"].astype(np.int64)
        self.exceeds = self.highest >> self.facts["declared"].astype(np.int64) > 0
        self.in_train = numbers["given"] == 0 if is_split else np.ones(len(numbers), bool)
        self.sources, self.source_names = found.sources
        self.statistic = bool(self.of(Kind.UNDECLARED)[self.facts["statistic"]].any())

    def of(self, *kinds: Kind) -> np.ndarray:
        """Return which rows are usable and of a kind: bool (N,)."""
        return self.usable & np.isin(self.facts["kind"], [int(kind) for kind in kinds])

    @property
    def undeclared(self) -> np.ndarray:
        """Which rows are of 16 bits and of unknown depth: bool (N,)."""
        claims = self.of(Kind.MAX_SAMPLE)
        lies = claims & (self.exceeds)
        return self.of(Kind.UNDECLARED) | (claims if self.statistic else lies)


def _choose_max_sample(state: _State, choice: Choice) -> dict[str, Any]:
    if state.statistic:
        choice.decided["max_sample"] = "MaxSampleValue is the highest value of each picture, not a depth"
        return {"max_sample": "statistic"}
    return {"max_sample": "depth"} if state.of(Kind.MAX_SAMPLE).any() else {}


def _choose_significant(state: _State, choice: Choice) -> dict[str, Any]:
    rows = state.of(Kind.SIGNIFICANT)
    high = rows & (state.exceeds)
    rows &= state.highest > 0
    if not rows.any() or state.settings.mixed:
        return {}
    if high.any() and (rows & ~high).sum() > _FEW * rows.sum():
        choice.trouble = two_significances(int(high.sum()), int((rows & ~high).sum()))
    way = "high" if high.any() else "low"
    choice.decided["significant"] = f"sBIT of {int(rows.sum())} PNG files counts the {way} ones of 16 bits"
    return {"significant": way}


def _choose_bits(state: _State, choice: Choice) -> dict[str, Any]:
    rows = state.undeclared
    count = int(rows.sum())
    if not count:
        return {}
    if state.settings.bits:
        choice.decided["bits"] = f"{state.settings.bits}, as dataset.grey.bits says, of {count} files"
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
    groupings = [("class", state.numbers["label"], state.classes)]
    if len(state.source_names) > 1:
        groupings.append(("source", state.sources, state.source_names))
    for kind, code, names in groupings:
        medians = _medians(state, lit, code)
        if low.sum() > _FEW * lit.sum() or (medians and max(medians.values()) - min(medians.values()) >= _APART):
            choice.trouble = both_depths(state.facts, state.needed, state.numbers, lit, bits, kind, code, names)
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
    known = state.of(Kind.PLAIN, Kind.DECLARED, Kind.RADIOGRAPH, Kind.SIGNIFICANT) | (state.of(Kind.MAX_SAMPLE) & ~rows)
    is_whole = highest >= _SATURATED * ((1 << bits) - 1) or bool(state.facts["widened"][evidence].all())
    if known.any() and not is_whole:
        choice.trouble = depth_unknown(state.facts, state.numbers, lit, known, bits, highest)
    return {"bits": bits}


def _medians(state: _State, rows: np.ndarray, code: np.ndarray) -> dict[int, int]:
    """Return code of each class or source -> median bits of its files, of those that have enough."""
    found = {}
    for one in np.unique(code[rows]).tolist():
        of_one = np.sort(state.needed[rows & (code == one)])
        if len(of_one) >= _LEAST:
            found[int(one)] = int(of_one[len(of_one) // 2])
    return found


def _choose_dicom(state: _State, choice: Choice) -> dict[str, Any]:
    rows = state.of(Kind.RADIOGRAPH)
    with_window, without = (rows & (state.facts["has_window"] == code) for code in (2, 1))
    if not rows.any():
        return {}
    if state.settings.dicom:
        choice.decided["dicom"] = f"{state.settings.dicom}, as dataset.grey.dicom says, of {int(rows.sum())} files"
        return {}
    if state.settings.mixed:
        choice.decided["dicom"] = f"each of {int(rows.sum())} files by its own window, else by range or percentiles"
        return {}
    if state.ours and (state.ours.dicom in ("range", "percentiles") or (state.ours.dicom and with_window.any())):
        choice.decided["dicom"] = f"{state.ours.dicom}, as the networks were trained, of {int(rows.sum())} files"
        return {"dicom": state.ours.dicom}
    if with_window.any() and without.any():
        choice.trouble = both_windows(state.facts, state.numbers, state.classes, with_window, without)
        return {}
    if with_window.any():
        choice.decided["dicom"] = f"window: all of {int(rows.sum())} X-ray DICOM files have one"
        return {"dicom": "window"}
    deep = rows & (state.facts["declared"] > 8)
    if not deep.any():
        choice.decided["dicom"] = f"range: none of {int(rows.sum())} X-ray DICOM files has a window, all are of 8 bits"
        return {"dicom": "range"}
    choice.decided["dicom"] = (
        f"percentiles (of each picture): none of {int(rows.sum())} X-ray DICOM files has a window, "
        f"{int(deep.sum())} are of more than 8 bits"
    )
    return {"dicom": "percentiles"}


def _choose_polarity(state: _State, choice: Choice) -> dict[str, Any]:
    states = state.of(Kind.RADIOGRAPH) & (state.facts["inverted"] > 0)
    wrong = int((states & (state.facts["inverted"] == 2)).sum())
    contradicting = int((state.usable & state.facts["contradicts"]).sum())
    if contradicting:
        choice.warnings.append(
            f"PresentationLUTShape and PhotometricInterpretation of {contradicting} DICOM files contradict each other; "
            "the former is followed"
        )
    negatives = int((state.usable & state.facts["looks_negative"]).sum())
    if negatives:
        white_is_zero = int((state.usable & (state.facts["inverted"] > 0)).sum() - states.sum())
        choice.warnings.append(
            f"{negatives} of {white_is_zero} TIFF files labelled WhiteIsZero look like negatives when they are shown "
            "as labelled; look at them in the contact sheet"
        )
    if not wrong:
        return {}
    if states.sum() >= _JUDGED and wrong >= _MISLABELLED * states.sum():
        choice.decided["monochrome1"] = (
            f"stored: {wrong} of {int(states.sum())} X-rays labelled MONOCHROME1 would be negatives if inverted, so "
            "the label is wrong in this set"
        )
        return {"monochrome1": "stored"}
    choice.decided["monochrome1"] = f"{wrong} of {int(states.sum())} X-rays labelled MONOCHROME1 are not inverted"
    return {}


def _check_families(state: _State, choice: Choice) -> dict[str, Any]:
    units = state.of(Kind.HOUNSFIELD)
    others = state.usable & ~units
    if units.any() and others.any() and not state.settings.mixed:
        choice.trouble = both_families(state.facts, state.numbers, state.classes, units, others)
    if units.any():
        centre, width = choice.scale.window
        choice.decided["window"] = f"centre {centre:g}, width {width:g} Hounsfield units, of {int(units.sum())} files"
    stretched = state.of(Kind.RADIOGRAPH) & choice.decided.get("dicom", "").startswith("percentiles")
    if stretched.any() and (others & ~stretched).any():
        choice.warnings.append(
            f"{int(stretched.sum())} X-ray DICOM files are stretched between percentiles of each picture, "
            f"{int((others & ~stretched).sum())} other pictures are not; look whether that tells the class"
        )
    return {}


def _clipped(state: _State, scale: GreyScale) -> int:
    return int((state.undeclared & (state.highest >> (scale.bits or STORED_BITS) > 0)).sum())


def count_scales(found: ScaleFacts, label: np.ndarray, is_kept: np.ndarray, classes: list[str]) -> dict[str, Any]:
    """Return the rest of metrics/catalog.json["grey"]: kept files by scale and class, and those that are inverted.

    Args:
        found: what the files say, N rows.
        label: int32 (N,), class code.
        is_kept: bool (N,).
        classes: names by code.
    """
    codes, words = found.words
    counts: dict[str, Counter[str]] = {}
    for code, one in zip(codes[is_kept].tolist(), label[is_kept].tolist(), strict=True):
        counts.setdefault(words[code], Counter())[classes[one]] += 1
    inverted = found.facts["inverted"][is_kept]
    return {
        "scales": {name: dict(sorted(counts[name].items())) for name in sorted(counts)},
        "inverted": int((inverted == 1).sum()),
        "mislabelled": int((inverted == 2).sum()),
    }
