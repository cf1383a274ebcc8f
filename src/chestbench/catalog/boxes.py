"""Boxes that a table of the archive draws on pictures: checked, and written beside the catalog."""

import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from chestbench.catalog.box_classes import boxes_of_classes, pictures_by_class
from chestbench.catalog.box_findings import doubted_findings
from chestbench.catalog.box_left_out import (
    BELOW_PIXEL,
    MALFORMED,
    OF_EXCLUDED,
    OF_NONE,
    OF_SEVERAL,
    OTHER_FINDINGS,
    OUTSIDE,
    findings_in_words,
)
from chestbench.catalog.box_places import Place, placed_in
from chestbench.catalog.box_readers import OfReader, one_of_each
from chestbench.catalog.box_table import BoxTable, Drawn
from chestbench.catalog.identity import part_of
from chestbench.catalog.records import KEPT, CatalogRow, read_rows
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import write_csv
from chestbench.datasets.archive import open_archive

logger = logging.getLogger(__name__)

COLUMNS = ["image_id", "label", "finding", "x", "y", "width", "height"]
LOST = "pictures_without_their_boxes"
_LEFT_OUT = {"malformed": MALFORMED, "small": BELOW_PIXEL, "outside": OUTSIDE}


def write_boxes(found: BoxTable | None, catalog: Path, output: Path, positive: str | None = None) -> dict[str, int]:
    """Write the boxes of all kept images, with `COLUMNS`; sorted, header only when the data set has no table of them.

    x and y are the upper left corner; all are in pixels of the picture as stored, upright (the catalog's width and
    height, exchanged where EXIF turns the picture by a quarter), with up to three decimals. label is the picture's
    class, finding what the box is around. Boxes are cut off at the edge of their picture; those that reach more than a
    pixel beyond it are counted and warned of, as are those that are the whole picture. Boxes wholly outside, those
    smaller than a pixel, and those of an id that several pictures have, are counted, warned of and left out. Those of
    pictures that are not used, and of findings that are not asked for, are counted. What several readers drew around
    one finding is one box (`box_readers.one_of_each`); how many more they drew is counted. Boxes on pictures of a class
    without a finding are kept and warned of, and so is a finding that may be another misspelt. A picture that loses
    all its boxes counts as one without any: that is counted and warned of.

    Args:
        found: from `read_boxes`; None: the data set has no boxes. What is left out here is added to its `left_out`.
        catalog: data/catalog.csv of the same archive.
        output: data/boxes.csv.
        positive: the class that is looked for, where it is known.

    Returns:
        Counts for `Catalog.notes`, none is 0.

    Raises:
        ChestbenchError: layout, units or size cannot be those that are stated (see `box_units`), or no box is left.
    """
    if found is None:
        write_csv(output, COLUMNS, [])
        return {}
    every = [(part_of(found.id_in_path, "id", row.member), row) for row in read_rows(catalog, CatalogRow)]
    pictures = [(name, row) for name, row in every if row.status == KEPT and name in found.boxes]
    owners = Counter(name for name, _ in pictures)
    entries = [(row, box) for name, row in pictures if owners[name] == 1 for box in found.boxes[name]]
    with open_archive(found.archive) as archive:
        placed = placed_in(archive, [(row, box.numbers) for row, box in entries], found.settings, found.name)
    _count_left_out(found, entries, placed.places, owners, {name for name, _ in every})
    drawn = list(_rows(entries, placed.places))
    asked = found.settings.reader is not None
    rows = sorted(one_of_each(drawn) if asked else ((key, box) for key, box, _ in drawn))
    found.left_out.log(found.name, found.sound)
    if not rows:
        raise ChestbenchError(_none_left(found))
    write_csv(output, COLUMNS, ([*texts, *map(_shown, box)] for texts, box in rows))
    ways = Counter(place.said for place in placed.places)
    notes = {
        "boxes": len(rows),
        "boxes_of_further_readers": len(drawn) - len(rows),
        "boxes_cut_at_edge": ways["cut"],
        "boxes_whole_picture": ways["whole"],
        "boxes_of_turned_pictures": placed.turned,
        **found.left_out.counts,
    }
    lost = _without_theirs(found, every, {key[0] for key, _ in rows})
    notes[LOST] = len(lost)
    first = {way: box.line for (_, box), (_, way) in reversed(list(zip(entries, placed.places, strict=True)))}
    doubted = doubted_findings(found.counted)
    for said in (*doubted, *placed.doubts, *_warnings(ways, first, placed.turned), *_of_lost(lost)):
        logger.warning("%s: %s", found.name, said)
    kept, on = Counter(row.label for _, row in every if row.status == KEPT), [(key[0], key[1]) for key, _ in rows]
    for is_doubtful, said in boxes_of_classes(on, sorted(kept), positive):
        logger.log(logging.WARNING if is_doubtful else logging.INFO, "%s: %s", found.name, said)
    if by_class := pictures_by_class(on, kept):
        logger.info("%s: %s", found.name, by_class)
    if asked:
        logger.info("%s: %d boxes of several readers are %d", found.name, len(drawn), len(rows))
    return {key: count for key, count in notes.items() if count}


