"""From the readings of the folders to one that is taken; see name_checks.py and class_checks.py for what is refused."""

import logging
import re
from collections.abc import Collection, Mapping, Sequence

from chestbench.catalog.folders.checks.class_checks import (
    check_degrees,
    check_spellings,
    check_synonyms,
    check_unplaced,
)
from chestbench.catalog.folders.checks.class_folders import read_folders
from chestbench.catalog.folders.checks.derived_classes import check_derived_classes
from chestbench.catalog.folders.checks.doubtful_classes import check_doubtful
from chestbench.catalog.folders.checks.name_checks import check_numbers
from chestbench.catalog.folders.readings.reading import Place, Reading
from chestbench.catalog.folders.readings.reading_errors import no_classes, split_words_in_classes, two_readings
from chestbench.catalog.folders.splits.split_words import PartNames
from chestbench.catalog.folders.words.finding_words import alike_key, is_ordinal
from chestbench.catalog.folders.words.roles import Role, role_of
from chestbench.catalog.folders.words.words import words_of
from chestbench.catalog.override import value_line

logger = logging.getLogger(__name__)
_SHOWN = 6
_ENDINGS = (
    *(
        "itis",
        "osis",
        "iasis",
        "oma",
        "emia",
        "pathy",
        "ectasis",
        "thorax",
        "megaly",
        "yema",
        "eurysm",
        "plasia",
        "ptysis",
    ),
    *(
        "enlargement",
        "dilatation",
        "calcification",
        "itide",
        "athie",
        "ektase",
        "titis",
        "paralysis",
        "dysplasia",
        "edema",
    ),
)
# "Lyon", "La Paz", "MAD": as places and people are written.
_PROPER_NAME = re.compile(r"[A-Z]{2,4}|[A-Z][^\W\d_A-Z]+(?:[ _-][A-Z][^\W\d_A-Z]+)*")


def choose_reading(folders: Mapping[str, int], parts: PartNames, class_names: Collection[str] = ()) -> Reading:
    """Return the one consistent reading of the folders, names in two spellings joined.

    Args:
        folders: path of a folder -> pictures directly in it.
        parts: which folders are parts of a split.
        class_names: all names in dataset.class_names, found and wanted: it then says what is one class, and what not.

    Raises:
        ChestbenchError: two readings, none (`NoClassesError`), a single class, or classes that are something else.
    """
    readings = [_joined(reading, folders, class_names) for reading in read_folders(folders, parts)]
    if len(readings) > 1:
        raise two_readings(folders, readings, parts)
    if not readings:
        raise no_classes(folders, parts)
    reading = readings[0]
    counts = reading.counts(folders)
    if len(counts) < 2:
        raise no_classes(folders, parts, next(iter(counts), None))
    if suspects := sorted((parts.suspects & set(counts)) - set(class_names)):
        raise split_words_in_classes(folders, reading, suspects, parts)
    if not class_names:
        check_numbers(folders, reading, parts)
        check_derived_classes(folders, reading, parts)
        check_spellings(folders, reading, parts)
        check_degrees(folders, reading, parts)
        check_synonyms(folders, reading, parts)
        check_doubtful(folders, reading, parts)
    check_unplaced(folders, reading, parts)
    _warn_of_unknown(counts)
    return reading


def _warn_of_unknown(counts: Mapping[str, int]) -> None:
    """Say that folders of no known name are classes because they lie beside two findings, or more of such."""
    known = [name for name, count in counts.items() if role_of(name) is Role.FINDING]
    unknown = [
        name for name in sorted(counts) if role_of(name) is Role.UNKNOWN and not (_counts(name) or _sounds_ill(name))
    ]
    if unknown and len(known) > 1:
        logger.warning(
            "%s: taken for %s because of the place beside the others; no word in it is known as a finding: if it is "
            "none, leave it out with %s",
            ", ".join(f"{name!r} ({counts[name]})" for name in unknown[:_SHOWN])
            + (f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""),
            "a class" if len(unknown) == 1 else "classes",
            value_line("dataset.classes", sorted(set(counts) - set(unknown))),
        )
    elif len(unknown) == len(counts) and all(map(_PROPER_NAME.fullmatch, unknown)) and not _share_a_root(unknown):
        logger.warning(
            "no word in the names of the classes is known as a finding (%s): if they are places, people or kinds of "
            "pictures, say where the classes stand with dataset.labels",
            ", ".join(map(repr, unknown[:_SHOWN])),
        )


def _share_a_root(names: Sequence[str]) -> bool:
    """Tell "Specific" and "Nonspecific", "NSCLC" and "SCLC" from names of places."""
    folded = [name.casefold() for name in names]
    return any(one != other and one in other for one in folded for other in folded)


def _sounds_ill(name: str) -> bool:
    """Tell "pericarditis" and "scoliosis", which no list needs to hold, by how words of diseases end."""
    return any(len(word) > 6 and word.endswith(_ENDINGS) and "diagn" not in word for word in words_of(name))


def _counts(name: str) -> bool:
    """Tell "grade 2" and "Type A", which are classes, from "need label"."""
    return is_ordinal(name) and any(word.isdigit() or len(word) == 1 for word in words_of(name))


def _joined(reading: Reading, folders: Mapping[str, int], apart: Collection[str]) -> Reading:
    """Join classes that are one name in two spellings ("COVID-19", "covid_19") and never lie side by side."""
    counts = reading.counts(folders)
    beside: dict[tuple[str, ...], set[str]] = {}
    for folder, place in reading.places.items():
        if place.label is not None:
            beside.setdefault(tuple(folder.split("/")[: place.level]), set()).add(place.label)
    by_key: dict[str, list[str]] = {}
    for name in sorted(counts, key=lambda name: (-counts[name], name)):
        by_key.setdefault(alike_key(name), []).append(name)
    chosen: dict[str, str] = {}
    for names in by_key.values():
        are_told = len(set(names) & set(apart)) > 1
        if len(names) > 1 and not are_told and not any(len(found & set(names)) > 1 for found in beside.values()):
            chosen |= dict.fromkeys(names[1:], names[0])
    if not chosen:
        return reading
    for name, taken in sorted(chosen.items()):
        logger.warning("the folders %r and %r are read as one class, %r", name, taken, taken)
    places = {
        folder: Place(chosen.get(place.label or "", place.label), place.level, place.above, place.below)
        for folder, place in reading.places.items()
    }
    return Reading(places, reading.why)
