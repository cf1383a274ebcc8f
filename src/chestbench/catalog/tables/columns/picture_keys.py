"""Which picture (or study) the ids of a label table speak of."""

import hashlib
import logging
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from chestbench.catalog.identity import compiled, part_of, shape_of
from chestbench.catalog.layout import may_be_picture
from chestbench.catalog.tables.columns.outside_paths import is_outside, parts_to_keep, pattern_of_end
from chestbench.catalog.tables.columns.picture_index import PictureIndex, inside
from chestbench.catalog.tables.reading.table_text import plain_number
from chestbench.catalog.tables.words.id_words import FILE, trust_in
from chestbench.catalog.tables.words.labels_line import labels_line
from chestbench.core.config import Labels
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive, UnreadableMember

logger = logging.getLogger(__name__)

# So many pairs of files of one name are compared to see whether the set stands in the archive twice.
_COMPARED = 20
# By fewer numbers than these nothing is told of how ids are written.
_FEW_NUMBERS = 3
_NUMBER_OF_NAME = r"(?:^|/)[^\d/]*?0*(?P<id>\d+)[^\d/]*(?:\.[^./]+)?$"
_WHOLE_NAME = r"(?:^|/)(?P<id>[^/]+)\.[^./]+$"


class SeveralPicturesError(ChestbenchError):
    """Ids that name several different pictures each."""


@dataclass(frozen=True)
class Keys:
    """Pictures and ids that mean each other have one key.

    Attributes:
        of_member: N keys, "" for members that no id can mean.
        of_id: id -> key; ids that no picture has stand for themselves.
    """

    of_member: list[str]
    of_id: dict[str, str]


def match_ids(archive: Archive, members: list[str], ids: Iterable[str], settings: Labels, where: str) -> Keys:
    """Match the ids of label tables with members.

    With dataset.labels.member_pattern the part `id` of a member's path is its key. Without, an id is a picture's file
    name, with or without its ending, or the end of its path, see `PictureIndex.find`; the same number without the zeros
    before it, where each id means one picture and each picture has one (12 and 0012.png); where no id is one, a folder
    above pictures or the beginning of their names (a patient's or a study's).

    Args:
        archive: holds the members.
        members: N names.
        ids: of the tables, not empty.
        settings: dataset.labels.
        where: the tables, for messages.

    Raises:
        SeveralPicturesError: ids name several different pictures each.
        ChestbenchError: ids point outside the archive, some but not all of them
            mean pictures by their numbers alone, or the pattern finds no id in any picture's path.
    """
    ids = dict.fromkeys(ids)
    pictures = [member for member in members if may_be_picture(member)]
    index = PictureIndex(pictures)
    clean = inside(ids, where, "dataset.labels.id", _with_ends(ids, index, pictures, settings))
    pattern = compiled("dataset.labels.member_pattern", settings.member_pattern, members)
    if pattern is not None:
        found = [part_of(pattern, "id", member) for member in members]
        if not any(key and may_be_picture(member) for key, member in zip(found, members, strict=True)):
            raise ChestbenchError(
                f"dataset.labels.member_pattern: expected a pattern that finds an id in the paths of pictures, "
                f"received {settings.member_pattern!r}, which finds none in {len(members)} members"
            )
        return Keys(found, {text: text for text in clean})
    dropped = index.folders_to_drop(clean.values())
    if numbered := _by_numbers(pictures, index, clean, settings, where):
        key_of = {pictures[place]: text for text, place in numbered.items()}
        return Keys([key_of.get(member, "") for member in members], {text: text for text in clean})
    if dropped is None:
        return _by_patients(members, pictures, index, clean, where)
    if dropped:
        logger.info("%s: the first %d folders of each id are not in the archive and are left out", where, dropped)
    key_of, several = {}, []
    of_id = {}
    for text, name in clean.items():
        places = index.find(re.sub(rf"^(?:[^/]+/){{{dropped}}}", "", name) if dropped else name)
        of_id[text] = pictures[places[0]] if places else f"\0{text}"
        if len(places) > 1:
            several.append([pictures[place] for place in places])
        for place in places:
            key_of[pictures[place]] = of_id[text]
    if several and not are_copies(archive, several):
        raise SeveralPicturesError(
            f"dataset.labels: expected ids that name one picture each, received {len(several)} in {where} that fit "
            f"several different ones, such as {' and '.join(map(_shape, several[0][:2]))}; set "
            "dataset.labels.member_pattern (a regular expression on the path whose part (?P<id>...) is the id), leave "
            "one of them out with dataset.exclude, or take a column that holds the whole path"
        )
    if several:
        logger.info("%s: %d ids name several copies of a picture each", where, len(several))
    return Keys([key_of.get(member, member if may_be_picture(member) else "") for member in members], of_id)


