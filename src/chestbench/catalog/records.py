"""The two tables of the data stages, row by row: data/catalog.csv and data/split.csv."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import csv_columns, stream_csv, write_csv

SPLITS = ("train", "val", "test")
KEPT, EXCLUDED = "kept", "excluded"
# In results/catalog, for the charts: pixels of each grey level by class, and a folder of one picture of each class.
GREY_LEVELS, EXAMPLES = "grey_levels.csv", "examples"
# Also there: pairs of images that leak, see catalog/leaks.py.
LEAKS = "leaks.csv"
NEAR_DUPLICATE = "near-duplicate"  # a finding of it


@dataclass(frozen=True, slots=True)
class CatalogRow:
    """One image of the archive.

    Attributes:
        image_id: first 16 hex digits of the SHA-256 of the file's bytes; of a page, of that and the page's number.
        member: its name in the archive; file names of medical pictures can name people, so they stay in this table.
        label: class, the name of its folder; "" when it lies in none.
        group: what must not cross splits: the patient (or study) that dataset.group_pattern finds, else the cluster.
        given_split: train, val or test where the archive says so and it is honoured, else "".
        width: in pixels, as stored in the file; 0 when unreadable.
        height: likewise.
        channels: likewise, such as 3.
        bit_depth: of a channel, likewise.
        format: such as PNG, likewise; "" when unreadable.
        bytes: size of the file.
        sha256: of the file's bytes.
        pixel_sha256: of the decoded grey pixels and their shape.
        phash: 64-bit perceptual hash, 16 hex digits.
        status: kept or excluded.
        reason: why it is excluded, else "".
        cluster: look-alike pictures share one, such as look-alike-00017; "" when excluded.
        study: what dataset.study_pattern or a hashed DICOM header says, else "": predictions are averaged over it.
        mask: member of the archive that holds the picture's mask, else "".
        mean_grey: of all pixels, 0 to 255; 0 when unreadable, as the next three (see imaging/appearance.py).
        border_grey: of a frame of 5%, 0 to 255.
        border_spread: of the same frame, 0 to 255.
        corner_marks: share, 0 to 1, of steep edges in the corners.
        source: the folders above the class that are no part of a split, such as hospital_A; "" for none.
        scale: how stored values became grey, such as "8 bit" or "13 of 16 bit", see imaging/; "" when unreadable.
        inverted: "yes" where the file states that its lowest value is white, "mislabelled" where it does and is shown
            as stored, for it would certainly be a negative the other way, else "".
        frame: which page or frame of the file, from 1.
        frames: pages or frames of the file; 0 when unreadable.
        sex, age, view: as the label table has them, "" where it has none: for measures per subgroup.
    """

    image_id: str
    member: str
    label: str
    group: str
    given_split: str
    width: int
    height: int
    channels: int
    bit_depth: int
    format: str
    bytes: int
    sha256: str
    pixel_sha256: str
    phash: str
    status: str
    reason: str
    cluster: str
    study: str
    mask: str
    mean_grey: float = 0.0
    border_grey: float = 0.0
    border_spread: float = 0.0
    corner_marks: float = 0.0
    source: str = ""
    scale: str = ""
    inverted: str = ""
    frame: int = 1
    frames: int = 1
    sex: str = ""
    age: str = ""
    view: str = ""


@dataclass(frozen=True, slots=True)
class SplitRow:
    """One image of a split, named by codes that tell nothing.

    Attributes:
        image_id: 16 hex digits.
        split: train, val or test.
        label: class name.
        group: what must not cross splits, such as g00001.
        study: images of one study share it, such as s00001; "" where studies are not known.
        path: below data/split.
        mask: name in data/masks, or "".
    """

    image_id: str
    split: str
    label: str
    group: str
    study: str
    path: str
    mask: str


RowType = TypeVar("RowType", CatalogRow, SplitRow)


def write_rows(path: Path, kind: type[RowType], rows: Iterable[RowType]) -> None:
    """Write the table, one row at a time; see `write_csv`."""
    names = [field.name for field in fields(kind)]
    write_csv(path, names, ([getattr(row, name) for name in names] for row in rows))


def read_rows(path: Path, kind: type[RowType]) -> Iterator[RowType]:
    """Read a table one row at a time.

    Raises:
        ChestbenchError: the file is missing, or its columns are not those of `kind`.
    """
    names = [field.name for field in fields(kind)]
    numbers = [(place, field.type) for place, field in enumerate(fields(kind)) if field.type in (int, float)]
    if not Path(path).is_file():
        raise ChestbenchError(f"{path}: expected the table of an earlier stage, found none; run `dvc repro`")
    if (header := csv_columns(path)) != names:
        raise ChestbenchError(
            f"{path}: expected the columns {','.join(names)}, received {','.join(header)}; run `dvc repro`"
        )
    for row in stream_csv(path):
        cells: list[Any] = list(row.values())
        for place, number in numbers:
            cells[place] = number(cells[place])
        yield kind(*cells)
