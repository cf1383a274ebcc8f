"""The lines of a list: which pictures they name."""

import csv
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from chestbench.catalog.identity import shape_of
from chestbench.catalog.tables.columns.picture_index import PictureIndex, inside
from chestbench.catalog.tables.columns.table_homes import homes_of
from chestbench.catalog.tables.reading.table_text import text_of
from chestbench.catalog.tables.splits.list_files import ListFile, words_of
from chestbench.catalog.tables.words.part_words import tokens_of
from chestbench.catalog.tables.words.picture_endings import has_picture_ending
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive

logger = logging.getLogger(__name__)

_BETWEEN = re.compile(r"[,;|\t ]+")
_ROWS = re.compile(r"id?xs?|ind(s|ex(es)?|ices)?|rows?|positions?")
# So many pictures' names are looked at to know what names look like.
_KNOWN_SHAPES = 2000
# A list of patients has so many.
_FEWEST_PATIENTS = 3


@dataclass
class Reading:
    """What a list names.

    Attributes:
        places: of pictures, in the order of the lines, each once.
        missing: names without a picture.
        twice: names that stand in it again.
    """

    places: list[int] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    twice: int = 0


def read_lines(archive: Archive, one: ListFile, index: PictureIndex, pictures: list[str]) -> Reading | None:
    """Return what a list names; None for a file that was found by its name and is no list of pictures.

    Args:
        archive: holds it.
        one: the list.
        index: of the pictures.
        pictures: their paths, of which `places` are indices.

    Raises:
        ChestbenchError: names point outside the archive or fit several pictures; or a list of dataset.split_lists, or
            one whose lines look like names of pictures, names none.
    """
    if one.is_pictures:
        known = {picture: place for place, picture in enumerate(pictures)}
        return Reading([known[line] for line in one.lines or () if line in known])
    lines = one.lines if one.lines is not None else _lines_of(archive, one)
    if lines is None:
        return None
    lines = [line for line in map(str.strip, lines) if line and not line.startswith("#")]
    shapes = {shape_of(picture.rpartition("/")[2].rpartition(".")[0]) for picture in pictures[:_KNOWN_SHAPES]}
    names = [_name_in(line, index, shapes) for line in lines]
    if not one.is_stated and _counts_rows(one, lines):
        logger.warning(
            "%s holds numbers and is called like a list of rows: they may count the pictures in any order and are not "
            "used; where they are what the files are called, name it in dataset.split_lists",
            one.name,
        )
        return None
    looks_like_names = 2 * sum(name != "" for name in names) > len(names)
    if not looks_like_names and (reading := _by_patients(lines, index, pictures)):
        return reading
    if not looks_like_names and not (one.is_stated and any(names)):
        if one.is_stated:
            raise _no_names(one, len(lines))
        return None
    names = [name for place, name in enumerate(names) if name]
    mend = "take the folders out of the list, or set dataset.given_split=ignore to split anew"
    clean = inside(dict.fromkeys(names), one.name, "split lists", mend)
    dropped = index.folders_to_drop(clean.values()) or 0
    reading, seen, ambiguous = Reading(), set(), []
    home: set[str] | None = None
    for name in names:
        if name in seen:
            reading.twice += 1
            continue
        seen.add(name)
        places = index.find("/".join(clean[name].split("/")[dropped:]))
        if not places:
            reading.missing.append(name)
            continue
        chosen = _choose(places, one, pictures)
        if not chosen:
            home = (homes_of([one.member], pictures) or [set()])[0] if home is None else home
            chosen = _choose([place for place in places if pictures[place] in home], one, pictures)
        if not chosen:
            ambiguous.append((name, places))
        reading.places += chosen
    if ambiguous:
        _, places = ambiguous[0]
        folders = " and ".join(repr(pictures[place].rpartition("/")[0]) for place in places[:3])
        raise ChestbenchError(
            f"split lists: expected names of one picture each, received {len(ambiguous)} in {one.name} that fit "
            f"pictures in several folders, such as {folders}; name the lists after the folder (train_FOLDER.txt), "
            "write paths into them, or set dataset.given_split=ignore to split anew"
        )
    reading.places = list(dict.fromkeys(reading.places))
    if not reading.places:
        raise _no_names(one, len(lines))
    return reading


