"""Lists of names that are the split: train_list.txt, testCT_COVID.txt, "Training set.csv", or dataset.split_lists."""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chestbench.catalog.identity import shape_of
from chestbench.catalog.layout import NO_CLASS, Layout, count_given, may_be_picture
from chestbench.catalog.override import value_line
from chestbench.catalog.records import SPLITS
from chestbench.catalog.tables.columns.picture_index import PictureIndex
from chestbench.catalog.tables.splits.list_files import ListFile, find_lists
from chestbench.catalog.tables.splits.list_lines import Reading, read_lines
from chestbench.catalog.tables.splits.split_files import lists_in_files
from chestbench.catalog.tables.splits.split_parts import is_usable, join_parts, without_named_split
from chestbench.core.config import SplitLists
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Listed:
    """What lists say.

    Attributes:
        given: int8 (N,), 0 train, 1 val, 2 test, -1 for members in no list.
        said: the lists with their part and counts, for metrics/catalog.json.
        is_stated: dataset.split_lists names the pictures themselves, whatever their folders say.
    """

    given: np.ndarray
    said: dict[str, Any]
    is_stated: bool = False


def apply_split_lists(
    archive: Archive, candidates: list[str], members: list[str], layout: Layout, settings: SplitLists | None
) -> Layout:
    """Return the layout with the split that lists in the archive say; the same layout where there are none.

    Pictures that dataset.split_lists names itself are of the part that it says, whatever their folders are called.
    Pictures in no list are outside the split, as those outside the folders of one. What was found stands in
    `said["split_lists"]`.

    Args:
        archive: holds the lists.
        candidates: members that may be lists: all that dataset.exclude leaves.
        members: N members of the layout.
        layout: of these; its own split, where it has one, must agree.
        settings: dataset.split_lists.

    Raises:
        ChestbenchError: see `read_split_lists`; or the layout's split and the lists contradict each other.
    """
    tables = layout.said.get("tables", ())
    listed = read_split_lists(archive, candidates, members, settings, tables)
    if listed is None:
        return layout
    layout = without_named_split(layout, listed.given, "a list")
    labelled = np.where(layout.label != NO_CLASS, listed.given, -1)
    names = list(listed.said["lists"])
    if not layout.is_split and not is_usable(labelled, f"the pictures with a class, by {', '.join(names[:4])}"):
        return replace(layout, said={**layout.said, "lists_of_one_part": names})
    by_folders = np.where(listed.given >= 0, -1, layout.given) if listed.is_stated else layout.given
    given = join_parts(by_folders if layout.is_split else None, listed.given, ("folders or a column", "lists"))
    is_picture = np.array([may_be_picture(member) for member in members], bool)
    outside = int((is_picture & (given < 0)).sum())
    logger.info("split from %d lists: %s; %d pictures in none", len(listed.said["lists"]), count_given(given), outside)
    said = {**layout.said, "split_lists": {**listed.said, "pictures_in_no_list": outside}}
    return replace(layout, given=given, is_split=True, said=said)


def read_split_lists(
    archive: Archive,
    candidates: list[str],
    members: list[str],
    settings: SplitLists | None,
    tables: Sequence[str] = (),
) -> Listed | None:
    """Find lists that are a split and which pictures they name; None where there are none.

    Lines name pictures by file name, with or without ending, or by the end of the path; further cells of a line do not
    matter. A list of train and val (train_val_list.txt) counts as train, but for pictures that another list says to be
    in val. Where a name fits several pictures, the words that remain of the list's name, or of its folders, must be
    those of one picture's folder (trainCT_COVID.txt and CT_COVID/).

    Raises:
        ChestbenchError: lists of dataset.split_lists are missing, point outside the archive, name no picture or mostly
            none, name a picture in two parts, or have names that fit several pictures.
    """
    lists = find_lists(archive, candidates, settings)
    if settings is None:
        lists += lists_in_files(archive, candidates)
    if not lists:
        return None
    pictures = [member for member in members if may_be_picture(member)]
    index = PictureIndex(pictures)
    readings = [read_lines(archive, one, index, pictures) for one in lists]
    used = [(one, reading) for one, reading in zip(lists, readings, strict=True) if reading is not None]
    if not used or (len(used) == 1 and used[0][0].name in tables):  # train.csv that brings the labels of all
        return None
    parts, combined = _collect(used, pictures)
    given = np.where(parts >= 0, parts, combined).astype(np.int8)
    if not is_usable(given, "lists " + ", ".join(one.name for one, _ in used[:4])):
        return None
    _check_missing(used, settings)
    place = {member: at for at, member in enumerate(members)}
    found = np.full(len(members), -1, np.int8)
    found[[place[picture] for picture in pictures]] = given
    said = {
        "lists": {
            one.path: {
                "part": "+".join(SPLITS[part] for part in sorted(one.parts)),
                "pictures": len(reading.places),
                "names_without_a_picture": len(reading.missing),
                "named_twice": reading.twice,
            }
            for one, reading in used
        }
    }
    return Listed(found, said, all(one.is_pictures for one, _ in used))


