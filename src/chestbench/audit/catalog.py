"""The audit of an archive of images: one row each, streamed over all cores.

Memory: rows go to a temporary file as they come, and only some 300 bytes per image (hashes, codes, a 16 x 16
thumbnail) stay. When all are seen, duplicates, clusters and groups are decided on those arrays, and the rows are
written again with the verdict.
"""

import csv
import logging
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np

from chestbench.audit.layout import NO_CLASS, Layout, drop_excluded, read_layout
from chestbench.audit.member import Audit, audit_member, has_control_character
from chestbench.audit.near_duplicates import find_near_duplicates
from chestbench.audit.tiles import Tiles
from chestbench.audit.verdicts import (
    KINDS,
    NO_GROUP,
    NUMBERS,
    Verdict,
    check_classes,
    judge_alone,
    judge_duplicates,
    stable_numbers,
)
from chestbench.config import Dataset
from chestbench.datasets.archive import Archive, open_archive
from chestbench.errors import ChestbenchError
from chestbench.imaging.decode import prepare_opencv
from chestbench.parallel import ordered_map
from chestbench.progress import track
from chestbench.records import EXCLUDED, KEPT, SPLITS, CatalogRow, write_rows

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Catalog:
    """What the audit found, in arrays with one entry per row of the table (N), for the report.

    Attributes:
        classes: class names; label: int32 (N,), code or -1.
        verdict: uint8 (N,), index into KINDS.
        given: int8 (N,), 0 train, 1 val, 2 test, -1 none.
        group: int64 (N,), number of the group, -1 when excluded.
        width, height: int32 (N,), 0 when unreadable.
        mode: int32 (N,), index into `modes` (format, channels, bit_depth), -1 when unreadable.
        pairs: near-duplicate pairs among the kept.
        split_unit: "patient" or "image". without_group: kept images that the group pattern does not match.
        excluded_by_pattern, other_files: members without a row.
        tiles: pictures for the contact sheet.
    """

    classes: list[str]
    label: np.ndarray
    verdict: np.ndarray
    given: np.ndarray
    group: np.ndarray
    width: np.ndarray
    height: np.ndarray
    mode: np.ndarray
    modes: list[tuple[str, int, int]]
    pairs: int
    split_unit: str
    without_group: int
    excluded_by_pattern: int
    other_files: int
    tiles: Tiles


@dataclass
class _Seen:
    """The compact memory of the first pass: one row of `numbers` and one thumbnail per image."""

    rows: int = 0
    other_files: int = 0
    numbers: np.ndarray = field(default_factory=lambda: np.empty(0, NUMBERS))
    thumbnails: np.ndarray = field(default_factory=lambda: np.empty((0, 256), np.uint8))
    modes: dict[tuple[str, int, int], int] = field(default_factory=dict)
    patients: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def build_catalog(archive_path: Path, dataset: Dataset, table: Path, workers: int | None = None) -> Catalog:
    """Audit every image of an archive and write the table, one `CatalogRow` each, in the order of the members.

    An exact duplicate (equal grey pixels) of an earlier member is excluded; a picture under two labels is excluded
    wherever it stands; unreadable files are excluded and say why. With a given split that is honoured, images outside
    its folders are excluded. Groups are patients where dataset.group_pattern matches the member, else clusters of
    look-alikes.

    Args:
        archive_path: the zip.
        dataset: exclude, classes, group_pattern and given_split are used.
        table: data/catalog.csv.
        workers: threads; all cores by default. The result does not depend on it.

    Raises:
        ChestbenchError: no class folders, one class only, no readable image (or none in a class), a group pattern
            that matches nothing, or a damaged archive.
    """
    prepare_opencv()
    with open_archive(archive_path) as archive, tempfile.TemporaryFile("w+", newline="", encoding="utf-8") as spool:
        members = drop_excluded(archive.members, dataset.exclude)
        if not members:
            raise ChestbenchError(
                f"dataset.exclude: expected patterns that leave images to read, received {dataset.exclude}, "
                "which match all members of the archive; drop one"
            )
        layout = read_layout(members, dataset.classes, dataset.given_split == "honour")
        pattern = _compiled(dataset.group_pattern, members)
        seen = _Seen(numbers=np.empty(len(members), NUMBERS), thumbnails=np.zeros((len(members), 256), np.uint8))
        tiles = Tiles(layout.classes)
        _first_pass(archive, members, layout, pattern, seen, tiles, spool, workers)
        numbers, thumbnails = seen.numbers[: seen.rows], seen.thumbnails[: seen.rows]
        first_of = judge_duplicates(numbers, layout.is_split)
        check_classes(numbers, layout.classes, seen.problems)
        kept = np.flatnonzero(numbers["verdict"] == Verdict.KEPT)
        near = find_near_duplicates(numbers["phash"][kept], thumbnails[kept])
        cluster = np.full(len(numbers), NO_GROUP, np.int64)
        cluster[kept] = stable_numbers(near.cluster, numbers["image_id"][kept])
        spool.seek(0)
        patients = list(seen.patients)
        write_rows(table, CatalogRow, _second_pass(spool, numbers, first_of, cluster, patients))
        excluded_by_pattern = len(archive.members) - len(members)

    patient = numbers["patient"].astype(np.int64)
    group = np.where(patient >= 0, patient, len(patients) + cluster)
    group[numbers["verdict"] != Verdict.KEPT] = NO_GROUP
    without_group = int((patient[kept] < 0).sum()) if pattern else 0
    if without_group:
        logger.warning(
            "dataset.group_pattern does not match %d of %d images; each of their look-alike clusters is a group",
            without_group,
            len(kept),
        )
    return Catalog(
        classes=layout.classes,
        label=numbers["label"],
        verdict=numbers["verdict"],
        given=numbers["given"],
        group=group,
        width=numbers["width"],
        height=numbers["height"],
        mode=numbers["mode"],
        modes=list(seen.modes),
        pairs=near.pairs,
        split_unit="patient" if pattern else "image",
        without_group=without_group,
        excluded_by_pattern=excluded_by_pattern,
        other_files=seen.other_files,
        tiles=tiles,
    )


