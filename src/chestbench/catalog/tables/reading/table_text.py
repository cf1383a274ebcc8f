"""The text of a table or list inside the archive, whatever program wrote it: encodings, separators, the header.

Workbooks (.xlsx), JSON and XML are turned into CSV here, so that everything else reads texts.
"""

import csv
import io
import logging
import re

from chestbench.catalog.tables.reading import json_table, xml_table
from chestbench.catalog.tables.reading.sheets import is_workbook, parted, text_of_sheet
from chestbench.core.errors import ChestbenchError
from chestbench.core.text_encoding import NAMES, find_encoding
from chestbench.datasets.archive import Archive, UnreadableMember
from chestbench.datasets.text_bounds import read_text

logger = logging.getLogger(__name__)

DELIMITERS = (",", ";", "\t", "|")
# So much of a text is looked at to find its header.
_BEGINNING = 1 << 20


class OpenEncodingError(ChestbenchError):
    """A text may be written in several encodings.

    Attributes:
        encodings: their names in Python.
    """

    def __init__(self, words: str, encodings: list[str]) -> None:
        super().__init__(words)
        self.encodings = encodings


def text_of(archive: Archive, member: str, key: str, is_used: bool = True) -> str:
    """Return the text of a member.

    UTF-8 with or without a byte order mark, and UTF-16 with one, are read as such. Anything else was written by an
    older program: it is read as the archive's `text_encoding`, else as `find_encoding` finds it, which a warning says.
    A sheet of a workbook (see `text_of_sheet`), and the records of a JSON or XML text, come as CSV.

    Args:
        archive: holds the member.
        member: its name, or that of one sheet of a workbook.
        key: the parameter that names it, for messages, such as dataset.labels.table.
        is_used: whether the warning is given: not where a member is only looked at.

    Raises:
        OpenEncodingError: several encodings fit it equally well.
        ChestbenchError: the member is damaged, or holds null bytes: it is no text, or UTF-16 without a mark; or it
            is a workbook, JSON or XML that holds no table.
    """
    if is_workbook(parted(member)[0]):
        return text_of_sheet(archive, member, key)
    try:
        data = read_text(archive, member, key)
    except UnreadableMember as error:
        raise ChestbenchError(
            f"{key}: expected a sound file, received {member} with {error.reason}; fetch the archive again"
        ) from None
    text = _decoded(data, member, key, is_used, archive.text_encoding)
    if member.lower().endswith(json_table.ENDINGS):
        try:
            return json_table.json_as_csv(text)
        except json_table.NoJsonTable as error:
            raise ChestbenchError(
                f"{key}: expected JSON with a list of records, received {member} with {error}; save it as CSV in UTF-8"
            ) from None
    if member.lower().endswith(xml_table.ENDING):
        try:
            return xml_table.xml_as_csv(text)
        except xml_table.NoXmlTable as error:
            raise ChestbenchError(
                f"{key}: expected annotations of CVAT, received {member} with {error}; save them as CSV in UTF-8"
            ) from None
    return text


def plain_text_of(archive: Archive, member: str) -> str:
    """Return the text of a member that is only looked at, as it stands, be it JSON or not.

    Raises:
        ChestbenchError: as `text_of`.
    """
    try:
        return _decoded(read_text(archive, member, "dataset.split_lists"), member, "", False, archive.text_encoding)
    except UnreadableMember as error:
        raise ChestbenchError(f"expected a sound file, received {member} with {error.reason}") from None


def _decoded(data: bytes, member: str, key: str, is_used: bool, stated: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            raise ChestbenchError(f"{key}: expected {member} in UTF-16, as its mark says, received other bytes; "
                                  "save it as CSV in UTF-8") from None  # fmt: skip
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        text = data.decode(stated or _older_encoding(data, member, key, line, is_used), errors="replace")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ChestbenchError(
            f"{key}: expected a text, received {member} with null bytes in line {line}; save it as CSV in UTF-8"
        )
    return text


def header_of(text: str, columns: list[str]) -> tuple[str, list[str]]:
    """Return the delimiter and the names of the first row that is not blank.

    Args:
        text: of the table.
        columns: the delimiter is the one that finds most of these, and among equals the one that finds most names.
    """
    parsed = [(delimiter, _first_row(text, delimiter)) for delimiter in DELIMITERS]
    return max(parsed, key=lambda pair: (sum(column in pair[1] for column in columns), len(pair[1])))


def plain_number(cell: str) -> str:
    """Return a whole number without a spreadsheet's decimals ("1.0" gives "1"), other texts as they are."""
    return re.sub(r"^([+-]?\d+)[.,]0+$", r"\1", cell)


def _first_row(text: str, delimiter: str) -> list[str]:
    try:
        for cells in csv.reader(io.StringIO(text[:_BEGINNING], newline=""), delimiter=delimiter):
            if any(cell.strip() for cell in cells):
                return [cell.strip() for cell in cells]
    except csv.Error:  # a cell longer than any is
        return [text[:80]]
    return []


def _older_encoding(data: bytes, member: str, key: str, line: int, is_used: bool) -> str:
    written = find_encoding(data)
    chosen, *open_ones = written.encodings
    if open_ones:
        shown = ", ".join(f"{NAMES[name]}: {written.examples[name]!r}" for name in written.encodings)
        raise OpenEncodingError(
            f"{key}: expected UTF-8, received {member} in an older encoding, which may be any of {shown}; say which "
            f"with the key encoding of dataset.labels, such as encoding: {chosen}, or save it as CSV in UTF-8",
            written.encodings,
        )
    if is_used:
        others = "".join(f"; as {NAMES[name]} it would be {written.examples[name]!r}" for name in written.others)
        logger.warning(
            "%s: not UTF-8 (line %d), so it is read as %s: look whether names with accents are right, such as %r%s",
            member, line, NAMES[chosen], written.examples.get(chosen, ""), others,
        )  # fmt: skip
    return chosen
