"""A file of JSON or XML beside each picture: not read as a table, and named with what it holds and what to do."""

import json
import re
from collections.abc import Sequence

from chestbench.catalog.tables.columns.picture_index import stem_of
from chestbench.catalog.tables.reading.table_text import plain_text_of
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive

_ENDINGS = (".json", ".xml")
_FEWEST, _MOST_SHOWN, _LONGEST = 3, 6, 40
_TAG = re.compile(r"<([A-Za-z_][\w.-]*)>")


def records_beside(archive: Archive, members: Sequence[str], pictures: Sequence[str]) -> list[str]:
    """Return a sentence for each ending of which most pictures have a file of their own name.

    Args:
        archive: holds them; one of each is looked into.
        members: all that dataset.exclude leaves.
        pictures: those that are read.
    """
    stems = {stem_of(picture) for picture in pictures} | set(pictures)
    told = []
    for ending in _ENDINGS:
        beside = [member for member in members if member.lower().endswith(ending) and stem_of(member) in stems]
        if len(beside) < _FEWEST or 2 * len(beside) <= len(pictures):
            continue
        keys = _keys(archive, beside[0])
        holds = f" and hold {', '.join(keys[:_MOST_SHOWN])}" if keys else ""
        told.append(
            f"{len(beside):,} {ending} files lie beside the pictures of their names, such as {beside[0]}{holds}: one "
            "for each picture is not read; where they say the class, put them into one table (CSV) with a row for each "
            "picture"
        )
    return told


def _keys(archive: Archive, member: str) -> list[str]:
    """Return what the fields of a record are called."""
    try:
        text = plain_text_of(archive, member)
        if member.lower().endswith(".xml"):
            return list(dict.fromkeys(_TAG.findall(text)))
        value = json.loads(text)
    except (ChestbenchError, ValueError, RecursionError):
        return []
    return [str(key)[:_LONGEST] for key in value] if isinstance(value, dict) else []
