"""Which folder of a path is the class: decided from all paths together, or refused with both readings shown.

Folders that are parts of a split, kinds of files or the same for all pictures are set aside; a folder that holds its
own siblings' names once more is a copy of the set, or a source. Of what remains:

1. Folders named after findings are the classes ("COVID", "Normal"), and their siblings with them. Where findings lie
   below findings, the reading that contradicts itself (a normal below a disease) falls; if none does, both are shown.
2. Without findings, the one level whose names are neither numbers nor places, views and the like is.
3. Numbers are classes where they count from 0; places never are, unless dataset.classes names them.
"""

from collections.abc import Mapping

from chestbench.catalog.folders.readings.by_findings import by_findings, is_real_finding
from chestbench.catalog.folders.readings.by_levels import by_levels
from chestbench.catalog.folders.readings.reading import Reading
from chestbench.catalog.folders.readings.steps import read_steps
from chestbench.catalog.folders.splits.split_words import PartNames


def read_folders(folders: Mapping[str, int], parts: PartNames) -> list[Reading]:
    """Return the readings that are consistent: one, two or more (the set is ambiguous), or none (no classes).

    Args:
        folders: path of a folder -> pictures directly in it; masks are not among them.
        parts: which folders are parts of a split.
    """
    steps = read_steps(folders, parts)
    has_finding = any(is_real_finding(step) for path in steps.values() for step in path)
    if has_finding:
        return by_findings(folders, steps)
    return by_levels(folders, steps)
