"""What the audit knows before it reads any picture: which members are pictures, their classes, how ids are found."""

import re
from dataclasses import dataclass, field, replace

import numpy as np

from chestbench.catalog.folders.checks.empty_folders import check_named_classes, folders_without_picture
from chestbench.catalog.folders.checks.other_class_names import warn_of_other_classes
from chestbench.catalog.folders.copies.augmented_copies import find_copies, join_units
from chestbench.catalog.folders.copies.augmented_said import describe_copies
from chestbench.catalog.folders.copies.drawn_over import describe_drawn_over, find_drawn_over
from chestbench.catalog.folders.copies.mask_names import describe_masks, find_masks
from chestbench.catalog.folders.patients.patient_hints import patient_hint
from chestbench.catalog.folders.readings.given_split import warn_of_only_part
from chestbench.catalog.folders.splits.class_outside_train import ClassOutsideTrainError, refuse_class_outside_train
from chestbench.catalog.folders.splits.outside_split import outside_split
from chestbench.catalog.identity import compiled
from chestbench.catalog.kinds import VIEWER, kind_of_name
from chestbench.catalog.layout import NO_CLASS, Layout, drop_excluded, may_be_picture, read_layout
from chestbench.catalog.limits import check_limits
from chestbench.catalog.masks import MaskFinder
from chestbench.catalog.tables.labels.class_names import found_names, rename_classes
from chestbench.catalog.tables.labels.labels import read_labels
from chestbench.catalog.tables.looks.suggestions import with_suggestions
from chestbench.catalog.tables.splits.split_lists import apply_split_lists
from chestbench.catalog.tables.unused.unused import point_out_unused
from chestbench.catalog.tables_read import TABLES_READ, tables_read
from chestbench.catalog.viewer_files import viewer_files
from chestbench.core.config import Dataset
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive


@dataclass(frozen=True)
class Plan:
    """The members to audit.

    Attributes:
        members: names of what may be pictures.
        layout: class and given split of these members.
        patient_in_path, study_in_path: dataset.group_pattern and study_pattern; each matches some member.
        salt: dataset.salt.
        excluded_by_pattern, other_files: members that the audit does not read.
        notes: counts for the report.
        left_out: kind -> names of members without a say that are no pictures by their names.
        frames: dataset.frames.
        read: names of members that are no pictures and that something is read from.
    """

    members: list[str]
    layout: Layout
    patient_in_path: re.Pattern[str] | None
    study_in_path: re.Pattern[str] | None
    salt: str
    excluded_by_pattern: int
    other_files: int = 0
    notes: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, list[str]] = field(default_factory=dict)
    frames: str = "refuse"
    read: frozenset[str] = frozenset()


