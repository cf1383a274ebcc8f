"""Tables without a header: their first row names a picture already; their columns are called "column 1", "column 2"."""

import csv
import io

from chestbench.catalog.tables.picture_index import has_picture_ending
from chestbench.catalog.tables.table_text import header_of, text_of
from chestbench.datasets.archive import Archive


def table_text_of(archive: Archive, member: str, key: str, is_used: bool = True) -> tuple[str, int]:
    """Return the text of a table and how many lines were put before it: 1 where it had no header, else 0.

    A first row with a file name of a picture is no header. Such lines may have blanks between their cells as well.

    Args:
        archive, member, key, is_used: see `text_of`.

    Raises:
        ChestbenchError: see `text_of`.

    Example:
        "0001.png,tb" gives "column 1,column 2", "0001.png,tb".
    """
    text = text_of(archive, member, key, is_used)
    delimiter, first = header_of(text, [])
    if len(first) == 1 and any(map(has_picture_ending, words := first[0].split())) and len(words) > 1:
        delimiter, first = ",", words
        text = _parted_at_blanks(text)
    if len(first) < 2 or not any(map(has_picture_ending, first)):
        return text, 0
    names = (f"column {number}" for number in range(1, len(first) + 1))
    return f"{delimiter.join(names)}\n{text}", 1


def _parted_at_blanks(text: str) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(line.split() for line in text.splitlines())
    return written.getvalue()
