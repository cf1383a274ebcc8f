"""A table whose ids fit several pictures each: 000.png of Hospital_A/ and of Hospital_B/, told apart by a column."""

from collections import Counter
from dataclasses import dataclass
from glob import escape

from chestbench.catalog.folders.words.kind_words import is_image_name
from chestbench.catalog.folders.words.words import words_of
from chestbench.catalog.override import value_line
from chestbench.catalog.tables.columns.id_column import Column
from chestbench.catalog.tables.columns.look import Look
from chestbench.catalog.tables.columns.picture_keys import are_copies
from chestbench.datasets.archive import Archive

# So many folders may be taken alone.
_MOST_ALONE = 3


@dataclass(frozen=True)
class SeveralEach:
    """What is said of such a table.

    Attributes:
        text: a sentence.
        counts: pictures that the ids fit, by folder; {} where each row speaks of one folder, which a column names.
    """

    text: str
    counts: dict[str, int]

    def lines_of(self, line: str) -> list[str]:
        """Return the line with all but one folder left out, for each of them, where these are few."""
        if len(self.counts) > _MOST_ALONE:
            return []
        apart = {folder for folder in self.counts if not any(folder.startswith(f"{one}/") for one in self.counts)}
        patterns = {folder: f"{escape(folder)}/*" for folder in self.counts}
        lines = []
        for folder in (folder for folder in self.counts if folder in apart):
            others = value_line("dataset.exclude", [patterns[one] for one in self.counts if one != folder])
            lines.append(f"{line} {others} ({folder} alone, {self.counts[folder]:,})")
        return lines


def several_each(archive: Archive, look: Look, pictures: list[str]) -> SeveralEach | None:
    """Return what to say where most ids of a single table fit several different pictures, so that no line reads it.

    Args:
        archive: holds the pictures; some of one name are compared.
        look: at the table.
        pictures: N paths; places are of these.
    """
    if len(look.tables) > 1 or not (look.ids.is_by_picture and look.ids.is_sure):
        return None
    cells = look.ids.column.cells
    several = [places for cell in cells if len(places := look.ids.find(cell)) > 1]
    named = [[pictures[place] for place in places] for places in several]
    if 2 * len(several) <= len(cells) or are_copies(archive, named):
        return None
    counts = Counter(name.rpartition("/")[0] for names in named for name in names)
    folders = sorted(counts, key=lambda folder: (not is_image_name(folder.rpartition("/")[2]), folder))
    table = look.tables[0].rpartition("/")[2]
    column = next((one for one in look.rest if _tells(one, folders)), None)
    told = f"its column {column.name!r} seems to say the folder, so " if column else ""
    text = (
        f"{table}: {len(several)} of {len(cells)} names in its column {look.id!r} fit several pictures, in folders "
        f"such as {' and '.join(map(repr, folders[:2]))}: {told}write folder and name in one column "
        f"({named[0][0].rpartition('/')[0]}/...) and take that as the id of dataset.labels"
        + ("" if column else ", or leave out all but one folder")
    )
    return SeveralEach(text, {} if column else {folder: counts[folder] for folder in folders})


def _tells(column: Column, folders: list[str]) -> bool:
    """Tell whether each cell is in the words of one folder only, and the cells of several."""
    found = [[folder for folder in folders if set(words_of(cell)) <= set(words_of(folder))] for cell in column.cells]
    return len(found) > 1 and all(len(some) == 1 for some in found) and len({some[0] for some in found}) == len(found)
