"""Folders beside the classes that hold their pictures once more: "Originales", "Alle Bilder", "covid_X" of "covid"."""

from collections.abc import Mapping, Sequence
from itertools import combinations

from chestbench.catalog.folders.checks.derived_classes import called_after
from chestbench.catalog.folders.copies.same_names import are_counters
from chestbench.catalog.folders.readings.reading import Place, Reading
from chestbench.catalog.folders.readings.reading_errors import two_readings
from chestbench.catalog.folders.splits.split_words import PartNames
from chestbench.catalog.folders.words.augmented_words import stem_of

_NEARLY_ALL = 0.8
# Of classes that count their pictures anew, names say nothing: so large a share of them at most is shared.
_SHARED = 0.2
_FEWEST = 3


def refuse_pools(folders: Mapping[str, int], members: Sequence[str], reading: Reading, parts: PartNames) -> None:
    """Refuse a class whose pictures have the names of all pictures of two other classes or more, or of its namesake.

    Args:
        folders: path of a folder -> pictures directly in it.
        members: paths of the pictures.
        reading: that was taken.
        parts: which folders are parts of a split.

    Raises:
        ChestbenchError: shows both readings.
    """
    stems: dict[str, set[str]] = {}
    for member in members:
        if (label := reading.places[member.rpartition("/")[0]].label) is not None:
            stems.setdefault(label, set()).add(stem_of(member).casefold())
    pools = {name for name in stems if _is_pool(name, stems)} or _of_one(stems)
    if pools:
        places = {
            folder: Place(None, -1, (*place.above, *place.below), ()) if place.label in pools else place
            for folder, place in reading.places.items()
        }
        raise two_readings(folders, [Reading(places, reading.why), reading], parts)


def _of_one(stems: Mapping[str, set[str]]) -> set[str]:
    """Return the classes called after another ("covid_X" beside "covid") whose pictures have the names of that one's.

    Numbers that are counted in both say nothing.
    """
    found = set()
    for name, base in called_after(stems).items():
        mine, others = stems[name], stems[base]
        if len(mine) >= _FEWEST and len(mine & others) >= _NEARLY_ALL * len(mine) and not are_counters(mine):
            found.add(name)
    return found if len(stems) - len(found) > 1 else set()


def _is_pool(name: str, stems: Mapping[str, set[str]]) -> bool:
    mine = stems[name]
    others = [found for other, found in stems.items() if other != name]
    # A pool is no smaller than the others together; this also spares most sets the comparison.
    total = sum(map(len, others))
    if len(others) < 2 or len(mine) < _NEARLY_ALL * total or total < 2 * _FEWEST:
        return False
    if len(mine & set().union(*others)) < _NEARLY_ALL * max(total, len(mine)):
        return False
    return all(len(a & b) <= _SHARED * min(len(a), len(b)) for a, b in combinations(others, 2))
