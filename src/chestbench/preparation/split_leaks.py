"""What crosses the parts of the split that is used: nothing, unless a given split is followed."""

import logging
from pathlib import Path

import numpy as np

from chestbench.catalog.records import LEAKS, NEAR_DUPLICATE
from chestbench.core.files import stream_csv
from chestbench.preparation.folders import Assignment

logger = logging.getLogger(__name__)


def count_split_leaks(assignment: Assignment, catalog_results: Path) -> dict[str, int]:
    """Return the content of metrics/split.json["leaks"]: integers, all 0 unless a given split is followed.

    - groups: patients (or studies, or look-alike clusters) with images in more than one part.
    - look_alike_clusters: clusters of look-alike pictures with images in more than one part.
    - near_duplicate_pairs: of those that the catalog lists (up to 100,000), those in two parts.

    Args:
        assignment: of the kept images.
        catalog_results: results/catalog, with leaks.csv.
    """
    part_of = dict(zip(assignment.image_id.tolist(), assignment.split.tolist(), strict=True))
    pairs = [
        (row["image_id"].encode(), row["other_image_id"].encode())
        for row in stream_csv(catalog_results / LEAKS)
        if row["finding"] == NEAR_DUPLICATE
    ]
    known = [(part_of[a], part_of[b]) for a, b in pairs if a in part_of and b in part_of]
    leaks = {
        "groups": _in_several_parts(assignment.group, assignment.split),
        "look_alike_clusters": _in_several_parts(assignment.cluster, assignment.split),
        "near_duplicate_pairs": sum(one != other for one, other in known),
    }
    if any(leaks.values()):
        found = ", ".join(f"{count} {key.replace('_', ' ')}" for key, count in leaks.items() if count)
        logger.warning(
            "%s lie in more than one of train, val and test, as the archive gives them: scores may be too high; "
            "dataset.given_split=ignore splits anew",
            found,
        )
    return leaks


def _in_several_parts(names: np.ndarray, split: np.ndarray) -> int:
    code = np.unique(names, return_inverse=True)[1].ravel()
    pairs = np.unique(np.stack([code, split.astype(np.int64)]), axis=1)
    return int((np.unique(pairs[0], return_counts=True)[1] > 1).sum())
