"""Which folder of a path is the class: decided from all paths together, or refused with both readings shown.

Folders that are parts of a split, kinds of files or the same for all pictures are set aside; a folder that holds its
own siblings' names once more is a copy of the set, or a source. Of what remains:

1. Folders named after findings are the classes ("COVID", "Normal"), and their siblings with them. Where findings lie
   below findings, the reading that contradicts itself (a normal below a disease) falls; if none does, both are shown.
2. Without findings, the one level whose names are neither numbers nor places, views and the like is.
3. Numbers are classes where they count from 0; places never are, unless dataset.classes names them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chestbench.catalog.folders.split_words import PartNames
from chestbench.catalog.folders.vocabulary import (
    NEGATIONS,
    SET_WORDS,
    Role,
    is_date,
    is_finding_word,
    is_surely_id,
    kind_key,
    role_of,
    same_words,
    words_of,
)
from chestbench.core.negation import STATES

_NEGATIVE = STATES | NEGATIONS

# So many names of sources at most; more are people. So many numbered folders of a class at least are patients.
MOST_SOURCES = 20
FEWEST_PEOPLE = 3
# So large a share of pictures beside the classes may be a class of its own.
UNPLACED = 0.1
# Numbers from 0 on are classes (0 to 4); more of them are parts of a set as well.
_MOST_NUMBERS = 5


@dataclass(frozen=True)
class Step:
    """A folder of a path: its name, what it most likely is, and its level in the whole path (0: the top)."""

    name: str
    role: Role
    level: int


@dataclass(frozen=True)
class Place:
    """Where the class stands in a folder's path.

    Attributes:
        label: the class's name as found; None: pictures in this folder have no class.
        level: of the class in the path, -1 without.
        above, below: the other folders that are no parts of a split and no kinds of files.
    """

    label: str | None
    level: int
    above: tuple[Step, ...]
    below: tuple[Step, ...]


@dataclass(frozen=True)
class Reading:
    """One way to read the folders: `places` by folder, and in words why it is taken."""

    places: dict[str, Place]
    why: str

    def counts(self, folders: Mapping[str, int]) -> Counter[str]:
        """Return pictures by class."""
        found: Counter[str] = Counter()
        for folder, place in self.places.items():
            if place.label is not None:
                found[place.label] += folders[folder]
        return found


def read_folders(folders: Mapping[str, int], parts: PartNames) -> list[Reading]:
    """Return the readings that are consistent: one, two or more (the set is ambiguous), or none (no classes).

    Args:
        folders: path of a folder -> pictures directly in it; masks are not among them.
        parts: which folders are parts of a split.
    """
    steps = read_steps(folders, parts)
    has_finding = any(_is_real_finding(step) for path in steps.values() for step in path)
    if has_finding:
        return _by_findings(folders, steps)
    return _by_levels(folders, steps)


def read_steps(folders: Iterable[str], parts: PartNames) -> dict[str, tuple[Step, ...]]:
    """Return what of each path may be a class or a source: no part, no mask, no mere pictures, nothing all share."""
    steps = {folder: _steps(folder, parts) for folder in folders}
    return _without_copies(_without_shared(_without_kinds(steps)))


def _steps(folder: str, parts: PartNames) -> tuple[Step, ...]:
    """Return the folders of a path that are neither a part of a split nor masks."""
    found: list[Step] = []
    for level, name in enumerate(folder.split("/") if folder else []):
        if name in parts.part:
            continue
        if name in parts.rest:
            name = parts.rest[name][1]
        role = role_of(name)
        if role is Role.MASK or (found and found[-1].name == name):
            continue
        found.append(Step(name, role, level))
    return tuple(found)


def _without_kinds(steps: dict[str, tuple[Step, ...]]) -> dict[str, tuple[Step, ...]]:
    """Drop kinds of files; where the set has several (CT and X-ray, original and augmented), they are sources."""

    def key(path: tuple[Step, ...]) -> str:
        return " ".join(sorted({kind_key(step.name) for step in path if step.role is Role.KIND} - {""}))

    are_sources = len({key(path) for path in steps.values() if path}) > 1

    def kept(path: tuple[Step, ...]) -> tuple[Step, ...]:
        found: list[Step] = []
        for step in path:
            if step.role is Role.KIND and not (are_sources and kind_key(step.name)):
                continue
            role = Role.CONTEXT if step.role is Role.KIND else step.role
            if not (found and found[-1].name == step.name):
                found.append(Step(step.name, role, step.level))
        return tuple(found)

    return {folder: kept(path) for folder, path in steps.items()}


def _without_shared(steps: dict[str, tuple[Step, ...]]) -> dict[str, tuple[Step, ...]]:
    """Drop the folders that all paths begin with."""
    paths = [[step.name for step in path] for path in steps.values() if path]
    if not paths:
        return steps
    first, last = min(paths), max(paths)
    shared = 0
    while shared < min(len(first), len(last)) and first[shared] == last[shared]:
        shared += 1
    # A single class is no shared folder: what is wrong can then be said with its name.
    return {folder: path[shared:] for folder, path in steps.items()} if shared < max(map(len, paths)) else steps


def _without_copies(steps: dict[str, tuple[Step, ...]]) -> dict[str, tuple[Step, ...]]:
    """Turn a folder in which its own siblings' names come again into a source: it is no class beside them."""
    children: dict[tuple[str, ...], set[str]] = {}
    for path in steps.values():
        names = tuple(step.name for step in path)
        for level in range(len(names)):
            children.setdefault(names[:level], set()).add(names[level])

    # Once for each parent: a class may have 20,000 patients below it.
    named = {parent: {name for name in names if role_of(name) is not Role.ID} for parent, names in children.items()}

    def holds(at: tuple[str, ...], siblings: set[str], name: str) -> bool:
        return any(child != name and child in siblings for child in children.get(at, ()))

    def wraps(parent: tuple[str, ...], name: str) -> bool:
        siblings = named[parent]
        at = (*parent, name)
        while len(children.get(at, ())) == 1:
            if holds(at, siblings, name):
                return True
            at = (*at, *children[at])
        return holds(at, siblings, name)

    wrappers = {(parent, name) for parent, names in children.items() for name in names if wraps(parent, name)}
    if not wrappers:
        return steps

    def marked(path: tuple[Step, ...]) -> tuple[Step, ...]:
        names = tuple(step.name for step in path)
        found, is_wrapper = [], False
        for at, step in enumerate(path):
            # A copy of the set may lie several single folders deep.
            is_wrapper = (names[:at], step.name) in wrappers or (is_wrapper and len(children[names[:at]]) == 1)
            found.append(Step(step.name, Role.CONTEXT, step.level) if is_wrapper else step)
        return tuple(found)

    return {folder: marked(path) for folder, path in steps.items()}


