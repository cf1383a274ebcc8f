"""What the catalog tells people: metrics, tables and the contact sheet."""

import logging
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from chestbench.catalog.folders.readings.reading_said import words_of_layout
from chestbench.catalog.layout import count_given
from chestbench.catalog.leaks import write_leaks
from chestbench.catalog.left_out import in_words
from chestbench.catalog.records import EXAMPLES, GREY_LEVELS, LEAKS
from chestbench.catalog.result import Catalog
from chestbench.catalog.verdicts import KINDS, Verdict
from chestbench.core.files import atomic_folder, write_csv, write_json
from chestbench.imaging.sheet import draw_sheet, write_png
from chestbench.imaging.text import ascii_label

UNITS = {"patient": "patients or studies", "study": "studies", "image": "look-alike clusters (no patient ids)"}

logger = logging.getLogger(__name__)


def summarise(catalog: Catalog, name: str, expected: dict[str, int], synthetic: bool = False) -> dict[str, Any]:
    """Return the content of metrics/catalog.json.

    Args:
        catalog: the audit.
        name: name of the data set.
        expected: images per class that the publisher states, see `stated.differences`.
        synthetic: whether the pictures were generated; everything that shows them says so.
    """
    kept = catalog.verdict == Verdict.KEPT
    found = np.bincount(catalog.label[catalog.label >= 0], minlength=len(catalog.classes))
    used = np.bincount(catalog.label[kept], minlength=len(catalog.classes))
    reasons = np.bincount(catalog.verdict, minlength=len(KINDS))
    found_of = dict(zip(catalog.classes, found.tolist(), strict=True))
    outside = reasons[Verdict.OUTSIDE]
    if outside:
        logger.warning(
            "%d images lie outside the given train, val and test folders and are left out; "
            "dataset.given_split=ignore uses all",
            outside,
        )
    return {
        "dataset": name,
        "synthetic": synthetic,
        "images_found": len(catalog.verdict),
        "images_kept": int(kept.sum()),
        "per_class": {
            label: {"found": int(a), "kept": int(b)} for label, a, b in zip(catalog.classes, found, used, strict=True)
        },
        "excluded": {kind: int(count) for kind, count in zip(KINDS[1:], reasons[1:], strict=True) if count},
        "members": catalog.members,
        "excluded_by_pattern": catalog.excluded_by_pattern,
        "left_out": catalog.left_out,
        "folders_without_picture": catalog.folders_without_picture,
        "near_duplicate_pairs": catalog.leaks.counts["near_duplicate_pairs"],
        "groups": len(np.unique(catalog.group[kept])),
        "split_unit": catalog.split_unit,
        "images_without_group": catalog.without_group,
        "given_split": count_given(catalog.given[kept]),
        "given_split_leaks": catalog.leaks.counts["given_split_groups"],
        "leaks": catalog.leaks.counts,
        "expected_counts": {
            label: {"expected": count, "found": found_of.get(label, 0)} for label, count in expected.items()
        },
        "sizes": {"width": _spread(catalog.width[kept]), "height": _spread(catalog.height[kept])},
        "modes": dict(sorted(Counter(_mode_name(catalog.modes[code]) for code in catalog.mode[kept]).items())),
        "mode_tells_label": _mode_tells_label(catalog),
        "tells_label": catalog.tells,
        "layout": catalog.layout,
        "grey": catalog.grey,
        "notes": dict(sorted(catalog.notes.items())),
    }


