"""Finds pictures by what tables and lists call them: a file name, with or without its ending, or the end of a path."""

import re
from collections.abc import Iterable
from typing import TypeVar

from chestbench.catalog.tables.reading.table_text import plain_number
from chestbench.catalog.tables.words.picture_endings import PICTURE_ENDING
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import member_path

# So many folders at the beginning of names may be those of another copy of the set.
_OTHER_FOLDERS = 5
_NUMBER = re.compile(r"[0-9]+")
_T = TypeVar("_T")


class PictureIndex:
    """The pictures of an archive by their paths' ends."""

    def __init__(self, members: list[str]) -> None:
        """Take N paths with forward slashes."""
        self._members = members
        self._deepest = max((member.count("/") + 1 for member in members), default=0)
        self._whole = {member: place for place, member in enumerate(members)}
        self._ends: dict[int, dict[str, list[int]]] = {}
        self._stems: dict[int, dict[str, list[int]]] = {}
        self._beginnings: dict[str, list[int]] = {}
        self._folded: dict[int, dict[str, list[int]]] = {}

    def find(self, name: str) -> list[int]:
        """Return the places of the pictures that a name may mean; none, or several where folders must tell.

        In this order: paths that end in the name (at a slash), the same without the path's ending, a path that the name
        ends in (the archive was packed below the folder that the name begins with), another picture's ending, another
        case.
        """
        parts = name.split("/")
        depth = len(parts)
        found = self._of_depth(depth, self._ends, _itself).get(name) or self._by_stem(name, depth)
        if found:
            return found
        for start in range(max(1, depth - self._deepest), depth):
            if (place := self._whole.get("/".join(parts[start:]))) is not None:
                return [place]
        bare = PICTURE_ENDING.sub("", name)
        found = self._by_stem(bare, depth) if bare and bare != name else []
        return found or self._of_depth(depth, self._folded, _folded).get(_folded(name), [])

    def folders_to_drop(self, names: Iterable[str]) -> int | None:
        """Return how many folders at the beginning of all names are to be dropped so that they find pictures; 0 where
        they find some as they are, None where they never do."""
        names = list(names)
        for dropped in range(_OTHER_FOLDERS):
            for name in names:
                parts = name.split("/")
                if len(parts) > dropped and self.find("/".join(parts[dropped:])):
                    return dropped
        return None

    def below(self, name: str) -> list[int]:
        """Return the places of the pictures in a folder of that name, or whose file name begins with it (at a _, - or
        blank): those of a patient or study."""
        if not self._beginnings:
            for place, member in enumerate(self._members):
                *folders, file = member.split("/")
                stem = stem_of(file)
                starts = (stem[: match.start()] for match in re.finditer(r"[_\- ]", stem))
                for key in {*folders, *starts}:
                    self._beginnings.setdefault(key, []).append(place)
        return self._beginnings.get(name, [])

    def by_number(self, names: Iterable[str]) -> dict[str, int]:
        """Return name -> place of the one picture whose file name is the same but for zeros before numbers.

        "12" and "img_7" mean 0012.png and img_0007.png; where all pictures are called alike but for one number
        (IMG_0012.png), a bare number is enough. A name or picture that this would join with two is in none.

        Args:
            names: with or without an ending, without folders.
        """
        names = [name for name in names if "/" not in name]
        stems = [_folded(member.rpartition("/")[2]) for member in self._members]
        of_names = {name: _without_zeros(_folded(plain_number(name))) for name in names}
        if all(key.isdecimal() for key in of_names.values()) and len({_NUMBER.sub("#", stem) for stem in stems}) == 1:
            keys = [_NUMBER.findall(stem) for stem in stems]
            stems = [numbers[0] if len(numbers) == 1 else stem for numbers, stem in zip(keys, stems, strict=True)]
        pictures = _told_apart((_without_zeros(stem), place) for place, stem in enumerate(stems))
        wanted = _told_apart((key, name) for name, key in of_names.items())
        return {name: pictures[key] for key, name in wanted.items() if key in pictures}

    def below_number(self, names: Iterable[str]) -> dict[str, str]:
        """Return name -> the folder, or beginning of files' names, that is the same but for zeros before numbers.

        See `below`; a name or beginning that this would join with two is in none.
        """
        self.below("")
        wanted = _told_apart((_without_zeros(plain_number(name)), name) for name in names)
        found = _told_apart((_without_zeros(key), key) for key in self._beginnings)
        return {name: found[key] for key, name in wanted.items() if key in found}

    def _by_stem(self, name: str, depth: int) -> list[int]:
        return self._of_depth(depth, self._stems, stem_of).get(name, [])

    def _of_depth(self, depth: int, kept: dict[int, dict[str, list[int]]], form) -> dict[str, list[int]]:  # type: ignore[no-untyped-def]
        if depth > self._deepest:
            return {}
        if depth not in kept:
            kept[depth] = {}
            for place, member in enumerate(self._members):
                parts = member.rsplit("/", depth)[-depth:] if member.count("/") >= depth else member.split("/")
                if len(parts) == depth:
                    kept[depth].setdefault(form("/".join(parts)), []).append(place)
        return kept[depth]


def _itself(path: str) -> str:
    return path


def _folded(path: str) -> str:
    return PICTURE_ENDING.sub("", path).casefold()


def _without_zeros(text: str) -> str:
    """Return a text whose numbers have no zeros before them: "img_0007" gives "img_7", "0000" gives "0"."""
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", text)


def _told_apart(pairs: Iterable[tuple[str, _T]]) -> dict[str, _T]:
    """Return the pairs whose key comes once."""
    found: dict[str, _T] = {}
    twice = set()
    for key, value in pairs:
        if key in found:
            twice.add(key)
        found[key] = value
    return {key: value for key, value in found.items() if key not in twice}


def stem_of(path: str) -> str:
    """Return a path without its ending: "a/b.png" gives "a/b"; a name that begins with its only dot is all stem."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{name.rpartition('.')[0] or name}"


def inside(names: Iterable[str], where: str, key: str, mend: str) -> dict[str, str]:
    """Return each name in the form in which members have it: forward slashes, no `.`.

    Args:
        names: as a table or list has them.
        where: what holds them, for the message.
        key: the parameter in question.
        mend: what to do.

    Raises:
        ChestbenchError: some are absolute, have a drive letter, or climb with `..`: they point outside the archive.
    """
    clean, outside = {}, 0
    for name in names:
        if "/" not in name and "\\" not in name and name not in (".", ".."):
            clean[name] = name
            continue
        try:
            clean[name] = member_path(name)
        except ValueError:
            outside += 1
    if outside:
        raise ChestbenchError(
            f"{key}: expected names of pictures inside the archive, received {outside} in {where} that point out of it "
            f"(absolute paths, a drive letter, or ..), of {outside + len(clean)}; {mend}"
        )
    return clean