def _with_ends(ids: Collection[str], index: PictureIndex, pictures: list[str], settings: Labels) -> str:
    """Return what to do about ids that are paths of another machine: the line that takes their ends."""
    outside = [name for name in ids if is_outside(name)]
    if outside and (parts := parts_to_keep(outside, index, pictures)):
        return f"take their ends with {labels_line(settings, id_pattern=pattern_of_end(parts))}"
    return f"take the file's name out of them with dataset.labels.id_pattern: '{pattern_of_end(1)}'"


def _by_numbers(
    pictures: list[str], index: PictureIndex, clean: dict[str, str], settings: Labels, where: str
) -> dict[str, int]:
    """Return id -> place of its picture where numbers without zeros before them match all; {} where names do as well.

    Raises:
        ChestbenchError: numbers match more than names do, but not all; shows both readings.
    """
    as_written = sum(bool(index.find(name)) for name in clean.values())
    if as_written == len(clean):
        return {}
    found = index.by_number(clean)
    if len(found) == len(clean) == len(pictures):
        said = f"{where}: the ids are the numbers of the pictures' names without zeros: all {len(found)} match"
        if trust_in(settings.id or "") == FILE:
            logger.info("%s", said)
        else:
            logger.warning("%s; see that the column %r numbers the files, not the rows", said, settings.id)
        return found
    if len(found) <= as_written or len(found) < _FEW_NUMBERS or (not as_written and any(map(index.below, clean))):
        return {}
    is_bare = all(plain_number(text).isdecimal() for text in clean)
    by_number = labels_line(settings, id_pattern=r"^0*(?P<id>\d+)", member_pattern=_NUMBER_OF_NAME)
    by_name = labels_line(settings, member_pattern=_WHOLE_NAME)
    readings = [
        f"reading A, by number without zeros before it: {len(found)} of {len(clean)} ids mean a picture, "
        f"{len(pictures) - len(found)} of {len(pictures)} pictures have none",
        f"  choose it with {by_number}" if is_bare else "  rename the pictures as the table calls them",
        f"reading B, as they are written: {as_written} of {len(clean)} ids mean a picture",
        *([f"  choose it with {by_name}"] if is_bare and as_written else []),
    ]
    raise ChestbenchError(
        "\n".join(
            [
                f"dataset.labels: choose how to read it: expected ids in {where} that are the pictures' names, "
                f"received {len(clean)} that fit {len(pictures)} pictures by their numbers only, and not all of them "
                "(where counting begins at another number, a picture would get the label of its neighbour):",
                *readings,
            ]
        )
    )


def _by_patients(
    members: list[str], pictures: list[str], index: PictureIndex, clean: dict[str, str], where: str
) -> Keys:
    """Match ids that are no pictures' names with the folders of pictures, or with what their names begin with.

    A picture that two ids would mean belongs to none, so that nothing is matched by chance.
    """
    key_of: dict[str, str] = {}
    folders = {name: name for name in clean.values()}
    if not any(map(index.below, folders)):
        folders = index.below_number(folders)
        if len(folders) < len(set(clean.values())):  # one that is missing may stand beside a neighbour's number
            folders = {}
    for text, name in clean.items():
        for place in index.below(folders.get(name, name)):
            key_of[pictures[place]] = "" if pictures[place] in key_of else text
    found = sum(bool(key) for key in key_of.values())
    if found:
        logger.info(
            "%s: the ids name no pictures, but folders (or what files' names begin with) of %d pictures", where, found
        )
    keys = [key_of.get(member) or (f"\1{member}" if may_be_picture(member) else "") for member in members]
    return Keys(keys, {text: text for text in clean})


def are_copies(archive: Archive, several: list[list[str]]) -> bool:
    """Tell whether members are copies of one file each, by some of them."""

    def digest(member: str) -> bytes:
        return hashlib.sha256(archive.read(member)).digest()

    step = max(1, len(several) // _COMPARED)
    try:
        return all(len(set(map(digest, members))) == 1 for members in several[::step])
    except UnreadableMember:
        return False


def _shape(member: str) -> str:
    """Return a path with its folders as they are and the shape of the file's name, which may name a person."""
    folder, slash, name = member.rpartition("/")
    return repr(f"{folder}{slash}{shape_of(name)}")
