"""A set from elsewhere as the networks take it: audited, without what our data set has itself, prepared as ours."""

import dataclasses
import logging
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chestbench.catalog.audit import build_catalog
from chestbench.catalog.records import EXCLUDED, KEPT, SPLITS, CatalogRow, read_rows, write_rows
from chestbench.catalog.result import Catalog
from chestbench.catalog.verdicts import KINDS
from chestbench.core.config import Dataset, External, Preprocess
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import atomic_folder, write_json
from chestbench.datasets.archive import open_archive
from chestbench.external.classes import map_classes
from chestbench.external.known import ALIKE, SAME, OwnPictures, known_pictures
from chestbench.external.sets import reworded
from chestbench.imaging.grey import GreyScale
from chestbench.preparation.folders import Assignment, write_split
from chestbench.preparation.loading import SplitFolder
from chestbench.preparation.preprocessing import SplitFacts, preprocess_split
from chestbench.preparation.splitting import group_codes

logger = logging.getLogger(__name__)

UNMAPPED = "class is none of ours"
SPLIT = "test"


def prepare_set(
    entry: External,
    dataset: Dataset,
    source: Mapping[str, Any],
    archive: Path,
    own: OwnPictures,
    settings: Preprocess,
    output: Path,
    workers: int | None = None,
) -> dict[str, Any]:
    """Write the set to a new folder: test.npy, test.csv, info.json as the preprocess stage does, catalog.csv, set.json.

    Left out and counted are: what the catalog excludes (unreadable files, exact duplicates, ...), classes that are none
    of ours, and pictures that the data set has itself (`known_pictures`). catalog.csv names the files and says why each
    is left out; like data/catalog.csv it is for the machine's owner alone.

    Args:
        entry: of evaluate.external.
        dataset: the set's description, see `describe_set`.
        source: source.json of the download.
        archive: archive.zip of the download.
        own: what the networks learnt from.
        settings: the benchmark's preprocessing.
        output: data/external/NAME.
        workers: threads; all cores by default. The result does not depend on it.

    Returns:
        What set.json holds: `classes` {theirs: ours}, `left_out` {their class: images}, `excluded` {reason: images},
        `known` {same, alike: images}, `images` {our class: images}, `groups`, `split_unit`, and what the set is.

    Raises:
        ChestbenchError: see `build_catalog` and `map_classes`; or no picture is left.
    """
    with atomic_folder(output) as folder:
        work = folder / "work"
        work.mkdir()
        try:
            catalog = build_catalog(archive, dataset, work / "found.csv", workers, own.scale)
        except ChestbenchError as error:
            raise reworded(entry, error) from None
        kept = [row for row in read_rows(work / "found.csv", CatalogRow) if row.status == KEPT]
        classes = map_classes(entry.name, catalog.classes, own.classes, entry.classes)
        left_out = Counter(row.label for row in kept if row.label not in classes)
        mapped = [row for row in kept if row.label in classes]
        with open_archive(archive) as opened:
            scale = GreyScale.from_json(catalog.grey["scale"])
            known = known_pictures(mapped, opened, own, workers, scale)
        used = [row for row in mapped if row.image_id not in known]
        reasons = known | {row.image_id: UNMAPPED for row in kept if row.label not in classes}
        counts = Counter(known.values())
        _warn_or_refuse(entry.name, len(used), len(mapped), counts, left_out)
        found = read_rows(work / "found.csv", CatalogRow)
        write_rows(folder / "catalog.csv", CatalogRow, (_judged(row, reasons) for row in found))

        split = SplitFolder(work / "split", work / "split.csv", work / "masks")
        assignment = _all_test(used, classes)
        write_split(
            archive, folder / "catalog.csv", assignment, split.images, work / "masks", split.table, workers, scale
        )
        facts = SplitFacts(
            catalog.split_unit, own.classes, dataset.modality, source["source"] == "sample", grey=scale.to_json()
        )
        try:
            shown = preprocess_split(split, work / "prepared", settings, facts, workers=workers)
        except ChestbenchError as error:
            raise reworded(entry, error) from None
        for name in (f"{SPLIT}.npy", f"{SPLIT}.csv", "info.json"):
            shutil.move(work / "prepared" / name, folder / name)
        shutil.rmtree(work)
        about = _about(entry, dataset, source, catalog) | {
            "classes": classes,
            "left_out": {label: left_out[label] for label in sorted(left_out)},
            "grey": catalog.grey | {"differs": _scale_differs(entry.name, catalog, own)},
            "known": {"same": counts[SAME], "alike": counts[ALIKE]},
            "images": shown["images"][SPLIT],
            "groups": len({row.group for row in used}),
            "roi": settings.roi,
            "roi_not_found": shown["fallbacks"][SPLIT],
        }
        write_json(folder / "set.json", about)
    return about


