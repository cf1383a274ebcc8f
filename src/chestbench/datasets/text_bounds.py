"""How much of tables and lists is read: texts are held in memory whole, and their cells beside them."""

import re
from collections.abc import Iterator

from chestbench.core.bounds import MOST_TABLE_BYTES, MOST_TABLE_CELLS, MOST_TABLE_ROWS
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
# What `str.splitlines` and `csv` end a line at, in UTF-8; less than a text may have of them is not counted.
_ENDS = (b"\n", b"\r", b"\x0b", b"\x0c", b"\x1c", b"\x1d", b"\x1e", b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9")


def read_text(archive: Archive, member: str, key: str) -> bytes:
    """Return the bytes of a table or list.

    Args:
        archive: holds it.
        member: its name.
        key: the parameter that names it, for messages.

    Raises:
        ChestbenchError: it is longer than any known table.
        UnreadableMember: see `Archive.read`.
    """
    mend = "name another, or cut it down to the columns and rows that are used"
    if (size := archive.size_of(member)) > MOST_TABLE_BYTES:
        raise ChestbenchError(
            f"{key}: expected a table or list of at most {MOST_TABLE_BYTES // 1_000_000} million bytes, received "
            f"{member} of {size:,}; {mend}"
        )
    data = archive.read(member)
    if len(data) > MOST_TABLE_ROWS and (lines := sum(map(data.count, _ENDS))) > 2 * MOST_TABLE_ROWS:
        raise ChestbenchError(
            f"{key}: expected a table or list of at most {MOST_TABLE_ROWS:,} lines, received {member} of {lines:,}; "
            f"{mend}"
        )
    return data


def lines_of(text: str) -> Iterator[str]:
    """Yield the lines of a text with their ends, as `csv` wants them, without a second copy of it."""
    return (found[0] for found in _LINE.finditer(text))


class Counted:
    """Cells that a table was found to have, as far as it was read."""

    def __init__(self, key: str) -> None:
        self._key, self._rows, self._cells = key, 0, 0

    def add(self, columns: int, member: str) -> None:
        """Count a row.

        Raises:
            ChestbenchError: there are more than are held in memory.
        """
        self._rows += 1
        self._cells += columns
        if self._rows > MOST_TABLE_ROWS or self._cells > MOST_TABLE_CELLS:
            raise ChestbenchError(
                f"{self._key}: expected {MOST_TABLE_ROWS:,} rows and {MOST_TABLE_CELLS:,} cells at most, received more "
                f"with {member}; cut it down to the rows and columns that are used"
            )
