"""Folders that are numbered patients, beyond doubt."""

import logging
import re
from collections import Counter
from collections.abc import Mapping

from chestbench.catalog.folders.readings.reading import Place, Reading
from chestbench.catalog.folders.readings.sources import FEWEST_PEOPLE, MOST_SOURCES, numbered_names
from chestbench.catalog.folders.words.moment_words import few_times, is_moment
from chestbench.catalog.folders.words.roles import Role, has_patient_word, is_date

logger = logging.getLogger(__name__)
# From so many numbers above the classes on, they are people without a doubt worth a word.
FEW_NUMBERS = 10


def patients_of(reading: Reading) -> dict[str, str]:
    """Return the patient of each folder where folders are numbered patients, else nothing.

    A folder is a patient when its name says so ("patient_12"), or when every class has three numbered folders or more
    above or below it, or folders of more than twenty names that mean nothing known. Where the numbers below the classes
    begin anew, from 0 or 1, in every class, or in every source, the same number in two of them is two people; not where
    the classes or sources are times, phases, windows or views of one person ("before", "after"). A date is never a
    person: it is when people were there, and one of them may have come again.
    """
    names = {
        (where, step.name)
        for place in reading.places.values()
        for where, steps in (("above", place.above), ("below", place.below))
        for step in steps
        if step.role is Role.UNKNOWN
    }
    many = {where for where, found in Counter(where for where, _ in names).items() if found > MOST_SOURCES}
    numbers = numbered_names(
        step for place in reading.places.values() for step in (*place.above, *place.below) if place.label is not None
    )
    numbers -= few_times(numbers)
    found: dict[str, tuple[str, str, str]] = {}
    for folder, place in reading.places.items():
        if place.label is not None and (of := _patient_in(place, numbers, many)):
            found[folder] = (place.label, *of)
    names_of: dict[str, set[str]] = {}
    for label, _, name in found.values():
        names_of.setdefault(label, set()).add(name)
    classes = {place.label for place in reading.places.values() if place.label is not None}
    fewest = min((len(names) for names in names_of.values()), default=0)
    if set(names_of) != classes or fewest < FEWEST_PEOPLE:
        return {}
    at_home: dict[str, set[str]] = {}
    for _, home, name in found.values():
        at_home.setdefault(home, set()).add(name)
    again = sum(map(len, at_home.values())) - len(set().union(*at_home.values()))
    # Running numbers begin with 0 or 1; "S-0012" in two classes is one person.
    is_running = all(min(_number_in(name) for name in names) <= 1 for names in at_home.values())
    begins_anew = is_running and again >= min(map(len, at_home.values()))
    return {folder: f"{home}/{name}" if begins_anew and home else name for folder, (_, home, name) in found.items()}


def _number_in(name: str) -> int:
    """Return the last number in a name, 0 for none."""
    return int((re.findall(r"\d+", name) or ["0"])[-1])


def warn_of_batches(reading: Reading, patient: Mapping[str, str]) -> None:
    """Say that few plain numbers above the classes, most of which hold several classes, may be batches or hospitals.

    They are kept together as patients all the same: that can part nobody.
    """
    labels_of: dict[str, set[str]] = {}
    for folder, place in reading.places.items():
        if place.label is not None and folder in patient and any(s.name == patient[folder] for s in place.above):
            labels_of.setdefault(patient[folder], set()).add(place.label)
    several = [name for name, labels in labels_of.items() if len(labels) > 1]
    if len(labels_of) < FEW_NUMBERS and 2 * len(several) > len(labels_of) and all(map(str.isdigit, labels_of)):
        logger.warning(
            "the %d numbered folders above the classes are kept together like patients, but hold several classes each: "
            "if they are batches or hospitals, say where the patient stands with dataset.group_pattern",
            len(labels_of),
        )


def _patient_in(place: Place, numbers: set[str], many: set[str]) -> tuple[str, str] | None:
    """Return where a folder's patient is at home (source and, for folders below the class, class) and the name."""
    below = [("below", step) for step in place.below]
    above = [("above", step) for step in place.above]
    numbered = [(where, step) for where, step in (*above, *below) if step.name in numbers and not is_date(step.name)]
    named = [found for found in numbered if has_patient_word(found[1].name)]
    people = [(where, step) for where, step in (*above, *below) if step.role is Role.UNKNOWN and where in many]
    chosen = next(iter(named or numbered or people), None)
    if chosen is None:
        return None
    where, step = chosen
    home = [s.name for s in place.above if s.level < step.level and s.role is not Role.ID and "above" not in many]
    home += [place.label or ""] if where == "below" else []
    return "/".join(name for name in home if not is_moment(name)), step.name
