"""The boxes of a data set as a look finds them: read as `catalog` reads them, placed on the pictures that were read."""

import contextlib
import logging
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from chestbench.catalog.box_classes import pictures_by_class
from chestbench.catalog.box_findings import doubted_findings
from chestbench.catalog.box_table import BoxTable, read_boxes
from chestbench.catalog.box_units import Reading
from chestbench.catalog.boxes import LOST, write_boxes
from chestbench.catalog.glance import Glance
from chestbench.catalog.identity import part_of
from chestbench.catalog.layout import NO_CLASS, may_be_picture
from chestbench.catalog.records import EXCLUDED, KEPT, CatalogRow, write_rows
from chestbench.catalog.tables.reading.table import matching
from chestbench.core.config import Boxes
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import stream_csv
from chestbench.datasets.archive import ARCHIVE, PACKED_FOLDER, Archive, UnreadableMember
from chestbench.datasets.opened import OpenedFolder
from chestbench.reports.look_counts import kept_of
from chestbench.reports.look_fact import Fact
from chestbench.reports.look_inferred import short

# Of the counts of `write_boxes`, those of boxes that stay; the others are of boxes that are left out.
_OF_STAYING = ("boxes_cut_at_edge", "boxes_whole_picture", "boxes_of_turned_pictures")
_MERGED = "boxes_of_further_readers"
_MAY_BE_TURNED = ("jpeg", "tiff")


@dataclass(frozen=True)
class Seen:
    """What a look found of boxes.

    Attributes:
        findings: how many boxes are around each.
        pictures: how many pictures have some.
        notes: the counts of `write_boxes`.
        unread: boxes of pictures that can be used and were not read for the look; and how many pictures these are.
        by_class: how many pictures of each class have some, in words; "" where there are fewer than two classes.
    """

    findings: Counter[str]
    pictures: int
    notes: dict[str, int]
    unread: tuple[int, int]
    by_class: str = ""


def table_of_boxes(archive: Archive, settings: Boxes | None) -> BoxTable | None:
    """Read the table of boxes as `catalog` does, whose archive is made of a folder first.

    Args:
        archive: the data set, opened.
        settings: dataset.boxes.

    Raises:
        ChestbenchError: see `read_boxes`.
    """
    if settings is None:
        return None
    with _as_file(archive, set(matching(archive.members, settings.table))) as path:
        return read_boxes(path, settings)


def place_boxes(archive: Archive, table: BoxTable, found: Glance) -> Seen:
    """Place the boxes of the pictures that were read as `catalog` does.

    Args:
        archive: the data set, opened.
        table: from `table_of_boxes`.
        found: the pictures.

    Raises:
        ChestbenchError: see `write_boxes`.
    """
    rows = _rows(found)
    unread = Counter(part_of(table.id_in_path, "id", member) for member in _unread(found))
    boxes = {name: some for name, some in table.boxes.items() if name not in unread}
    more = {name: some for name, some in table.boxes.items() if name in unread}
    drawn_on = {
        row.member
        for row in rows
        if row.status == KEPT and row.format in _MAY_BE_TURNED and part_of(table.id_in_path, "id", row.member) in boxes
    }
    with _as_file(archive, drawn_on) as path, tempfile.TemporaryDirectory() as temporary:
        catalog, output = Path(temporary) / "catalog.csv", Path(temporary) / "boxes.csv"
        write_rows(catalog, CatalogRow, rows)
        notes = write_boxes(replace(table, archive=path, boxes=boxes), catalog, output)
        written = [(row["image_id"], row["label"], row["finding"]) for row in stream_csv(output)]
    kept = Counter(row.label for row in rows if row.status == KEPT)
    return Seen(
        Counter(finding for _, _, finding in written),
        len({image for image, _, _ in written}),
        notes,
        (sum(map(len, more.values())), sum(unread[name] for name in more)),
        pictures_by_class([(image, label) for image, label, _ in written], kept),
    )


