"""What label tables say besides the class: patient, study, split, strata; and columns that should have been used."""

import logging
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from chestbench.catalog.identity import pseudonym
from chestbench.catalog.layout import Layout, count_given
from chestbench.catalog.records import SPLITS
from chestbench.catalog.tables.labels.label_rows import STRATA, Told, split_cells
from chestbench.catalog.tables.labels.label_tables import LabelTables
from chestbench.catalog.tables.reading.table import Table
from chestbench.catalog.tables.splits.split_cells import are_plain, is_split_name
from chestbench.catalog.tables.splits.split_parts import is_usable, join_parts, without_named_split
from chestbench.catalog.tables.words.column_words import is_patient_column
from chestbench.catalog.tables.words.id_words import FILE, NEVER, trust_in
from chestbench.catalog.tables.words.labels_line import labels_line
from chestbench.core.config import Dataset, Labels
from chestbench.core.errors import ChestbenchError

logger = logging.getLogger(__name__)


def add_extras(layout: Layout, tables: LabelTables, settings: Labels, dataset: Dataset) -> Layout:
    """Return the layout with what the tables say of patients, studies, the split and strata.

    Patients are codes (see `pseudonym`). Ids that one picture has two of are taken for one patient, and counted.

    Raises:
        ChestbenchError: pictures are in two parts, or the folders say another split.
    """
    told = [tables.said.get(key) for key in tables.keys]
    found = {"tables": [table.name for table in tables.tables]}
    changes: dict[str, object] = {"said": {**layout.said, **found}}
    if settings.patient:
        patients = _patients(told, dataset.salt, settings.patient)
        if layout.patient:  # a folder still says more of what the table does not name than nothing
            patients = [one or folder for one, folder in zip(patients, layout.patient, strict=True)]
        changes |= {"patient": patients, "patient_is_inferred": False}
    if settings.study:
        changes["study"] = [one.study if one else "" for one in told]
    used = {name: place for place, name in enumerate(STRATA) if getattr(settings.strata, name)}
    if used:
        changes["strata"] = {name: [one.strata[place] if one else "" for one in told] for name, place in used.items()}
    layout = replace(layout, **changes)  # type: ignore[arg-type]
    if settings.split and dataset.given_split == "honour":
        layout = _with_split(layout, told, settings.split, split_cells(tables.tables, settings.split))
    return layout


def warn_of_columns(tables: list[Table], settings: Labels, said: dict[str, object]) -> None:
    """Point out a column that is called like a patient's id and is not used."""
    for table in tables:
        unused = [column for column in table.others if is_patient_column(column)]
        if unused:
            said["unused_patient_column"] = f"{unused[0]} of {table.name}"
            logger.warning(
                "%s has the column %r, which is called like a patient's id and is not used, so that one patient's "
                "pictures may come into several parts of the split; use it with %s",
                table.name,
                unused[0],
                labels_line(settings, patient=unused[0]),
            )


def warn_of_id(tables: list[Table], settings: Labels) -> None:
    """Point out an id that is called like a count, an age or a date beside a column that is called like a file."""
    if trust_in(settings.id or "") != NEVER:
        return
    for table in tables:
        if named := next((column for column in table.others if trust_in(column) == FILE), None):
            logger.warning(
                "%s: the pictures are found by the column %r, by its name a count, an age, a date or a measure, though "
                "%r is called like the file's name; if that names them, use it with %s",
                table.name,
                settings.id,
                named,
                labels_line(settings, id=named),
            )


def warn_of_split_column(tables: list[Table], settings: Labels) -> None:
    """Point out a column that is called like a split and is not used."""
    for table in tables:
        if splits := [column for column in table.others if is_split_name(column)]:
            logger.warning(
                "%s has the column %r, which is called like a split and is not used, so that one is cut anew; where it "
                "says train, val and test, use it with %s",
                table.name,
                splits[0],
                labels_line(settings, split=splits[0]),
            )


def _patients(told: list[Told | None], salt: str, column: str) -> list[str]:
    above: dict[str, str] = {}

    def top(patient: str) -> str:
        while (upper := above.setdefault(patient, patient)) != patient:
            patient = upper
        return patient

    joined = 0
    for one in told:
        if one and len(one.patients) > 1:
            joined += 1
            first, *others = sorted(map(top, one.patients))
            for other in others:
                above[other] = first
    codes: dict[str, str] = {}
    names = [top(one.patients[0]) if one and one.patients else "" for one in told]
    if joined:
        logger.warning(
            "%d pictures have rows of different patients in the column %r: these patients are taken for one",
            joined,
            column,
        )
    return [codes.setdefault(name, pseudonym(salt, "patient", name)) for name in names]


def _with_split(layout: Layout, told: list[Told | None], column: str, parts_of: Mapping[str, int]) -> Layout:
    parts = np.array([one.parts if one else 0 for one in told], np.int64)
    several = int((~np.isin(parts, (0, 1, 2, 4))).sum())
    if several:
        raise ChestbenchError(
            f"dataset.labels.split: expected each picture in one part, received {several} whose rows in the column "
            f"{column!r} name several; set dataset.labels.split to null, or dataset.given_split=ignore to split anew"
        )
    given = np.select([parts == 1, parts == 2, parts == 4], [0, 1, 2], -1).astype(np.int8)
    if not is_usable(given, f"the column {column!r}"):
        return layout
    layout = without_named_split(layout, given, f"the column {column!r}")
    joined = join_parts(layout.given if layout.is_split else None, given, ("the folders", f"the column {column!r}"))
    read = {} if are_plain(parts_of) else {"cells": {cell: SPLITS[part] for cell, part in sorted(parts_of.items())}}
    said = {**layout.said, "split_column": {"column": column, "pictures": count_given(given), **read}}
    shown = ", ".join(f"{cell} is {part}" for cell, part in read.get("cells", {}).items())
    logger.info("split from the column %r%s: %s", column, f" ({shown})" if shown else "", count_given(given))
    return replace(layout, given=joined, is_split=True, said=said)