def _collect(used: list[tuple[ListFile, Reading]], pictures: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the part that lists of one part say, and the one that lists of train and val say, each int8 (P,)."""
    parts = np.full(len(pictures), -1, np.int8)
    combined = np.full(len(pictures), -1, np.int8)
    clashes: Counter[tuple[str, str]] = Counter()
    first = ""
    by_list: dict[int, str] = {}
    for one, reading in used:
        part = min(one.parts)
        for place in reading.places:
            if len(one.parts) > 1:
                combined[place] = part
                by_list.setdefault(-1 - place, one.name)
                continue
            if parts[place] not in (-1, part):
                clashes[by_list[place], one.name] += 1
                first = first or pictures[place]
            parts[place] = part
            by_list.setdefault(place, one.name)
    for place in np.flatnonzero((combined >= 0) & (parts == 2)).tolist():
        clashes[by_list[-1 - place], by_list[place]] += 1
        first = first or pictures[place]
    if clashes:
        shown = ", ".join(f"{count} in {a} and {b}" for (a, b), count in clashes.most_common(5))
        raise ChestbenchError(
            f"split lists: expected each picture in lists of one part, received {clashes.total()} in two: {shown}, "
            f"such as one whose name looks like {shape_of(first.rpartition('/')[2])!r}; {_without_one(used, clashes)}"
            "dataset.given_split=ignore splits anew"
        )
    return parts, combined


def _in_parts(lists: Iterable[ListFile]) -> dict[str, list[str]]:
    """Return part -> glob patterns of its lists, as dataset.split_lists takes them."""
    found: dict[str, list[str]] = {}
    for one in sorted((one for one in lists if one.lines is None), key=lambda one: min(one.parts)):
        found.setdefault(SPLITS[min(one.parts)], []).append(f"*{one.member}")
    return found


def _without_one(used: list[tuple[ListFile, Reading]], clashes: Counter[tuple[str, str]]) -> str:
    """Return the lines that leave out one of two lists that contradict each other, where a split remains."""
    lines = []
    for name in dict.fromkeys(name for pair, _ in clashes.most_common(1) for name in pair):
        left = _in_parts(one for one, _ in used if one.name != name)
        if "train" in left and len(left) > 1:
            lines.append(f"{value_line('dataset.split_lists', left)} leaves {name} out; ")
    return "".join(lines)


def _check_missing(used: list[tuple[ListFile, Reading]], settings: SplitLists | None) -> None:
    missing = sum(len(reading.missing) for _, reading in used)
    twice = sum(reading.twice for _, reading in used)
    if twice:
        logger.warning("split lists: %d names stand twice in a list", twice)
    if not missing:
        return
    named = sum(len(reading.places) for _, reading in used)
    worst, reading = max(used, key=lambda pair: len(pair[1].missing))
    example = shape_of(reading.missing[0])
    if missing > named and settings is None:
        lists = _in_parts([one for one, _ in used])
        as_they_are = (
            f"where the archive is a part of the set, {value_line('dataset.split_lists', lists)} takes them as they are"
            if sum(map(len, lists.values())) == len(used)
            else "where the archive is a part of the set, take the other names out of the lists"
        )
        raise ChestbenchError(
            f"split lists: expected lists that name the pictures, received {missing} names without a picture and "
            f"{named} with one, such as {example!r} in {worst.name}; {as_they_are}; "
            "dataset.given_split=ignore splits anew"
        )
    logger.warning(
        "split lists: %d names have no picture (%d have), such as %r in %s", missing, named, example, worst.name
    )
