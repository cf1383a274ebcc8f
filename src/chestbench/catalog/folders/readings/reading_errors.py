"""What is said where the folders have no reading, or more than one: trees with counts, and the line that chooses."""

from collections import Counter
from collections.abc import Mapping, Sequence

from chestbench.catalog.folders.patients.person_names import class_in_names
from chestbench.catalog.folders.readings.candidates import candidates_of
from chestbench.catalog.folders.readings.reading import Reading
from chestbench.catalog.folders.readings.reading_lines import classes_line, counted, line_of, tree_of
from chestbench.catalog.folders.splits.split_compounds import joins
from chestbench.catalog.folders.splits.split_words import PARTS, PartNames
from chestbench.catalog.folders.words.roles import Role, role_of
from chestbench.catalog.folders.words.wording import listed
from chestbench.catalog.override import value_line
from chestbench.core.errors import ChestbenchError

EXPECTED = (
    "expected a folder per class (CLASS/picture.png), at any depth, train/val/test folders above or below it or not"
)
# Of all trees in one message.
_LINES = 18
_ROLE_WORDS = {
    Role.SPLIT: "names of a split",
    Role.MASK: "masks or annotations",
    Role.KIND: "folders named after a kind of file",
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
        tree = tree_of(folders, reading, max(4, _LINES // len(readings)))
        lines += [f"reading {letter}: {counted(reading.counts(folders))}", *tree]
        lines.append(f"  choose it with {line_of(folders, reading, parts)}")
    head = f"data set: choose how to read it: expected one consistent reading of the folders, received {len(readings)}:"
    return ChestbenchError("\n".join([head, *lines]))


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
        f"if these folders are the classes after all: {classes_line(names)}" for names in candidates_of(folders, parts)
    ]
    if pattern := class_in_names(folders):
        line = value_line("dataset.labels", pattern)
        candidates.append(f"if the class is the word in the names of these folders: {line}")
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
        return or_joined(folders, reading, parts, joined, wanted, "names that differ in a word of a split only")
    return ChestbenchError(
        "\n".join(
            [
                f"data set: expected classes that are not named after parts of a split, received {listed(suspects)}:",
                *tree_of(folders, reading),
                f"if they are the classes: {line_of(folders, reading, parts)}",
            ]
        )
    )


def or_joined(
    folders: Mapping[str, int],
    reading: Reading,
    parts: PartNames,
    joined: Mapping[str, int],
    wanted: Mapping[str, str],
    what: str,
) -> ChestbenchError:
    """Return the error that shows a reading beside the one in which some of its classes are joined.

    Args:
        folders: path of a folder -> pictures directly in it.
        reading: with the classes as they are found.
        parts: which folders are parts of a split.
        joined: class -> pictures, after joining.
        wanted: found name -> class that it becomes, of those that change.
        what: the kind of names, for the message.
    """
    return ChestbenchError(
        "\n".join(
            [
                f"data set: choose how to read it: expected one consistent reading, received {what}:",
                f"reading A: {counted(reading.counts(folders))}",
                *tree_of(folders, reading),
                f"  choose it with {line_of(folders, reading, parts)}",
                f"reading B: {counted(joined)}",
                f"  choose it with {value_line('dataset.class_names', dict(wanted))}",
            ]
        )
    )
