"""The lines that choose a reading, and readings drawn as trees with counts."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from chestbench.catalog.folders.readings.named_classes import find_places
from chestbench.catalog.folders.readings.reading import Reading
from chestbench.catalog.folders.readings.trees import draw_tree
from chestbench.catalog.folders.splits.split_words import PartNames
from chestbench.catalog.override import value_line

# So many paths stand in one pattern.
_MOST_PATHS = 30


def line_of(folders: Mapping[str, int], reading: Reading, parts: PartNames) -> str:
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
    if pattern := _paths_pattern(reading):
        return value_line("dataset.labels", pattern)
    return "dataset.labels and a pattern on the path, or rename folders: these names stand at several levels"


def _paths_pattern(reading: Reading) -> str:
    """Return a pattern that names each class folder's path, "" where that would be long or would not do."""
    label_of = {folder: place.label for folder, place in reading.places.items() if place.label is not None}
    paths = sorted(
        {"/".join(f.split("/")[: reading.places[f].level + 1]) for f in label_of}, key=lambda p: (-len(p), p)
    )
    above = sorted({path.rpartition("/")[0] for path in paths} - {""}, key=lambda path: (-len(path), path))
    listed, parents = ("|".join(re.escape(path).replace("\\ ", " ") for path in some) for some in (paths, above))
    pattern = f"^(?=(?:{listed})/)" + (f"(?:(?:{parents})/)?" if above else "") + "(?P<label>[^/]+)/"
    found = {f: match["label"] for f in reading.places if (match := re.search(pattern, f"{f}/x.png"))}
    return pattern if len(paths) <= _MOST_PATHS and found == label_of else ""


def classes_line(names: Sequence[str]) -> str:
    """Return the words that set dataset.classes, quoted for a shell and for Hydra."""
    return value_line("dataset.classes", list(names))


def counted(counts: Mapping[str, int]) -> str:
    """Return the classes with their numbers of pictures, the largest first, for a message."""
    shown = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    more = f" and {len(shown) - 6} more" if len(shown) > 6 else ""
    names = ", ".join(f"{name if len(name) < 30 else name[:28] + '...'} ({count})" for name, count in shown[:6])
    return f"{len(counts)} class{'es' if len(counts) != 1 else ''}: {names}{more}"


def tree_of(folders: Mapping[str, int], reading: Reading, lines: int = 14) -> list[str]:
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
