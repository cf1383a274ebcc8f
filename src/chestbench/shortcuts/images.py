"""The images as the shortcut audit takes them: rows of the catalog beside the processed arrays."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chestbench.catalog.records import KEPT, SPLITS, CatalogRow, read_rows
from chestbench.core.errors import ChestbenchError
from chestbench.preparation.arrays import SplitArrays, load_info, load_split
from chestbench.preparation.splitting import link_groups


@dataclass(frozen=True)
class AuditedImages:
    """All images of train, val and test, in this order.

    Attributes:
        rows: of the catalog, N.
        label: int64 (N,), into `classes`.
        is_train: bool (N,).
        unit: (N,) names of what must not be parted: patients, and patients who share a look-alike cluster.
        classes: names.
        roi: preprocess.roi.
        parts: the arrays of train, val and test.
    """

    rows: list[CatalogRow]
    label: np.ndarray
    is_train: np.ndarray
    unit: np.ndarray
    classes: list[str]
    roi: str
    parts: list[SplitArrays]

    def pictures(self, places: np.ndarray) -> np.ndarray:
        """Return images by their places, uint8 (n, H, W, 1)."""
        starts = np.cumsum([0, *(len(part.images) for part in self.parts)])
        found = np.empty((len(places), *self.parts[0].images.shape[1:]), np.uint8)
        for part, start, stop in zip(self.parts, starts[:-1], starts[1:], strict=True):
            mine = (places >= start) & (places < stop)
            found[mine] = part.images[places[mine] - start]
        return found


def load_audited_images(processed: Path, catalog: Path) -> AuditedImages:
    """Read data/processed and the rows of data/catalog.csv that belong to it.

    Raises:
        ChestbenchError: an image is not in the catalog, or a file is missing.
    """
    info, parts = load_info(processed), [load_split(processed, name) for name in SPLITS]
    ids = [image_id for part in parts for image_id in part.image_ids]
    wanted = set(ids)
    found = {
        row.image_id: row for row in read_rows(catalog, CatalogRow) if row.status == KEPT and row.image_id in wanted
    }
    if len(found) < len(wanted):
        raise ChestbenchError(
            f"{catalog}: expected a row for each image of {processed}, found none for {len(wanted) - len(found)}; "
            "run `dvc repro`"
        )
    rows = [found[image_id] for image_id in ids]
    groups = np.array([group for part in parts for group in part.groups])
    units = link_groups(groups, np.array([row.cluster for row in rows]))
    return AuditedImages(
        rows=rows,
        label=np.concatenate([part.class_index for part in parts]),
        is_train=np.repeat([name == "train" for name in SPLITS], [len(part.images) for part in parts]),
        unit=np.array([f"{unit:09d}" for unit in units.tolist()]),
        classes=info["classes"],
        roi=info.get("roi", "none"),
        parts=parts,
    )
