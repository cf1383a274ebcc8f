"""From class folders to one uint8 array per split: every image decoded, cut to its region and resized once."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chestbench.catalog.records import SPLITS, SplitRow, read_rows
from chestbench.core.config import Preprocess
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import CHUNK_BYTES, atomic_folder, write_csv, write_json
from chestbench.core.parallel import ordered_map
from chestbench.core.progress import track
from chestbench.imaging.decode import prepare_opencv
from chestbench.imaging.grey import DEFAULT
from chestbench.imaging.sheet import draw_sheet, write_png
from chestbench.imaging.text import ascii_label
from chestbench.preparation.loading import Loaded, SplitFolder, load_image
from chestbench.preparation.sheets import choose_examples, write_sheets
from chestbench.preparation.tally import Tally, warn_of_fallbacks

TABLE_COLUMNS = ["image_id", "label", "class_index", "group", "study"]


@dataclass(frozen=True)
class SplitFacts:
    """What is known of the images beside their files.

    Attributes:
        split_unit: patient, study or image, noted in info.json.
        classes: class names in the order of class_index; None: those of the table, sorted.
        modality: CT, X-ray or unknown: how body and lungs are looked for.
        synthetic: whether the pictures were generated; noted in info.json and shown in the pictures.
        without_group: images without an id where others have one; noted in info.json.
        tiny: what there is too little of, see `tiny.too_little`; noted in info.json.
        allow_tiny: whether to train all the same, noted beside it.
        grey: record of the grey scale, see `GreyScale`; noted in info.json, so that it goes on with the model.
    """

    split_unit: str
    classes: list[str] | None = None
    modality: str = "unknown"
    synthetic: bool = False
    without_group: int = 0
    tiny: tuple[str, ...] = ()
    allow_tiny: bool = False
    grey: dict[str, Any] | None = None


@dataclass(frozen=True)
class _Contents:
    """What the table lists: the classes in the order of class_index, and split -> class -> images."""

    classes: list[str]
    images: dict[str, Counter[str]]
    has_masks: bool

    def of_class(self) -> dict[str, int]:
        """Return class -> images of all splits."""
        return {label: sum(self.images[name][label] for name in SPLITS) for label in self.classes}

    def per_split(self) -> dict[str, dict[str, int]]:
        """Return split -> class -> images, in the order of both."""
        return {name: {label: self.images[name][label] for label in self.classes} for name in SPLITS}


def preprocess_split(
    source: SplitFolder,
    output: Path,
    settings: Preprocess,
    facts: SplitFacts,
    sheets: Path | None = None,
    workers: int | None = None,
) -> dict[str, Any]:
    """Write {train,val,test}.npy (uint8 (N, size, size, 1)), {split}.csv, info.json and preview.png into a new folder.

    Images are streamed in the order of the table: memory does not grow with their number.

    Args:
        source: images, table and masks of the split.
        output: data/processed.
        settings: size in pixels, fit, and roi: the part that is kept.
        facts: classes, split unit, modality and where the pictures come from.
        sheets: results/preprocess, a new folder with contours.png, stages.png and fallbacks.csv; None: not written.
        workers: threads; all cores by default. The result does not depend on it.

    Returns:
        The content of metrics/preprocess.json.

    Raises:
        ChestbenchError: an image is missing or unreadable (the catalog saw it whole), or has a label not in `classes`;
            or roi is `mask` and no image has one.
    """
    prepare_opencv()
    contents = _read_contents(source.table, facts.classes)
    _check_masks(settings, contents)
    captions = {label: ascii_label(label, f"class {index + 1}") for index, label in enumerate(contents.classes)}
    in_train = contents.per_split()["train"]
    shown = choose_examples(read_rows(source.table, SplitRow) if sheets else (), in_train, captions, contents.has_masks)
    tally = Tally.of_none(shown, contents.classes)
    total = sum(contents.of_class().values())

    def load(row: SplitRow) -> Loaded:
        return load_image(row, source, settings, shown, facts.modality)

    loaded = track(ordered_map(load, read_rows(source.table, SplitRow), workers), total, "preprocess")
    with atomic_folder(output) as temporary:
        for name in SPLITS:
            _write_part(temporary, name, contents, loaded, settings.size, tally)
        digest = _digest([temporary / f"{name}.{suffix}" for name in SPLITS for suffix in ("npy", "csv")])
        write_json(temporary / "info.json", _info(contents.classes, settings, facts, total, digest))
        _write_preview(temporary / "preview.png", tally, captions, settings, facts.synthetic)
    if sheets:
        with atomic_folder(sheets) as temporary:
            failed, trained = tally.fallbacks()["train"], sum(in_train.values())
            write_sheets(temporary, shown, settings, failed, trained, facts.synthetic)
            write_csv(temporary / "fallbacks.csv", ["image_id", "split", "label", "reason"], tally.failed)
    warn_of_fallbacks(tally, settings.roi, contents.of_class())
    return _metrics(contents, settings, tally, total, digest)


def describe_preprocess(metrics: dict[str, Any]) -> str:
    """Return the summary line of the stage."""
    total = sum(sum(counts.values()) for counts in metrics["images"].values())
    size, fallbacks = metrics["size"], sum(metrics["fallbacks"].values())
    region = "" if metrics["roi"] == "none" else f", roi {metrics['roi']} (not found in {fallbacks})"
    return f"{total} images as {size} x {size} grey ({metrics['fit']}){region}, {metrics['bytes'] / 1e6:.1f} MB"


def _read_contents(table: Path, classes: list[str] | None) -> _Contents:
    images: dict[str, Counter[str]] = {name: Counter() for name in SPLITS}
    has_masks = False
    for row in read_rows(table, SplitRow):
        images[row.split][row.label] += 1
        has_masks |= bool(row.mask)
    return _Contents(_class_names(table, classes, set().union(*images.values())), images, has_masks)


def _class_names(table: Path, classes: list[str] | None, in_table: set[str]) -> list[str]:
    names = list(classes) if classes else sorted(in_table)
    if unknown := sorted(in_table - set(names)):
        raise ChestbenchError(
            f"{table}: expected the classes {names}, received {unknown} as well; run `dvc repro` from catalog on"
        )
    return names


def _check_masks(settings: Preprocess, contents: _Contents) -> None:
    if settings.roi == "mask" and not contents.has_masks:
        raise ChestbenchError(
            "preprocess.roi: expected a region that this data set has, received mask, but no image has a mask; set "
            "dataset.masks, or choose none, body, body_crop, lungs or lungs_crop"
        )


def _write_part(
    folder: Path, name: str, contents: _Contents, loaded: Iterator[Loaded], size: int, tally: Tally
) -> None:
    """Take the images of one split from the stream and append them to its .npy as they come."""
    class_of = {label: index for index, label in enumerate(contents.classes)}
    count = sum(contents.images[name].values())
    with open(folder / f"{name}.npy", "wb") as stream:
        header = {"descr": "|u1", "fortran_order": False, "shape": (count, size, size, 1)}
        np.lib.format.write_array_header_1_0(stream, header)

        def rows() -> Iterator[list[Any]]:
            for _ in range(count):
                image = next(loaded)
                row = image.row
                if row.split != name:
                    raise ChestbenchError(
                        f"data/split.csv: expected rows sorted by split (train, val, test), "
                        f"received {row.split} among {name}; run `dvc repro`"
                    )
                stream.write(image.pixels.data)
                tally.add(image)
                yield [row.image_id, row.label, class_of[row.label], row.group, row.study]

        write_csv(folder / f"{name}.csv", TABLE_COLUMNS, rows())


def _info(classes: list[str], settings: Preprocess, facts: SplitFacts, total: int, digest: str) -> dict[str, Any]:
    """Return the content of info.json."""
    return {
        "classes": classes,
        "size": settings.size,
        "fit": settings.fit,
        "roi": settings.roi,
        "split_unit": facts.split_unit,
        "images_in_all": total,
        "images_without_group": facts.without_group,
        "synthetic": facts.synthetic,
        # Only where there is too little: a set that has enough is the same whatever is allowed.
        **({"tiny": list(facts.tiny), "allow_tiny": facts.allow_tiny} if facts.tiny else {}),
        "grey": facts.grey or DEFAULT.to_json(),
        "data_sha256": digest,
    }


def _metrics(contents: _Contents, settings: Preprocess, tally: Tally, total: int, digest: str) -> dict[str, Any]:
    """Return the content of metrics/preprocess.json."""
    return {
        "images": contents.per_split(),
        "size": settings.size,
        "fit": settings.fit,
        "roi": settings.roi,
        "fallbacks": tally.fallbacks(),
        "fallbacks_per_class": {label: tally.classes[label] for label in contents.classes},
        "whole_pictures": {name: tally.whole[name] for name in SPLITS},
        "fallback_reasons": {name: dict(sorted(tally.reasons[name].items())) for name in SPLITS},
        "bytes": total * settings.size**2,
        "data_sha256": digest,
    }


def _write_preview(
    path: Path, tally: Tally, captions: Mapping[str, str], settings: Preprocess, synthetic: bool
) -> None:
    rows = [(captions[label], pictures) for label, pictures in tally.previews.items()]
    kind = "SYNTHETIC, " if synthetic else ""
    region = "" if settings.roi == "none" else f", roi {settings.roi}"
    title = f"{kind}as the networks see them: {settings.size} x {settings.size}{region}, train"
    write_png(path, draw_sheet(rows, title))


def _digest(paths: list[Path]) -> str:
    """Return one SHA-256 over several files, their names included."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.name}:{path.stat().st_size}\n".encode())
        with open(path, "rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                digest.update(chunk)
    return digest.hexdigest()
