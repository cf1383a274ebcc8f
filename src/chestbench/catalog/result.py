"""What the audit of an archive found, in arrays, for the report."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from chestbench.catalog.leaks import Leaks
from chestbench.catalog.tiles import Tiles


@dataclass(frozen=True)
class Catalog:
    """What the audit found, in arrays with one entry per row of the table (N), for the report.

    Attributes:
        classes: C class names, in the order of their codes.
        label: int32 (N,), class code or -1.
        verdict: uint8 (N,), index into KINDS.
        given: int8 (N,), 0 train, 1 val, 2 test, -1 none.
        group: int64 (N,), number of the group, -1 when excluded.
        width, height: int32 (N,), 0 when unreadable.
        mode: int32 (N,), index into `modes`, -1 when unreadable.
        modes: (format, channels, bit_depth) that occur.
        image_id: uint64 (N,).
        leaks: near-duplicates, conflicts of label, and what crosses a given split.
        split_unit: "patient", "study" or "image".
        without_group: kept images without patient and study, where others have one.
        members: all that lies in the archive: files, links and what else is named.
        excluded_by_pattern: members without a row that dataset.exclude names.
        left_out: other members without a row, kind -> number; tables that are read are among `notes`.
        folders_without_picture: names of class folders that hold none.
        layout: what was inferred of classes, split and sources, see `Layout.said`.
        grey: the grey scale of the set, by what it was chosen, and counts of the scales of its files.
        tells: how well source, scale, polarity and pages tell the class, see `Tells.told`.
        tiles: pictures for the contact sheet.
        examples: class code -> uint8 (h, w), one larger picture of each class (of the first 24).
        intensity: int64 (C, 256), pixels of each grey level in the kept images of each class.
        notes: counts worth telling of labels, masks, boxes and limits, by stable keys; none is 0.
    """

    classes: list[str]
    label: np.ndarray
    verdict: np.ndarray
    given: np.ndarray
    group: np.ndarray
    width: np.ndarray
    height: np.ndarray
    mode: np.ndarray
    modes: list[tuple[str, int, int]]
    image_id: np.ndarray
    leaks: Leaks
    split_unit: str
    without_group: int
    members: int
    excluded_by_pattern: int
    left_out: dict[str, int]
    folders_without_picture: list[str]
    layout: dict[str, Any]
    grey: dict[str, Any]
    tells: dict[str, dict[str, Any]]
    tiles: Tiles
    examples: dict[int, np.ndarray]
    intensity: np.ndarray
    notes: dict[str, int]

    @property
    def other_files(self) -> int:
        """Members without a row that dataset.exclude does not name."""
        return sum(self.left_out.values())
