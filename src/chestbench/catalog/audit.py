"""The audit of an archive of images: one row each, streamed over all cores.

Memory: rows go to a temporary file as they come, and only some 1.1 KB per image (hashes, codes, a copy of
32 x 32) stay. When all are seen, duplicates, limits, clusters and groups are decided on those arrays, and the rows
are written again with the verdict.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chestbench.catalog.examples import pick_examples
from chestbench.catalog.first_pass import Seen, problems_of, see_all
from chestbench.catalog.groups import Groups, form_groups, look_alike
from chestbench.catalog.layout import Layout
from chestbench.catalog.leaks import Leaks, find_leaks
from chestbench.catalog.left_out import in_words
from chestbench.catalog.limits import apply_limits
from chestbench.catalog.mask_looks import check_masks
from chestbench.catalog.masks import MaskFinder
from chestbench.catalog.near_duplicates import find_near_duplicates
from chestbench.catalog.pages import join_files, page_notes
from chestbench.catalog.plan import Plan, make_plan
from chestbench.catalog.records import EXCLUDED, KEPT, CatalogRow, write_rows
from chestbench.catalog.scale.choice import count_scales
from chestbench.catalog.spool import Spool
from chestbench.catalog.tells import Tells
from chestbench.catalog.tiles import Tiles
from chestbench.catalog.verdicts import (
    KINDS,
    NO_GROUP,
    Verdict,
    check_classes,
    judge_duplicates,
    stable_numbers,
)
from chestbench.core.config import Dataset
from chestbench.core.positive import check_stated
from chestbench.datasets.archive import open_archive
from chestbench.imaging.decode import prepare_opencv
from chestbench.imaging.grey import GreyScale

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Catalog:
    """What the audit found, in arrays with one entry per row of the table (N), for the report.

    Attributes:
        classes: C class names, in the order of their codes.
        label: int32 (N,), class code or -1.
        verdict: uint8 (N,), index into KINDS.
        given: int8 (N,), 0 train, 1 val, 2 test, -1 none.
        group: int64 (N,), number of the group, -1 when excluded.
        width, height: int32 (N,), 0 when unreadable.
        mode: int32 (N,), index into `modes`, -1 when unreadable.
        modes: (format, channels, bit_depth) that occur.
        image_id: uint64 (N,).
        leaks: near-duplicates, conflicts of label, and what crosses a given split.
        split_unit: "patient", "study" or "image".
        without_group: kept images without patient and study, where others have one.
        members: all that lies in the archive: files, links and what else is named.
        excluded_by_pattern: members without a row that dataset.exclude names.
        left_out: other members without a row, kind -> number.
        folders_without_picture: names of class folders that hold none.
        layout: what was inferred of classes, split and sources, see `Layout.said`.
        grey: the grey scale of the set, by what it was chosen, and counts of the scales of its files.
        tells: how well source, scale, polarity and pages tell the class, see `Tells.told`.
        tiles: pictures for the contact sheet.
        examples: class code -> uint8 (h, w), one larger picture of each class (of the first 24).
        intensity: int64 (C, 256), pixels of each grey level in the kept images of each class.
        notes: counts worth telling of labels, masks, boxes and limits, by stable keys; none is 0.
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
    image_id: np.ndarray
    leaks: Leaks
    split_unit: str
    without_group: int
    members: int
    excluded_by_pattern: int
    left_out: dict[str, int]
    folders_without_picture: list[str]
    layout: dict[str, Any]
    grey: dict[str, Any]
    tells: dict[str, dict[str, Any]]
    tiles: Tiles
    examples: dict[int, np.ndarray]
    intensity: np.ndarray
    notes: dict[str, int]

    @property
    def other_files(self) -> int:
        """Members without a row that dataset.exclude does not name."""
        return sum(self.left_out.values())


