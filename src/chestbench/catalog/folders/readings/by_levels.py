"""Readings of folders that name no finding: the one level whose names are neither numbers nor places."""

from collections.abc import Mapping

from chestbench.catalog.folders.readings.reading import Reading, Step, place_of
from chestbench.catalog.folders.words.roles import Role

# Numbers from 0 on are classes (0 to 4); more of them are parts of a set as well.
_MOST_NUMBERS = 5


def by_levels(folders: Mapping[str, int], steps: dict[str, tuple[Step, ...]]) -> list[Reading]:
    """Read folders that name no finding: the one level of names that are neither numbers nor places."""
    telling = {
        folder: [i for i, s in enumerate(path) if s.role in (Role.UNKNOWN, Role.FINDING)]
        for folder, path in steps.items()
    }
    used = {folder: found for folder, found in telling.items() if found}
    if not used:
        return _by_numbers(steps)
    names = [[steps[folder][i].name for i in found] for folder, found in used.items()]
    deepest = max(map(len, names))
    varying = [level for level in range(deepest) if len({path[level] for path in names if len(path) > level}) > 1]
    by_numbers = _by_numbers(steps)
    if not varying:
        return by_numbers
    readings = []
    for level in varying:
        at = {folder: found[level] for folder, found in used.items() if len(found) > level}
        # Shallower pictures are of the class that their own last folder names: siblings of unequal depth.
        at |= {folder: found[-1] for folder, found in used.items() if len(found) <= level}
        places = {folder: place_of(path, at.get(folder)) for folder, path in steps.items()}
        readings.append(Reading(places, "the one level whose names are neither numbers nor places"))
    return _plausible(folders, steps, readings) + by_numbers


def _plausible(
    folders: Mapping[str, int], steps: dict[str, tuple[Step, ...]], readings: list[Reading]
) -> list[Reading]:
    """Drop readings whose classes are surely people's or studies' names: many, small, each in one folder above."""
    if len(readings) < 2:
        return readings
    first, *rest = readings
    uppers = len(first.counts(folders))

    def is_detail(reading: Reading) -> bool:
        found = reading.counts(folders)
        homes: dict[str, set[str]] = {}
        for folder, place in reading.places.items():
            if place.label is not None:
                homes.setdefault(place.label, set()).add(first.places[folder].label or "")
        return len(found) >= max(10, 4 * uppers) and all(len(home) == 1 for home in homes.values())

    return [first, *(reading for reading in rest if not is_detail(reading))]


def _by_numbers(steps: dict[str, tuple[Step, ...]]) -> list[Reading]:
    """Take numbers for classes where one level counts from 0: "0", "1". Running numbers of people begin with 1."""
    levels: dict[int, set[str]] = {}
    numbered = {folder: [at for at, step in enumerate(path) if step.role is Role.ID] for folder, path in steps.items()}
    for folder, places_of in numbered.items():
        for level, at in enumerate(places_of):
            levels.setdefault(level, set()).add(steps[folder][at].name)
    for level, names in sorted(levels.items()):
        if names == {str(number) for number in range(len(names))} and 2 <= len(names) <= _MOST_NUMBERS:
            places = {
                folder: place_of(steps[folder], at[level] if level < len(at) else None)
                for folder, at in numbered.items()
            }
            return [Reading(places, "its numbers count from 0")]
    return []
