"""Readings of folders of which some are named after findings: these are the classes, and their siblings."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from chestbench.catalog.folders.readings.reading import Reading, Step, place_of
from chestbench.catalog.folders.words.finding_words import NEGATIONS, is_finding_word
from chestbench.catalog.folders.words.kind_words import SET_WORDS
from chestbench.catalog.folders.words.roles import Role
from chestbench.catalog.folders.words.words import words_of
from chestbench.core.negation import STATES

_NEGATIVE = STATES | NEGATIONS
# So large a share of pictures beside the classes may be a class of its own.
UNPLACED = 0.1


def is_real_finding(step: Step) -> bool:
    """Tell a finding from a mere degree ("mild")."""
    return step.role is Role.FINDING and any(is_finding_word(word) for word in words_of(step.name))


def by_findings(folders: Mapping[str, int], steps: dict[str, tuple[Step, ...]]) -> list[Reading]:
    """Return the readings in which folders named after findings are the classes, and their siblings with them.

    Args:
        folders: path of a folder -> pictures directly in it.
        steps: from `read_steps`, of the same folders.
    """
    at = {folder: [i for i, s in enumerate(path) if is_real_finding(s)] for folder, path in steps.items()}
    upper = {folder: found[0] for folder, found in at.items() if found}
    lower = _with_siblings(steps, {folder: found[-1] for folder, found in at.items() if found})
    if upper == lower:
        return _with_left(folders, steps, _completed(steps, upper, "its names are findings"))
    tops = {folder: steps[folder][place].name for folder, place in upper.items()}
    bottoms = {folder: steps[folder][place].name for folder, place in lower.items()}
    pairs = {(tops[folder], bottoms[folder]) for folder in tops}
    if len({top for top, _ in pairs}) == len({bottom for _, bottom in pairs}) == len(pairs) > 1:
        return [_completed(steps, upper, "its names are findings, the same as below")]
    below_one = Counter(top for top, _ in pairs)
    # "covid dataset" over "covid" and "normal" names a set; over "mild" beside "normal dataset" it is a class.
    has_normal = any(_is_negative(top) and not _names_a_set(top, "vs") for top in below_one)
    contradicts = not has_normal and any(_is_negative(bottom) and not _is_negative(top) for top, bottom in pairs)
    names_the_set = not has_normal and all(_names_a_set(top) for top, count in below_one.items() if count > 1)
    tops_of = Counter(bottom for _, bottom in pairs)
    is_people = len(pairs) >= max(10, 4 * min(len(below_one), len(tops_of)))
    if is_people and len(below_one) == len(pairs):
        return [_completed(steps, lower, "its names are findings, and those above are many")]
    if is_people and len(tops_of) == len(pairs):
        return [_completed(steps, upper, "its names are findings, and those below are many")]
    readings = []
    if len(below_one) > 1 and not contradicts and not names_the_set:
        readings.append(_completed(steps, upper, "its names are findings"))
    if len(set(bottoms.values())) > 1:
        readings.append(_completed(steps, lower, "its names are findings"))
    return readings


def _with_siblings(steps: dict[str, tuple[Step, ...]], lower: Mapping[str, int]) -> dict[str, int]:
    """Return the lowest findings, where what lies beside one is as deep: "bacterial/strep" beside "bacterial/TB"."""
    deepest: dict[tuple[str, ...], int] = {}
    for folder, place in lower.items():
        names = tuple(step.name for step in steps[folder][:place])
        for level in range(1, place + 1):
            deepest[names[:level]] = max(place, deepest.get(names[:level], 0))

    def place_in(folder: str, place: int) -> int:
        path = steps[folder]
        deeper = deepest.get(tuple(step.name for step in path[: place + 1]), place)
        may_be = deeper < len(path) and path[deeper].role in (Role.UNKNOWN, Role.FINDING)
        return deeper if may_be else place

    return {folder: place_in(folder, place) for folder, place in lower.items()}


def _names_a_set(name: str, *words: str) -> bool:
    return any(word in (words or SET_WORDS) for word in words_of(name))


def _with_left(folders: Mapping[str, int], steps: dict[str, tuple[Step, ...]], reading: Reading) -> list[Reading]:
    """Return a reading, or two where folders that may be a class lie beside what holds its classes.

    "P/mild", "P/normal PCR" and "N": the classes may be P and N, or N is one beside the others.
    """
    left = {
        folder: next(i for i, step in enumerate(steps[folder]) if step.role in (Role.UNKNOWN, Role.FINDING))
        for folder, place in reading.places.items()
        if place.label is None and any(step.role in (Role.UNKNOWN, Role.FINDING) for step in steps[folder])
    }
    placed = [folder for folder, place in reading.places.items() if place.label is not None]
    tops = {folder: steps[folder][0] for folder in (*placed, *left)}
    homes = {tops[folder].name for folder in placed}
    if (
        sum(folders[folder] for folder in left) < max(2, UNPLACED * sum(folders.values()))
        or not left
        or any(step.role not in (Role.UNKNOWN, Role.FINDING) for step in tops.values())
        or homes & {tops[folder].name for folder in left}
        or any(reading.places[folder].label in homes for folder in placed)
    ):
        return [reading]
    of_tops = {folder: place_of(path, 0 if folder in tops else None) for folder, path in steps.items()}
    left = _as_deep(steps, left, max(place.level for place in reading.places.values()))
    beside = {folder: place_of(steps[folder], place) for folder, place in left.items()}
    return [Reading(of_tops, "the level at the top"), Reading(reading.places | beside, reading.why)]


def _as_deep(steps: dict[str, tuple[Step, ...]], left: Mapping[str, int], depth: int) -> dict[str, int]:
    """Return the places of what is left, as deep as the classes where one folder at the top holds several there.

    "task2/mild" and "task2/severe" beside "task1/covid" and "task1/normal".
    """
    deep = {
        folder: next((i for i, step in enumerate(steps[folder]) if step.level == depth), place)
        for folder, place in left.items()
    }
    names_of: dict[str, set[str]] = {}
    for folder, place in deep.items():
        names_of.setdefault(steps[folder][0].name, set()).add(steps[folder][place].name)
    return {
        folder: deep[folder] if len(names_of[steps[folder][0].name]) > 1 else place for folder, place in left.items()
    }


def _is_negative(name: str) -> bool:
    return any(word in _NEGATIVE or word.startswith("non") for word in words_of(name))


def _completed(steps: dict[str, tuple[Step, ...]], at: Mapping[str, int], why: str) -> Reading:
    """Return the reading with the class at these places, and at the siblings of these that may be classes as well."""
    parents = {tuple(step.name for step in steps[folder][:place]) for folder, place in at.items()}
    level_of = {len(parent) for parent in parents}
    if len({steps[folder][place].name for folder, place in at.items()}) == 1 and len(level_of) == 1:
        # "Wuhan/ill" and "Bern/well": one finding alone has no sibling, so what lies as deep is one.
        depth = level_of.pop()
        level_of = {depth}
        parents |= {tuple(step.name for step in path[:depth]) for path in steps.values() if len(path) > depth}
    tails = _tails(steps, sorted(level_of))
    of_found = {_telling(steps[folder][place + 1 :]) for folder, place in at.items()}
    places = {}
    for folder, path in steps.items():
        place = at.get(folder)
        if place is None:
            names = tuple(step.name for step in path)
            place = next((n for n in sorted(level_of) if n < len(path) and names[:n] in parents), None)
            if place is not None and not _may_be_class(path, place, tails[names[: place + 1]] - of_found):
                place = None
        places[folder] = place_of(path, place)
    return Reading(places, why)


def _telling(steps: Iterable[Step]) -> tuple[str, ...]:
    return tuple(step.name for step in steps if step.role not in (Role.ID, Role.CONTEXT))


def _tails(steps: dict[str, tuple[Step, ...]], levels: Sequence[int]) -> dict[tuple[str, ...], set[tuple[str, ...]]]:
    """Return for each folder at these levels the chains of telling names below it."""
    found: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for path in steps.values():
        for level in levels:
            if level < len(path):
                found.setdefault(tuple(step.name for step in path[: level + 1]), set()).add(_telling(path[level + 1 :]))
    return found


def _may_be_class(path: Sequence[Step], place: int, tails: set[tuple[str, ...]]) -> bool:
    """Tell whether a sibling of class folders can be one: it names no other thing, and holds no classes of its own.

    One folder below it ("NCP/my study") is no level, whatever its name; two are, but for names that lie below known
    classes as well.

    Args:
        path: of a folder.
        place: of the sibling in it.
        tails: names below the sibling that are not below known classes.
    """
    return path[place].role in (Role.UNKNOWN, Role.FINDING) and len(tails - {()}) <= 1
