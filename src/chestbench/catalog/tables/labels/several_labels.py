"""Cells that hold several labels ("Effusion|Infiltration"): recognised, taken apart, and put as a question."""

from collections import Counter
from collections.abc import Collection

from chestbench.catalog.override import value_line
from chestbench.core.errors import ChestbenchError

# A bar or semicolon hardly ever stands in the name of one finding; what else joins labels also stands in names.
_SURE = ("|", ";", "\n")
_UNSURE = (",", "/", "+", "&")
# What joins words of one name as often as labels: only where each part stands alone in other cells.
_DOUBTFUL = (" and ", "_", "-")
# A list as Python writes it: ['Effusion', 'Mass'].
LIST = "[,]"
# Of so many different joined cells on, parts that come back in other company show that cells are lists.
_FEW = 3
_NORMAL = ("no finding", "normal", "healthy", "negative", "no findings", "none")


def separator_of(cells: Counter[str], named: Collection[str] = ()) -> str:
    """Find what joins several labels in the cells of a column; "" where cells hold one each.

    A bar, semicolon or line break does, and the comma of a list in brackets. Comma, slash, plus or ampersand do where
    most of the cells that have one consist of labels that other cells hold alone, or where few labels come back in
    different company; a hierarchy, such as Pneumonia/Viral/COVID-19, has each part always below the same others, and
    is one label. "and", _ and - do where all that they join stands alone elsewhere.

    Args:
        cells: the different texts of the column and how many rows have each.
        named: cells that are one label whatever is in them (the keys of dataset.class_names).
    """
    whole = {cell for cell in cells if cell}
    unnamed = whole.difference(named)
    if unnamed and all(cell.startswith("[") and cell.endswith("]") for cell in unnamed):
        return LIST
    for separator in (*_SURE, *_UNSURE, *_DOUBTFUL):
        joined = [cell for cell in unnamed if len(parts_of(cell, separator)) > 1]
        if not joined:
            continue
        if separator in _SURE:
            return separator
        known = [cell for cell in joined if all(part in whole for part in parts_of(cell, separator))]
        if separator in _DOUBTFUL and len(known) < len(joined):
            continue
        if 2 * sum(cells[cell] for cell in known) >= sum(cells[cell] for cell in joined):
            return separator
        parts = {part for cell in joined for part in parts_of(cell, separator)}
        if len(joined) >= _FEW and len(parts) < len(joined) and not _is_hierarchy(joined, separator):
            return separator
    return ""


def parts_of(cell: str, separator: str) -> list[str]:
    """Return the labels of a cell, each once; the cell itself without a separator, nothing for an empty one."""
    if separator == LIST:
        parts = [part.strip().strip("'\"") for part in cell.removeprefix("[").removesuffix("]").split(",")]
    else:
        parts = cell.split(separator) if separator else [cell]
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def refuse_several(
    cells: Counter[str], separator: str, where: str, wanted: dict[str, str], named: Collection[str] = ()
) -> None:
    """Say that a column holds several labels a cell, and what can be asked of it.

    Args:
        cells: as in `separator_of`.
        separator: from there.
        where: the column and the table, for the message.
        wanted: found label -> wanted name.
        named: as in `separator_of`.

    Raises:
        ChestbenchError: always.
    """
    joined = {cell: count for cell, count in cells.items() if cell not in named and len(parts_of(cell, separator)) > 1}
    single: Counter[str] = Counter()
    for cell, count in cells.items():
        for part in [cell] if cell in named else parts_of(cell, separator):
            single[wanted.get(part, part)] += count
    shown = ", ".join(f"{name!r} {count}" for name, count in single.most_common(20))
    raise ChestbenchError(
        f"dataset.labels: expected one class in each cell of {where}, received {sum(joined.values())} of "
        f"{sum(cells.values())} that hold several, joined by {separator!r}; the single labels are {shown}; "
        f"choose the classes of one question: {value_line('dataset.classes', question_of(single))} uses the pictures "
        f"that have exactly one of them (a picture with two of them is left out), or give each cell that is to count "
        f"as one class a name with dataset.class_names"
    )


def question_of(single: Counter[str]) -> list[str]:
    """Return the two classes to suggest: what says that nothing was found, if anything does, and the most frequent."""
    by_count = [name for name, _ in single.most_common()]
    normal = [name for name in by_count if name.casefold() in _NORMAL]
    return [*normal[:1], *(name for name in by_count if name not in normal)][:2]


def _is_hierarchy(joined: list[str], separator: str) -> bool:
    """Tell whether each part always stands below the same others."""
    above: dict[str, tuple[str, ...]] = {}
    for cell in joined:
        parts = parts_of(cell, separator)
        for place, part in enumerate(parts):
            if above.setdefault(part, tuple(parts[:place])) != tuple(parts[:place]):
                return False
    return True
