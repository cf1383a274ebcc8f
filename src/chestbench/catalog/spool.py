"""What the catalog puts by on disk while it does not yet know which images are kept: the rows and the histograms."""

import csv
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from chestbench.catalog.finding import Audit
from chestbench.catalog.member import has_control_character
from chestbench.imaging.appearance import Appearance

_LEVELS = 256


@dataclass(frozen=True, slots=True)
class SpooledRow:
    """The columns of `CatalogRow` that one image alone decides, with the same names."""

    place: int
    image_id: str
    member: str
    label: str
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
    reason: str
    scale: str
    inverted: str
    frame: int
    frames: int
    mean_grey: float
    border_grey: float
    border_spread: float
    corner_marks: float


_COLUMNS = [column.name for column in fields(SpooledRow)]


class Spool:
    """Temporary files with one entry per row; use in a `with` block."""

    def __init__(self) -> None:
        self._open()

    def __enter__(self) -> "Spool":
        return self

    def __exit__(self, *_: object) -> None:
        self._rows.close()
        self._histograms.close()

    def add(self, place: int, found: Audit, member: str, label: str, given_split: str, reason: str) -> None:
        """Append the row of the member at `place` of the plan."""
        look = found.appearance or Appearance(0.0, 0.0, 0.0, 0.0)
        # A newline in a name would not survive every reader of CSV.
        shown = repr(member) if has_control_character(member) else member
        self._writer.writerow(
            [
                place,
                found.image_id,
                shown,
                label,
                given_split,
                found.width,
                found.height,
                found.channels,
                found.bit_depth,
                found.format,
                found.size,
                found.sha256,
                found.pixel_sha256,
                f"{found.phash:016x}" if found.format else "",
                reason,
                found.scale,
                found.grey.inverted if found.grey else "",
                found.frame,
                found.frames,
                look.mean_grey,
                look.border_grey,
                look.border_spread,
                look.corner_marks,
            ]
        )
        self._histograms.write(_histogram(found))

    def replace(self, changes: Iterator[tuple[int, Audit]]) -> None:
        """Exchange what depends on the pixels in rows that were decoded anew.

        Args:
            changes: (number of the row, its new audit), ascending.
        """
        old_rows, old_histograms = self._rows, self._histograms
        old_rows.seek(0)
        old_histograms.seek(0)
        self._open()
        coming = next(changes, None)
        for number, cells in enumerate(csv.reader(old_rows)):
            histogram = old_histograms.read(4 * _LEVELS)
            if coming and coming[0] == number:
                found = coming[1]
                for column, value in _of_pixels(found).items():
                    cells[_COLUMNS.index(column)] = value
                histogram = _histogram(found)
                coming = next(changes, None)
            self._writer.writerow(cells)
            self._histograms.write(histogram)
        old_rows.close()
        old_histograms.close()

    def _open(self) -> None:
        self._rows = tempfile.TemporaryFile("w+", newline="", encoding="utf-8")  # noqa: SIM115 (closed by __exit__)
        self._histograms = tempfile.TemporaryFile("w+b")  # noqa: SIM115
        self._writer = csv.writer(self._rows, lineterminator="\n")

    def rows(self) -> Iterator[SpooledRow]:
        """Read the rows again, in order."""
        self._rows.seek(0)
        for cells in csv.reader(self._rows):
            place, image_id, member, label, given, width, height, channels, depth, kind, size, *rest = cells
            sha256, pixel_sha256, phash, reason, scale, inverted, frame, frames, *look = rest
            yield SpooledRow(
                *(
                    int(place),
                    image_id,
                    member,
                    label,
                    given,
                    int(width),
                    int(height),
                    int(channels),
                    int(depth),
                    kind,
                    int(size),
                ),
                *(sha256, pixel_sha256, phash, reason, scale, inverted),
                *(int(frame), int(frames)),
                *(float(value) for value in look),
            )

    def intensity(self, label: np.ndarray, is_kept: np.ndarray, classes: int) -> np.ndarray:
        """Sum the histograms of the rows that are kept: int64 (classes, 256), pixels of each grey level.

        Args:
            label: int32 (N,), class code of each row.
            is_kept: bool (N,).
            classes: number of classes.
        """
        total = np.zeros((classes, _LEVELS), np.int64)
        self._histograms.seek(0)
        for code, kept in zip(label.tolist(), is_kept.tolist(), strict=True):
            histogram = np.frombuffer(self._histograms.read(4 * _LEVELS), np.uint32)
            if kept:
                total[code] += histogram
        return total


def _histogram(found: Audit) -> bytes:
    return (found.histogram if found.histogram is not None else np.zeros(_LEVELS, np.uint32)).tobytes()


def _of_pixels(found: Audit) -> dict[str, str]:
    """Return the columns that depend on how values became grey, as text."""
    look = found.appearance or Appearance(0.0, 0.0, 0.0, 0.0)
    values = {"pixel_sha256": found.pixel_sha256, "phash": f"{found.phash:016x}", "scale": found.scale}
    values["inverted"] = found.grey.inverted if found.grey else ""
    if not found.format:
        values["reason"] = found.problem
    looks = ("mean_grey", "border_grey", "border_spread", "corner_marks")
    return values | {name: str(getattr(look, name)) for name in looks}
