"""What must not cross splits: patients, else studies, else clusters of look-alike pictures."""

import logging
from dataclasses import dataclass

import numpy as np

from chestbench.catalog.components import connected_components, pairs_of_equals
from chestbench.catalog.verdicts import NO_GROUP, Verdict

logger = logging.getLogger(__name__)

# Where a group comes from, the better first: a patient in the path, in a DICOM header, a study, a look-alike cluster.
_PATH, _HEADER, _STUDY, _LOOK_ALIKE = range(4)
_KEY = np.dtype([("source", "u1"), ("value", "u8")])


@dataclass(frozen=True)
class Groups:
    """The groups of the kept images.

    Attributes:
        number: int64 (N,), NO_GROUP for excluded rows.
        unit: "patient", "study" or "image": what most groups are made of.
        without: images that have neither patient nor study while others have.
    """

    number: np.ndarray
    unit: str
    without: int
    _keys: np.ndarray
    _own: np.ndarray
    _patients: list[str]

    def has_id(self, rows: np.ndarray) -> np.ndarray:
        """Tell which rows have a patient or a study, bool (R,): their groups are more than look-alike clusters."""
        return self._own["source"][rows] < _LOOK_ALIKE

    def name(self, row: int) -> str:
        """Return the group of a row as the table shows it; for an excluded row its patient or study, else ""."""
        number = int(self.number[row])
        key = self._keys[number] if number != NO_GROUP else self._own[row]
        source, value = int(key["source"]), int(key["value"])
        if source == _PATH:
            return self._patients[value]
        if source == _LOOK_ALIKE:
            return look_alike(value) if number != NO_GROUP else ""
        return f"{value:016x}"


def look_alike(cluster: int) -> str:
    """Return the name of a cluster, such as look-alike-00017."""
    return f"look-alike-{cluster + 1:05d}"


def form_groups(numbers: np.ndarray, cluster: np.ndarray, patients: list[str]) -> Groups:
    """Give each kept image its group; images of one study, or under one id of the label table, share theirs.

    A group that was joined from several is named after the best of them: a patient before a study before a cluster, by
    name among equals. So neither the order nor the names of the files matter.

    Args:
        numbers: NUMBERS (N,), all judged.
        cluster: int64 (N,), look-alike cluster, -1 for excluded rows.
        patients: names that the paths gave, by the code in `numbers`.
    """
    by_name = sorted(patients)
    place = {name: at for at, name in enumerate(by_name)}
    rank = np.array([*(place[name] for name in patients), 0], np.uint64)
    own = np.zeros(len(numbers), _KEY)
    sources = [numbers["patient"] >= 0, numbers["header"] > 0, numbers["study"] > 0]
    own["source"] = np.select(sources, [_PATH, _HEADER, _STUDY], _LOOK_ALIKE)
    values = [rank[numbers["patient"]], numbers["header"], numbers["study"]]
    own["value"] = np.select(sources, values, np.maximum(cluster, 0).astype(np.uint64))

    kept = np.flatnonzero(numbers["verdict"] == Verdict.KEPT)
    keys, base = np.unique(own[kept], return_inverse=True)
    base = base.ravel().astype(np.int64)
    links = []
    for column, none in (("study", 0), ("unit", -1)):
        key = numbers[column][kept]
        known = key != none
        links.append(pairs_of_equals(base[known], key[known]))
    component = connected_components(len(keys), links)
    number = np.full(len(numbers), NO_GROUP, np.int64)
    number[kept] = component[base]

    source = own["source"][kept]
    counts = {
        "image": int((source == _LOOK_ALIKE).sum()),
        "study": int((source == _STUDY).sum()),
        "patient": int((source <= _HEADER).sum()),
    }
    unit = max(counts, key=lambda name: counts[name])
    groups = Groups(number, unit, counts["image"] if counts["image"] < len(kept) else 0, keys, own, by_name)
    _warn(groups, counts, keys, component)
    return groups


def _warn(groups: Groups, counts: dict[str, int], keys: np.ndarray, component: np.ndarray) -> None:
    total = sum(counts.values())
    if groups.without:
        logger.warning(
            "%d of %d images have neither patient nor study: each of their look-alike clusters is a group",
            groups.without,
            total,
        )
    if groups.unit == "patient" and counts["study"]:
        logger.warning("%d of %d images have a study but no patient: each study is a group", counts["study"], total)
    is_patient = keys["source"] <= _HEADER
    joined = int(is_patient.sum()) - len(np.unique(component[is_patient]))
    if joined:
        logger.warning("%d patients share a study with another patient and are kept in one group with them", joined)
    if groups.unit != "image" and len(np.unique(component)) == 1 and total > 1:
        logger.warning(
            "all %d images are of one %s, perhaps because the headers were made anonymous: "
            "dataset.group_pattern and dataset.study_pattern take them from the paths instead",
            total,
            groups.unit,
        )
