"""Classes from a table in the archive instead of from folders: dataset.labels."""

import logging
import re
from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from chestbench.catalog.given_split import given_splits
from chestbench.catalog.identity import compiled, part_of, shape_of
from chestbench.catalog.layout import NO_CLASS, Layout, may_be_picture
from chestbench.catalog.tables import Table, read_table
from chestbench.catalog.wording import listed
from chestbench.core.config import Labels
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive

logger = logging.getLogger(__name__)

# What a row, or all rows of an id, can say instead of one class.
_UNCLEAR, _TWO = -1, -2


@dataclass(frozen=True)
class Labelled:
    """The members that the label table may speak of, and what it says.

    Attributes:
        members: those that dataset.labels.member_pattern matches, in the order given.
        layout: of these members.
        other_files: members without a say that do not pose as pictures (tables, documents).
        notes: counts for the report, none is 0.
    """

    members: list[str]
    layout: Layout
    other_files: int
    notes: dict[str, int]


def read_labels(
    archive: Archive, members: list[str], settings: Labels, classes: list[str] | None, honour_split: bool
) -> Labelled:
    """Find the class of each picture in a table of the archive.

    All pictures with one id (a study's) have the class of its row. Pictures that the member pattern does not match are
    unlabelled and have no say. A picture without a row, or whose rows name no class, several, or different ones, gets a
    fault instead of a class and the rest goes on; ids without a picture are counted.

    Args:
        archive: holds the table.
        members: N names, of those not excluded by pattern.
        settings: dataset.labels.
        classes: dataset.classes; None: settings.one_hot, or the names that the pictures have.
        honour_split: use the train, val and test folders of the archive.

    Raises:
        ChestbenchError: the table cannot be read (see `read_table`), the patterns find nothing or nothing in common,
            or the classes are fewer than two, unknown, or cannot name a folder.
    """
    pattern = compiled("dataset.labels.member_pattern", settings.member_pattern, members)
    ids = [part_of(pattern, "id", member) for member in members]
    mine = [place for place, found in enumerate(ids) if found]
    others = Counter(may_be_picture(member) for member, found in zip(members, ids, strict=True) if not found)
    members, ids = [members[place] for place in mine], [ids[place] for place in mine]
    pictures = {found for member, found in zip(members, ids, strict=True) if may_be_picture(member)}
    if not pictures:
        raise ChestbenchError(
            f"dataset.labels.member_pattern: expected a pattern that finds an id in the paths of pictures, "
            f"received {settings.member_pattern!r}, which finds none in {len(mine) + others.total()} members"
        )

    table = read_table(archive, settings.table, [settings.id, *(settings.one_hot or [settings.column or ""])],
                       "dataset.labels")  # fmt: skip
    names, said, notes = _read_rows(table, settings, pictures)
    chosen = _choose(names, said, pictures, classes, settings)
    code = {name: place for place, name in enumerate(chosen)}
    faults = [
        "",
        f"no label in {table.name}",
        f"two labels for one study in {table.name}",
        f"no or several classes in {table.name}",
        "not in dataset.classes",
    ]

    def judge(found: str) -> tuple[int, int]:
        told = said.get(found)
        if told is None or told < 0:
            return NO_CLASS, {None: 1, _TWO: 2, _UNCLEAR: 3}[told]
        label = code.get(names[told], NO_CLASS)
        return label, 4 if label == NO_CLASS else 0

    judged = np.array([judge(found) for found in ids], np.int32).reshape(-1, 2)
    number = {found: place for place, found in enumerate(dict.fromkeys(ids))}
    given, is_split = given_splits(members, [m for m in members if may_be_picture(m)], chosen, honour_split)
    layout = Layout(
        chosen,
        judged[:, 0],
        given,
        is_split,
        judged[:, 1].astype(np.uint8),
        faults,
        np.array([number[found] for found in ids], np.int32),
    )
    is_picture = np.array([may_be_picture(member) for member in members])
    for place, fault in enumerate(faults[1:], 1):
        if count := int((is_picture & (judged[:, 1] == place)).sum()):
            example = shape_of(ids[int(np.flatnonzero(is_picture & (judged[:, 1] == place))[0])])
            logger.warning("%d pictures left out: %s; the id of one looks like %r", count, fault, example)
    notes |= {"unlabelled_pictures": others[True]}
    return Labelled(members, layout, others[False], {key: count for key, count in notes.items() if count})


