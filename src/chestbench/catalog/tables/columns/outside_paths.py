r"""Paths of another machine in a table (C:\data\set\1.png, /home/kim/set/1.png): what of their ends means a picture."""

from collections.abc import Collection, Sequence

from chestbench.catalog.tables.columns.picture_index import PictureIndex
from chestbench.datasets.archive import member_path

# So many parts at the end are looked at: the file's name and the folders next to it.
_MOST_PARTS = 5


def is_outside(name: str) -> bool:
    """Tell whether a path is absolute, has a drive letter, or climbs with `..`; a bare name is none."""
    if "/" not in name and "\\" not in name:
        return False
    try:
        member_path(name)
    except ValueError:
        return True
    return False


def end_of(name: str, parts: int) -> str:
    """Return so many parts of a path from its end, with forward slashes."""
    return "/".join(name.replace("\\", "/").split("/")[-parts:])


def parts_to_keep(names: Collection[str], index: PictureIndex, pictures: Sequence[str]) -> int:
    """Return how many parts at the end of paths are enough: the fewest by which most mean a picture, and none several.

    Args:
        names: paths, each once.
        index: of the pictures.
        pictures: their paths. Those of one name in folders of one name count as one: a set may stand in itself.

    Returns:
        0 where no number is, or where none means a picture.
    """
    best, most = 0, 0
    for parts in range(1, _MOST_PARTS + 1):
        found = [{end_of(pictures[place], 2) for place in index.find(end_of(name, parts))} for name in names]
        means = sum(map(bool, found))
        if max(map(len, found), default=0) == 1 and means > most:
            best, most = parts, means
    return best


def pattern_of_end(parts: int) -> str:
    r"""Return the value of dataset.labels.id_pattern that takes so many parts of a path from its end.

    Example:
        >>> print(pattern_of_end(1), pattern_of_end(2))
        (?P<id>[^/\\]+)$ (?P<id>[^/\\]+[/\\][^/\\]+)$
    """
    return "(?P<id>" + r"[/\\]".join([r"[^/\\]+"] * parts) + ")$"
