"""Where each picture of data/split lies in its array: see `imaging.box_frames`."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from chestbench.catalog.records import CatalogRow, SplitRow, read_rows
from chestbench.core.config import Preprocess
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_csv
from chestbench.imaging.box_frames import Frame
from chestbench.imaging.decode import UnreadableImage, decode_grey
from chestbench.imaging.header import read_header
from chestbench.imaging.regions.find import find_region

FRAMES = "frames.csv"
COLUMNS = ["image_id", "split", "index", *(field.name for field in fields(Frame))]


@dataclass(frozen=True)
class Placed:
    """One picture: its place in {split}.npy and how stored pixels lie in it."""

    row: SplitRow
    index: int
    frame: Frame

    def as_row(self) -> list[object]:
        """Return a row of frames.csv."""
        return [self.row.image_id, self.row.split, self.index, *(round(value, 6) for value in self.frame.as_row())]


def place(
    row: SplitRow, index: int, stored: tuple[int, int], images: Path, settings: Preprocess, modality: str
) -> Placed:
    """Return where a picture lies in its array, computed as the preprocess stage does.

    Args:
        row: of data/split.csv.
        index: row of {split}.npy.
        stored: width and height of the file, from data/catalog.csv.
        images: data/split.
        settings: size, fit and roi.
        modality: CT, X-ray or unknown.

    Raises:
        ChestbenchError: the picture is missing or unreadable.
    """
    path = images / row.path
    try:
        data = path.read_bytes()
        if settings.roi.endswith("_crop") or path.suffix != ".png":
            pixels = decode_grey(data).pixels
            kept = pixels.shape[1], pixels.shape[0]
        else:  # PNG has no orientation: its header says all that matters
            header = read_header(data)
            kept = header.width, header.height
    except FileNotFoundError:
        raise ChestbenchError(
            f"{path}: expected the image that data/split.csv lists, found none; run `dvc repro`"
        ) from None
    except UnreadableImage as error:
        raise ChestbenchError(
            f"{path}: expected the image that the catalog could read, received a changed file ({error.reason}); "
            "run `dvc checkout`"
        ) from None
    cut = 0, 0, *kept
    if settings.roi.endswith("_crop"):
        region = find_region(pixels, settings.roi, None, modality)
        cut = *region.corner, region.pixels.shape[1], region.pixels.shape[0]
    # A file that EXIF turns by a quarter is read with its sides exchanged.
    upright = stored[::-1] if kept == stored[::-1] else stored
    return Placed(row, index, Frame.of(upright, kept, cut, settings.size, settings.fit))


def rows_with_place(table: Path, catalog: Path) -> Iterator[tuple[SplitRow, int, tuple[int, int]]]:
    """Yield each image of data/split.csv, its row in {split}.npy, and width and height of its file."""
    sizes = {row.image_id: (row.width, row.height) for row in read_rows(catalog, CatalogRow) if row.status == "kept"}
    so_far: dict[str, int] = {}
    for row in read_rows(table, SplitRow):
        index = so_far.get(row.split, 0)
        so_far[row.split] = index + 1
        yield row, index, sizes[row.image_id]


def load_frames(folder: Path, split: str) -> list[Frame]:
    """Return the frame of every picture of a split, in the order of {split}.npy.

    Args:
        folder: data/boxes.
        split: train, val or test.

    Raises:
        ChestbenchError: the boxes stage did not run.
    """
    path = folder / FRAMES
    if not path.exists():
        raise ChestbenchError(f"{path}: expected the output of the boxes stage, found none; run `dvc repro boxes`")
    names = [field.name for field in fields(Frame)]
    own = [row for row in read_csv(path) if row["split"] == split]
    return [Frame(*(float(row[name]) for name in names)) for row in sorted(own, key=lambda row: int(row["index"]))]
