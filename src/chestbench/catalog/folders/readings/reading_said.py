"""What was inferred from the folders, for the log and metrics/catalog.json["layout"]."""

import logging
from collections import Counter
from collections.abc import Mapping
from typing import Any

from chestbench.catalog.folders.readings.reading import Place, Reading
from chestbench.catalog.folders.readings.sources import sources_of
from chestbench.catalog.folders.splits.folds import fold_words, folds_among, is_fold
from chestbench.catalog.folders.splits.name_splits import split_in_names
from chestbench.catalog.folders.splits.split_words import PARTS, PartNames
from chestbench.catalog.folders.words.roles import Role, role_of

logger = logging.getLogger(__name__)

_SHOWN = 20


def describe_reading(reading: Reading, folders: Mapping[str, int], parts: PartNames, is_split: bool) -> dict[str, Any]:
    """Return what was inferred.

    Args:
        reading: that was taken.
        folders: path of a folder -> pictures directly in it.
        parts: which folders are parts of a split.
        is_split: whether that split is honoured.

    Returns:
        `classes` {name: pictures}, `read_from`, `level` {path with <split>, <source> and <class> in it: pictures},
        `why`, and where there are any `split_words` {folder: part}, `sources` {folders: pictures}, "(none)"
        for those without, `sources_at` (above, below) and
        `without_class` {folders: pictures} (all of them). Folders below the classes can name people and are not in it.
    """
    sources = sources_of(reading)
    templates: Counter[str] = Counter()
    above: Counter[str] = Counter()
    for folder, place in reading.places.items():
        source = sources[folder]
        if place.label is not None:
            templates[_template(folder, place, parts)] += folders[folder]
            above[source or "(none)"] += folders[folder]
    said: dict[str, Any] = {
        "read_from": "folders",
        "classes": dict(sorted(reading.counts(folders).items())),
        "level": dict(templates.most_common(_SHOWN)),
        "why": reading.why,
    }
    used = {name: PARTS[part] for name, part in parts.part.items()}
    used |= {name: PARTS[part] for name, (part, _) in parts.rest.items()}
    if used:
        said |= {"split_words": used, "split_honoured": is_split}
    if len(above) > 1:
        said |= {"sources": dict(above.most_common(_SHOWN)), "sources_at": _where(reading, sources)}
    if folds := _folds(reading, folders):
        said["folds"] = folds
    if unplaced := folders_without_class(reading, folders):
        said["without_class"] = unplaced
    return said


def _folds(reading: Reading, folders: Mapping[str, int]) -> dict[str, int]:
    """Return pictures of a class by the fold that they lie in."""
    names = folds_among({name for folder in folders for name in folder.split("/")})
    found: Counter[str] = Counter()
    for folder, place in reading.places.items():
        if place.label is not None:
            found.update({name: folders[folder] for name in folder.split("/") if name in names})
    return dict(sorted(found.items()))


def _where(reading: Reading, sources: Mapping[str, str]) -> str:
    """Return whether sources are above or below the classes."""
    names = {
        where
        for folder, place in reading.places.items()
        if place.label is not None and sources[folder]
        for where, steps in (("above", place.above), ("below", place.below))
        if set(sources[folder].split("/")) & {step.name for step in steps}
    }
    return " and ".join(sorted(names))


def folders_without_class(reading: Reading, folders: Mapping[str, int]) -> dict[str, int]:
    """Return folders whose pictures have no class, with the number of these at or below them, the most first.

    Of folders inside each other the topmost is named that holds no class ("set/New folder"), and a folder that holds
    classes where pictures lie loose in it ("set/ (loose)"). Numbers that may be people's are not told.
    """
    with_class = {
        "/".join(names[:level])
        for folder, place in reading.places.items()
        if place.label is not None
        for names in [folder.split("/")]
        for level in range(len(names) + 1)
    }
    found: Counter[str] = Counter()
    for folder, place in reading.places.items():
        if place.label is None:
            names = folder.split("/") if folder else []
            paths = ["/".join(names[: level + 1]) for level in range(len(names))]
            top = next((path for path in paths if path not in with_class), None)
            found[_shown(top) if top else f"{folder}/ (loose)".lstrip("/") if folder else "(no folder)"] += folders[
                folder
            ]
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _shown(path: str) -> str:
    above, _, name = path.rpartition("/")
    name = "(numbered folders)" if role_of(name) is Role.ID else name
    return f"{above}/{name}" if above else name


def warn_of_folders_without_class(reading: Reading, folders: Mapping[str, int]) -> None:
    """Say each folder whose pictures have no class, in the log: they are not used."""
    found = folders_without_class(reading, folders)
    shown = ", ".join(f"{name!r} ({count})" for name, count in list(found.items())[:_SHOWN])
    total = sum(found.values())
    if found:
        logger.warning(
            "%s not used: %s%s; sort them into the class folders, or name the classes with dataset.classes",
            "1 picture has no class and is" if total == 1 else f"{total} pictures have no class and are",
            shown,
            f" and {len(found) - _SHOWN} more folders" if len(found) > _SHOWN else "",
        )


def _template(folder: str, place: Place, parts: PartNames) -> str:
    sources = {step.level for step in place.above}
    names = [
        "<split>"
        if parts.part_of(name) >= 0
        else "<source>"
        if level in sources
        else "<fold>"
        if is_fold(name)
        else name
        for level, name in enumerate(folder.split("/")[: place.level])
    ]
    at_class = folder.split("/")[place.level]
    below = "/<split>" if any(parts.part_of(name) >= 0 for name in folder.split("/")[place.level + 1 :]) else ""
    return "/".join([*names, "<split>_<class>" if at_class in parts.rest else "<class>"]) + below


def words_of_layout(said: Mapping[str, Any]) -> list[str]:
    """Return what was inferred as lines for the log."""
    lines = []
    if said.get("read_from") == "folders":
        counts = ", ".join(f"{name} ({count})" for name, count in said["classes"].items())
        lines.append(f"classes read from the folders {' and '.join(list(said['level'])[:3])}: {counts} ({said['why']})")
    if "split_words" in said:
        words = ", ".join(f"{name}: {part}" for name, part in list(said["split_words"].items())[:12])
        lines.append(f"split {'read from' if said['split_honoured'] else 'not used, though there are'} folders {words}")
    if "folds" in said:
        lines.append(fold_words(said["folds"], "split_in_names" in said or said.get("split_honoured", False)))
    if "split_in_names" in said:
        lines.append(split_in_names(said["split_in_names"]))
    if "sources" in said:
        lines.append(
            f"sources (folders {said.get('sources_at', 'above or below')} the classes): "
            + ", ".join(f"{name} ({count})" for name, count in list(said["sources"].items())[:8])
        )
    if "without_class" in said:
        lines.append(
            "pictures without a class: "
            + ", ".join(f"{name} ({count})" for name, count in said["without_class"].items())
        )
    if "patients_hint" in said:
        hint = said["patients_hint"]
        lines.append(
            f"{hint['pictures']} pictures seem to be named after {hint['groups']} patients, which is not used: "
            f"{hint['line']} keeps each in one part of the split{hint.get('note', '')}"
        )
    if "patients" in said:
        lines.append(f"patients: {said['patients']}")
    if "masks" in said:
        counts = ", ".join(f"{name} ({count})" for name, count in said["masks"].items())
        use = f"; {said['masks_usable']} pictures can use theirs: {said['masks_line']}" if "masks_line" in said else ""
        lines.append(f"masks and annotations left out: {counts}{use}")
    return lines
