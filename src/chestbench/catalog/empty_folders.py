"""Which folder of a path is the class: decided from all paths together, or refused with both readings shown.

Folders that are parts of a split, kinds of files or the same for all pictures are set aside; a folder that holds its
own siblings' names once more is a copy of the set, or a source. Of what remains:

1. Folders named after findings are the classes ("COVID", "Normal"), and their siblings with them. Where findings lie
   below findings, the reading that contradicts itself (a normal below a disease) falls; if none does, both are shown.
2. Without findings, the one level whose names are neither numbers nor places, views and the like is.
3. Numbers are classes where they count from 0; places never are, unless dataset.classes names them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chestbench.catalog.split_words import PartNames
from chestbench.catalog.vocabulary import FILLERS, NEGATIONS, Role, is_finding_word, role_of, words_of

_NEGATIVE = (
    frozenset(["normal", "normals", "healthy", "negative", "negatives", "neg", "nofinding", "control", "controls"])
    | NEGATIONS
)


_FEW_SOURCES = 20


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
    steps = {folder: _steps(folder, parts) for folder in folders}
    steps = _without_copies(_without_shared(steps))
    has_finding = any(_is_real_finding(step) for path in steps.values() for step in path)
    if has_finding:
        return _by_findings(folders, steps)
    return _by_levels(folders, steps)


def _steps(folder: str, parts: PartNames) -> tuple[Step, ...]:
    """Return the folders of a path that are neither a part of a split nor a kind of files."""
    found: list[Step] = []
    for level, name in enumerate(folder.split("/") if folder else []):
        if name in parts.part:
            continue
        if name in parts.rest:
            name = parts.rest[name][1]
        role = role_of(name)
        if role in (Role.KIND, Role.MASK) or (found and found[-1].name == name):
            continue
        found.append(Step(name, role, level))
    return tuple(found)


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

    def wraps(parent: tuple[str, ...], name: str) -> bool:
        siblings = {other for other in children[parent] - {name} if role_of(other) is not Role.ID}
        at = (*parent, name)
        while len(children.get(at, ())) == 1:
            if children[at] & siblings:
                return True
            at = (*at, *children[at])
        return bool(children.get(at, set()) & siblings)

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
        return [_completed(steps, upper, "its names are findings")]
    tops = {folder: steps[folder][place].name for folder, place in upper.items()}
    bottoms = {folder: steps[folder][place].name for folder, place in lower.items()}
    pairs = {(tops[folder], bottoms[folder]) for folder in tops}
    if len({top for top, _ in pairs}) == len({bottom for _, bottom in pairs}) == len(pairs) > 1:
        return [_completed(steps, upper, "its names are findings, the same as below")]
    contradicts = any(_is_negative(bottom) and not _is_negative(top) for top, bottom in pairs)
    below_one = Counter(top for top, _ in pairs)
    names_the_set = all(any(word in FILLERS for word in words_of(top)) for top, count in below_one.items() if count > 1)
    readings = []
    if len(below_one) > 1 and not contradicts and not names_the_set:
        readings.append(_completed(steps, upper, "its names are findings"))
    if len(set(bottoms.values())) > 1:
        readings.append(_completed(steps, lower, "its names are findings"))
    return readings


def _is_negative(name: str) -> bool:
    return any(word in _NEGATIVE or word.startswith("non") for word in words_of(name))


def _completed(steps: dict[str, tuple[Step, ...]], at: Mapping[str, int], why: str) -> Reading:
    """Return the reading with the class at these places, and at the siblings of these that may be classes as well."""
    parents = {tuple(step.name for step in steps[folder][:place]) for folder, place in at.items()}
    level_of = {len(parent) for parent in parents}
    places = {}
    for folder, path in steps.items():
        place = at.get(folder)
        if place is None:
            names = tuple(step.name for step in path)
            place = next((n for n in sorted(level_of) if n < len(path) and names[:n] in parents), None)
            if place is not None and not _may_be_class(path, place):
                place = None
        places[folder] = _place(path, place)
    return Reading(places, why)


def _may_be_class(path: Sequence[Step], place: int) -> bool:
    """Tell whether a sibling of class folders can be one: it names no other thing, and lies as deep as they do."""
    return path[place].role in (Role.UNKNOWN, Role.FINDING) and all(
        step.role in (Role.ID, Role.CONTEXT) for step in path[place + 1 :]
    )


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
    if not varying:
        return []
    readings = []
    for level in varying:
        at = {folder: found[level] for folder, found in used.items() if len(found) > level}
        # Shallower pictures are of the class that their own last folder names: siblings of unequal depth.
        at |= {folder: found[-1] for folder, found in used.items() if len(found) <= level}
        places = {folder: _place(path, at.get(folder)) for folder, path in steps.items()}
        readings.append(Reading(places, "the one level whose names are neither numbers nor places"))
    return _plausible(folders, steps, readings)


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
    for path in steps.values():
        for level, step in enumerate(path):
            levels.setdefault(level, set()).add(step.name)
    for level, names in sorted(levels.items()):
        if names == {str(number) for number in range(len(names))} and 2 <= len(names) <= 20:
            places = {f: _place(path, level if level < len(path) else None) for f, path in steps.items()}
            return [Reading(places, "its numbers count from 0")]
    return []


def alike_key(name: str) -> str:
    """Return what names that are one class in two spellings share: words without fillers, "COVID-19" as "covid_19"."""
    words = words_of(name)
    return " ".join(word for word in words if word not in FILLERS) or " ".join(words)


def sources_of(reading: Reading) -> dict[str, str]:
    """Return the source of each folder: the folders above its class, and the places, views and the like below it.

    Folders below the classes whose names are neither are sources where few names come again under several classes.
    """
    homes: dict[str, set[str]] = {}
    for place in reading.places.values():
        for step in place.below:
            if step.role is Role.UNKNOWN and place.label is not None:
                homes.setdefault(step.name, set()).add(place.label)
    again = {name for name, labels in homes.items() if len(labels) > 1} if len(homes) <= _FEW_SOURCES else set()

    def is_source(step: Step) -> bool:
        return step.role is Role.CONTEXT or step.name in again

    return {
        folder: "/".join(step.name for step in (*place.above, *filter(is_source, place.below)))
        for folder, place in reading.places.items()
    }