def _is_real_finding(step: Step) -> bool:
    """Tell a finding from a mere degree ("mild")."""
    return step.role is Role.FINDING and any(is_finding_word(word) for word in words_of(step.name))


def _by_findings(folders: Mapping[str, int], steps: dict[str, tuple[Step, ...]]) -> list[Reading]:
    at = {folder: [i for i, s in enumerate(path) if _is_real_finding(s)] for folder, path in steps.items()}
    upper = {folder: found[0] for folder, found in at.items() if found}
    lower = {folder: found[-1] for folder, found in at.items() if found}
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


def _names_a_set(name: str, *words: str) -> bool:
    return any(word in (words or SET_WORDS) for word in words_of(name))


def _with_left(folders: Mapping[str, int], steps: dict[str, tuple[Step, ...]], reading: Reading) -> list[Reading]:
    """Return a reading, or two where folders that may be a class lie beside what holds its classes.

    "P/mild", "P/normal PCR" and "N": the classes may be P and N, or N is one beside the others.
    """
    left = {
        folder: next((i for i, step in enumerate(steps[folder]) if step.role in (Role.UNKNOWN, Role.FINDING)), None)
        for folder, place in reading.places.items()
        if place.label is None and steps[folder]
    }
    left = {folder: place for folder, place in left.items() if place is not None}
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
    of_tops = {folder: _place(path, 0 if folder in tops else None) for folder, path in steps.items()}
    beside = {folder: _place(steps[folder], place) for folder, place in left.items()}
    return [Reading(of_tops, "the level at the top"), Reading(reading.places | beside, reading.why)]


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
        places[folder] = _place(path, place)
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


