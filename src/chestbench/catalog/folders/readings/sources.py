"""Where pictures are from: the folders above the classes, and the places, views and the like below them."""

import re
from collections.abc import Iterable

from chestbench.catalog.folders.readings.reading import Reading, Step
from chestbench.catalog.folders.words.roles import Role, is_date, is_surely_id

# So many names of sources at most; more are people. So many numbered folders of a class at least are patients.
MOST_SOURCES = 20
FEWEST_PEOPLE = 3


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
    people_below = {name for name in homes if any(map(str.isdigit, name))}
    again -= people_below if len(people_below) >= FEWEST_PEOPLE else set()
    upper = {step.name: step for place in reading.places.values() for step in place.above}
    numbered = numbered_names(upper.values())
    numbers = {name for name in upper if name in numbered and not is_date(name)}
    unknown = {name for name, step in upper.items() if step.role is Role.UNKNOWN}
    # Many names above the classes are people, and so are three numbers or more; see readings.patients_of.
    people = (numbers if len(numbers) >= FEWEST_PEOPLE else set(filter(is_surely_id, upper))) | (
        unknown if len(unknown) > MOST_SOURCES else set()
    )

    # "pneumonia/lobar" beside "normal/supine": what lies below one class alone is a detail of it, where another has its
    # own.
    of_contexts: dict[str, set[str]] = {}
    for place in reading.places.values():
        for step in place.below:
            if step.role is Role.CONTEXT and place.label is not None:
                of_contexts.setdefault(step.name, set()).add(place.label)
    detailed = {label for name, labels in homes.items() if name not in again for label in labels}
    details = {name for name, labels in of_contexts.items() if len(labels) == 1 and detailed - labels}

    def is_source(step: Step) -> bool:
        return (step.role is Role.CONTEXT and step.name not in details) or step.name in again

    return {
        folder: "/".join(
            step.name for step in (*(s for s in place.above if s.name not in people), *filter(is_source, place.below))
        )
        for folder, place in reading.places.items()
    }
