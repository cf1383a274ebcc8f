"""Classes from paths or tables in the archive instead of from folders, and what else tables say: dataset.labels."""

import logging
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from chestbench.catalog.folders.readings.given_split import given_splits
from chestbench.catalog.folders.words.wording import listed
from chestbench.catalog.identity import shape_of
from chestbench.catalog.layout import NO_CLASS, Layout, may_be_picture
from chestbench.catalog.tables.columns.blank_rows import blank_in_tables
from chestbench.catalog.tables.labels.class_names import check_folder_names, rename_classes
from chestbench.catalog.tables.labels.label_choice import FAULTS, Judge, choose
from chestbench.catalog.tables.labels.label_extras import add_extras, warn_of_columns, warn_of_id, warn_of_split_column
from chestbench.catalog.tables.labels.label_tables import LabelTables, read_label_tables
from chestbench.core.config import Dataset, Labels
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Labelled:
    """The members that dataset.labels may speak of, and what it says.

    Attributes:
        members: those that dataset.labels.member_pattern matches (all that pose as pictures without one), in the order
            given.
        layout: of these members.
        other_files: members without a say that do not pose as pictures (tables, documents).
        notes: counts for the report, none is 0.
    """

    members: list[str]
    layout: Layout
    other_files: int
    notes: dict[str, int]


def read_labels(
    archive: Archive, members: list[str], dataset: Dataset, by_folders: Callable[[list[str]], Layout]
) -> Labelled:
    """Find the class of each picture by dataset.labels.

    In a table all pictures with one id (a study's) have the class of its row. Pictures that the member pattern does not
    match are unlabelled and have no say. A picture without a row (or whose path the pattern does not match), or whose
    rows name no class, several, or different ones, gets a fault instead of a class and the rest goes on; ids without a
    picture are counted.

    Args:
        archive: holds the tables.
        members: N names, of those not excluded by pattern.
        dataset: labels (not None), classes, class_names, salt, given_split and group_pattern are used.
        by_folders: gives the layout where the tables do not say the class.

    Raises:
        ChestbenchError: a table cannot be read (see `read_table`), the patterns find nothing or nothing in common, the
            tables contradict each other, cells hold several labels and none are chosen, or the classes are fewer than
            two, unknown, or cannot name a folder.
    """
    settings = dataset.labels
    assert settings is not None
    if settings.table is None:
        pictures = [member for member in members if may_be_picture(member)]
        return Labelled(pictures, _by_pattern(pictures, dataset), len(members) - len(pictures), {})
    tables = read_label_tables(archive, members, dataset)
    members = tables.members
    if settings.pattern is not None:
        layout = _by_pattern(members, dataset)
    elif settings.class_columns:
        layout = _by_table(tables, dataset)
    else:
        layout = by_folders(members)
    number = {key: place for place, key in enumerate(dict.fromkeys(tables.keys))}
    unit = np.array([number[key] if key in tables.said else -1 for key in tables.keys], np.int32)
    layout = add_extras(replace(layout, unit=unit), tables, settings, dataset)
    if blanks := blank_in_tables(tables.tables, settings):
        layout.said["blank_below_filled"] = blanks
        for text in blanks:
            logger.warning("%s", text)
    if tables.unread:
        layout.said["unread_sheets"] = tables.unread
    warn_of_id(tables.tables, settings)
    if dataset.group_pattern is None and settings.patient is None:
        warn_of_columns(tables.tables, settings, layout.said)
    if settings.split is None and dataset.given_split == "honour" and not layout.is_split:
        warn_of_split_column(tables.tables, settings)
    return Labelled(members, layout, tables.other_files, tables.notes)


def _by_pattern(members: list[str], dataset: Dataset) -> Layout:
    """Return the layout of classes that dataset.labels.pattern finds in paths."""
    settings: Labels | None = dataset.labels
    assert settings is not None and settings.pattern is not None
    pattern = re.compile(settings.pattern)
    texts = [(match["label"] or "").strip() if (match := pattern.search(member)) else "" for member in members]
    found = Counter(text for text in texts if text)
    if not found:
        example = shape_of(members[0]) if members else "nothing"
        raise ChestbenchError(
            f"dataset.labels.pattern: expected a pattern that finds the class in the paths of pictures, received "
            f"{settings.pattern!r}, which finds it in none of {len(members)}, which look like {example!r}; correct it"
        )
    where = f"the part (?P<label>...) of {settings.pattern!r}"
    code = {name: place for place, name in enumerate(sorted(found))}
    label = np.array([code.get(text, NO_CLASS) for text in texts], np.int32)
    names, label = rename_classes(list(code), label, dataset.class_names, None, where)
    chosen = choose(names, names, dataset.classes, where)
    check_folder_names(chosen, where, dataset.class_names)
    place = np.array([*(chosen.index(name) if name in chosen else NO_CLASS for name in names), NO_CLASS], np.int32)
    fault = np.where(label == NO_CLASS, 1, np.where(place[label] == NO_CLASS, 4, 0)).astype(np.uint8)
    faults = list(FAULTS)
    faults[1] = "no label in the path"
    return _layout(
        members, chosen, place[label], fault, faults, dataset, {"read_from": f"paths, by {settings.pattern}"}
    )


def _by_table(tables: LabelTables, dataset: Dataset) -> Layout:
    """Return the layout of classes that tables say."""
    assert tables.cells is not None
    judge = Judge(tables, dataset)
    judged = np.array([judge.of(key) for key in tables.keys], np.int32).reshape(-1, 2)
    said = {"read_from": f"{tables.cells.where} of {', '.join(table.name for table in tables.tables)}", **judge.said()}
    faults = judge.faults
    return _layout(tables.members, judge.classes, judged[:, 0], judged[:, 1].astype(np.uint8), faults, dataset, said)


def _layout(
    members: list[str],
    classes: list[str],
    label: np.ndarray,
    fault: np.ndarray,
    faults: list[str],
    dataset: Dataset,
    said: dict[str, object],
) -> Layout:
    # An unlabelled test folder is no part of a split that could be used.
    labelled = [member for member, code in zip(members, label.tolist(), strict=True) if code != NO_CLASS]
    honour = dataset.given_split == "honour"
    given, is_split, of_split = given_splits(members, labelled, classes, honour, label, rest_may_be_train=False)
    is_picture = np.array([may_be_picture(member) for member in members], bool)
    for place, words in enumerate(faults[1:], 1):
        touched = np.flatnonzero(is_picture & (fault == place))
        if len(touched):
            name = members[int(touched[0])].rpartition("/")[2]
            logger.warning(
                "%d pictures left out: %s; the name of one looks like %r", len(touched), words, shape_of(name)
            )
    counts = {name: int((label == place).sum()) for place, name in enumerate(classes)}
    logger.info("classes from %s: %s", said["read_from"], listed([f"{name} {count}" for name, count in counts.items()]))
    if dataset.class_names:
        said = {**said, "class_names": dict(dataset.class_names)}
    unit = np.full(len(members), -1, np.int32)
    return Layout(classes, label, given, is_split, fault, faults, unit, said={**said, **of_split, "classes": counts})
