"""Patients that a table names beside folders that are numbered like patients: one may have several folders."""

from collections.abc import Sequence

from chestbench.catalog.tables.columns.id_rows import cells_of
from chestbench.catalog.tables.columns.look import Look
from chestbench.catalog.tables.reading.headless import table_text_of
from chestbench.datasets.archive import Archive


def patients_in(archive: Archive, look: Look, column: str) -> dict[int, str]:
    """Return place of a picture -> what a column of a table says of it; blank cells say nothing.

    Raises:
        ChestbenchError: a table is damaged or no text.
    """
    found: dict[int, str] = {}
    for table in look.tables:
        text, _ = table_text_of(archive, table, "dataset.labels.table", is_used=False)
        for name, patient in cells_of(text, look.settings["id"], column):
            for place in look.ids.find(name) if patient else ():
                found.setdefault(place, patient)
    return found


def in_several(patients: dict[int, str], inferred: Sequence[str]) -> tuple[int, int]:
    """Return how many patients of a table have pictures in several of the folders taken for patients, of how many.

    Args:
        patients: by place, see `patients_in`.
        inferred: patient of each picture by its folders, "" for none.
    """
    folders_of: dict[str, set[str]] = {}
    for place, patient in patients.items():
        if inferred[place]:
            folders_of.setdefault(patient, set()).add(inferred[place])
    return sum(len(some) > 1 for some in folders_of.values()), len(folders_of)
