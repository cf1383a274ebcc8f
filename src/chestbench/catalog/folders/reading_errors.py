"""What is said where the folders have no reading, or more than one: trees with counts, and the line that chooses."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import takewhile

from chestbench.catalog.folders.class_folders import UNPLACED, Place, Reading, alike_key
from chestbench.catalog.folders.named_classes import find_places
from chestbench.catalog.folders.split_words import PARTS, PartNames, joins
from chestbench.catalog.folders.trees import draw_tree
from chestbench.catalog.folders.vocabulary import (
    DEGREES,
    FILLERS,
    IMAGE_WORDS,
    UNLABELLED_WORDS,
    Role,
    is_healthy,
    is_ordinal,
    is_scan_number,
    kind_key,
    role_of,
    without_copy,
    words_of,
)
from chestbench.catalog.folders.wording import listed
from chestbench.catalog.override import value_line
from chestbench.core.errors import ChestbenchError

EXPECTED = (
    "expected a folder per class (CLASS/picture.png), at any depth, train/val/test folders above or below it or not"
)
# From so many folders of so few pictures each on, names that mean nothing known are taken for people.
_MANY, _FEW = 10, 10
_MOST_CANDIDATES = 20
# Of all trees in one message.
_LINES = 18
_ROLE_WORDS = {
    Role.SPLIT: "names of a split",
    Role.MASK: "masks or annotations",
    Role.KIND: "kinds of files",
    Role.FINDING: "findings",
    Role.ID: "patients, studies or numbers",
    Role.CONTEXT: "places, devices, views or people",
    Role.ASIDE: "put aside",
    Role.UNKNOWN: "the same for all pictures, or at unequal depth",
}


class NoClassesError(ChestbenchError):
    """The folders hold no classes; a table, a pattern or dataset.classes may."""


def two_readings(folders: Mapping[str, int], readings: Sequence[Reading], parts: PartNames) -> ChestbenchError:
    """Return the error that shows each reading as a tree with the line that chooses it."""
    lines = []
    for letter, reading in zip("ABCD", readings, strict=False):
        tree = _tree(folders, reading, max(4, _LINES // len(readings)))
        lines += [f"reading {letter}: {_counted(reading.counts(folders))}", *tree]
        lines.append(f"  choose it with {_line_of(folders, reading, parts)}")
    head = f"data set: choose how to read it: expected one consistent reading of the folders, received {len(readings)}:"
    return ChestbenchError("\n".join([head, *lines]))


def _line_of(folders: Mapping[str, int], reading: Reading, parts: PartNames) -> str:
    """Return the line that chooses a reading: its classes, or where these would not be found so, the place in the path.

    "COVID/normal" beside "normal/normal": the names alone do not say which of the two levels is meant.
    """
    names = sorted(reading.counts(folders))
    named = find_places(folders, parts, names)
    if all(named.places[folder].label == place.label for folder, place in reading.places.items()):
        return classes_line(names)
    levels = {place.level for place in reading.places.values() if place.label is not None}
    level = levels.pop() if len(levels) == 1 else -1
    if level >= 0 and all(
        folder.split("/")[level : level + 1] == ([place.label] if place.label is not None else [])
        for folder, place in reading.places.items()
    ):
        return value_line("dataset.labels", f"^(?:[^/]+/){{{level}}}(?P<label>[^/]+)/")
    return "dataset.labels and a pattern on the path, or rename folders: these names stand at several levels"


def no_classes(folders: Mapping[str, int], parts: PartNames, single: str | None = None) -> NoClassesError:
    """Return the error for folders that name no class, or a single one, with what each was taken for."""
    if set(folders) <= {""}:
        return NoClassesError(f"data set: {EXPECTED}; received {sum(folders.values())} file(s) without folders")
    lowest = {_lowest(folder, parts) for folder in folders} - {""}
    paths = {tuple(name for name in folder.split("/") if parts.part_of(name) < 0) for folder in folders}
    if single is None and len(lowest) == 1:
        name = lowest.pop()
        single = name if role_of(name) is Role.FINDING or len(paths) == 1 else None
    candidates = [
        f"if these folders are the classes after all: {classes_line(names)}" for names in _candidates(folders, parts)
    ]
    if single is not None:
        head = f"data set: {EXPECTED}, two classes or more; received the single class {single!r}"
        return NoClassesError("\n".join([head, *candidates]))
    taken: dict[str, Counter[str]] = {}
    for folder, count in folders.items():
        for name in folder.split("/") if folder else []:
            part = parts.part_of(name)
            words = f"the {PARTS[part]} part" if part >= 0 else _ROLE_WORDS[role_of(name)]
            taken.setdefault(words, Counter())[name] += count
    lines = [f"data set: {EXPECTED}; received folders that were read as something else:"]
    for words, names in sorted(taken.items()):
        shown = ", ".join(f"{name!r} ({count})" for name, count in names.most_common(6))
        lines.append(f"  {words}: {shown}" + (f" and {len(names) - 6} more" if len(names) > 6 else ""))
    return NoClassesError("\n".join([*lines, *candidates]))


def _candidates(folders: Mapping[str, int], parts: PartNames) -> list[list[str]]:
    """Return the levels whose names may be meant as classes: 2 to 20, none a part, mask or patient."""
    levels: dict[int, set[str]] = {}
    for folder in folders:
        for level, name in enumerate(folder.split("/") if folder else []):
            if parts.part_of(name) < 0:
                levels.setdefault(level, set()).add(name)
    found = [sorted(names) for _, names in sorted(levels.items()) if 2 <= len(names) <= _MOST_CANDIDATES]
    return [names for names in found if all(map(_may_be_meant, names)) and _are_found(folders, parts, names)][:2]


def _are_found(folders: Mapping[str, int], parts: PartNames, names: Sequence[str]) -> bool:
    """Tell whether each name would have pictures as a class: some may only have others of them below."""
    return len(set(find_places(folders, parts, names).counts(folders))) == len(names)


def _may_be_meant(name: str) -> bool:
    role = role_of(name)
    if role is Role.ID:
        return name.isdigit() or is_scan_number(words_of(name))
    return role is not Role.MASK and (role is not Role.KIND or bool(kind_key(name)))


def _lowest(folder: str, parts: PartNames) -> str:
    """Return the lowest folder of a path that could be a class, "" for none."""
    names = [name for name in folder.split("/") if name and parts.part_of(name) < 0]
    return next((name for name in reversed(names) if role_of(name) in (Role.FINDING, Role.UNKNOWN)), "")


def split_words_in_classes(
    folders: Mapping[str, int], reading: Reading, suspects: Sequence[str], parts: PartNames
) -> ChestbenchError:
    """Return the error for classes whose names hold words of a split that make no split."""
    counts = reading.counts(folders)
    wanted = {name: base for name in suspects for base in sorted(counts) if base not in suspects and joins(name, base)}
    if wanted and len(counts) - len(wanted) > 1:
        joined = Counter({name: count for name, count in counts.items() if name not in wanted})
        for name, base in wanted.items():
            joined[base] += counts[name]
        return _or_joined(folders, reading, parts, joined, wanted, "names that differ in a word of a split only")
    return ChestbenchError(
        "\n".join(
            [
                f"data set: expected classes that are not named after parts of a split, received {listed(suspects)}:",
                *_tree(folders, reading),
                f"if they are the classes: {_line_of(folders, reading, parts)}",
            ]
        )
    )


def check_numbers(folders: Mapping[str, int], reading: Reading, parts: PartNames) -> None:
    """Refuse classes that look like parts, places or people rather than classes.

    Raises:
        ChestbenchError: "COVID_1" and "COVID_2" beside others, or many folders of few pictures.
    """
    counts = reading.counts(folders)
    base_of = _bases(sorted(counts))
    bases = Counter(base_of.values())
    if 2 <= len(bases) < len(counts):
        joined: Counter[str] = Counter()
        for name, base in base_of.items():
            joined[base] += counts[name]
        wanted = {name: base for name, base in base_of.items() if name != base}
        raise _or_joined(folders, reading, parts, joined, wanted, "names that differ in a number or a place only")
    shapes = {re.sub(r"\d+", "9", name) for name in counts}
    if len(shapes) == 1 and "9" in shapes.pop() and not all(is_ordinal(name) or name.isdigit() for name in counts):
        raise NoClassesError(
            f"data set: {EXPECTED}; received {len(counts)} folders that differ in a number only, as those of "
            f"patients or parts do: {listed(sorted(counts), 6)}; if they are the classes: "
            + (_line_of(folders, reading, parts) if len(counts) <= _MOST_CANDIDATES else "name them in dataset.classes")
        )
    is_known = any(role_of(name) is Role.FINDING for name in counts)
    mean = sum(counts.values()) / len(counts)
    if not is_known and len(counts) >= _MANY and mean < _FEW:
        raise ChestbenchError(
            f"data set: {EXPECTED}; received {len(counts)} folders of {mean:.1f} pictures each, which look like "
            f"patients or studies: {listed(sorted(counts), 6)}; name the classes with dataset.classes, or say where "
            "they stand with dataset.labels"
        )


def check_synonyms(folders: Mapping[str, int], reading: Reading, parts: PartNames) -> None:
    """Refuse two names of health that never lie side by side ("A/normal", "B/healthy"): they may be one class.

    Raises:
        ChestbenchError: shows both readings.
    """
    counts = reading.counts(folders)
    healthy = {name for name in counts if is_healthy(name)}
    beside: dict[str, set[str]] = {}
    for folder, place in reading.places.items():
        if place.label in healthy:
            beside.setdefault("/".join(folder.split("/")[: place.level]), set()).add(place.label)
    if len(healthy) < 2 or len(counts) - len(healthy) < 1 or any(len(names) > 1 for names in beside.values()):
        return
    first, *others = sorted(healthy, key=lambda name: (-counts[name], name))
    joined = Counter(counts)
    for name in others:
        joined[first] += joined.pop(name)
    raise _or_joined(folders, reading, parts, joined, dict.fromkeys(others, first), "names that mean the same")


def check_spellings(folders: Mapping[str, int], reading: Reading, parts: PartNames) -> None:
    """Refuse one name in two spellings side by side ("covid", "COVID-19"): they may be one class.

    Raises:
        ChestbenchError: shows both readings.
    """
    counts = reading.counts(folders)
    by_key: dict[str, list[str]] = {}
    for name in sorted(counts, key=lambda name: (-counts[name], name)):
        by_key.setdefault(alike_key(name), []).append(name)
    wanted = {name: names[0] for names in by_key.values() for name in names[1:]}
    if wanted:
        joined = Counter(counts)
        for name, base in wanted.items():
            joined[base] += joined.pop(name)
        raise _or_joined(folders, reading, parts, joined, wanted, "names that are one in two spellings")


def check_degrees(folders: Mapping[str, int], reading: Reading, parts: PartNames) -> None:
    """Refuse folders of degrees ("mild", "severe") below the classes: they may be the classes that are wanted.

    Raises:
        ChestbenchError: shows both readings.
    """

    def finer(place: Place) -> Place:
        for at, step in enumerate(place.below):
            if any(word in DEGREES for word in words_of(step.name)):
                above = (*place.above, *place.below[:at])
                return Place(step.name, step.level, above, place.below[at + 1 :])
        return place

    fine = Reading({folder: finer(place) for folder, place in reading.places.items()}, "degrees of a finding")
    degrees = set(fine.counts(folders)) - set(reading.counts(folders))
    if len(degrees) > 1:
        raise two_readings(folders, [reading, fine], parts)


def _or_joined(
    folders: Mapping[str, int],
    reading: Reading,
    parts: PartNames,
    joined: Mapping[str, int],
    wanted: Mapping[str, str],
    what: str,
) -> ChestbenchError:
    return ChestbenchError(
        "\n".join(
            [
                f"data set: choose how to read it: expected one consistent reading, received {what}:",
                f"reading A: {_counted(reading.counts(folders))}",
                *_tree(folders, reading),
                f"  choose it with {_line_of(folders, reading, parts)}",
                f"reading B: {_counted(joined)}",
                f"  choose it with {_joining_line(folders, reading, wanted)}",
            ]
        )
    )


def _joining_line(folders: Mapping[str, int], reading: Reading, wanted: Mapping[str, str]) -> str:
    """Return the line that joins classes; where no mapping can be written in a shell, a pattern that does the same."""
    line = value_line("dataset.class_names", dict(wanted))
    if line.startswith("-S"):
        return line
    label_of = {
        folder: wanted.get(place.label, place.label)
        for folder, place in reading.places.items()
        if place.label is not None
    }
    names = "|".join(map(re.escape, sorted(set(label_of.values()), key=lambda name: (-len(name), name))))
    pattern = f"(?:^|/)(?:[^/]*[^/\\w])?(?P<label>{names})(?![^\\W\\d_])[^/]*/"
    found = {folder: match["label"] for folder in folders if (match := re.search(pattern, f"{folder}/"))}
    return value_line("dataset.labels", pattern) if found == label_of else line


def check_unplaced(folders: Mapping[str, int], reading: Reading, parts: PartNames) -> None:
    """Refuse a reading that leaves a tenth of the pictures or more without a class.

    Unlabelled test parts do not count, nor what says itself that it is unlabelled.

    Raises:
        ChestbenchError: with the tree.
    """
    labelled = {_part(parts, folder) for folder, place in reading.places.items() if place.label is not None}
    left = {
        folder: count
        for folder, count in folders.items()
        if reading.places[folder].label is None
        and _part(parts, folder) in {-1, *labelled}
        and not any(word in UNLABELLED_WORDS for word in words_of(folder))
    }
    total = sum(folders.values())
    if sum(left.values()) < max(2, UNPLACED * total):
        return
    top = sorted(left, key=lambda folder: (-left[folder], folder))[:6]
    shown = ", ".join(f"{folder + '/' if folder else 'no folder'} ({left[folder]})" for folder in top)
    raise ChestbenchError(
        "\n".join(
            [
                f"data set: {EXPECTED}; received {sum(left.values())} of {total} pictures outside the folders that "
                f"were read as classes ({_counted(reading.counts(folders))}): {shown}",
                *_tree(folders, reading),
                "leave them out with dataset.exclude, or go on without them with " + _line_of(folders, reading, parts),
            ]
        )
    )


def _part(parts: PartNames, folder: str) -> int:
    found = {parts.part_of(name) for name in folder.split("/")} - {-1}
    return found.pop() if len(found) == 1 else -1


def _bases(names: Sequence[str]) -> dict[str, str]:
    """Return name -> what it is without a running number: a name that is there ("COVID" of "COVID (1)") or words."""
    base_of = {name: name if is_ordinal(name) else _base(name) for name in names}
    alike: dict[str, list[str]] = {}
    for name, base in base_of.items():
        alike.setdefault(base, []).append(name)
    for base, found in alike.items():
        start = re.sub(r"[\W\d_]+$", "", _shared_start(found))
        natural = [name for name in (*found, start) if " ".join(words_of(name)) == base]
        base_of |= dict.fromkeys(found, natural[0] if natural else base)
    return base_of


def _shared_start(names: Sequence[str]) -> str:
    return "".join(letters[0] for letters in takewhile(lambda each: len(set(each)) == 1, zip(*names, strict=False)))


def _base(name: str) -> str:
    """Return a name without running numbers, single letters and words that say nothing; "covid 19" keeps its number."""
    words, kept = words_of(without_copy(name)), []
    for before, word in zip(("", *words), words, strict=False):
        is_of_name = (before, word) in (("covid", "19"), ("cov", "2"), ("ncov", "2"))
        if is_of_name or (not word.isdigit() and not _says_nothing(word)):
            kept.append(word)
    return " ".join(kept) or name


def _says_nothing(word: str) -> bool:
    return len(word) == 1 or word in FILLERS or word in IMAGE_WORDS or role_of(word) in (Role.CONTEXT, Role.ID)


def classes_line(names: Sequence[str]) -> str:
    """Return the words that set dataset.classes, quoted for a shell and for Hydra."""
    return value_line("dataset.classes", list(names))


def _counted(counts: Mapping[str, int]) -> str:
    shown = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    more = f" and {len(shown) - 6} more" if len(shown) > 6 else ""
    names = ", ".join(f"{name if len(name) < 30 else name[:28] + '...'} ({count})" for name, count in shown[:6])
    return f"{len(counts)} class{'es' if len(counts) != 1 else ''}: {names}{more}"


def _tree(folders: Mapping[str, int], reading: Reading, lines: int = 14) -> list[str]:
    """Draw a reading: down to its class folders, which are marked, so that two readings differ to the eye."""
    counts: Counter[str] = Counter()
    marks: dict[str, str] = {}
    for folder, place in reading.places.items():
        names = folder.split("/")
        is_placed = place.label is not None
        cut = "/".join(names[: place.level + 1]) if is_placed else folder
        counts[cut] += folders[folder]
        if is_placed:
            marks[cut] = "<- class" + ("" if place.label == names[place.level] else f" {place.label}")
            marks |= {"/".join(names[: step.level + 1]): "source" for step in place.above}
        else:
            marks.setdefault(cut, "(no class)")
    return ["  " + line for line in draw_tree(counts, marks, lines=lines)]
