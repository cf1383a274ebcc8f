"""From the catalog to class folders: which image goes where, and its original bytes copied there."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chestbench.datasets.archive import UnreadableMember, open_archive
from chestbench.errors import ChestbenchError
from chestbench.files import atomic_folder
from chestbench.parallel import ordered_map
from chestbench.progress import track
from chestbench.records import KEPT, SPLITS, CatalogRow, SplitRow, read_rows, write_rows
from chestbench.splitting import complete_given_split, group_codes, link_groups, split_groups

logger = logging.getLogger(__name__)

EXTENSIONS = {"png": "png", "jpeg": "jpg", "bmp": "bmp", "tiff": "tif", "webp": "webp", "gif": "gif"}


@dataclass(frozen=True)
class Assignment:
    """Where each kept image goes, in the order of the catalog (N kept rows).

    Attributes:
        split: int8 (N,), index into SPLITS.
        label: (N,) class names. group: (N,) codes such as g00001.
        image_id: (N,) bytes of 16 hex digits.
        is_given: whether the archive's own split was followed.
    """

    split: np.ndarray
    label: np.ndarray
    group: np.ndarray
    image_id: np.ndarray
    is_given: bool


def assign_splits(catalog: Path, shares: Mapping[str, float], seed: int) -> Assignment:
    """Decide the split of every kept image of the catalog; see `split_groups` and `complete_given_split`.

    Patients who share a look-alike cluster are kept together. The order of the catalog's rows has no influence.

    Raises:
        ChestbenchError: too few groups in a class, or a given split without every class in train.
    """
    names: dict[str, int] = {}

    def code(text: str) -> int:
        return names.setdefault(text, len(names))

    columns = np.array(
        [
            (
                row.image_id.encode(),
                code(row.label),
                code(row.group),
                code(row.cluster),
                SPLITS.index(row.given_split) if row.given_split else -1,
            )
            for row in read_rows(catalog, CatalogRow)
            if row.status == KEPT
        ],
        [("image_id", "S16"), ("label", "i4"), ("group", "i4"), ("cluster", "i4"), ("given", "i1")],
    )
    if not len(columns):
        raise ChestbenchError(
            f"{catalog}: expected images to split, received none that are kept; see its column `reason`"
        )
    text = np.array(list(names))
    label, group, given = text[columns["label"]], text[columns["group"]], columns["given"]
    units = link_groups(group, text[columns["cluster"]])
    # Units are numbered by their first group's name, so that the seed's choice does not depend on the order of rows.
    if (given >= 0).all():
        split = complete_given_split(label, units, given, shares, seed)
        return Assignment(split, label, group_codes(group), columns["image_id"], True)
    return Assignment(split_groups(label, units, shares, seed), label, group_codes(group), columns["image_id"], False)


def write_split(
    archive_path: Path, catalog: Path, assignment: Assignment, folder: Path, table: Path, workers: int | None = None
) -> None:
    """Copy the original bytes to folder/{split}/{class}/{image_id}.{ext} and write the table, sorted by split and id.

    The extension follows the content, not the name in the archive. Images are streamed; the folder appears when all are
    there.

    Args:
        archive_path: the zip. catalog: data/catalog.csv. assignment: from `assign_splits` of the same catalog.
        folder: data/split. table: data/split.csv.
        workers: threads; all cores by default.

    Raises:
        ChestbenchError: the archive is not the one that was cataloged.
    """
    count = len(assignment.split)
    extension = np.empty(count, "U4")
    with open_archive(archive_path) as archive, atomic_folder(folder) as temporary:
        for code, label in sorted(
            {(int(code), str(label)) for code, label in zip(assignment.split, assignment.label, strict=True)}
        ):
            (temporary / SPLITS[code] / label).mkdir(parents=True, exist_ok=True)

        def copy(item: tuple[int, CatalogRow]) -> None:
            place, row = item
            extension[place] = EXTENSIONS[row.format]
            try:
                data = archive.read(row.member)
            except (KeyError, UnreadableMember):
                raise ChestbenchError(
                    f"{archive_path}: expected the archive that {catalog} describes, "
                    f"received one in which {row.member!r} is missing or damaged; run `dvc repro` from catalog on"
                ) from None
            (temporary / _relative_path(assignment, place, str(extension[place]))).write_bytes(data)

        kept = (row for row in read_rows(catalog, CatalogRow) if row.status == KEPT)
        for _ in track(ordered_map(copy, enumerate(kept), workers), count, "split"):
            pass
    order = np.lexsort((assignment.image_id, assignment.split))
    write_rows(
        table,
        SplitRow,
        (
            SplitRow(
                image_id=assignment.image_id[place].decode(),
                split=SPLITS[assignment.split[place]],
                label=str(assignment.label[place]),
                group=str(assignment.group[place]),
                path=_relative_path(assignment, place, str(extension[place])),
            )
            for place in order
        ),
    )


def summarise_split(assignment: Assignment, split_unit: str, seed: int, synthetic: bool = False) -> dict[str, Any]:
    """Return the content of metrics/split.json; classes without an image in a split are logged.

    Args:
        split_unit: patient or image, and synthetic: from metrics/catalog.json.
    """
    classes = sorted(set(assignment.label.tolist()))
    images = {
        name: {label: int(((assignment.split == code) & (assignment.label == label)).sum()) for label in classes}
        for code, name in enumerate(SPLITS)
    }
    for name, per_class in images.items():
        if lacking := [label for label, number in per_class.items() if not number]:
            logger.warning(
                "the given split %s has no image of %s: measures of these classes will be empty there",
                name,
                ", ".join(lacking),
            )
    return {
        "split_unit": split_unit,
        "synthetic": synthetic,
        "seed": seed,
        "given_split": assignment.is_given,
        "images": images,
        "groups": {
            name: len(np.unique(assignment.group[assignment.split == code])) for code, name in enumerate(SPLITS)
        },
        "shares": {name: round(float((assignment.split == code).mean()), 4) for code, name in enumerate(SPLITS)},
    }


def describe_split(metrics: dict[str, Any]) -> str:
    """Return the summary line of the stage."""
    parts = [
        f"{name} {sum(metrics['images'][name].values())} images in {metrics['groups'][name]} groups" for name in SPLITS
    ]
    return (
        f"{', '.join(parts)}; by {metrics['split_unit']}{', as the archive gives it' if metrics['given_split'] else ''}"
    )


def _relative_path(assignment: Assignment, place: int, extension: str) -> str:
    name = f"{assignment.image_id[place].decode()}.{extension}"
    return f"{SPLITS[assignment.split[place]]}/{assignment.label[place]}/{name}"
