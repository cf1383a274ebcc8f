"""Classes that may be one (synonyms, spellings), finer ones below them, and pictures that they leave out."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from chestbench.catalog.folders.readings.by_findings import UNPLACED
from chestbench.catalog.folders.readings.candidates import MOST_CANDIDATES
from chestbench.catalog.folders.readings.named_classes import find_places
from chestbench.catalog.folders.readings.reading import Place, Reading
from chestbench.catalog.folders.readings.reading_errors import EXPECTED, or_joined, two_readings
from chestbench.catalog.folders.readings.reading_lines import classes_line, counted, line_of, tree_of
from chestbench.catalog.folders.splits.split_words import PartNames
from chestbench.catalog.folders.words.aside_words import UNLABELLED_WORDS
from chestbench.catalog.folders.words.finding_words import DEGREES, FINDINGS, KNOWN_WORDS, alike_key, is_healthy
from chestbench.catalog.folders.words.roles import Role, role_of
from chestbench.catalog.folders.words.words import is_denial_of, respelt, words_of
from chestbench.core.errors import ChestbenchError


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
    wanted = dict.fromkeys(others, first) | _same_disease(reading, healthy, counts)
    for name, base in wanted.items():
        joined[base] += joined.pop(name)
    raise or_joined(folders, reading, parts, joined, wanted, "names that mean the same")


def _same_disease(reading: Reading, healthy: Collection[str], counts: Mapping[str, int]) -> dict[str, str]:
    """Return name -> name of one disease that every place has one of beside its healthy: "A/TB", "B/tuberculosis"."""
    beside: dict[str, set[str]] = {}
    for folder, place in reading.places.items():
        if place.label is not None:
            beside.setdefault("/".join(folder.split("/")[: place.level]), set()).add(place.label)
    sick = [names - set(healthy) for names in beside.values()]
    if any(len(names) != 1 for names in sick):
        return {}
    first, *others = sorted(set().union(*sick), key=lambda name: (-counts[name], name))
    return dict.fromkeys(others, first)


def check_spellings(folders: Mapping[str, int], reading: Reading, parts: PartNames) -> None:
    """Refuse one name in two spellings side by side ("covid", "COVID-19"; "pnuemonia"): they may be one class.

    Raises:
        ChestbenchError: shows both readings.
    """
    counts = reading.counts(folders)
    by_key: dict[str, list[str]] = {}
    # What is spelt as known words are gives the name.
    for name in sorted(counts, key=lambda name: (not _is_spelt_right(name), -counts[name], name)):
        by_key.setdefault(_respelt_key(name, counts), []).append(name)
    wanted = {name: names[0] for names in by_key.values() for name in names[1:]}
    if wanted:
        joined = Counter(counts)
        for name, base in wanted.items():
            joined[base] += joined.pop(name)
        raise or_joined(folders, reading, parts, joined, wanted, "names that are one in two spellings")


def _is_spelt_right(name: str) -> bool:
    return any(word in FINDINGS for word in words_of(name))


def _respelt_key(name: str, beside: Iterable[str]) -> str:
    """Return `alike_key`, a misspelt finding as the class beside it spells it; "atypical" is a word of its own."""
    known = {word for other in beside for word in words_of(other) if word in FINDINGS}
    words = {
        word: near
        for word in words_of(name)
        for near in known.intersection(respelt(word, 6))
        if not is_denial_of(word, near)
    }
    words = {word: near for word, near in words.items() if word not in FINDINGS and word not in KNOWN_WORDS}
    return alike_key(" ".join(words.get(word, word) for word in words_of(name)) if words else name)


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
                f"were read as classes ({counted(reading.counts(folders))}): {shown}",
                *tree_of(folders, reading),
                "leave them out with dataset.exclude, or go on without them with "
                + line_of(folders, reading, parts)
                + _with_left(folders, reading, left, parts),
            ]
        )
    )


def _with_left(folders: Mapping[str, int], reading: Reading, left: Iterable[str], parts: PartNames) -> str:
    """Return the end of a message with the line by which what lies beside the classes is classes too, "" for none."""
    levels = {place.level for place in reading.places.values() if place.label is not None}
    level = min(levels)
    names = {folder.split("/")[level] if folder.count("/") >= level else "" for folder in left}
    if len(levels) > 1 or "" in names or any(role_of(name) in (Role.MASK, Role.ID) for name in names):
        return ""
    classes = sorted(names | set(reading.counts(folders)))
    places = find_places(folders, parts, classes).places
    is_read_so = all(
        place.label == (reading.places[folder].label or folder.split("/")[level])
        for folder, place in places.items()
        if reading.places[folder].label is not None or folder in left
    )
    is_few = len(classes) <= MOST_CANDIDATES
    return f"\nif they are classes too: {classes_line(classes)}" if is_read_so and is_few else ""


def _part(parts: PartNames, folder: str) -> int:
    found = {parts.part_of(name) for name in folder.split("/")} - {-1}
    return found.pop() if len(found) == 1 else -1
