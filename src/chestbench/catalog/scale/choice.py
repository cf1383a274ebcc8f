"""One grey scale for a whole set: chosen from what the files declare, and refused where they are of several scales."""

from collections import Counter
from typing import Any

import numpy as np

from chestbench.catalog.scale.depth import choose_bits, choose_max_sample, choose_significant
from chestbench.catalog.scale.facts import ScaleFacts
from chestbench.catalog.scale.messages import both_families, both_windows
from chestbench.catalog.scale.state import Choice, SetOfScales
from chestbench.catalog.scale.stated import check_scale
from chestbench.core.dataset_config import Grey
from chestbench.imaging.grey import LUNG_WINDOW, GreyScale, Kind

_MISLABELLED, _JUDGED = 0.9, 10
_RULES = {
    "window": "window",
    "range": "range",
    "percentiles": "percentiles (each picture is stretched from its own 0.5th to its own 99.5th)",
}


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
    state = SetOfScales(found, numbers, classes, is_split, settings, ours)
    choice = Choice(stated_scale(settings, ours))
    chosen: dict[str, Any] = {}
    for step in (
        choose_max_sample,
        choose_significant,
        choose_bits,
        _choose_dicom,
        _choose_polarity,
        _check_families,
    ):
        if not choice.trouble:
            chosen |= step(state, choice)
    choice.scale = GreyScale.from_json(choice.scale.to_json() | chosen)
    if settings.mixed:
        choice.decided["mixed"] = "files of several scales are read side by side, as dataset.grey.mixed says"
    check_scale(state, choice)
    return choice


def _choose_dicom(state: SetOfScales, choice: Choice) -> dict[str, Any]:
    rows = state.of(Kind.RADIOGRAPH)
    with_window, without = (rows & (state.facts["has_window"] == code) for code in (2, 1))
    if not rows.any():
        return {}
    if state.settings.dicom:
        choice.decided["dicom"] = (
            f"{_RULES[state.settings.dicom]}, as dataset.grey.dicom says, of {int(rows.sum())} files"
        )
        return {}
    if state.settings.mixed:
        choice.decided["dicom"] = f"each of {int(rows.sum())} files by its own window, else by range or percentiles"
        return {}
    if state.ours and (state.ours.dicom in ("range", "percentiles") or (state.ours.dicom and with_window.any())):
        choice.decided["dicom"] = (
            f"{_RULES[state.ours.dicom]}, as the networks were trained, of {int(rows.sum())} files"
        )
        return {"dicom": state.ours.dicom}
    if with_window.any() and without.any():
        choice.trouble = both_windows(state, with_window, without)
        return {}
    if with_window.any():
        choice.decided["dicom"] = f"window: all of {int(rows.sum())} X-ray DICOM files have one"
        return {"dicom": "window"}
    deep = rows & (state.facts["declared"] > 8)
    if not deep.any():
        choice.decided["dicom"] = f"range: none of {int(rows.sum())} X-ray DICOM files has a window, all are of 8 bits"
        return {"dicom": "range"}
    choice.decided["dicom"] = (
        f"{_RULES['percentiles']}: none of {int(rows.sum())} X-ray DICOM files has a window, "
        f"{int(deep.sum())} are of more than 8 bits"
    )
    return {"dicom": "percentiles"}


def _choose_polarity(state: SetOfScales, choice: Choice) -> dict[str, Any]:
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


def _check_families(state: SetOfScales, choice: Choice) -> dict[str, Any]:
    units = state.of(Kind.HOUNSFIELD)
    others = state.usable & ~units
    if units.any() and others.any() and not state.settings.mixed:
        choice.trouble = both_families(state, units, others)
    if units.any():
        centre, width = choice.scale.window
        choice.decided["window"] = f"centre {centre:g}, width {width:g} Hounsfield units, of {int(units.sum())} files"
    if unit := int(state.of(Kind.UNIT).sum()):
        choice.decided["unit"] = f"floating-point values from 0 (black) to 1 (white), of {unit} files"
    if gaps := int((state.usable & state.facts["has_gaps"]).sum()):
        choice.decided["gaps"] = f"pixels that are no numbers (NaN) in {gaps} files are background, and black"
    stretched = state.of(Kind.RADIOGRAPH) & choice.decided.get("dicom", "").startswith("percentiles")
    if stretched.any() and (others & ~stretched).any():
        choice.warnings.append(
            f"{int(stretched.sum())} X-ray DICOM files are stretched between percentiles of each picture, "
            f"{int((others & ~stretched).sum())} other pictures are not; look whether that tells the class"
        )
    return {}


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