def _counts_rows(one: ListFile, lines: Sequence[str]) -> bool:
    """Tell "train_idx.txt" of 0, 1, 2, be there a 0.png or not."""
    stem = one.member.rpartition("/")[2].rpartition(".")[0]
    is_called_so = any(_ROWS.fullmatch(word) for word in (*tokens_of(stem), *tokens_of(one.key)))
    return is_called_so and sum(line.isdigit() for line in lines) >= max(1, len(lines) - 1)


def _lines_of(archive: Archive, one: ListFile) -> Sequence[str] | None:
    """Return the lines of a file, None where it was found by its name and cannot be read."""
    try:
        return text_of(archive, one.member, "dataset.split_lists", is_used=one.is_stated).splitlines()
    except ChestbenchError as error:
        if one.is_stated:
            raise
        logger.warning("%s is called like a list of a split and cannot be read: %s", one.name, error)
        return None


def _by_patients(lines: list[str], index: PictureIndex, pictures: list[str]) -> Reading | None:
    """Return what a list of patients (or studies) names: the pictures in their folders, or whose names begin with them.

    Most lines must be such, and each of few pictures: a list of classes is none.
    """
    places = [index.below(line) for line in lines]
    named = sum(bool(some) for some in places)
    if len(lines) < _FEWEST_PATIENTS or 2 * named <= len(lines) or max(map(len, places)) > len(pictures) // 4:
        return None
    missing = [line for line, some in zip(lines, places, strict=True) if not some]
    # The header of a column is no patient.
    missing = missing if places[0] else missing[1:]
    found = list(dict.fromkeys(place for some in places for place in some))
    return Reading(found, missing, len(lines) - len(set(lines)))


def _name_in(line: str, index: PictureIndex, shapes: set[str]) -> str:
    """Return what in a line names a picture, or looks as if it did; "" for a line that does not."""
    line = line.strip("\"'")
    if _finds(line, index):
        return line
    cells = next(csv.reader([line]), []) if '"' in line and len(line) < csv.field_size_limit() else []
    parts = [part.strip().strip("\"'") for part in (cells or _BETWEEN.split(line))]
    if len(parts) > 1:
        for part in parts:
            # A bare number in a row of numbers is no name, though a picture may be called so.
            if part and has_picture_ending(part) and index.find(part.replace("\\", "/")):
                return part
        for part in parts[:2]:
            if part and not part.isdigit() and _finds(part, index):
                return part
    alike = [part for part in parts if has_picture_ending(part)]
    if alike:
        return alike[0]
    return line if len(parts) == 1 and shape_of(line.rpartition("/")[2]) in shapes else ""


def _finds(name: str, index: PictureIndex) -> bool:
    return bool(name) and bool(index.find(name.replace("\\", "/").removeprefix("./")))


def _choose(places: list[int], one: ListFile, pictures: list[str]) -> list[int]:
    """Return the pictures that a name means: one, or copies of it in a set that stands twice; none where it is open."""
    if len(places) < 2 or _are_copies(places, pictures):
        return places
    for hint in one.hints:
        if not hint:
            continue
        mine = [
            place for place in places if any(words_of(folder) == hint for folder in pictures[place].split("/")[:-1])
        ]
        if len(mine) == 1 or (mine and len(mine) < len(places) and _are_copies(mine, pictures)):
            return mine
    return []


def _are_copies(places: list[int], pictures: list[str]) -> bool:
    shortest = min((pictures[place] for place in places), key=len)
    return "/" in shortest and all(f"/{pictures[place]}".endswith(f"/{shortest}") for place in places)


def _no_names(one: ListFile, lines: int) -> ChestbenchError:
    return ChestbenchError(
        f"split lists: expected names of pictures in {one.name}, found no picture by any of its {lines} lines; correct "
        "the list, leave it out with dataset.exclude, or set dataset.given_split=ignore to split anew"
    )
