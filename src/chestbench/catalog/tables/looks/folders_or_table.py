"""Folders that name no finding beside a table that labels their pictures otherwise: which are the classes is open."""

from collections.abc import Mapping, Sequence

from chestbench.catalog.folders.readings.reading_lines import classes_line, counted
from chestbench.catalog.folders.words.roles import Role, role_of
from chestbench.catalog.tables.looks.class_readings import Reading
from chestbench.catalog.tables.looks.second_labels import Compared
from chestbench.core.errors import ChestbenchError

# A table labels the pictures where it has so large a share of those with a class; so many readings of it are shown.
_LEAST_SHARE, _MOST_SHOWN = 0.5, 3


def refuse_unnamed_folders(counts: Mapping[str, int], compared: Sequence[tuple[Reading, Compared]]) -> None:
    """Refuse folders that may be hospitals or parts of an archive ("Bern", "0") where a table has the classes.

    Folders of which any names a finding are the classes, and so are those whose table agrees with them.

    Args:
        counts: class folder -> pictures in it.
        compared: ways to read the tables, with how they stand to the folders.

    Raises:
        ChestbenchError: both readings may be meant; shows both with the line that chooses each.
    """
    if any(role_of(name) is Role.FINDING for name in counts):
        return
    if any(not told.differ and reading.candidate.is_label for reading, told in compared):
        return
    total = sum(counts.values())
    others = [
        reading
        for reading, told in compared
        if told.differ and not told.is_by_name and reading.candidate.line and len(reading.said) >= _LEAST_SHARE * total
    ]
    if not others:
        return
    lines = [
        "data set: choose how to read it: expected one consistent reading, received folders that name no finding and "
        "a table that labels their pictures otherwise:",
        f"reading A, by the folders: {counted(counts)}",
        f"  choose it with {classes_line(list(counts))}",
    ]
    for letter, reading in zip("BCD", others[:_MOST_SHOWN], strict=False):
        lines += [
            f"reading {letter}, by the {reading.column} of {reading.table}{reading.candidate.shown}",
            f"  choose it with {reading.candidate.line}",
        ]
    raise ChestbenchError("\n".join(lines))
