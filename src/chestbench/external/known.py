"""Pictures that the data set has itself: on those a network would be judged by what it has learnt or was chosen by."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from chestbench.catalog.near_duplicates import find_near_duplicates
from chestbench.catalog.records import KEPT, CatalogRow, SplitRow, read_rows
from chestbench.core.errors import ChestbenchError
from chestbench.core.parallel import ordered_map
from chestbench.core.progress import track
from chestbench.datasets.archive import Archive
from chestbench.imaging.decode import decode_grey
from chestbench.imaging.fingerprint import fingerprint
from chestbench.imaging.frames import one_frame
from chestbench.imaging.grey import DEFAULT, GreyScale

SAME = "picture of the data set"
ALIKE = "looks like a picture of the data set"


@dataclass(frozen=True)
class OwnPictures:
    """What a set from elsewhere is compared with.

    Attributes:
        catalog: data/catalog.csv.
        images: data/split.
        table: data/split.csv.
        classes: class names, in the order of the class index.
        scale: how their stored values became grey.
    """

    catalog: Path
    images: Path
    table: Path
    classes: list[str]
    scale: GreyScale = DEFAULT


def known_pictures(
    rows: Sequence[CatalogRow],
    archive: Archive,
    own: OwnPictures,
    workers: int | None = None,
    scale: GreyScale = DEFAULT,
) -> dict[str, str]:
    """Return {image id: SAME or ALIKE} of the pictures that our data set has in train, val or test.

    Equal are pictures of equal grey pixels. Alike are those that the audit would put into one cluster with a picture of
    our data set (`find_near_duplicates`), also through others of the set: neighbouring slices of a patient go together.

    Args:
        rows: kept rows of the set's catalog.
        archive: of the set.
        own: what to compare with.
        workers: threads; all cores by default. The result does not depend on it.
        scale: of the set; ours lie in data/split as they are seen.

    Raises:
        ChestbenchError: an image that data/split.csv lists is missing.
    """
    known = {row.pixel_sha256 for row in read_rows(own.catalog, CatalogRow) if row.status == KEPT}
    found = {row.image_id: SAME for row in rows if row.pixel_sha256 in known}
    others = [row for row in rows if row.image_id not in found]
    paths = [own.images / row.path for row in read_rows(own.table, SplitRow)]
    if not others or not paths:
        return found
    ours = _fingerprints([partial(_content, path) for path in paths], "pictures of the data set", workers)
    readers = [partial(_member, archive, row) for row in others]
    theirs = _fingerprints(readers, "pictures of the set", workers, scale)
    hashes, copies = (np.concatenate(parts) for parts in zip(ours, theirs, strict=True))
    cluster = find_near_duplicates(hashes, copies, workers).cluster
    alike = np.isin(cluster[len(paths) :], cluster[: len(paths)])
    return found | {others[place].image_id: ALIKE for place in np.flatnonzero(alike)}


def _fingerprints(
    readers: Sequence[Callable[[], bytes]], label: str, workers: int | None, scale: GreyScale = DEFAULT
) -> tuple[np.ndarray, np.ndarray]:
    """Return hashes, uint64 (N,), and small copies, uint8 (N, 1024), of what the readers bring."""
    seen = ordered_map(lambda read: fingerprint(decode_grey(read(), scale).pixels), readers, workers)
    pairs = list(track(seen, len(readers), label))
    return np.array([value for value, _ in pairs], np.uint64), np.stack([copy for _, copy in pairs])


def _member(archive: Archive, row: CatalogRow) -> bytes:
    return one_frame(archive.read(row.member), row.frame, row.frames)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ChestbenchError(
            f"{path}: expected the image that data/split.csv lists, found none; run `dvc checkout` or `dvc repro`"
        ) from None