def boxes_fact(seen: Seen, table: BoxTable, is_limited: bool) -> Fact:
    """Return what a person wants to know of boxes: how many, of what, how they are read, what is left out.

    Args:
        seen: what was found.
        table: of which.
        is_limited: whether dataset.limit_per_class leaves pictures out, which is decided when all are known.
    """
    count, settings = seen.findings.total(), table.settings
    lines = [f"{count:,} boxes on {seen.pictures:,} pictures, from {table.name}"]
    if count:
        around = [f"{name} {number:,}" for name, number in seen.findings.most_common()]
        lines.append(f"around: {short(around)}")
    frame = f", drawn on pictures of {settings.frame[0]} x {settings.frame[1]} pixels" if settings.frame else ""
    lines.append(f"read as {Reading(settings.layout, settings.units).words()}{frame} (dataset.boxes)")
    if more := seen.notes.get(_MERGED):
        lines.append(f"{more:,} more, which further readers drew around the same findings, are one with these")
    if staying := _counted(seen, [key for key in seen.notes if key in _OF_STAYING]):
        lines.append(f"of these: {staying}")
    if gone := _counted(seen, [key for key in seen.notes if key not in ("boxes", LOST, _MERGED, *_OF_STAYING)]):
        lines.append(f"left out: {gone}")
    if lost := seen.notes.get(LOST):
        lost_ones = "1 picture has" if lost == 1 else f"{lost:,} pictures have"
        lines.append(f"{lost_ones} boxes in the table of which none is left, so it shows none to a detector")
    lines += [seen.by_class] if seen.by_class else []
    lines += doubted_findings(table.counted)
    if seen.unread[0]:
        lines.append(f"{seen.unread[0]:,} more are on {seen.unread[1]:,} pictures that were not read for this look")
    if is_limited:
        lines.append("before dataset.limit_per_class, by which a run leaves pictures out")
    return Fact("boxes", lines)


def would_fit(archive: Archive, found: Glance, settings: Boxes) -> bool:
    """Tell, without a warning, whether a run would find boxes on the pictures as `settings` says.

    Args:
        archive: the data set, opened.
        found: the pictures.
        settings: of dataset.boxes, to be tried.
    """
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        table = table_of_boxes(archive, settings)
        return table is not None and place_boxes(archive, table, found).findings.total() > 0
    except ChestbenchError:
        return False
    finally:
        logging.disable(before)


def _counted(seen: Seen, keys: list[str]) -> str:
    return ", ".join(f"{seen.notes[key]:,} {key.removeprefix('boxes_').replace('_', ' ')}" for key in keys)


def _rows(found: Glance) -> list[CatalogRow]:
    """Return a row of the catalog of each picture that was read, and of each that names and tables leave out."""
    plan, kept = found.plan, {id(each) for each in kept_of(found)}
    unread = set(_unread(found))
    rows = []
    for each in found.sampled:
        if not each.found.other:
            label = plan.layout.classes[each.label] if each.label != NO_CLASS else ""
            rows.append(
                _row(
                    plan.members[each.place],
                    each.found.image_id,
                    label,
                    each.found.width,
                    each.found.height,
                    each.found.format,
                    KEPT if id(each) in kept else EXCLUDED,
                )
            )
    read = {plan.members[each.place] for each in found.sampled}
    left = [member for member in plan.members if member not in read | unread and may_be_picture(member)]
    return [*rows, *(_row(member, "", "", 0, 0, "", EXCLUDED) for member in left)]


def _row(member: str, image_id: str, label: str, width: int, height: int, kind: str, status: str) -> CatalogRow:
    return CatalogRow(
        image_id=image_id,
        member=member,
        label=label,
        width=width,
        height=height,
        channels=0,
        bit_depth=0,
        format=kind,
        bytes=0,
        status=status,
        study="",
        mask="",
        group="",
        given_split="",
        sha256="",
        pixel_sha256="",
        phash="",
        reason="",
        cluster="",
    )


def _unread(found: Glance) -> list[str]:
    """Return the pictures that can be used by their names, and that were not read."""
    plan, layout = found.plan, found.plan.layout
    usable = (layout.label != NO_CLASS) & (layout.fault == 0)
    if layout.is_split:
        usable &= layout.given >= 0
    read = {each.place for each in found.sampled}
    places = [place for place in np.flatnonzero(usable).tolist() if place not in read]
    return [plan.members[place] for place in places if may_be_picture(plan.members[place])]


@contextlib.contextmanager
def _as_file(archive: Archive, whole: Set[str]) -> Iterator[Path]:
    """Yield an archive: the one that is open, or of a folder one with all its names, and what is read of it."""
    if not isinstance(archive, OpenedFolder):
        yield archive.path
        return
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / ARCHIVE
        with zipfile.ZipFile(path, "w") as packed:
            for member in archive.members:
                packed.writestr(member, _bytes_of(archive, member) if member in whole else b"")
            packed.comment = PACKED_FOLDER
        yield path


def _bytes_of(archive: Archive, member: str) -> bytes:
    try:
        return archive.read(member)
    except UnreadableMember as error:
        raise ChestbenchError(f"{member}: expected a file that can be read, received {error}; mend it") from None
