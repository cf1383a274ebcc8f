"""Tables that speak of one folder each: train.csv of train/, test/labels.csv of test/, where ids come in both."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from chestbench.catalog.folders.words.wording import listed
from chestbench.catalog.layout import may_be_picture
from chestbench.catalog.tables.columns.picture_keys import SeveralPicturesError, match_ids
from chestbench.catalog.tables.reading.sheets import parted
from chestbench.catalog.tables.words.part_words import parts_in_name, tokens_of
from chestbench.core.config import Labels
from chestbench.datasets.archive import Archive

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TableKeys:
    """Pictures and ids of several tables that mean each other have one key.

    Attributes:
        of_member: N keys, "" for members that no id can mean.
        of_id: (number of the table, id) -> key.
    """

    of_member: list[str]
    of_id: dict[tuple[int, str], str]


def match_tables(
    archive: Archive, members: list[str], tables: Sequence[str], ids: Sequence[Collection[str]], settings: Labels
) -> TableKeys:
    """Match the ids of tables with members: of all together, or of each with its own folder.

    Each table is matched with its own folder where the tables share ids, or where ids fit several pictures, and every
    table has such a folder: see `homes_of`.

    Args:
        archive: holds the members.
        members: N names.
        tables: their members.
        ids: of each table.
        settings: dataset.labels; with a member_pattern all are matched together.

    Raises:
        ChestbenchError: see `match_ids`.
    """
    where = " and ".join(table.rpartition("/")[2] for table in tables)
    pictures = [member for member in members if may_be_picture(member)]
    everything = {found: None for some in ids for found in some}
    are_shared = sum(len(set(some)) for some in ids) > len(everything)
    homes = homes_of(tables, pictures) if are_shared and not settings.member_pattern else None
    if homes is None:
        try:
            keys = match_ids(archive, members, everything, settings, where)
            return TableKeys(
                keys.of_member, {(at, one): keys.of_id[one] for at, some in enumerate(ids) for one in some}
            )
        except SeveralPicturesError:
            homes = homes_of(tables, pictures)
            if homes is None:
                raise
    of_picture = {member: member for member in pictures}
    of_id: dict[tuple[int, str], str] = {}
    for number, (table, home, some) in enumerate(zip(tables, homes, ids, strict=True)):
        name = table.rpartition("/")[2]
        mine = [member for member in pictures if member in home]
        folders = sorted({member.rpartition("/")[0] for member in mine})
        logger.info("%s: its ids are looked for in %s, its own folder", name, listed(folders, 3))
        keys = match_ids(archive, mine, some, settings, name)
        # One text may be an id of two tables, and mean two pictures.
        of_picture |= {member: f"{number}\0{key}" for member, key in zip(mine, keys.of_member, strict=True)}
        of_id |= {(number, one): f"{number}\0{keys.of_id[one]}" for one in some}
    return TableKeys([of_picture.get(member, "") for member in members], of_id)


def homes_of(tables: Sequence[str], pictures: Sequence[str]) -> list[set[str]] | None:
    """Return the pictures of each table's own folder; None unless every table has one, and no two share a picture.

    A table's own folder is the one that it lies in, where others hold pictures too, or the one that says the same part
    of a split or the same words as its name ("train_labels.csv" and "train/", "Bern.csv" and "Bern/").

    Example:
        >>> homes_of(["train.csv", "labels/test.csv"], ["train/1.png", "test/1.png"])
        [{'train/1.png'}, {'test/1.png'}]
    """
    folders = {picture.rpartition("/")[0] for picture in pictures}
    chosen = [_own_folders(table, folders) for table in tables]
    if not all(chosen) or sum(map(len, chosen)) > len(set().union(*chosen)):
        return None
    return [{picture for picture in pictures if picture.rpartition("/")[0] in some} for some in chosen]


def _own_folders(table: str, folders: Collection[str]) -> set[str]:
    member, sheet = parted(table)
    above, _, name = member.rpartition("/")
    inside = {folder for folder in folders if above and f"{folder}/".startswith(f"{above}/")}
    if inside and len(inside) < len(folders):
        return inside
    found, rest = parts_in_name(sheet or name.rpartition(".")[0])
    parts = frozenset(found)
    known = {word for folder in folders for word in tokens_of(folder)}
    words = {word for word in rest if word in known}
    return {folder for folder in folders if (parts or words) and _says(folder, parts, words)}


def _says(folder: str, parts: frozenset[int], words: set[str]) -> bool:
    says_part = not parts or any(_parts_of(name) == parts for name in folder.split("/"))
    return says_part and words <= set(tokens_of(folder))


@lru_cache(10_000)
def _parts_of(name: str) -> frozenset[int]:
    return frozenset(parts_in_name(name)[0])
