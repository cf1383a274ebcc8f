"""One network on parts of the test set: by sex, age, view and source, where the data set's tables tell them.

Each part is judged as the whole is, with the same thresholds and the same kind of interval. The parts are small and
many, so a figure that stands out may do so by chance: nothing here is tested.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chestbench.core.files import csv_columns, stream_csv
from chestbench.measures.intervals import evaluate_split
from chestbench.measures.predictions import Predictions
from chestbench.measures.record import SplitRecord, Threshold

# Columns of data/catalog.csv -> in words.
ATTRIBUTES = {"sex": "sex", "age": "age", "view": "view", "source": "source (folder above the class)"}
AGES = ((0, 17), (18, 39), (40, 59), (60, 79), (80, 130))
# Values beyond these are told together: a table of hundreds says nothing, and a value that one patient alone has may be
# the patient's own name.
MOST_VALUES = 8
FEWEST_GROUPS = 2
OTHERS, UNKNOWN = "others", "not told"
_YEARS = re.compile(r"\s*0*(\d{1,3})(?:\.\d+)?\s*(?:y|yr|yrs|years?)?\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Subgroup:
    """One part of the test set.

    Attributes:
        attribute: key of `ATTRIBUTES`.
        value: as the table has it, an age as a span of years, `OTHERS` or `UNKNOWN`.
        record: the network on its images.
    """

    attribute: str
    value: str
    record: SplitRecord


def read_attributes(catalog: Path, image_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return what the tables say of each image, "" where nothing: {attribute: N values}; only what differs.

    Args:
        catalog: data/catalog.csv.
        image_ids: of the N images.
    """
    names = [name for name in ATTRIBUTES if name in csv_columns(catalog)]
    wanted = set(image_ids)
    rows = stream_csv(catalog) if names else ()
    told = {row["image_id"]: row for row in rows if row["image_id"] in wanted and row.get("status", "kept") == "kept"}
    found = {name: [told.get(key, {}).get(name, "").strip() for key in image_ids] for name in names}
    if "age" in found:
        found["age"] = [age_span(age) for age in found["age"]]
    return {name: values for name, values in found.items() if len(set(values)) > 1}


def age_span(age: str) -> str:
    """Return the span of years that an age lies in, "" where it is no age.

    >>> age_span("058Y"), age_span("7"), age_span("58.0"), age_span("old"), age_span("85")
    ('40 to 59', '0 to 17', '40 to 59', '', '80 and more')
    """
    years = _YEARS.fullmatch(age)
    for low, high in AGES if years else ():
        if low <= int(years[1]) <= high:  # type: ignore[index]
            return f"{low} and more" if high == AGES[-1][1] else f"{low} to {high}"
    return ""


def parts(values: Sequence[str], groups: Sequence[str]) -> dict[str, list[int]]:
    """Return the images of each part: values in order, the rare ones together, those without a value last.

    >>> parts(["M", "F", "M", "", "F", "X"], ["a", "b", "c", "d", "e", "f"])
    {'F': [1, 4], 'M': [0, 2], 'others': [5], 'not told': [3]}

    Args:
        values: of each image, "" where nothing is known.
        groups: patient or look-alike group of each image.
    """
    holders: dict[str, set[str]] = {}
    for value, group in zip(values, groups, strict=True):
        holders.setdefault(value, set()).add(group)
    counts = Counter(value for value in values if value and len(holders[value]) >= FEWEST_GROUPS)
    named = sorted(value for value, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_VALUES])
    found: dict[str, list[int]] = {value: [] for value in (*named, OTHERS, UNKNOWN)}
    for place, value in enumerate(values):
        found[value if value in named else OTHERS if value else UNKNOWN].append(place)
    return {value: places for value, places in found.items() if places}


def subgroups(
    said: Predictions,
    attributes: Mapping[str, Sequence[str]],
    classes: Sequence[str],
    thresholds: Mapping[str, Threshold],
    resamples: int,
    confidence: float,
    seed: int,
) -> list[Subgroup]:
    """Return one network on each part of the test set, in the order of `ATTRIBUTES`.

    Args:
        said: its predictions on test.
        attributes: from `read_attributes`, in the order of the predictions.
        classes: the C class names.
        thresholds: chosen on val.
        resamples: of the bootstrap.
        confidence: coverage of the intervals.
        seed: of the drawing.
    """
    found = []
    for attribute, values in attributes.items():
        for value, places in parts(values, said.groups).items():
            at = np.array(places)
            groups = [said.groups[place] for place in places]
            record = evaluate_split(
                said.labels[at],
                said.probabilities[at],
                groups,
                classes,
                resamples,
                confidence,
                seed,
                thresholds=thresholds,
            )
            found.append(Subgroup(attribute, value, record))
    return found
