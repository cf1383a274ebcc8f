"""What dataset.grey states, and what was chosen, against what the files declare and against what is left of them."""

import numpy as np

from chestbench.catalog.scale.cost import LEAST_LEVELS, darkened, depth_line, leave_out, leaves, left_of, whitened
from chestbench.catalog.scale.messages import MIXED, shape_of
from chestbench.catalog.scale.state import Choice, SetOfScales
from chestbench.catalog.verdicts import Verdict
from chestbench.imaging.grey import LUNG_WINDOW, STORED_BITS, Kind

_LEAST = 3  # files of a class whose median counts


def check_scale(state: SetOfScales, choice: Choice) -> None:
    """Set `choice.trouble` where the scale turns a class white, or into a few grey levels; warn of what it costs else.

    Args:
        state: the files.
        choice: with the scale that all of them are to be read by.
    """
    choice.clipped = _clipped(state, choice)
    if not choice.trouble:
        choice.trouble = _white(state, choice) or _flat(state, choice)
    if choice.clipped:
        choice.warnings.append(
            f"{choice.clipped} files have values above white (2**{choice.scale.bits} - 1), which become white"
        )
    if state.settings.bits and not choice.trouble:
        dark = darkened(state.facts, state.numbers["label"], state.undeclared, state.settings.bits)
        choice.warnings += [
            f"dataset.grey.bits={state.settings.bits}: the median picture of {state.classes[code]} keeps some {levels} "
            "of 256 grey levels; look at it in the contact sheet"
            for code, levels in dark.items()
        ]
    _warn_of_no_use(state, choice)
    _warn_of_no_window(state, choice)


def _clipped(state: SetOfScales, choice: Choice) -> int:
    return int((state.undeclared & (state.highest >> (choice.scale.bits or STORED_BITS) > 0)).sum())


def _white(state: SetOfScales, choice: Choice) -> str:
    """Say that white of the chosen or stated depth cuts off a notable part of a class, "" where it does not."""
    bits, rows, label = choice.scale.bits, state.undeclared, state.numbers["label"]
    if not bits:
        return ""
    lost = whitened(state.facts, label, rows, bits)
    if not lost:
        return ""
    parts = ", ".join(f"{cut} of {count} pictures of {state.classes[code]}" for code, (cut, count) in lost.items())
    example = shape_of(state.numbers, state.facts, rows & (state.facts["bulk"] > bits))
    brighter = [("brighter files", rows & (state.facts["bulk"] > bits))]
    held = int(state.needed[rows].max())
    whole = depth_line(state.facts, label, state.classes, rows, held)
    stated = "stated" if state.settings.bits else "that of train"
    return (
        f"dataset.grey.bits: expected a depth that holds the files of 16 bits, received {bits} ({stated}), whose "
        f"white, {(1 << bits) - 1}, cuts off more than a hundredth of the pixels of {parts} (such as {example}): set "
        f"{whole}, or {MIXED}, or {leave_out(label, state.classes, state.usable, brighter)}"
    )


def _flat(state: SetOfScales, choice: Choice) -> str:
    """Say that a window or a range leaves the median picture of a class next to no grey levels."""
    scale, settings, radiographs = choice.scale, state.settings, state.of(Kind.RADIOGRAPH)
    rows, what = state.of(Kind.HOUNSFIELD), f"centre {scale.window[0]:g}, width {scale.window[1]:g}"
    found = _flattest(state, rows)
    if found:
        own = " (that of the lung: -600, 1500)" if scale.window != LUNG_WINDOW else ""
        signed = ", or values that are Hounsfield units" if settings.signed else ""
        return (
            f"dataset.grey.window: expected a window that shows the pictures{signed}, received {what} Hounsfield "
            f"units, by which {found}: state another dataset.grey.window{own}, or convert the files"
        )
    if settings.mixed or state.ours or scale.dicom not in ("window", "range"):
        return ""
    rows = radiographs & (state.facts["declared"] >= 8)
    rows &= (state.facts["has_window"] == 2) | (scale.dicom == "range")
    rows &= (state.facts["declared"] <= 8) | (scale.dicom == "window") | (settings.dicom == "range")
    found = _flattest(state, rows)
    if not found:
        return ""
    return (
        f"dataset.grey.dicom: expected a way to read X-ray DICOM files that shows the pictures, received "
        f"{scale.dicom}, by which {found}: set dataset.grey.dicom=percentiles (all from the 0.5th to the "
        "99.5th of each picture)"
    )


def _flattest(state: SetOfScales, rows: np.ndarray) -> str:
    for code in np.unique(state.numbers["label"][rows]).tolist():
        levels = np.sort(state.facts["levels"][rows & (state.numbers["label"] == code) & (state.facts["levels"] > 0)])
        if len(levels) >= _LEAST and (middle := int(levels[len(levels) // 2])) < LEAST_LEVELS:
            return f"the median picture of {state.classes[code]} keeps {middle} of 256 grey levels"
    return ""


def _warn_of_no_use(state: SetOfScales, choice: Choice) -> None:
    """Say what is stated in vain: nobody states a scale that changes nothing on purpose."""
    settings = state.settings
    if not state.usable.any():
        return
    units = state.of(Kind.HOUNSFIELD).any()
    vain = {
        "bits": settings.bits and not state.undeclared.any() and "all files declare their depth",
        "dicom": settings.dicom and not state.of(Kind.RADIOGRAPH).any() and "there is no X-ray DICOM",
        "signed": settings.signed and not units and "no file has Hounsfield units",
        "window": tuple(settings.window) != LUNG_WINDOW and not units and "no file has Hounsfield units",
    }
    choice.warnings += [f"dataset.grey.{key} is stated and changes nothing: {why}" for key, why in vain.items() if why]


def _warn_of_no_window(state: SetOfScales, choice: Choice) -> None:
    """Say what is left of the classes whose X-ray DICOM files have no window, where dataset.grey.dicom=window."""
    without = state.numbers["verdict"] == Verdict.UNUSABLE_DICOM
    if state.settings.dicom != "window" or not without.any():
        return
    left = left_of(state.numbers["label"], state.classes, state.usable | without, without & state.labelled)
    if left:
        choice.warnings.append(
            f"dataset.grey.dicom=window {leaves(left)}: the other DICOM files have no window, or cannot be used for "
            "another reason; range and percentiles need none"
        )
