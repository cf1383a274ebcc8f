"""What a look says of a set beside what its publisher states: whether the archive is his, and how many pictures."""

from collections import Counter
from pathlib import Path

import numpy as np

from chestbench.catalog.glance import Glance
from chestbench.catalog.layout import NO_CLASS, may_be_picture
from chestbench.catalog.records import SPLITS
from chestbench.catalog.stated import differences
from chestbench.core.config import Dataset
from chestbench.core.files import read_json
from chestbench.datasets.published_file import compared
from chestbench.reports.look_counts import Counts


def origin_of(path: Path, dataset: Dataset, is_fetched: bool) -> str:
    """Return where the archive is from and how it compares to the published one; "" where there is nothing to say.

    Args:
        path: what is looked at.
        dataset: its description.
        is_fetched: whether it is the archive that `download` brought, with source.json beside it.

    Raises:
        ChestbenchError: its pictures are of another size than dataset.version says.
    """
    if is_fetched:
        return str(read_json(path.with_name("source.json")).get("origin", ""))
    if dataset.path is None:
        return ""
    return compared(path, dataset, path.is_dir())[1].get("origin", "")


def counts_beside(found: Glance, dataset: Dataset, used: Counts) -> list[str]:
    """Return a sentence for each class of other numbers than the publisher states.

    He may have counted exact copies or not: either is right here.
    """
    if not dataset.expected_counts:
        return []
    layout = found.plan.layout
    named = np.array([may_be_picture(member) for member in found.plan.members], bool) & (layout.label != NO_CLASS)
    every, kept = (_counted(found, rows) for rows in (named.astype(np.int64), used.pictures))
    told = differences(every, dataset)
    return told and differences(kept, dataset) and told


def _counted(found: Glance, pictures: np.ndarray) -> Counter[tuple[str, str]]:
    layout = found.plan.layout
    counts: Counter[tuple[str, str]] = Counter()
    for row in np.flatnonzero(pictures).tolist():
        part = SPLITS[layout.given[row]] if layout.given[row] >= 0 else ""
        counts[layout.classes[layout.label[row]], part] += int(pictures[row])
    return counts
