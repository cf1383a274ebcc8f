"""From the catalog to class folders: which image goes where, and its original bytes (or what may leave a DICOM)."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chestbench.catalog.records import KEPT, SPLITS, CatalogRow, SplitRow, read_rows, write_rows
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import atomic_folder
from chestbench.core.notice import split_words, tiny_note
from chestbench.core.parallel import ordered_map
from chestbench.core.progress import track
from chestbench.datasets.archive import UnreadableMember, open_archive
from chestbench.imaging.decode import UnreadableImage, prepare_opencv
from chestbench.imaging.grey import DEFAULT, GreyScale
from chestbench.preparation.originals import by_file, extension_of, pictures_of
from chestbench.preparation.splitting import complete_given_split, group_codes, link_groups, split_groups
from chestbench.preparation.tiny import ALLOW, count_groups, split_advice, too_little

logger = logging.getLogger(__name__)

NO_MASKS = "none.txt"


@dataclass(frozen=True)
class Assignment:
    """Where each kept image goes, in the order of the catalog (N kept rows).

    Attributes:
        split: int8 (N,), index into SPLITS.
        label: (N,) class names.
        group: (N,) codes such as g00001.
        study: (N,) codes such as s00001, "" where not known.
        cluster: (N,) names of look-alike clusters.
        image_id: (N,) bytes of 16 hex digits.
        is_given: whether the archive's own split was followed.
    """

    split: np.ndarray
    label: np.ndarray
    group: np.ndarray
    study: np.ndarray
    cluster: np.ndarray
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
                code(row.study),
                SPLITS.index(row.given_split) if row.given_split else -1,
            )
            for row in read_rows(catalog, CatalogRow)
            if row.status == KEPT
        ],
        [
            ("image_id", "S16"),
            ("label", "i4"),
            ("group", "i4"),
            ("cluster", "i4"),
            ("study", "i4"),
            ("given", "i1"),
        ],
    )
    if not len(columns):
        raise ChestbenchError(
            f"{catalog}: expected images to split, received none that are kept; see its column `reason`"
        )
    text = np.array(list(names))
    label, group, given = text[columns["label"]], text[columns["group"]], columns["given"]
    cluster = text[columns["cluster"]]
    units = link_groups(group, cluster)
    # Units are numbered by their first group's name, so that the seed's choice does not depend on the order of rows.
    is_given = bool((given >= 0).all())
    if is_given:
        split = complete_given_split(label, units, given, shares, seed)
    else:
        split = split_groups(label, units, shares, seed)
    studies = group_codes(text[columns["study"]], "s")
    return Assignment(split, label, group_codes(group), studies, cluster, columns["image_id"], is_given)


def write_split(
    archive_path: Path,
    catalog: Path,
    assignment: Assignment,
    folder: Path,
    masks: Path,
    table: Path,
    workers: int | None = None,
    scale: GreyScale = DEFAULT,
) -> None:
    """Copy the images to folder/{split}/{class}/{image_id}.{ext}, their masks to a folder of their own, and write the
    table, sorted by split and id.

    Bytes are the original ones where everybody's decoder gives the same picture; what `is_rewritten` (originals.py) is
    written as 8-bit grey PNG by the scale of the set, of DICOM also because headers name people. The extension follows
    the content, not the name in the archive. Images are streamed; both folders appear when all are there. A mask that
    the archive cannot give is left out and counted.

    Args:
        archive_path: the zip.
        catalog: data/catalog.csv.
        assignment: from `assign_splits` of the same catalog.
        folder: data/split.
        masks: data/masks, with {image_id}.{ext}; NO_MASKS alone where there are none.
        table: data/split.csv.
        workers: threads; all cores by default.
        scale: of the set, from metrics/catalog.json.

    Raises:
        ChestbenchError: the archive is not the one that was cataloged.
    """
    prepare_opencv()
    count = len(assignment.split)
    extension, mask_extension = np.empty(count, "U4"), np.zeros(count, "U8")
    with (
        open_archive(archive_path) as archive,
        atomic_folder(folder) as images_there,
        atomic_folder(masks) as masks_there,
    ):
        for code, label in sorted(
            {(int(code), str(label)) for code, label in zip(assignment.split, assignment.label, strict=True)}
        ):
            (images_there / SPLITS[code] / label).mkdir(parents=True, exist_ok=True)

        def copy(item: tuple[int, list[CatalogRow]]) -> int:
            """Copy the images of one file, the first of them at a place; return how many masks were damaged."""
            place, rows = item
            try:
                data = archive.read(rows[0].member)
                for number, picture in pictures_of(data, rows, scale):
                    extension[place + number] = extension_of(rows[number])
                    path = _relative_path(assignment, place + number, str(extension[place + number]))
                    (images_there / path).write_bytes(picture)
            except (KeyError, UnreadableMember, UnreadableImage):
                raise ChestbenchError(
                    f"{archive_path}: expected the archive that {catalog} describes, "
                    f"received one in which {rows[0].member!r} is missing or damaged; run `dvc repro` from catalog on"
                ) from None
            if not rows[0].mask:
                return 0
            try:
                mask = archive.read(rows[0].mask)
            except (KeyError, UnreadableMember):
                return 1
            mask_extension[place] = _ending(rows[0].mask)
            (masks_there / _mask_name(assignment, place, str(mask_extension[place]))).write_bytes(mask)
            return 0

        kept = (row for row in read_rows(catalog, CatalogRow) if row.status == KEPT)
        copied = track(ordered_map(copy, by_file(kept), workers), count, "split")
        without_mask = sum(copied)
        if not mask_extension.any():
            # DVC warns of an empty folder.
            (masks_there / NO_MASKS).write_text("The data set brings no masks.\n", encoding="utf-8")
    if without_mask:
        logger.warning("%d masks are damaged in the archive and are left out", without_mask)
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
                study=str(assignment.study[place]),
                path=_relative_path(assignment, place, str(extension[place])),
                mask=_mask_name(assignment, place, str(mask_extension[place])) if mask_extension[place] else "",
            )
            for place in order
        ),
    )


def summarise_split(
    assignment: Assignment,
    split_unit: str,
    seed: int,
    synthetic: bool = False,
    without_group: int = 0,
    allow_tiny: bool = False,
    scale: GreyScale = DEFAULT,
) -> dict[str, Any]:
    """Return the content of metrics/split.json; classes without an image in a split, and too little, are logged.

    Args:
        assignment: from `assign_splits`.
        split_unit: patient, study or image.
        seed: that the split was drawn with.
        synthetic: whether the pictures were generated, from metrics/catalog.json.
        without_group: images without an id where others have one, from metrics/catalog.json.
        allow_tiny: dataset.allow_tiny.
        scale: how stored values became grey; it goes on to info.json and beside the model.
    """
    classes = sorted(set(assignment.label.tolist()))
    images = {
        name: {label: int(((assignment.split == code) & (assignment.label == label)).sum()) for label in classes}
        for code, name in enumerate(SPLITS)
    }
    for name, counts in images.items():
        if lacking := [label for label, number in counts.items() if not number]:
            logger.warning(
                "the given split %s has no image of %s: measures of these classes will be empty there",
                name,
                ", ".join(lacking),
            )
    per_class = count_groups(assignment.split, assignment.label, assignment.group, classes, SPLITS)
    if (tiny := too_little(per_class)) and not allow_tiny:
        advice = split_advice(per_class, assignment.is_given)
        logger.warning("too little to train on: %s; %s; the stage train asks for %s", "; ".join(tiny), advice, ALLOW)
    return {
        "split_unit": split_unit,
        "images_in_all": len(assignment.split),
        "images_without_group": without_group,
        "synthetic": synthetic,
        "grey": scale.to_json(),
        "seed": seed,
        "given_split": assignment.is_given,
        "images": images,
        "groups": {
            name: len(np.unique(assignment.group[assignment.split == code])) for code, name in enumerate(SPLITS)
        },
        "groups_per_class": per_class,
        "tiny": tiny,
        "allow_tiny": allow_tiny,
        "shares": {name: round(float((assignment.split == code).mean()), 4) for code, name in enumerate(SPLITS)},
    }


def describe_split(metrics: dict[str, Any]) -> str:
    """Return the summary line of the stage; with "leaks" (see split_leaks.py), it says what crosses a given split."""
    parts = [
        f"{name} {sum(metrics['images'][name].values())} images in {metrics['groups'][name]} groups" for name in SPLITS
    ]
    crossing = metrics.get("leaks", {}).get("groups", 0)
    given = f", as the archive gives it{f' ({crossing} of them in several parts)' if crossing else ''}"
    line = f"{', '.join(parts)}; by {split_words(metrics)}{given if metrics['given_split'] else ''}"
    return f"{line}\n{tiny_note(metrics)}" if metrics["allow_tiny"] and metrics["tiny"] else line


def _relative_path(assignment: Assignment, place: int, extension: str) -> str:
    name = f"{assignment.image_id[place].decode()}.{extension}"
    return f"{SPLITS[assignment.split[place]]}/{assignment.label[place]}/{name}"


def _mask_name(assignment: Assignment, place: int, extension: str) -> str:
    return f"{assignment.image_id[place].decode()}.{extension}"


def _ending(member: str) -> str:
    """Return the ending of a file's name, or "bin" where it has none to speak of."""
    ending = member.rpartition("/")[2].rpartition(".")[2].lower()
    return ending if ending.isalnum() and ending.isascii() and len(ending) <= 8 and "." in member else "bin"