def describe_prepared(about: Mapping[str, Any]) -> str:
    """Return the summary line of the stage."""
    left_out = {**about["left_out"]}
    parts = [
        f"{sum(about['images'].values())} images in {about['groups']} groups (by {about['split_unit']}): "
        + ", ".join(f"{count} {label}" for label, count in about["images"].items()),
        f"{sum(left_out.values())} of classes that are none of ours"
        + (f" ({', '.join(left_out)})" if left_out else ""),
        f"{sum(about['known'].values())} that the data set has itself",
        f"{sum(about['excluded'].values())} unusable or duplicates",
    ]
    return f"{parts[0]}; left out: {', '.join(parts[1:])}"


def _warn_or_refuse(name: str, used: int, mapped: int, known: Counter[str], left_out: Counter[str]) -> None:
    if known:
        logger.warning(
            "%d of %d pictures of %s are left out, for the data set has them itself (%d the very same, %d look alike)",
            known.total(),
            mapped,
            name,
            known[SAME],
            known[ALIKE],
        )
    if left_out:
        logger.warning(
            "%d pictures of %s are left out: their classes are none of ours (%s)",
            left_out.total(),
            name,
            ", ".join(f"{label} {count}" for label, count in sorted(left_out.items())),
        )
    if not used:
        raise ChestbenchError(
            f"evaluate.external.{name}: expected pictures that the networks do not know, received {mapped} of which "
            "the data set has every one itself (or look-alikes of them); choose a set from elsewhere"
        )


def _judged(row: CatalogRow, reasons: Mapping[str, str]) -> CatalogRow:
    """Return a row of the catalog with what became of it here; one that is excluded already keeps its reason."""
    if row.status != KEPT or row.image_id not in reasons:
        return row
    return dataclasses.replace(row, status=EXCLUDED, reason=reasons[row.image_id])


def _scale_differs(name: str, catalog: Catalog, own: OwnPictures) -> str:
    """Return how the set's grey scale differs in kind from ours, "" where it does not, and log it."""
    theirs = {_kind_of(words) for words in catalog.grey["scales"]}
    ours = {_kind_of(row.scale) for row in read_rows(own.catalog, CatalogRow) if row.status == KEPT}
    bits = catalog.grey["scale"]["bits"]
    if not theirs <= ours:
        differs = f"read as {', '.join(sorted(theirs))}; the networks learnt from {', '.join(sorted(ours))}"
    elif bits and own.scale.bits and bits != own.scale.bits:
        white, of_ours = (1 << bits) - 1, (1 << own.scale.bits) - 1
        differs = f"white of 16-bit files is {white}; the networks learnt from files whose white is {of_ours}"
    else:
        return ""
    logger.warning("evaluate.external.%s: %s: a fall may come from the grey scale", name, differs)
    return differs


def _kind_of(words: str) -> str:
    """Return the kind of a grey scale: how white is known."""
    if words.startswith("HU"):
        return "Hounsfield units"
    return f"DICOM by {words}" if words in ("window", "range", "percentiles") else "the whole range of their bits"


def _all_test(rows: Sequence[CatalogRow], classes: Mapping[str, str]) -> Assignment:
    return Assignment(
        split=np.full(len(rows), SPLITS.index(SPLIT), np.int8),
        label=np.array([classes[row.label] for row in rows]),
        group=group_codes(np.array([row.group for row in rows])),
        study=group_codes(np.array([row.study for row in rows]), "s"),
        cluster=np.array([row.cluster for row in rows]),
        image_id=np.array([row.image_id.encode() for row in rows]),
        is_given=True,
    )


def _about(entry: External, dataset: Dataset, source: Mapping[str, Any], catalog: Catalog) -> dict[str, Any]:
    """Return what the set is and what its audit excluded; no path of this machine is in it."""
    reasons = np.bincount(catalog.verdict, minlength=len(KINDS))
    return {
        "set": entry.name,
        "title": dataset.title,
        **{key: source[key] for key in ("source", "handle", "version", "url", "bytes", "sha256")},
        **{key: source[key] for key in ("origin", "copy") if key in source},
        "licence": dataset.licence,
        "citation": dataset.citation,
        "modality": dataset.modality,
        "synthetic": source["source"] == "sample",
        "split_unit": catalog.split_unit,
        "excluded": {kind: int(count) for kind, count in zip(KINDS[1:], reasons[1:], strict=True) if count},
    }
