"""The reading of a set's folders that dataset.classes asks for."""

import logging
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches

from chestbench.catalog.folders.readings.reading import Place, Reading
from chestbench.catalog.folders.readings.steps import read_steps
from chestbench.catalog.folders.splits.split_words import PartNames
from chestbench.catalog.folders.words.finding_words import alike_key
from chestbench.catalog.folders.words.wording import listed
from chestbench.core.errors import ChestbenchError

logger = logging.getLogger(__name__)


def match_classes(folders: Mapping[str, int], parts: PartNames, classes: Sequence[str]) -> Reading:
    """Return the reading in which the folder nearest to a file that has the name of a class is its class.

    A path without such a folder is of the class that one of its folders spells in another way ("covid_19" for
    "COVID-19"), unless folders of both names lie side by side somewhere.

    Args:
        folders: path of a folder -> pictures directly in it.
        parts: which folders are parts of a split.
        classes: names of folders.

    Raises:
        ChestbenchError: a class that no folder is called.
    """
    reading = find_places(folders, parts, classes)
    counts = reading.counts(folders)
    if missing := [name for name in classes if not counts[name]]:
        there = sorted({part for folder in folders for part in folder.split("/") if part})
        hints = [
            f"did you mean {near[0]!r}?"
            for name in missing
            if name not in there and (near := get_close_matches(name, there, n=1))
        ]
        raise ChestbenchError(
            f"dataset.classes: expected a folder of pictures for each class, found none for {listed(missing)}; "
            + (f"the set's folders are {listed(there)}; " if there else "the set has no folders; ")
            + (" ".join(hints) or "correct dataset.classes, or set it to null")
        )
    return reading


def find_places(folders: Mapping[str, int], parts: PartNames, classes: Sequence[str]) -> Reading:
    """Return the reading of `match_classes`; classes that have no pictures are not in it."""
    wanted = {name: name for name in classes}
    paths = {folder: folder.split("/") if folder else [] for folder in folders}
    alike = _other_spellings(paths.values(), parts, classes)

    steps = read_steps(folders, parts)

    def place_of(folder: str) -> Place:
        for known in (wanted, alike):
            for level, name in reversed(list(enumerate(paths[folder]))):
                rest = parts.rest.get(name, (0, ""))[1]
                if label := known.get(name) or known.get(rest):
                    above = tuple(step for step in steps[folder] if step.level < level)
                    return Place(label, level, above, tuple(step for step in steps[folder] if step.level > level))
        return Place(None, -1, (), ())

    return Reading({folder: place_of(folder) for folder in folders}, "dataset.classes names them")


def _other_spellings(paths: Collection[list[str]], parts: PartNames, classes: Sequence[str]) -> dict[str, str]:
    """Return name of a folder -> class that it spells in another way."""
    key_of: dict[str, str | None] = {}
    for name in classes:
        key_of[alike_key(name)] = None if alike_key(name) in key_of else name
    beside: dict[str, set[str]] = {}
    for names in paths:
        for level, name in enumerate(names):
            beside.setdefault("/".join(names[:level]), set()).add(parts.rest.get(name, (0, name))[1])
    found: dict[str, str] = {}
    for name in sorted({name for names in beside.values() for name in names} - set(classes)):
        of = key_of.get(alike_key(name))
        if of is not None and parts.part_of(name) < 0 and not any({name, of} <= names for names in beside.values()):
            found[name] = of
    return found
