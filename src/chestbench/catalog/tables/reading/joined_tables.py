"""Several tables of dataset.labels: a table without its ids that has the patients is read by these."""

import logging
from collections.abc import Sequence

from chestbench.catalog.tables.reading.table import MissingColumnsError, Table, read_table
from chestbench.catalog.tables.reading.table_text import plain_number
from chestbench.core.config import Labels
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive

logger = logging.getLogger(__name__)


def read_joined(archive: Archive, pairs: Sequence[tuple[str, str]], settings: Labels) -> list[Table]:
    """Return the tables of dataset.labels, each with the column of ids and what else it has.

    A table that lacks the ids and has the patients ("patient,diagnosis") gets a row for each id of its patients that
    another table ("image,patient") names.

    Args:
        archive: holds them.
        pairs: (glob pattern, "") or ("", member) of each.
        settings: dataset.labels.

    Raises:
        ChestbenchError: see `read_table`; or no patient of a table has an id.
    """
    of_id, patient = settings.id or "", settings.patient or ""
    wanted = (*settings.class_columns, *settings.extras)
    tables: list[Table] = []
    without_id: list[MissingColumnsError] = []
    for pattern, member in pairs:
        try:
            tables.append(read_table(archive, pattern, [of_id], "dataset.labels", wanted, member))
        except MissingColumnsError as error:
            if not patient:
                raise
            without_id.append(error)
            try:
                tables.append(read_table(archive, pattern, [patient], "dataset.labels", wanted, member))
            except MissingColumnsError:
                raise error from None
    ids: dict[str, list[str]] = {}
    for table in tables:
        if of_id in table.columns and patient in table.columns:
            at, who = table.columns.index(of_id), table.columns.index(patient)
            for _, row in table.rows:
                if row[at] and row[who]:
                    ids.setdefault(plain_number(row[who]), []).append(row[at])
    if without_id and not ids:
        raise without_id[0]
    return [table if of_id in table.columns else _by_patient(table, ids, of_id, patient) for table in tables]


def _by_patient(table: Table, ids: dict[str, list[str]], of_id: str, patient: str) -> Table:
    who = table.columns.index(patient)
    known = {key: list(dict.fromkeys(some)) for key, some in ids.items()}
    rows = [(line, [one, *row]) for line, row in table.rows for one in known.get(plain_number(row[who]), ())]
    lost = sum(plain_number(row[who]) not in known for _, row in table.rows)
    if not rows:
        raise ChestbenchError(
            f"dataset.labels: expected the column {of_id!r} in {table.name}, or patients in {patient!r} whose pictures "
            "another table names, found neither; name the columns, or put the tables together"
        )
    logger.info("%s has no column %r: its rows are given to the pictures of their patients", table.name, of_id)
    if lost:
        logger.warning("%s: %d rows are of patients without a picture in another table", table.name, lost)
    return Table(table.name, [of_id, *table.columns], rows, table.has_decimal_comma, table.others, table.member)
