"""From class folders to one uint8 array per split: every image decoded and resized once."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from chestbench.config import Preprocess
from chestbench.errors import ChestbenchError
from chestbench.files import CHUNK_BYTES, atomic_folder, write_json
from chestbench.imaging.decode import UnreadableImage, decode_grey, prepare_opencv
from chestbench.imaging.resize import resize_grey
from chestbench.imaging.sheet import draw_sheet, write_png
from chestbench.imaging.text import ascii_label
from chestbench.parallel import ordered_map
from chestbench.progress import track
from chestbench.records import SPLITS, SplitRow, read_rows, write_table

TABLE_COLUMNS = ["image_id", "label", "class_index", "group"]
_PREVIEWS = 8
_PREVIEW_ROWS = 24


def preprocess_split(
    source: Path,
    table: Path,
    output: Path,
    settings: Preprocess,
    classes: list[str] | None,
    split_unit: str,
    synthetic: bool = False,
    workers: int | None = None,
) -> dict[str, Any]:
    """Write {train,val,test}.npy (uint8 (N, size, size, 1)), {split}.csv, info.json and preview.png into a new folder.

    Images are streamed in the order of the table: memory does not grow with their number.

    Args:
        source: data/split. table: data/split.csv. output: data/processed.
        settings: size in pixels and fit.
        classes: class names in the order of class_index; None: those of the table, sorted.
        split_unit: patient or image, noted in info.json.
        synthetic: whether the pictures were generated; noted in info.json and shown in the preview.
        workers: threads; all cores by default. The result does not depend on it.

    Returns:
        The content of metrics/preprocess.json.

    Raises:
        ChestbenchError: an image is missing or unreadable (the catalog saw it whole), or has a label not in `classes`.
    """
    prepare_opencv()
    images: dict[str, Counter[str]] = {name: Counter() for name in SPLITS}
    for row in read_rows(table, SplitRow):
        images[row.split][row.label] += 1
    found = set().union(*images.values())
    names = list(classes) if classes else sorted(found)
    if unknown := sorted(found - set(names)):
        raise ChestbenchError(
            f"{table}: expected the classes {names}, received {unknown} as well; run `dvc repro` from catalog on"
        )

    def load(row: SplitRow) -> tuple[SplitRow, np.ndarray]:
        return row, _load(source / row.path, settings)

    previews: dict[str, list[np.ndarray]] = {label: [] for label in names[:_PREVIEW_ROWS]}
    total = sum(sum(counts.values()) for counts in images.values())
    loaded = track(ordered_map(load, read_rows(table, SplitRow), workers), total, "preprocess")
    with atomic_folder(output) as temporary:
        for name in SPLITS:
            _write_part(temporary, name, sum(images[name].values()), loaded, names, settings.size, previews)
        digest = _digest([temporary / f"{name}.{suffix}" for name in SPLITS for suffix in ("npy", "csv")])
        info = {
            "classes": names,
            "size": settings.size,
            "fit": settings.fit,
            "split_unit": split_unit,
            "synthetic": synthetic,
            "data_sha256": digest,
        }
        write_json(temporary / "info.json", info)
        rows = [
            (ascii_label(label, f"class {place + 1}"), previews[label])
            for place, label in enumerate(names[:_PREVIEW_ROWS])
        ]
        kind = "SYNTHETIC, " if synthetic else ""
        title = f"{kind}as the networks see them: {settings.size} x {settings.size}, train"
        write_png(temporary / "preview.png", draw_sheet(rows, title))
    return {
        "images": {name: {label: images[name][label] for label in names} for name in SPLITS},
        "size": settings.size,
        "fit": settings.fit,
        "bytes": total * settings.size**2,
        "data_sha256": digest,
    }


def describe_preprocess(metrics: dict[str, Any]) -> str:
    """Return the summary line of the stage."""
    total = sum(sum(counts.values()) for counts in metrics["images"].values())
    size = metrics["size"]
    return f"{total} images as {size} x {size} grey ({metrics['fit']}), {metrics['bytes'] / 1e6:.1f} MB"


def _load(path: Path, settings: Preprocess) -> np.ndarray:
    try:
        return resize_grey(decode_grey(path.read_bytes()).pixels, settings.size, settings.fit)
    except FileNotFoundError:
        raise ChestbenchError(
            f"{path}: expected the image that data/split.csv lists, found none; run `dvc checkout` or `dvc repro`"
        ) from None
    except UnreadableImage as error:
        raise ChestbenchError(
            f"{path}: expected the image that the catalog could read, received a changed file ({error.reason}); "
            "run `dvc checkout`"
        ) from None


def _write_part(
    folder: Path,
    name: str,
    count: int,
    loaded: Iterator[tuple[SplitRow, np.ndarray]],
    classes: list[str],
    size: int,
    previews: dict[str, list[np.ndarray]],
) -> None:
    """Take the `count` images of one split from the stream and append them to its .npy as they come."""
    class_of = {label: place for place, label in enumerate(classes)}
    with open(folder / f"{name}.npy", "wb") as stream:
        header = {"descr": "|u1", "fortran_order": False, "shape": (count, size, size, 1)}
        np.lib.format.write_array_header_1_0(stream, header)

        def rows() -> Iterator[list[Any]]:
            for _ in range(count):
                row, pixels = next(loaded)
                if row.split != name:
                    raise ChestbenchError(
                        f"data/split.csv: expected rows sorted by split (train, val, test), "
                        f"received {row.split} among {name}; run `dvc repro`"
                    )
                stream.write(pixels.data)
                if name == "train" and row.label in previews and len(previews[row.label]) < _PREVIEWS:
                    previews[row.label].append(pixels)
                yield [row.image_id, row.label, class_of[row.label], row.group]

        write_table(folder / f"{name}.csv", TABLE_COLUMNS, rows())


def _digest(paths: list[Path]) -> str:
    """Return one SHA-256 over several files, their names included."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.name}:{path.stat().st_size}\n".encode())
        with open(path, "rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                digest.update(chunk)
    return digest.hexdigest()
