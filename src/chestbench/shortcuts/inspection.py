"""Both shortcut audits, and what they say in words."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from chestbench.shortcuts.auc_words import in_words
from chestbench.shortcuts.blacked_out import Box, black_out, find_box, mean_outside, next_to_nothing
from chestbench.shortcuts.file_properties import PROPERTIES, audit_properties, read_properties
from chestbench.shortcuts.folds import Folds, TooFew, is_above, judge, make_folds, tells_nothing
from chestbench.shortcuts.images import AuditedImages
from chestbench.shortcuts.outside_network import cross_fit_network
from chestbench.shortcuts.source_words import sources_in_words

MOST_FILES, MOST_PICTURES = 20_000, 3_000
# Regions of interest that leave nothing beside the lungs.
_LUNGS_ALONE = ("lungs", "lungs_crop", "mask")
_SHOWN = 4  # examples of blacked-out pictures of each class
_NOTHING = {"value": None, "low": None, "high": None}


@dataclass(frozen=True)
class Inspection:
    """What was found.

    Attributes:
        record: content of metrics/audit.json: shortcuts, warnings, untested (audits that ran on next to nothing, or
            not at all) and notes.
        examples: class -> some blacked-out pictures, uint8 (n, S, S, 1).
    """

    record: dict[str, Any]
    examples: dict[str, np.ndarray]


def inspect(audited: AuditedImages, modality: str, roi: str, seed: int) -> Inspection:
    """Ask a regression on file properties, and a network on blacked-out pictures, for the classes.

    Args:
        audited: its images.
        modality: CT, X-ray or unknown: how lungs are looked for.
        roi: preprocess.roi.
        seed: of all that is drawn.
    """
    if roi in _LUNGS_ALONE:
        box, hidden = Box(0.0, 0.0, 1.0, 1.0, 0, 0), f"preprocess.roi {roi} shows nothing beside the lungs"
    else:
        train = np.flatnonzero(audited.is_train)
        looked_at = np.sort(np.random.default_rng(seed).permutation(train)[:MOST_PICTURES])
        box = find_box(audited.pictures(looked_at), modality, seed)
        hidden = "" if box.leaves_something else "the lungs fill the pictures: next to nothing is left beside them"
    files = _audit_files(audited, box, seed)
    outside = _audit_outside(audited, box, hidden, seed)
    if roi in _LUNGS_ALONE:  # networks do not see either what could not be tested
        outside["not_tested"] = ""
    warnings = [sentence for sentence in (_files_warning(files), _outside_warning(outside, box)) if sentence]
    titled = {"File properties": files, "Blacked-out lungs": outside}
    untested = [sentence for title, entry in titled.items() if (sentence := _untested(title, entry))]
    notes = [sentence for title, entry in titled.items() if (sentence := _note(title, entry))]
    if box.looked_at and not box.is_of_lungs:
        notes.append(
            f"Lungs were found in {box.found} of {box.looked_at} pictures only: the box covers the middle of all."
        )
    record = {
        "shortcuts": {"file_properties": files, "blacked_out": outside},
        "warnings": warnings,
        "untested": untested,
        "notes": notes,
    }
    return Inspection(record, {} if hidden else _examples(audited, box))


def _folds(audited: AuditedImages, seed: int, most: int) -> Folds:
    return make_folds(audited.label, audited.unit, audited.is_train, audited.classes, seed, most)


def _counted(folds: Folds) -> dict[str, Any]:
    return {
        "images": len(folds.chosen),
        "groups": len(np.unique(folds.group)),
        "folds": len(np.unique(folds.fold)),
        "classes": folds.classes,
        "left_out": folds.left_out,
        "not_judged": "",
    }


def _audit_files(audited: AuditedImages, box: Box, seed: int) -> dict[str, Any]:
    try:
        folds = _folds(audited, seed, MOST_FILES)
    except TooFew as reason:
        properties = {name: dict(_NOTHING) for name in PROPERTIES}
        return _not_judged(reason) | {"properties": properties, "tells_most": None, "sources": {}}
    mean = None
    if box.leaves_something:
        mean = np.zeros(len(audited.rows))
        mean[folds.chosen] = mean_outside(black_out(audited.pictures(folds.chosen), box), box)
    found = audit_properties(read_properties(audited.rows, mean), folds, seed) | _counted(folds)
    # Where all files are alike there is no AUC, and nothing that could tell.
    alike = found["tells_most"] is None
    return found | {"not_tested": "" if found["warning"] or alike else _too_few(found["auc"])}


def _audit_outside(audited: AuditedImages, box: Box, hidden: str, seed: int) -> dict[str, Any]:
    about = {
        "box": [box.top, box.left, box.bottom, box.right],
        "box_of": "lungs" if box.is_of_lungs or hidden else "middle",
        "lungs_found": box.found,
        "looked_at": box.looked_at,
    }
    try:
        if hidden:
            raise TooFew(hidden)
        folds = _folds(audited, seed, MOST_PICTURES)
    except TooFew as reason:
        return _not_judged(reason) | about
    blacked = black_out(audited.pictures(folds.chosen), box)
    auc = judge(folds, cross_fit_network(blacked, folds, seed), seed)
    warning = is_above(auc)
    # What was found in the little that is left stands; what was not found there says nothing.
    not_tested = "" if warning else next_to_nothing(blacked, box) or _too_few(auc)
    return {"auc": auc, "warning": warning} | _counted(folds) | about | {"not_tested": not_tested}


def _not_judged(reason: Exception) -> dict[str, Any]:
    empty = {"images": 0, "groups": 0, "folds": 0, "classes": [], "left_out": {}}
    return {"auc": dict(_NOTHING), "warning": False} | empty | {"not_judged": str(reason), "not_tested": str(reason)}


def _too_few(auc: dict[str, Any]) -> str:
    return f"too few images, the AUC may be chance or nearly perfect ({in_words(auc)})" if tells_nothing(auc) else ""


def _untested(title: str, entry: dict[str, Any]) -> str:
    return f"{title}: not tested: {entry['not_tested']}." if entry["not_tested"] else ""


def _examples(audited: AuditedImages, box: Box) -> dict[str, np.ndarray]:
    """Return the first training pictures of each class, blacked out."""
    shown = {}
    for code, name in enumerate(audited.classes):
        places = np.flatnonzero(audited.is_train & (audited.label == code))[:_SHOWN]
        if len(places):
            shown[name] = black_out(audited.pictures(places), box)
    return shown


def _files_warning(files: dict[str, Any]) -> str:
    if not files["warning"]:
        return ""
    name = files["tells_most"]
    return (
        f"File properties alone tell the classes: AUC {in_words(files['auc'])}, where 0.50 is chance. "
        f"Most is told by {PROPERTIES[name]} ({name}, AUC {in_words(files['properties'][name])}). "
        "A network may learn where a file comes from instead of what the picture shows, and then its scores will not "
        "hold elsewhere." + (sources_in_words(files["sources"]) if name == "source" else "")
    )


def _outside_warning(outside: dict[str, Any], box: Box) -> str:
    if not outside["warning"]:
        return ""
    what = "the lungs" if box.is_of_lungs else "the middle of the pictures (lungs could not be found)"
    return (
        f"With {what} blacked out, a small network still tells the classes: AUC {in_words(outside['auc'])}, where 0.50 "
        f"is chance. One box covers {box.in_words()} of every picture; what it reads lies outside: borders, markers, "
        f"tables, or how the picture was cut and lit{'' if box.is_of_lungs else ', or lungs that reach beyond'}. "
        "A network that sees the whole picture can read the same."
    )


def _note(title: str, entry: dict[str, Any]) -> str:
    if entry["not_judged"] and not entry["not_tested"]:  # by choice, not for want of pictures
        return f"{title}: not judged, {entry['not_judged']}."
    if entry["left_out"]:
        few = ", ".join(f"{name} ({count})" for name, count in entry["left_out"].items())
        return f"{title}: classes with too few patients (or groups) to be judged were left out: {few}."
    return ""
