"""The audit of an archive of images: one row each, streamed over all cores.

Memory: rows go to a temporary file as they come, and only some 1.1 KB per image (hashes, codes, a copy of
32 x 32) stay. When all are seen, duplicates, limits, clusters and groups are decided on those arrays, and the rows
are written again with the verdict.
"""

import logging
from pathlib import Path

import numpy as np

from chestbench.catalog.examples import pick_examples
from chestbench.catalog.first_pass import see_all
from chestbench.catalog.groups import form_groups
from chestbench.catalog.leaks import find_leaks
from chestbench.catalog.left_out import in_words
from chestbench.catalog.limits import apply_limits
from chestbench.catalog.mask_looks import check_masks
from chestbench.catalog.masks import MaskFinder
from chestbench.catalog.near_duplicates import find_near_duplicates
from chestbench.catalog.negatives import warn_of_negatives
from chestbench.catalog.pages import join_files, page_notes
from chestbench.catalog.plan import Plan, make_plan
from chestbench.catalog.records import CatalogRow, write_rows
from chestbench.catalog.result import Catalog
from chestbench.catalog.scale.choice import count_scales
from chestbench.catalog.second_pass import finished_rows
from chestbench.catalog.seen import Seen, problems_of
from chestbench.catalog.spool import Spool
from chestbench.catalog.tells import Tells
from chestbench.catalog.verdicts import (
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
        copies = seen.copies[is_kept]
        for warning in warn_of_negatives(copies, numbers["label"][is_kept], classes):
            logger.warning("%s", warning)
        near = find_near_duplicates(numbers["phash"][is_kept], copies)
        cluster = np.full(len(numbers), NO_GROUP, np.int64)
        cluster[is_kept] = stable_numbers(near.cluster, numbers["image_id"][is_kept])
        groups = form_groups(numbers, cluster, list(seen.patients))
        leaks = find_leaks(numbers, first_of, near, groups)
        has_mask = np.zeros(len(numbers), bool)
        tells = Tells()
        rows = finished_rows(spool, numbers, first_of, cluster, groups, masks, has_mask, plan.layout)
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
        # Headers that name patients or studies know better than files' names.
        layout={
            key: told for key, told in plan.layout.said.items() if key != "patients_hint" or groups.unit == "image"
        },
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