def _count_left_out(
    found: BoxTable,
    entries: list[tuple[CatalogRow, Drawn]],
    places: list[Place],
    owners: Counter[str],
    in_archive: set[str],
) -> None:
    """Count the boxes that are not placed, and those of ids that are not those of one kept picture."""
    for (_, box), place in zip(entries, places, strict=True):
        if place.said in _LEFT_OUT:
            found.left_out.add(_LEFT_OUT[place.said], box.line, box.numbers)
    for name, boxes in found.boxes.items():
        if owners[name] == 1:
            continue
        reason = OF_SEVERAL if name in owners else OF_EXCLUDED if name in in_archive else OF_NONE
        for box in boxes:
            found.left_out.add(reason, box.line, box.numbers)


def _without_theirs(found: BoxTable, every: list[tuple[str, CatalogRow]], drawn: set[str]) -> list[str]:
    """Return the pictures that the table has boxes of and none was kept of."""
    return [
        row.member for name, row in every if row.status == KEPT and name in found.tried and row.image_id not in drawn
    ]


def _of_lost(lost: list[str]) -> Iterator[str]:
    if lost:
        which = f"picture, {lost[0]}, has" if len(lost) == 1 else f"pictures, such as {lost[0]}, have"
        counts = "it counts as one" if len(lost) == 1 else "they count as pictures"
        yield (
            f"{len(lost)} {which} boxes in the table and none is left: {counts} without any; mend their rows, or leave "
            "such pictures out (dataset.exclude)"
        )


def _none_left(found: BoxTable) -> str:
    why = found.left_out.most(found.sound)
    why = why or "no row has numbers in the column" + (
        f" {found.settings.column!r}"
        if found.settings.column
        else "s {}, {}, {} and {}".format(*found.settings.columns)
    )
    if OTHER_FINDINGS in found.left_out.counts:
        asked = ", ".join(map(repr, found.settings.findings or []))
        why += f"; the findings of the boxes are {findings_in_words(found.findings)}, and findings asks for {asked}"
    return (
        f"dataset.boxes: expected at least one box on the pictures that are kept, received none from {found.name}: "
        f"{why}; correct dataset.boxes or the table, or set dataset.boxes=null to go without boxes"
    )


def _rows(entries: list[tuple[CatalogRow, Drawn]], places: list[Place]) -> Iterator[OfReader]:
    for (row, box), place in zip(entries, places, strict=True):
        if place.box:
            yield OfReader((row.image_id, row.label, box.finding), place.box, box.reader)


def _warnings(ways: Counter[str], first: dict[str, int], turned: int) -> Iterator[str]:
    """Yield what is warned of, of the boxes that stay."""
    says = {
        "cut": (
            "box reaches beyond the edge of its picture and is cut off there",
            "boxes reach beyond the edge of their picture and are cut off there; where they are many, they may be in "
            "pixels of another size of the pictures",
        ),
        "whole": (
            "box is the whole picture: it says where nothing is",
            "boxes are the whole picture: they say where nothing is",
        ),
    }
    for way, (one, many) in says.items():
        if ways[way] == 1:
            yield f"1 {one}, in line {first[way]}"
        elif ways[way]:
            yield f"{ways[way]} {many}, such as in line {first[way]}"
    if turned:
        what = (
            "box is of a picture that its file turns" if turned == 1 else "boxes are of pictures that their file turns"
        )
        drawn = "it is" if turned == 1 else "they are"
        yield f"{turned} {what} (EXIF); {drawn} taken to be drawn on the picture as it is shown, upright"


def _shown(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
