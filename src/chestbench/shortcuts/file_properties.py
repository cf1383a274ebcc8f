"""Do the files give the class away? A logistic regression on what has nothing to do with what the pictures show.

Size, format, file size, brightness, borders and marks in the corners are what differs between hospitals and
collections. Where each class comes from a collection of its own, a network can learn the collection (Maguolo and Nanni
2021, Information Fusion 76:1; DeGrave et al. 2021, Nature Machine Intelligence 3:610).
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chestbench.catalog.records import CatalogRow
from chestbench.shortcuts.folds import CONFIDENCE, FEWEST_GROUPS, Folds, is_above, judge

# Each property in words, the plainest first: of those that tell alike the first is named.
PROPERTIES = {
    "source": "the folder above the class",
    "format": "the file format",
    "channels": "the number of colour channels",
    "bit_depth": "the bit depth",
    "scale": "the grey scale, how stored values become grey",
    "inverted": "the polarity, whether the lowest value is white",
    "frames": "the number of pages or frames of a file",
    "width": "the width in pixels",
    "height": "the height in pixels",
    "aspect": "the aspect ratio",
    "border": "the border of the picture (how bright and how even it is)",
    "corner_marks": "marks in the corners, such as burnt-in letters",
    "mean_grey": "the mean grey level beside the lungs",
    "bytes": "the size of the file",
}
_ALIKE = 0.02
_KINDS = ("source", "format", "channels", "bit_depth", "scale", "inverted", "frames")
# Kinds of fewer patients (or groups), and those beyond the most frequent, are judged as one: what a single patient has
# (a folder for each above the class) cannot be told from the patient.
FEWEST_OF_A_KIND, MOST_KINDS = FEWEST_GROUPS, 20
OTHERS = ""
_FURTHEST = 4.0  # standard deviations; beyond, a value counts as so far


@dataclass(frozen=True)
class Properties:
    """File properties of N images: `numbers[name]` float64 (N, k), `kinds[name]` str (N,)."""

    numbers: dict[str, np.ndarray]
    kinds: dict[str, np.ndarray]


def read_properties(rows: Sequence[CatalogRow], mean_outside: np.ndarray | None) -> Properties:
    """Return the properties of images.

    Args:
        rows: of the catalog, each readable.
        mean_outside: mean grey level of each image beside its lungs, (N,); None where nothing is beside them. The mean
            of the whole picture would not do: disease itself makes lungs brighter.
    """

    def column(name: str) -> np.ndarray:
        return np.array([getattr(row, name) for row in rows], np.float64)[:, np.newaxis]

    width, height = column("width"), column("height")
    mean = np.zeros(len(rows)) if mean_outside is None else np.asarray(mean_outside, np.float64)
    return Properties(
        {
            "width": width,
            "height": height,
            "aspect": np.log(width / height),
            "border": np.concatenate([column("border_grey"), column("border_spread")], axis=1),
            "corner_marks": np.sqrt(column("corner_marks")),
            "mean_grey": mean[:, np.newaxis],
            "bytes": np.log(np.maximum(column("bytes"), 1.0)),
        },
        {name: np.array([str(getattr(row, name)) for row in rows]) for name in _KINDS},
    )


def audit_properties(properties: Properties, folds: Folds, seed: int) -> dict[str, Any]:
    """Return auc, properties, tells_most and warning of metrics/audit.json["shortcuts"]["file_properties"].

    `auc`: of all properties together; `properties`: of each alone (None where it is the same in all images);
    `tells_most`: the one of highest AUC, or None. `warning`: whether the interval of `auc` lies above ABOVE, or that
    of a property alone does, widened as several are looked at (Bonferroni): one property that tells everything can
    be lost among others that tell nothing. `sources`: see `count_sources`.
    """
    kinds = {name: join_rare(properties.kinds[name], folds) for name in properties.kinds}
    properties = Properties(properties.numbers, kinds)
    matrices = {name: design(properties, [name], folds.chosen) for name in PROPERTIES}
    varying = {name: cross_fit(matrix, folds) for name, matrix in matrices.items() if matrix.shape[1]}
    nothing: dict[str, Any] = {"value": None, "low": None, "high": None}
    alone: dict[str, dict[str, Any]] = {
        name: judge(folds, varying[name], seed) if name in varying else dict(nothing) for name in PROPERTIES
    }
    sources = count_sources(kinds["source"], folds)
    if not varying:
        return {"auc": nothing, "properties": alone, "tells_most": None, "warning": False, "sources": sources}
    together = judge(folds, cross_fit(np.concatenate(list(matrices.values()), axis=1), folds), seed)
    stricter = 1 - (1 - CONFIDENCE) / len(varying)
    some = any(is_above(alone[name]) and is_above(judge(folds, varying[name], seed, stricter)) for name in varying)
    best = max(alone[name]["value"] for name in varying)
    return {
        "auc": together,
        "properties": alone,
        "tells_most": next(name for name in varying if alone[name]["value"] >= best - _ALIKE),
        "warning": is_above(together) or some,
        "sources": sources,
    }


def join_rare(kinds: np.ndarray, folds: Folds) -> np.ndarray:
    """Return kinds, str (N,) of all images, with the rare ones of the judged images joined to OTHERS.

    Rare is what fewer than FEWEST_OF_A_KIND groups have, or what is not among the MOST_KINDS that most groups have. The
    classes have no say. Two kinds stay two where the second is rare: it is OTHERS then.
    """
    found, code = np.unique(kinds[folds.chosen], return_inverse=True)
    pairs = np.unique(np.stack([code.ravel(), np.unique(folds.group, return_inverse=True)[1].ravel()]), axis=1)
    groups = np.bincount(pairs[0], minlength=len(found))
    order = sorted(range(len(found)), key=lambda place: (-groups[place], found[place]))
    kept = [str(found[place]) for place in order[:MOST_KINDS] if groups[place] >= FEWEST_OF_A_KIND]
    return np.where(np.isin(kinds, kept), kinds, OTHERS)


def count_sources(source: np.ndarray, folds: Folds) -> dict[str, dict[str, int]]:
    """Return the judged images by source and class, by name; none where there is one source.

    Args:
        source: str (N,) of all images, rare ones joined (`join_rare`).
        folds: which images are judged.
    """
    mine = source[folds.chosen]
    names = np.unique(mine).tolist()
    return {
        name: {label: int(((mine == name) & (folds.label == code)).sum()) for code, label in enumerate(folds.classes)}
        for name in (names if len(names) > 1 else [])
    }


def design(properties: Properties, names: Sequence[str], chosen: np.ndarray) -> np.ndarray:
    """Return the columns that a regression sees of some properties of the chosen images, float64 (N, K).

    Numbers are standardised and join with their squares, so that middle values can tell too; kinds are one-hot. What is
    the same in all images has no column. The mean and spread are of all chosen images, without regard to their classes.
    """
    columns = [np.empty((len(chosen), 0))]
    for name in names:
        if name in properties.numbers:
            values = properties.numbers[name][chosen]
            spread = values.std(axis=0)
            values = values[:, spread > 1e-9 * np.maximum(1.0, np.abs(values).max(axis=0))]
            standard = (values - values.mean(axis=0)) / np.maximum(values.std(axis=0), 1e-12)
            standard = np.clip(standard, -_FURTHEST, _FURTHEST)
            columns += [standard, standard**2 - 1]
        else:
            kinds = np.unique(properties.kinds[name][chosen])
            if len(kinds) > 1:
                columns.append((properties.kinds[name][chosen][:, np.newaxis] == kinds).astype(np.float64))
    return np.concatenate(columns, axis=1)


def cross_fit(matrix: np.ndarray, folds: Folds) -> np.ndarray:
    """Return the probabilities, float64 (N, C), that each fold's images have by a regression fitted on all others."""
    # Takes a second to import.
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    found = np.zeros((len(matrix), len(folds.classes)))
    for fold in np.unique(folds.fold):
        held = folds.fold == fold
        present = np.unique(folds.label[~held])
        if len(present) < 2:  # nothing can be learnt of the others
            found[held] = 1 / len(folds.classes)
            continue
        # Balanced, so that a fold that happens to hold few of a class is not told by its level.
        model = LogisticRegression(C=1.0, class_weight="balanced", max_iter=2000)
        # Threads of BLAS wait for each other by spinning: beside another process a fit takes six times as long.
        with warnings.catch_warnings(), threadpool_limits(1):
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(matrix[~held], folds.label[~held])
        found[np.ix_(held, model.classes_)] = model.predict_proba(matrix[held])
    return found