def _read_rows(table: Table, settings: Labels, pictures: set[str]) -> tuple[list[str], dict[str, int], dict[str, int]]:
    """Return the class names, what the table says of each id (a place in the names, _UNCLEAR or _TWO), and counts."""
    pattern = re.compile(settings.id_pattern) if settings.id_pattern else None
    code = {name: place for place, name in enumerate(settings.one_hot or [])}
    said: dict[str, int] = {}
    without_id, first_line = 0, 0
    without_picture: set[str] = set()
    for line, (text, *cells) in table.rows:
        found = part_of(pattern, "id", text)
        if not found:
            without_id += 1
            continue
        if found not in pictures:
            first_line = first_line or line
            without_picture.add(found)
        if settings.one_hot:
            told = _place_of_the_one(table, cells)
        else:
            told = code.setdefault(cells[0], len(code)) if cells[0] else _UNCLEAR
        before = said.setdefault(found, told)
        if before != told:
            said[found] = _UNCLEAR if _UNCLEAR in (before, told) else _TWO
    if not said and not pattern:
        raise ChestbenchError(
            f"dataset.labels.id: expected a column of ids in {table.name}, received {settings.id!r}, which is empty in "
            "every row; name the column that holds them"
        )
    if not said:
        raise ChestbenchError(
            f"dataset.labels.id_pattern: expected a pattern that finds an id in the column {settings.id!r} of "
            f"{table.name}, received {settings.id_pattern!r}, which finds none; its texts look like "
            f"{shape_of(table.rows[0][1][0])!r}"
        )
    if not pictures & said.keys():
        raise ChestbenchError(
            f"dataset.labels: expected the same ids in {table.name} and in the pictures' paths, found none in common: "
            f"the table's look like {shape_of(next(iter(said)))!r}, the paths' like {shape_of(min(pictures))!r}; "
            "correct id_pattern or member_pattern"
        )
    if without_picture:
        logger.warning(
            "%s: %d ids have no picture, such as the one in line %d", table.name, len(without_picture), first_line
        )
    if without_id:
        why = "no id that dataset.labels.id_pattern finds" if pattern else f"nothing in the column {settings.id!r}"
        logger.warning("%s: %d rows have %s", table.name, without_id, why)
    return list(code), said, {"label_ids_without_picture": len(without_picture), "label_rows_without_id": without_id}


def _place_of_the_one(table: Table, cells: list[str]) -> int:
    """Return the place of the single 1 among cells of 0, 1 or nothing, else _UNCLEAR."""
    try:
        values = [table.number(cell) if cell else 0.0 for cell in cells]
    except ValueError:
        return _UNCLEAR
    return values.index(1) if sorted(values)[-2:] == [0, 1] and set(values) == {0, 1} else _UNCLEAR


def _choose(
    names: list[str], said: dict[str, int], pictures: set[str], classes: list[str] | None, settings: Labels
) -> list[str]:
    """Return the classes to read, in the order of their codes."""
    if settings.one_hot:
        seen = names
    else:
        used = {said[found] for found in pictures & said.keys()}
        seen = sorted(name for place, name in enumerate(names) if place in used)
    where = "dataset.labels.one_hot" if settings.one_hot else f"column {settings.column!r}"
    if classes:
        missing = [name for name in classes if name not in seen]
        if missing:
            hints = [f"did you mean {near[0]!r}?" for name in missing if (near := get_close_matches(name, seen, n=1))]
            raise ChestbenchError(
                f"dataset.classes: expected names that the label table gives to pictures, found none for "
                f"{listed(missing)}; {where} has {listed(seen)}; {' '.join(hints) or 'correct dataset.classes'}"
            )
    chosen = classes or seen
    if len(chosen) < 2:
        raise ChestbenchError(
            f"dataset.labels: expected two classes or more in {where}, received {listed(chosen)}; "
            "name the column that holds the class"
        )
    for name in chosen:
        if name in (".", "..") or re.search(r"[/\\\x00-\x1f\x7f]", name) or len(name.encode()) > 200:
            raise ChestbenchError(
                f"dataset.labels: expected classes that can name a folder (no slash, no control character, at most "
                f"200 bytes), received {name[:80]!r} from {where}; rename it in the table"
            )
    return chosen
