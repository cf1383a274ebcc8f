"""Tables and lists of an archive that the pipeline reads: they are no pictures, and they are not left out either."""

from collections.abc import Collection, Mapping
from typing import Any

from chestbench.catalog.kinds import kind_of_name
from chestbench.catalog.tables.reading.table import find_table
from chestbench.core.config import Dataset
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive

TABLES_READ = "tables_read"


def tables_read(
    archive: Archive, members: Collection[str], dataset: Dataset, said: Mapping[str, Any]
) -> frozenset[str]:
    """Return the members that are read as tables of labels or boxes, or as lists of a split.

    Args:
        archive: holds them.
        members: names that dataset.exclude leaves; what it names is counted there.
        dataset: `labels` and `boxes` are used. A table of boxes that is not there is told of where it is read.
        said: of the layout, whose `split_lists` were read.
    """
    patterns = list(dataset.labels.table or []) if dataset.labels else []
    patterns += [dataset.boxes.table] if dataset.boxes else []
    found = {*said.get("split_lists", {}).get("lists", {})}
    for pattern in patterns:
        try:
            found.add(find_table(archive, pattern, "dataset"))
        except ChestbenchError:
            continue
    known = set(members)
    return frozenset(member for member in found if member in known and kind_of_name(member))
