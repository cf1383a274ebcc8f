"""Which members of an archive may be lists of names that are a split, by their own names or by dataset.split_lists."""

from dataclasses import dataclass

from chestbench.catalog.folders.words.wording import listed
from chestbench.catalog.kinds import kind_of_name
from chestbench.catalog.tables.columns.exclusion_words import says_left_out
from chestbench.catalog.tables.reading.table import matching
from chestbench.catalog.tables.words.part_words import TEST, TRAIN, VAL, parts_in_name, tokens_of
from chestbench.core.config import SplitLists
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive

_ENDINGS = ("txt", "csv", "tsv", "tab", "lst", "list")
LIST_ENDINGS = tuple(f".{ending}" for ending in _ENDINGS)
# So many files under a folder that says a part are lists; more are annotations, one a picture.
_MOST_IN_FOLDERS = 50


@dataclass(frozen=True)
class ListFile:
    """A member that may be a list.

    Attributes:
        member: its path.
        parts: that it says: one, or train and val.
        hints: words of its name, then of its folders from the nearest up, that may be those of pictures' folders.
        is_stated: whether dataset.split_lists names it.
        lines: names, where the list is one of several in one file; None: all lines of the file.
        key: which of these it is.
        is_pictures: `lines` are paths of pictures, which dataset.split_lists names itself.
    """

    member: str
    parts: frozenset[int]
    hints: tuple[tuple[str, ...], ...]
    is_stated: bool
    lines: tuple[str, ...] | None = None
    key: str = ""
    is_pictures: bool = False

    @property
    def name(self) -> str:
        """The file's name without folders, and which list of it."""
        return self.member.rpartition("/")[2] + (f" ({self.key})" if self.key else "")

    @property
    def path(self) -> str:
        """The file's path, and which list of it."""
        return self.member + (f" ({self.key})" if self.key else "")


def find_lists(archive: Archive, candidates: list[str], settings: SplitLists | None) -> list[ListFile]:
    """Return the members that may be lists, in the order of their names.

    Args:
        archive: in which dataset.split_lists is looked up.
        candidates: members that may be found by their names.
        settings: dataset.split_lists.

    Raises:
        ChestbenchError: a pattern of dataset.split_lists matches nothing, or two parts share a list.
    """
    if settings is not None:
        return _stated(archive, settings)
    named, in_folders = [], []
    for member in candidates:
        stem, _, ending = member.rpartition("/")[2].rpartition(".")
        if ending.lower() not in _ENDINGS or not stem or says_left_out(stem):
            continue
        parts, rest = parts_in_name(stem)
        folders = list(reversed(member.split("/")[:-1]))
        if parts:
            if parts in ({TRAIN}, {VAL}, {TEST}, {TRAIN, VAL}):
                named.append(ListFile(member, frozenset(parts), (rest, *_words(folders)), False))
            continue
        above = next((found for folder in folders if (found := parts_in_name(folder)[0])), set())
        if len(above) == 1 or above == {TRAIN, VAL}:
            in_folders.append(ListFile(member, frozenset(above), (rest, *_words(folders)), False))
    return named + (in_folders if len(in_folders) <= _MOST_IN_FOLDERS else [])


def _words(folders: list[str]) -> list[tuple[str, ...]]:
    return [parts_in_name(folder)[1] for folder in folders]


def _stated(archive: Archive, settings: SplitLists) -> list[ListFile]:
    found: dict[str, ListFile] = {}
    for part, patterns in ((TRAIN, settings.train), (VAL, settings.val), (TEST, settings.test)):
        for pattern in patterns:
            matches = matching(archive.members, pattern)
            if not matches:
                texts = [member for member in archive.members if member.rpartition(".")[2].lower() in _ENDINGS]
                raise ChestbenchError(
                    f"dataset.split_lists: expected a list or pictures in the archive whose path matches {pattern!r}, "
                    f"found none; its texts and tables are {listed(texts)}; correct the pattern"
                )
            if pictures := [member for member in matches if not kind_of_name(member)]:
                found[f"{part} {pattern}"] = ListFile(
                    pattern, frozenset({part}), (), True, tuple(pictures), is_pictures=True
                )
                continue
            for member in matches:
                if member in found and found[member].parts != {part}:
                    raise ChestbenchError(
                        f"dataset.split_lists: expected each list in one part, received {member!r} in two; correct the "
                        "patterns"
                    )
                stem, _, ending = member.rpartition("/")[2].rpartition(".")
                folders = list(reversed(member.split("/")[:-1]))
                hints = (parts_in_name(stem or ending)[1], *_words(folders))
                found[member] = ListFile(member, frozenset({part}), hints, True)
    return list(found.values())


def words_of(folder: str) -> tuple[str, ...]:
    """Return a folder's words as `ListFile.hints` has them."""
    stem = folder[: -len(".zip")] if folder.lower().endswith(".zip") else folder
    return parts_in_name(stem)[1] or tuple(tokens_of(stem))