def build_catalog(
    archive_path: Path, dataset: Dataset, table: Path, workers: int | None = None, ours: GreyScale | None = None
) -> Catalog:
    """Audit every image of an archive and write the table, one `CatalogRow` each, in the order of the members.

    Classes come from folders, or from a table of the archive (dataset.labels). An exact duplicate (equal grey pixels)
    of an earlier member is excluded; a picture under two labels is excluded wherever it stands; unreadable files are
    excluded and say why. With a given split that is honoured, images outside its folders are excluded. Of a class in
    dataset.limit_per_class so many are kept, chosen by hash. Groups: see `form_groups`.

    Args:
        archive_path: the zip.
        dataset: exclude, classes, positive, labels, masks, group_pattern, study_pattern, salt, given_split and
            limit_per_class are used.
        table: data/catalog.csv.
        workers: threads; all cores by default. The result does not depend on it.
        ours: the grey scale that networks were trained by, which a set from elsewhere follows where it can; None: this
            is the set that they are trained on.

    Raises:
        ChestbenchError: no class folders, one class only, a dataset.positive that is no class, no readable image
            (or none in a class), a pattern that matches nothing, a label table that cannot be read, a limit for no
            class, pictures that are masks by their looks and names, a damaged archive, or files of several grey scales.
    """
    prepare_opencv()
    with open_archive(archive_path) as archive, Spool() as spool:
        masks = MaskFinder(archive.members, dataset.masks)
        plan = make_plan(archive, dataset, masks)
        classes = plan.layout.classes
        check_stated(classes, dataset.positive)
        seen = see_all(archive, plan, spool, workers, dataset.grey, ours)
        for key, reason in seen.choice.decided.items():
            logger.info("grey scale, %s: %s", key, reason)
        for warning in seen.choice.warnings:
            logger.warning("%s", warning)
        numbers = seen.numbers
        like_masks = _check_masks(seen, spool, plan, dataset)
        first_of = judge_duplicates(numbers)
        if seen.of_pages:
            join_files(numbers, first_of)
        left_out = seen.left_out
        left_out.add_all(archive.left_out)
        left_out.add_all(plan.left_out)
        left_out.log()
        check_classes(numbers, classes, problems_of(seen, spool), in_words(left_out.counts.items()))
        notes = {**plan.notes, "over_limit": apply_limits(numbers, classes, dataset.limit_per_class)}
        notes["pictures_like_masks"] = like_masks
        notes["dicom_polarity_corrected"] = seen.polarity_corrected
        notes |= page_notes(seen.of_pages, seen.pages_beyond_first, seen.pages_not_read)
        if seen.polarity_corrected:
            logger.warning(
                "%d DICOM headers call an X-ray a negative (MONOCHROME1) that is none; it is not inverted",
                seen.polarity_corrected,
            )
        is_kept = numbers["verdict"] == Verdict.KEPT
        near = find_near_duplicates(numbers["phash"][is_kept], seen.copies[is_kept])
        cluster = np.full(len(numbers), NO_GROUP, np.int64)
        cluster[is_kept] = stable_numbers(near.cluster, numbers["image_id"][is_kept])
        groups = form_groups(numbers, cluster, list(seen.patients))
        leaks = find_leaks(numbers, first_of, near, groups)
        has_mask = np.zeros(len(numbers), bool)
        tells = Tells()
        rows = _second_pass(spool, numbers, first_of, cluster, groups, masks, has_mask, plan.layout)
        write_rows(table, CatalogRow, tells.watch(rows))
        examples = pick_examples(archive, spool, seen.tiles, is_kept, seen.choice.scale)
        grey = seen.choice.said() | count_scales(seen.scales, numbers["label"], is_kept, classes)
        intensity = spool.intensity(numbers["label"], is_kept, len(classes))

    if dataset.masks:
        notes |= {"masks_found": int(has_mask.sum()), "masks_missing": int((is_kept & ~has_mask).sum())}
        if notes["masks_missing"]:
            logger.warning("%d of %d pictures have no mask in the archive", notes["masks_missing"], is_kept.sum())
    return Catalog(
        classes=classes,
        label=numbers["label"],
        verdict=numbers["verdict"],
        given=numbers["given"],
        group=groups.number,
        width=numbers["width"],
        height=numbers["height"],
        mode=numbers["mode"],
        modes=list(seen.modes),
        image_id=numbers["image_id"],
        leaks=leaks,
        split_unit=groups.unit,
        without_group=groups.without,
        members=len(archive.members) + sum(map(len, archive.left_out.values())),
        excluded_by_pattern=plan.excluded_by_pattern,
        left_out=left_out.counts,
        folders_without_picture=plan.layout.said.get("empty_classes", []),
        layout=plan.layout.said,
        grey=grey,
        tells=tells.told(),
        tiles=seen.tiles,
        examples=examples,
        intensity=intensity,
        notes={key: count for key, count in notes.items() if count},
    )


def _check_masks(seen: Seen, spool: Spool, plan: Plan, dataset: Dataset) -> int:
    """See `check_masks`; names are gathered only where a picture looks like a mask."""
    looks = np.frombuffer(bytes(seen.mask_looks), bool)
    if not looks.any():
        return 0
    members = [plan.members[row.place] for row in spool.rows()]
    is_kept = seen.numbers["verdict"] == Verdict.KEPT
    return check_masks(members, seen.numbers["label"], is_kept, looks, plan.layout.classes, dataset.exclude)


def _second_pass(
    spool: Spool,
    numbers: np.ndarray,
    first_of: np.ndarray,
    cluster: np.ndarray,
    groups: Groups,
    masks: MaskFinder,
    has_mask: np.ndarray,
    layout: Layout,
) -> Iterator[CatalogRow]:
    """Yield the rows with what all images together decide; `has_mask`, bool (N,), is set where a mask was found."""
    for place, row in enumerate(spool.rows()):
        verdict = Verdict(int(numbers["verdict"][place]))
        is_kept = verdict == Verdict.KEPT
        reason = row.reason
        if verdict == Verdict.DUPLICATE:
            reason = f"exact duplicate of {int(numbers['image_id'][first_of[place]]):016x}"
        elif verdict in (Verdict.TWO_LABELS, Verdict.OVER_LIMIT):
            reason = KINDS[verdict]
        mask = masks.find(row.member) if is_kept and row.frames == 1 else ""
        has_mask[place] = bool(mask)
        study = int(numbers["study"][place])
        yield CatalogRow(
            image_id=row.image_id,
            member=row.member,
            label=row.label,
            group=groups.name(place),
            given_split=row.given_split,
            width=row.width,
            height=row.height,
            channels=row.channels,
            bit_depth=row.bit_depth,
            format=row.format,
            bytes=row.bytes,
            sha256=row.sha256,
            pixel_sha256=row.pixel_sha256,
            phash=row.phash,
            status=KEPT if is_kept else EXCLUDED,
            reason=reason,
            cluster=look_alike(int(cluster[place])) if is_kept else "",
            study=f"{study:016x}" if study else "",
            mask=mask,
            mean_grey=row.mean_grey,
            border_grey=row.border_grey,
            border_spread=row.border_spread,
            corner_marks=row.corner_marks,
            scale=row.scale,
            inverted=row.inverted,
            source=layout.source[row.place] if layout.source else "",
            frame=row.frame,
            frames=row.frames,
            sex=_stratum(layout, "sex", row.place),
            age=_stratum(layout, "age", row.place),
            view=_stratum(layout, "view", row.place),
        )


def _stratum(layout: Layout, name: str, place: int) -> str:
    texts = layout.strata.get(name)
    return texts[place] if texts else ""
