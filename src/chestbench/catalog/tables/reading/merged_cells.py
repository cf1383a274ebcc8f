"""Cells of a workbook that were merged downwards: the value that stands in the first row is meant for all of them."""

import re

_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref\s*=\s*[\"']([A-Z]+)(\d+):[A-Z]+(\d+)[\"']")


class MergedCells:
    """The merged cells of one sheet, whose rows are then given from the first to the last.

    Only the first column of each range is filled: cells merged to the right are titles above several columns.
    """

    def __init__(self, sheet: bytes) -> None:
        """Take the XML of a sheet."""
        self._begin: dict[int, list[tuple[int, int]]] = {}
        for letters, first, last in _MERGED.findall(sheet):
            if int(last) > int(first):
                self._begin.setdefault(int(first), []).append((column_of(letters.decode()), int(last)))
        self._open: dict[int, tuple[int, str]] = {}

    def filled(self, number: int, cells: list[str]) -> list[str]:
        """Return the cells of row `number` with the values of the rows above that they were merged with."""
        if not self._begin and not self._open:
            return cells
        self._open = {column: one for column, one in self._open.items() if one[0] >= number}
        for column, (_, value) in self._open.items():
            cells += [""] * (column + 1 - len(cells))
            cells[column] = cells[column] or value
        for column, last in self._begin.pop(number, ()):
            if column < len(cells) and cells[column]:
                self._open[column] = last, cells[column]
        return cells


def column_of(letters: str) -> int:
    """Return the place of a column: A is 0, Z 25, AA 26."""
    place = 0
    for letter in letters:
        place = 26 * place + ord(letter) - ord("A") + 1
    return place - 1