def _place(path: Sequence[Step], place: int | None) -> Place:
    if place is None:
        return Place(None, -1, tuple(path), ())
    return Place(path[place].name, path[place].level, tuple(path[:place]), tuple(path[place + 1 :]))


def _by_levels(folders: Mapping[str, int], steps: dict[str, tuple[Step, ...]]) -> list[Reading]:
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
        places = {folder: _place(path, at.get(folder)) for folder, path in steps.items()}
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
                folder: _place(steps[folder], at[level] if level < len(at) else None) for folder, at in numbered.items()
            }
            return [Reading(places, "its numbers count from 0")]
    return []


def alike_key(name: str) -> str:
    """Return what names that are one class in two spellings share: "COVID-19" and "covid cases", "PCR+" and "PCR +"."""
    return " ".join(same_words(name)) + "".join(sign for sign in "+-" if name.rstrip(" )").endswith(sign))


def numbered_names(steps: Iterable[Step]) -> set[str]:
    """Return which names number people or studies: by what they say, or three and more alike ("COVID-1", "COVID-2")."""
    named = {step.name: step.role for step in steps}
    alike = _numbered_alike(name for name, role in named.items() if role is Role.FINDING)
    return alike | {name for name, role in named.items() if role is Role.ID}


def _numbered_alike(names: Iterable[str]) -> set[str]:
    """Return names of which three and more differ in numbers only ("PTc001", "PTc002"): people rather than places."""
    shapes: dict[str, set[str]] = {}
    for name in names:
        if any(map(str.isdigit, name)):
            shapes.setdefault(re.sub(r"\d+", "9", name), set()).add(name)
    return set().union(*(alike for alike in shapes.values() if len(alike) >= FEWEST_PEOPLE))


def sources_of(reading: Reading) -> dict[str, str]:
    """Return the source of each folder: the folders above its class, and the places, views and the like below it.

    Folders below the classes whose names are neither are sources where few names come again under several classes.
    """
    homes: dict[str, set[str]] = {}
    for place in reading.places.values():
        for step in place.below:
            if step.role is Role.UNKNOWN and place.label is not None:
                homes.setdefault(step.name, set()).add(place.label)
    again = {name for name, labels in homes.items() if len(labels) > 1} if len(homes) <= MOST_SOURCES else set()
    again -= _numbered_alike(homes)
    upper = {step.name: step for place in reading.places.values() for step in place.above}
    numbered = numbered_names(upper.values())
    numbers = {name for name in upper if name in numbered and not is_date(name)}
    unknown = {name for name, step in upper.items() if step.role is Role.UNKNOWN}
    # Many names above the classes are people, and so are three numbers or more; see readings.patients_of.
    people = (numbers if len(numbers) >= FEWEST_PEOPLE else set(filter(is_surely_id, upper))) | (
        unknown if len(unknown) > MOST_SOURCES else set()
    )

    def is_source(step: Step) -> bool:
        return step.role is Role.CONTEXT or step.name in again

    return {
        folder: "/".join(
            step.name for step in (*(s for s in place.above if s.name not in people), *filter(is_source, place.below))
        )
        for folder, place in reading.places.items()
    }
