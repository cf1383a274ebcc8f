"""The train, val and test folders that an archive brings: whether they are a usable split, and who is in which part."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from chestbench.catalog.folders.readings.sources import FEWEST_PEOPLE
from chestbench.catalog.folders.splits.folds import counts_repeats
from chestbench.catalog.folders.splits.name_splits import describe_named_split, named_split
from chestbench.catalog.folders.splits.split_codes import refuse_codes
from chestbench.catalog.folders.splits.split_doubts import (
    refuse_part_beside_one,
    warn_of_held_out,
    warn_of_two_of_one_part,
    warn_of_two_validations,
)
from chestbench.catalog.folders.splits.split_siblings import read_parts
from chestbench.catalog.folders.splits.split_words import PARTS, PartNames
from chestbench.catalog.folders.words.roles import is_date
from chestbench.catalog.folders.words.wording import listed
from chestbench.core.errors import ChestbenchError

logger = logging.getLogger(__name__)

# Key of what is said where a single part was found: a table or lists may still bring the others.
ONLY_PART = "only_part"


class GivenSplit(NamedTuple):
    """The split that an archive brings.

    Attributes:
        part: int8 (N,), 0 train, 1 val, 2 test, -1 for none.
        is_used: whether it is usable and honoured.
        said: what is said of it where it does not stand in folders.
    """

    part: np.ndarray
    is_used: bool
    said: dict[str, Any]


def given_splits(
    members: Sequence[str],
    pictures: Sequence[str],
    classes: Sequence[str],
    honour_split: bool,
    label: np.ndarray,
    rest_may_be_train: bool = True,
) -> GivenSplit:
    """Find the given split of each member: of folders, and where none names a part, of the pictures' own names.

    Args:
        members: N names with forward slashes.
        pictures: the members that decide whether there is a usable split.
        classes: names that are no split's.
        honour_split: use the archive's split.
        label: int32 (N,), class codes, -1 for none.
        rest_may_be_train: pictures beside a lone test folder are train, where all classes are inside it and beside it.

    Raises:
        ChestbenchError: val and test without train, or a path that names two parts.
    """
    none = GivenSplit(np.full(len(members), -1, np.int8), False, {})
    if not honour_split:
        return none
    where = [member.rpartition("/")[0] for member in members]
    paths = {folder: folder.split("/") if folder else [] for folder in set(where)}
    parts = read_parts(paths, set(classes))
    deciding = {member.rpartition("/")[0] for member in pictures}
    shared = shared_folders([paths[folder] for folder in deciding])
    part = {folder: parts.of(path, shared) for folder, path in paths.items()}
    of_member = np.array([part[folder] for folder in where], np.int8)
    if rest_may_be_train and _rest_is_train(label, of_member, len(classes)):
        logger.warning("one folder of a split was found, %s: the pictures beside it are read as train", _shown(parts))
        return GivenSplit(np.where((of_member < 0) & (label >= 0), 0, of_member).astype(np.int8), True, {})
    named = {part[folder] for folder in deciding} - {-1}
    if not named and (by_files := named_split(members, label)):
        return GivenSplit(by_files.part, True, describe_named_split(by_files, label))
    if not _is_usable(named):
        return none._replace(said={ONLY_PART: PARTS[named.pop()]}) if named else none
    _refuse_folds({folder: part[folder] for folder in deciding}, parts)
    counts = Counter(member.rpartition("/")[0] for member in pictures)
    refuse_codes(parts.codes, parts, counts)
    warn_of_two_of_one_part(counts, parts)
    warn_of_two_validations(counts, parts)
    warn_of_held_out(counts, parts)
    return GivenSplit(of_member, True, {})


def _shown(parts: PartNames) -> str:
    return ", ".join(f"{name!r} ({PARTS[part]})" for name, part in parts.part.items())


def _rest_is_train(label: np.ndarray, part: np.ndarray, classes: int) -> bool:
    """Tell whether pictures beside a lone test (or val) folder are train: all classes are inside it and beside it."""
    found = set(part[label >= 0].tolist()) - {-1}
    inside, beside = (len(set(label[(label >= 0) & where].tolist())) for where in (part > 0, part < 0))
    return len(found) == 1 and 0 not in found and inside == beside == classes


def _refuse_folds(part: Mapping[str, int], parts: PartNames) -> None:
    """Refuse several folds that each bring a split: a picture is in train of one and in val of another.

    Raises:
        ChestbenchError: names them, and both ways out.
    """
    parts_of: dict[str, set[int]] = {}
    for folder, of in part.items():
        names = folder.split("/")
        above = next((level for level, name in enumerate(names) if parts.part_of(name) >= 0), 0)
        for name in names[:above]:
            if counts_repeats(name) or name.isdigit():
                parts_of.setdefault(name, set()).add(of)
    several = sorted(name for name, found in parts_of.items() if len(found) > 1)
    numbers = [name for name in several if name.isdigit() and not is_date(name)]
    # Three plain numbers and more would be read as patients, who would then lie in several parts each.
    folds = [name for name in several if not name.isdigit()] + (numbers if len(numbers) >= FEWEST_PEOPLE else [])
    if len(folds) > 1:
        others = ", ".join(f'"*{name}/*"' for name in folds[1:])
        raise ChestbenchError(
            f"data set: expected one split, received {len(folds)} folds that each have one ({listed(folds, 6)}): set "
            f"dataset.given_split=ignore to split anew, or read one of them with -S 'dataset.exclude=[{others}]'"
        )


def shared_folders(paths: Sequence[list[str]]) -> int:
    """Return how many folders all paths begin with."""
    if not paths:
        return 0
    first, last = min(paths), max(paths)
    return next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))


def warn_of_only_part(
    said: dict[str, Any], is_split: bool, members: Sequence[str], label: np.ndarray, classes: Sequence[str]
) -> None:
    """Say, once all that may bring a split was read, that a single part is none; the key is taken out of `said`.

    Raises:
        ChestbenchError: the folder beside it may be the other part.
    """
    if said.pop(ONLY_PART, None) and not is_split:
        parts = read_parts({member.rpartition("/")[0] for member in members}, set(classes))
        refuse_part_beside_one(members, label, classes, parts)
        logger.warning(
            "only one of the folders train, val and test was found: that is no split, so all images are split anew"
        )


def _is_usable(found: set[int]) -> bool:
    """Judge a given split: train with val or test (or both) is one; a single folder is not."""
    if 0 not in found and len(found) == 2:
        raise ChestbenchError(
            "data set: expected a train folder beside the given val and test folders, found none; "
            "add it, or set dataset.given_split=ignore to split anew"
        )
    return len(found) >= 2
