"""Tables whose first row is no header: it names a picture already ("column 1", "column 2"), or is a title above it."""

import csv
import io
import logging
from collections.abc import Sequence
from itertools import islice

from chestbench.catalog.tables.reading.sheets import parted, with_sheet_column
from chestbench.catalog.tables.reading.table_text import header_of, text_of
from chestbench.catalog.tables.reading.title_rows import rows_above_header
from chestbench.catalog.tables.words.picture_endings import has_picture_ending
from chestbench.datasets.archive import Archive
from chestbench.datasets.text_bounds import lines_of

logger = logging.getLogger(__name__)
_LOOKED_AT = 50


def table_text_of(archive: Archive, member: str, key: str, is_used: bool = True) -> tuple[str, int]:
    """Return the text of a table and how many lines were put before it: 1 where it had no header, else 0.

    One sheet of several has a column more, which holds the sheet's name.

    A first row with a file name of a picture is no header. Such lines may have blanks between their cells as well,
    below a header ("image label") or without one.
    Titles and comments above a header are left out: the number of lines is then below 0.

    Args:
        archive, member, key, is_used: see `text_of`.

    Raises:
        ChestbenchError: see `text_of`.

    Example:
        "0001.png,tb" gives "column 1,column 2", "0001.png,tb".
    """
    text, added = _with_header(archive, member, key, is_used)
    if sheet := parted(member)[1]:
        text = with_sheet_column(text, *header_of(text, []), sheet)
    return text, added


def _with_header(archive: Archive, member: str, key: str, is_used: bool) -> tuple[str, int]:
    text = text_of(archive, member, key, is_used)
    if above := rows_above_header(text):
        if is_used:
            logger.info("%s: the first %d lines are no part of the table and are left out", member, above)
        return "".join(islice(lines_of(text), above, None)), -above
    delimiter, first = header_of(text, [])
    words = first[0].split() if len(first) == 1 else []
    if any(map(has_picture_ending, words)) and len(words) > 1:
        delimiter, first = ",", words
        text = _parted_at_blanks(text)
    elif len(first) == 1 and _is_parted_at_blanks(text, words):
        return _parted_at_blanks(text), 0
    if not any(map(has_picture_ending, first)):
        return text, 0
    names = (f"column {number}" for number in range(1, len(first) + 1))
    return f"{delimiter.join(names)}\n{text}", 1


def _parted_at_blanks(text: str) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(line.split() for line in text.splitlines())
    return written.getvalue()


def _is_parted_at_blanks(text: str, header: Sequence[str]) -> bool:
    """Tell whether the first lines below a header have as many words as it, one of them a picture's name."""
    rows = [line.split() for line in islice(filter(str.strip, lines_of(text)), 1, _LOOKED_AT)]
    is_header = len(set(header)) == len(header) > 1 and len(rows) > 1
    return is_header and all(len(row) == len(header) and any(map(has_picture_ending, row)) for row in rows)