def make_plan(archive: Archive, dataset: Dataset, masks: MaskFinder) -> Plan:
    """Decide what to audit from names, and from the label table where there is one.

    Raises:
        ChestbenchError: see `build_catalog`.
    """
    check_named_classes(archive, dataset)
    archive = archive.written_in(dataset.labels.encoding or "" if dataset.labels else "")
    members = drop_excluded(archive.members, dataset.exclude)
    if not members:
        raise ChestbenchError(
            f"dataset.exclude: expected patterns that leave images to read, received {dataset.exclude}, "
            "which match all members of the archive; drop one"
        )
    excluded_by_pattern = len(archive.members) - len(members)
    pictures = masks.drop_masks(members)
    found = find_masks([member for member in pictures if may_be_picture(member)])
    pictures = [member for member in pictures if member not in found.members]
    notes = {"masks_beside_pictures": len(members) - len(pictures)}
    drawn = find_drawn_over([member for member in pictures if may_be_picture(member)])
    pictures = [member for member in pictures if member not in drawn.members]
    notes |= {"drawn_over_others": len(drawn.members)} if drawn.members else {}
    of_viewers = viewer_files(pictures)
    pictures = [member for member in pictures if member not in set(of_viewers)] if of_viewers else pictures
    other_files = 0
    others: dict[str, list[str]] = {}
    honour = dataset.given_split == "honour"
    if dataset.labels:
        labelled = read_labels(archive, pictures, dataset, lambda some: _by_folders(some, dataset))
        others = _kinds_of_others(pictures, labelled.members)
        pictures, layout, other_files = labelled.members, labelled.layout, labelled.other_files
        notes |= labelled.notes
    else:
        try:
            layout = _by_folders(pictures, dataset)
        except ClassOutsideTrainError:
            raise
        except ChestbenchError as error:
            no_pictures = found.members | drawn.members
            rest = [member for member in members if member not in no_pictures]
            raise ChestbenchError(with_suggestions(str(error), archive, rest, pictures)) from None
    layout.said.update(describe_masks(found, dataset.masks is not None))
    layout.said.update(describe_drawn_over(drawn))
    if honour:
        layout = apply_split_lists(archive, members, pictures, layout, dataset.split_lists)
        if layout.is_split and not dataset.classes:
            refuse_class_outside_train(layout.classes, layout.label, layout.given, dataset.class_names)
        if layout.is_split:
            layout.said.update(_outside(pictures, layout))
    of_pictures = np.where([may_be_picture(member) for member in pictures], layout.label, NO_CLASS)
    warn_of_only_part(layout.said, layout.is_split, pictures, of_pictures, layout.classes)
    layout.said.update(point_out_unused(archive, members, pictures, layout, dataset))
    named = [*layout.classes, *(dataset.class_names or {})]
    copies = find_copies(pictures, of_pictures, layout.given)
    layout = replace(layout, unit=join_units(layout.unit, copies))
    layout.said.update(describe_copies(copies, pictures, of_pictures))
    firsts = np.where(copies.is_copy, NO_CLASS, layout.label)  # many copies of one picture make it no patient
    if not (layout.patient or dataset.group_pattern) and (hint := patient_hint(pictures, firsts, named)):
        layout.said["patients_hint"] = hint
    if empty := folders_without_picture(archive, pictures, layout.label, named):
        layout.said["empty_classes"] = empty
    if not dataset.labels and (misnamed := warn_of_other_classes(pictures, of_pictures, layout.classes)):
        layout.said["names_of_another_class"] = misnamed
    check_limits(dataset.limit_per_class, layout.classes)
    read = tables_read(archive, members, dataset, layout.said)
    notes |= {TABLES_READ: len(read)} if read else {}
    left_out = {kind: rest for kind, names in others.items() if (rest := [name for name in names if name not in read])}
    left_out |= {VIEWER: of_viewers} if of_viewers else {}
    mend = "correct it, or set it to null"
    return Plan(
        pictures,
        layout,
        compiled("dataset.group_pattern", dataset.group_pattern, pictures, mend),
        compiled("dataset.study_pattern", dataset.study_pattern, pictures, mend),
        dataset.salt,
        excluded_by_pattern,
        other_files,
        notes,
        left_out,
        dataset.frames,
        read,
    )


def _outside(members: list[str], layout: Layout) -> dict[str, dict[str, int]]:
    """Return what is said of pictures in no part of a split that was not left to names of pictures."""
    if "split_in_names" in layout.said:
        return {}
    found = outside_split(members, np.where(layout.fault == 0, layout.label, NO_CLASS), layout.given, layout.classes)
    return {"outside_split": found} if found else {}


def _kinds_of_others(members: list[str], mine: list[str]) -> dict[str, list[str]]:
    """Return {kind: names} of members that are no pictures by their names and that the label table has no say on."""
    known, found = set(mine), dict[str, list[str]]()
    for member in members:
        if member not in known and (kind := kind_of_name(member)):
            found.setdefault(kind, []).append(member)
    return found


def _by_folders(members: list[str], dataset: Dataset) -> Layout:
    """Return the layout of folders, its classes by their wanted names."""
    pictures = [member for member in members if may_be_picture(member)]
    folders = {folder for member in pictures for folder in member.split("/")[:-1]}
    chosen = found_names(dataset.classes, dataset.class_names, folders)
    named = {name for pair in (dataset.class_names or {}).items() for name in pair}
    layout = read_layout(members, chosen, dataset.given_split == "honour", class_names=named)
    if dataset.class_names is None:
        return layout
    mapping = dataset.class_names
    if dataset.classes:
        mapping = {found: wanted for found, wanted in mapping.items() if found in layout.classes}
    names, label = rename_classes(layout.classes, layout.label, mapping, dataset.classes)
    of_pictures = [int(code) for member, code in zip(members, label, strict=True) if may_be_picture(member)]
    counts = {name: of_pictures.count(place) for place, name in enumerate(names)}
    said = {**layout.said, "classes": counts, "class_names": dict(dataset.class_names)}
    return replace(layout, classes=names, label=label, said=said)
