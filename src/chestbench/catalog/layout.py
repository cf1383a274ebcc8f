"""Class and given split of each member, from the folders it lies in (for classes from a table see labels.py)."""

import fnmatch
import logging
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chestbench.catalog.folders.checks.modality_mix import warn_of_modalities
from chestbench.catalog.folders.checks.pools import refuse_pools
from chestbench.catalog.folders.checks.readings import choose_reading
from chestbench.catalog.folders.readings.given_split import given_splits
from chestbench.catalog.folders.readings.named_classes import match_classes
from chestbench.catalog.folders.readings.patients import patients_of, warn_of_batches
from chestbench.catalog.folders.readings.reading_said import (
    describe_reading,
    warn_of_folders_without_class,
)
from chestbench.catalog.folders.readings.sources import sources_of
from chestbench.catalog.folders.splits.class_outside_train import refuse_class_outside_train
from chestbench.catalog.folders.splits.split_siblings import read_parts
from chestbench.catalog.folders.words.derived import derived_folders
from chestbench.catalog.folders.words.wording import listed
from chestbench.catalog.kinds import kind_of_name
from chestbench.catalog.override import value_line
from chestbench.catalog.records import SPLITS

logger = logging.getLogger(__name__)

NO_CLASS = -1


@dataclass(frozen=True)
class Layout:
    """Where the members of an archive belong.

    Attributes:
        classes: class names, in the order of the codes.
        label: int32 (N,), a class code per member, or NO_CLASS.
        given: int8 (N,), 0 train, 1 val, 2 test, or -1 for members without (or with an unusable) given split.
        is_split: whether the archive's own split is usable and honoured.
        fault: uint8 (N,), index into `faults`: why the label table gives the member no class; 0 for none.
        faults: reasons of exclusion, "" first.
        unit: int32 (N,), members under one id of the label table share a number; -1 without a table.
        patient, study: what folders or a table say of each member, N texts or none at all; "" where they say nothing.
        source: the folders above the class that are no part of a split, likewise.
        strata: sex, age and view, likewise.
        said: what was inferred, in words and counts, for the log and metrics/catalog.json["layout"].
        patient_is_inferred: `patient` was inferred from folders' names; a DICOM header knows better.
    """

    classes: list[str]
    label: np.ndarray
    given: np.ndarray
    is_split: bool
    fault: np.ndarray
    faults: list[str]
    unit: np.ndarray
    patient: list[str] = field(default_factory=list)
    study: list[str] = field(default_factory=list)
    source: list[str] = field(default_factory=list)
    strata: dict[str, list[str]] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)
    patient_is_inferred: bool = False


def may_be_picture(member: str) -> bool:
    """Tell by a file's name whether it poses as a picture: everything but documents, tables, code and archives does."""
    return not kind_of_name(member)


def drop_excluded(members: list[str], patterns: list[str]) -> list[str]:
    """Return the members that match none of the glob patterns (`*` matches slashes as well; case matters)."""
    if not patterns:
        return members
    matcher = re.compile("|".join(fnmatch.translate(pattern) for pattern in patterns))
    return [member for member in members if not matcher.match(member)]


def read_layout(
    members: list[str],
    classes: list[str] | None,
    honour_split: bool,
    class_names: Collection[str] = (),
) -> Layout:
    """Find class, given split, source and patient of each member from the names of folders.

    With `classes`, a member's class is the folder nearest to it that has one of these names. Without, all paths
    together decide (see class_folders.py): one consistent reading is taken and said, two are refused with both shown.

    Args:
        members: names with forward slashes. Names of documents (README.md) have no say in what the classes are.
        classes: names from the parameters, or None.
        honour_split: use the train, val and test folders of the archive.
        class_names: all names in dataset.class_names, found and wanted. Names stay as found here.

    Raises:
        ChestbenchError: no class folders, a single class, two readings, a class without members, one that is missing in
            train, or val and test without train.

    Example:
        >>> members = ["ct/train/covid/p1/1.png", "ct/train/normal/2.png", "ct/test/covid/3.png", "README.md"]
        >>> layout = read_layout(members, None, honour_split=True)
        >>> layout.classes, layout.label.tolist(), layout.given.tolist(), layout.is_split
        (['covid', 'normal'], [0, 1, 0, -1], [0, 0, 2, -1], True)
    """
    pictures = [member for member in members if may_be_picture(member)] or members
    counts = Counter(_folder(member) for member in pictures)
    parts = read_parts(counts)
    reading = match_classes(counts, parts, classes) if classes else choose_reading(counts, parts, class_names)
    if not (classes or class_names):
        refuse_pools(counts, pictures, reading, parts)
    names = list(classes or sorted(reading.counts(counts)))
    code = {name: place for place, name in enumerate(names)}
    labels = {folder: code.get(place.label or "", NO_CLASS) for folder, place in reading.places.items()}
    where = [_folder(member) for member in members]
    label = np.array([labels.get(folder, NO_CLASS) for folder in where], np.int32)
    labelled = [member for member in pictures if labels[_folder(member)] != NO_CLASS]
    given, is_split, of_split = given_splits(members, labelled, names, honour_split, label)
    # With names to come, classes are judged by these: see plan.py.
    if is_split and not classes and not class_names:
        refuse_class_outside_train(names, label, given)
    said = describe_reading(reading, counts, parts, is_split) | of_split
    if not classes:  # who names the classes knows what is left
        warn_of_folders_without_class(reading, counts)
    patient = patients_of(reading)
    if patient:
        said["patients"] = f"{len(set(patient.values()))} numbered folders"
        warn_of_batches(reading, patient)
    used = (label != NO_CLASS) & ((given >= 0) | (not is_split))
    if derived := derived_folders(Counter(where[row] for row in np.flatnonzero(used).tolist())):
        said["derived"] = derived
        logger.warning(
            "%s: pictures made of others or put aside, by the folders' names, are counted as pictures of their own; "
            "leave them out with %s",
            listed([f"{name} ({count})" for name, count in derived.items()]),
            value_line("dataset.exclude", [pattern for name in derived for pattern in (f"{name}/*", f"*/{name}/*")]),
        )
    source = sources_of(reading)
    warn_of_modalities(source, Counter(where[row] for row in np.flatnonzero(used).tolist()))
    is_told = len({source[folder] for folder in source if labels[folder] != NO_CLASS}) > 1
    count = len(members)
    return Layout(
        names,
        label,
        given,
        is_split,
        np.zeros(count, np.uint8),
        [""],
        np.full(count, -1, np.int32),
        patient=[patient.get(folder, "") for folder in where] if patient else [],
        source=[source.get(folder, "") for folder in where] if is_told else [],
        said=said,
        patient_is_inferred=bool(patient),
    )


def _folder(member: str) -> str:
    return member.rpartition("/")[0]


def count_given(given: np.ndarray) -> dict[str, int]:
    """Return how many images each given split holds, for the splits that hold any."""
    counts = Counter(given[given >= 0].tolist())
    return {name: counts[place] for place, name in enumerate(SPLITS) if counts[place]}