def write_report(catalog: Catalog, metrics: dict[str, Any], title: str, metrics_path: Path, folder: Path) -> None:
    """Write metrics/catalog.json and a folder: class_counts.csv, modes.csv, leaks.csv, contact_sheet.png and what
    charts need.

    The charts themselves are drawn by the audit stage (figures/catalog_charts.py): matplotlib would take longer here
    than the audit of a small set. For them stay grey_levels.csv (pixels of each grey level in each class) and examples/
    (a picture of each class by its number, such as 0.png).

    Args:
        catalog: what the audit found.
        metrics: content of metrics/catalog.json.
        title: heading of the contact sheet.
        metrics_path: metrics/catalog.json.
        folder: results/catalog, a new folder.
    """
    kept = catalog.verdict == Verdict.KEPT
    with atomic_folder(folder) as temporary:
        shown = [ascii_label(label, f"class {place + 1}") for place, label in enumerate(catalog.classes)]
        counts = [
            [label, name, *metrics["per_class"][label].values()]
            for label, name in zip(catalog.classes, shown, strict=True)
        ]
        write_csv(temporary / "class_counts.csv", ["label", "shown_as", "found", "kept"], counts)
        write_csv(
            temporary / "modes.csv", ["label", "format", "channels", "bit_depth", "images"], _modes_by_class(catalog)
        )
        write_leaks(temporary / LEAKS, catalog.leaks, catalog.image_id, catalog.label, catalog.given, catalog.classes)
        rows = [
            (f"{shown[place]}: {metrics['per_class'][label]['kept']} images", catalog.tiles.chosen(place, kept))
            for place, label in enumerate(catalog.classes[: len(catalog.tiles)])
        ]
        write_png(temporary / "contact_sheet.png", draw_sheet(rows, ascii_label(title, metrics["dataset"])))
        levels = [[place, *row] for place, row in enumerate(catalog.intensity.tolist())]
        write_csv(temporary / GREY_LEVELS, ["class", *map(str, range(catalog.intensity.shape[1]))], levels)
        (temporary / EXAMPLES).mkdir()
        for place, picture in catalog.examples.items():
            write_png(temporary / EXAMPLES / f"{place}.png", picture)
    write_json(metrics_path, metrics)


def describe(metrics: dict[str, Any]) -> str:
    """Return the summary line of the stage."""
    reasons = ", ".join(f"{count} {kind}" for kind, count in metrics["excluded"].items())
    left_out = metrics["images_found"] - metrics["images_kept"]
    unit = UNITS[metrics["split_unit"]]
    others = f"; left out: {in_words(metrics['left_out'].items())}" if metrics["left_out"] else ""
    conflicts = metrics["leaks"]["near_duplicate_label_conflicts"]
    pairs = f"{metrics['near_duplicate_pairs']} near-duplicate pairs"
    lines = words_of_layout(metrics["layout"])
    return "".join(f"{line}\n" for line in lines) + (
        f"{metrics['images_kept']} images of {len(metrics['per_class'])} classes kept; "
        f"{left_out} excluded{f' ({reasons})' if reasons else ''}; "
        f"{pairs}{f' ({conflicts} of two labels)' if conflicts else ''}; "
        f"{_scales_in_words(metrics)}"
        f"{metrics['groups']} groups: {unit}{others}"
    )


def _scales_in_words(metrics: dict[str, Any]) -> str:
    """Return the grey scales of the kept files with their numbers, "" where all are of 8 bits."""
    counts = {name: sum(of_class.values()) for name, of_class in metrics["grey"]["scales"].items()}
    if set(counts) <= {"8 bit"}:
        return ""
    return f"grey scale {', '.join(f'{name} ({count})' for name, count in counts.items())}; "


def _spread(values: np.ndarray) -> dict[str, int]:
    return {"min": int(values.min()), "median": int(np.sort(values)[len(values) // 2]), "max": int(values.max())}


def _mode_name(mode: tuple[str, int, int]) -> str:
    kind, channels, depth = mode
    return f"{kind} {channels} x {depth} bit"


def _modes_by_class(catalog: Catalog) -> list[list[Any]]:
    kept = catalog.verdict == Verdict.KEPT
    counts = Counter(zip(catalog.label[kept].tolist(), catalog.mode[kept].tolist(), strict=True))
    rows = [[catalog.classes[label], *catalog.modes[mode], count] for (label, mode), count in counts.items()]
    return sorted(rows, key=lambda row: (catalog.classes.index(row[0]), row[1:4]))


def _mode_tells_label(catalog: Catalog) -> dict[str, float]:
    """Return the accuracy of guessing the class from format, channels and bit depth, and that of the largest class.

    A wide gap means that a file property gives the label away (such as every image of one class being RGBA); the
    pipeline's grey pixels do not carry it, other people's loaders may.
    """
    kept = catalog.verdict == Verdict.KEPT
    table = np.zeros((len(catalog.modes), len(catalog.classes)), np.int64)
    np.add.at(table, (catalog.mode[kept], catalog.label[kept]), 1)
    by_mode, largest = table.max(axis=1).sum() / table.sum(), table.sum(axis=0).max() / table.sum()
    if by_mode - largest > 0.2:
        logger.warning(
            "file format, channels and bit depth alone tell %.0f%% of the labels (largest class: %.0f%%)",
            100 * by_mode,
            100 * largest,
        )
    return {"accuracy": round(float(by_mode), 4), "largest_class": round(float(largest), 4)}
