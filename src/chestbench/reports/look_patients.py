"""Whose pictures they are, as far as a look can say, and who is in several parts of a given split."""

import numpy as np

from chestbench.catalog.glance import Glance
from chestbench.catalog.identity import part_of
from chestbench.reports.look_counts import Counts


def crossing(found: Glance, used: Counts) -> tuple[int, int]:
    """Return how many patients are in several parts of the given split, and how many there are.

    Patients are those of `ids_of`, else those whom the headers of the DICOM files that were read name.
    """
    layout, (ids, _) = found.plan.layout, ids_of(found, used)
    places = np.flatnonzero(used.pictures).tolist()
    if not ids:
        places = [each.place for each in found.sampled if used.pictures[each.place] and each.found.patient]
        ids = [each.found.patient for each in found.sampled if used.pictures[each.place] and each.found.patient]
    parts: dict[str, set[int]] = {}
    for patient, place in zip(ids, places, strict=True):
        if patient:
            parts.setdefault(patient, set()).add(int(layout.given[place]))
    return (sum(len(some) > 1 for some in parts.values()) if layout.is_split else 0), len(parts)


def ids_of(found: Glance, used: Counts) -> tuple[list[str], str]:
    """Return the patient of each member that is used, "" for none, and where that comes from; [] for nowhere."""
    plan = found.plan
    places = np.flatnonzero(used.pictures).tolist()
    if plan.patient_in_path:
        names = [part_of(plan.patient_in_path, "group", plan.members[place]) for place in places]
        return names, "by dataset.group_pattern"
    if any(plan.layout.patient):
        return [plan.layout.patient[place] for place in places], "by folders or a table of the data"
    return [], ""