def _compiled(pattern: str | None, members: list[str]) -> re.Pattern[str] | None:
    if pattern is None:
        return None
    compiled = re.compile(pattern)
    if not any(compiled.search(member) for member in members):
        raise ChestbenchError(
            f"dataset.group_pattern: expected a pattern that finds the patient in the members' paths, "
            f"received {pattern!r}, which matches none of {len(members)}, such as {members[0]!r}; "
            "correct it, or set it to null"
        )
    return compiled


def _first_pass(
    archive: Archive,
    members: list[str],
    layout: Layout,
    pattern: re.Pattern[str] | None,
    seen: _Seen,
    tiles: Tiles,
    spool: IO[str],
    workers: int | None,
) -> None:
    """Audit all members, fill `seen` and `tiles`, and write what the table needs of each to `spool`."""
    writer = csv.writer(spool, lineterminator="\n")

    def audit(place: int) -> Audit:
        return audit_member(archive, members[place], partial(tiles.wants, int(layout.label[place])))

    audits = ordered_map(audit, range(len(members)), workers)
    for place, found in enumerate(track(audits, len(members), "catalog")):
        if found.is_other:
            seen.other_files += 1
            continue
        member, label, given = members[place], int(layout.label[place]), int(layout.given[place])
        verdict, reason = judge_alone(found, label, given, layout.is_split)
        if verdict in (Verdict.UNREADABLE, Verdict.NOT_AN_IMAGE) and len(seen.problems) < 1000:
            seen.problems.append(f"{member} ({found.problem})")
        match = pattern.search(member) if pattern else None
        patient = seen.patients.setdefault(match["group"], len(seen.patients)) if match and match["group"] else NO_GROUP
        mode = (
            seen.modes.setdefault((found.format, found.channels, found.bit_depth), len(seen.modes))
            if found.format
            else -1
        )
        image_id = found.sha256[:16]
        seen.numbers[seen.rows] = (
            *(
                int(image_id or "0", 16),
                np.void(bytes.fromhex(found.pixel_sha256[:32])),
                found.phash,
                label,
                given,
                verdict,
            ),
            *(patient, found.width, found.height, mode),
        )
        if found.thumbnail is not None:
            seen.thumbnails[seen.rows] = found.thumbnail
        if found.tile is not None and verdict == Verdict.KEPT:
            tiles.offer(label, image_id, seen.rows, found.tile)
        phash = f"{found.phash:016x}" if found.format else ""
        # A newline in a name would not survive every reader of CSV.
        shown = repr(member) if has_control_character(member) else member
        writer.writerow(
            [
                *(image_id, shown, layout.classes[label] if label != NO_CLASS else ""),
                *(SPLITS[given] if given >= 0 else "", found.width, found.height, found.channels, found.bit_depth),
                *(found.format, found.size, found.sha256, found.pixel_sha256, phash, reason),
            ]
        )
        seen.rows += 1


def _second_pass(
    spool: IO[str], numbers: np.ndarray, first_of: np.ndarray, cluster: np.ndarray, patients: list[str]
) -> Iterator[CatalogRow]:
    for place, row in enumerate(csv.reader(spool)):
        (
            image_id,
            member,
            label,
            given,
            width,
            height,
            channels,
            depth,
            kind,
            size,
            sha256,
            pixel_sha256,
            phash,
            reason,
        ) = row
        verdict = int(numbers["verdict"][place])
        if verdict == Verdict.DUPLICATE:
            reason = f"exact duplicate of {int(numbers['image_id'][first_of[place]]):016x}"
        elif verdict == Verdict.TWO_LABELS:
            reason = KINDS[Verdict.TWO_LABELS]
        name = f"look-alike-{cluster[place] + 1:05d}" if verdict == Verdict.KEPT else ""
        patient = int(numbers["patient"][place])
        yield CatalogRow(
            image_id=image_id,
            member=member,
            label=label,
            group=patients[patient] if patient >= 0 else name,
            given_split=given,
            width=int(width),
            height=int(height),
            channels=int(channels),
            bit_depth=int(depth),
            format=kind,
            bytes=int(size),
            sha256=sha256,
            pixel_sha256=pixel_sha256,
            phash=phash,
            status=KEPT if verdict == Verdict.KEPT else EXCLUDED,
            reason=reason,
            cluster=name,
        )
