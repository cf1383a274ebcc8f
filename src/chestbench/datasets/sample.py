"""The built-in data set: synthetic CT-like slices in an archive with the troubles that published sets have.

Of three patients in a row (a block) one, chosen by chance, is positive, and all three have equally many slices: the
classes are 1 to 2 in any number of blocks. Many patients of few slices tell more than few of many, as patients are what
a test set counts. Each slice's size and pixel format are drawn without regard to the label.
What the picture shows is in phantom.py, and a table of the archive says where it was painted (sample_boxes.py). The
archive of more patients holds all pictures that the archive of fewer holds, and the same bytes come out on every
machine.
"""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from chestbench.core.config import Dataset
from chestbench.core.files import atomic_file
from chestbench.core.parallel import ordered_map
from chestbench.core.progress import track
from chestbench.datasets.archive import ARCHIVE
from chestbench.datasets.canvas import Stream
from chestbench.datasets.phantom import NEGATIVE, POSITIVE, Slice, draw_slice
from chestbench.datasets.png import Mode, encode_png
from chestbench.datasets.sample_boxes import TABLE, Box, patch_boxes, table_of

COMMENT = "chestbench synthetic sample, no real patient"
FEWEST_PATIENTS = 12  # three blocks hold every trouble, a fourth none
PATIENTS_PER_BLOCK = 3
# In few patients chance alone ties sizes and formats to the label a little. Under this seed, chosen when the sample had
# 150, no more than a coin would; the 600 of today hold the same bound (tests/datasets/test_sample.py).
PLAN_SEED = 392
_PLAN = 4  # purpose of the random stream; phantom.py has 1 to 3
_SIDES = (192, 208, 224, 240, 256, 272, 288)  # pixels
_UNUSUAL_MODES: tuple[Mode, ...] = ("rgb", "rgba", "grey16")
_NOT_A_PICTURE = b"This is a text file with the name of a picture, as published data sets sometimes have one.\n"


@dataclass(frozen=True)
class Member:
    """One file of the archive and how to make it.

    Attributes:
        name: path in the archive, such as `COVID/patient-003/slice-2.png`.
        patient: whose slice it shows, from 0.
        index: which of the patient's slices, from 0.
        width: in pixels.
        height: in pixels.
        positive: whether ground glass is drawn. Differs from the folder for the picture filed under both labels.
        mode: pixel format of the file.
        kind: `slice` for each picture's own file, else the trouble that this file is.
    """

    name: str
    patient: int
    index: int
    width: int
    height: int
    positive: bool
    mode: Mode
    kind: Literal["slice", "same bytes", "same pixels", "second patient", "second label", "truncated", "text"] = "slice"


def fetch(dataset: Dataset, folder: Path) -> None:
    """Write the sample to `folder`/archive.zip.

    Args:
        dataset: `sample_patients` says how many; nothing else is read.
        folder: where to; made when it is missing.
    """
    draw_sample(dataset.sample_patients, Path(folder) / ARCHIVE)


def draw_sample(patients: int, path: Path) -> None:
    """Write the archive: stored members in order of name, all dated 1980-01-01, so that equal samples are equal files.

    The last is the table of boxes, around what was painted in every picture that can be read, copies included.

    Args:
        patients: number of synthetic patients, 12 or more, one or two slices each.
        path: the .zip to write.
    """
    plan = plan_members(patients)
    files = ordered_map(_file_and_boxes, plan)
    boxes: list[tuple[str, list[Box]]] = []
    with atomic_file(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
        archive.comment = COMMENT.encode("ascii")
        for member, (data, found) in track(zip(plan, files, strict=True), len(plan), "drawing the sample"):
            archive.writestr(_entry(member.name), data)
            boxes.append((member.name, found))
        archive.writestr(_entry(TABLE), table_of(boxes))


def truth(patients: int) -> Iterator[tuple[str, Slice]]:
    """Yield the member name and the `Slice` of every picture: what it shows, and where. No copies, no damaged files.

    Args:
        patients: number of synthetic patients, 12 or more, as in `draw_sample`.

    Example:
        >>> name, drawn = next(truth(12))
        >>> name, drawn.label, drawn.pixels.dtype.name, bool(drawn.patches.any())
        ('COVID/patient-002/slice-1.png', 'COVID', 'uint8', True)
    """
    for member in plan_members(patients):
        if member.kind == "slice":
            yield member.name, _draw(member)


def make_file(member: Member) -> bytes:
    """Return the bytes of one member."""
    return _file_and_boxes(member)[0]


def plan_members(patients: int) -> list[Member]:
    """Return all members of the archive, in order of name.

    Args:
        patients: number of synthetic patients, 12 or more; fewer raise ValueError.
    """
    if patients < FEWEST_PATIENTS:
        raise ValueError(f"expected {FEWEST_PATIENTS} or more patients, received {patients}")
    members: list[Member] = []
    for block in range((patients + PATIENTS_PER_BLOCK - 1) // PATIENTS_PER_BLOCK):
        pictures = _plan_block(block)
        members += [member for member in pictures + _plan_troubles(block, pictures) if member.patient < patients]
    return sorted(members, key=lambda member: member.name)


def _file_and_boxes(member: Member) -> tuple[bytes, list[Box]]:
    if member.kind == "text":
        return _NOT_A_PICTURE, []
    drawn = _draw(member)
    data = encode_png(drawn.pixels, member.mode, {"Comment": "SYNTHETIC, drawn by chestbench"})
    return (data[: len(data) // 2], []) if member.kind == "truncated" else (data, patch_boxes(drawn))


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.create_system, entry.external_attr = 3, 0o644 << 16
    return entry


def _draw(member: Member) -> Slice:
    return draw_slice(member.patient, member.index, member.width, member.height, member.positive)


def _name(positive: bool, patient: int, slice_name: str) -> str:
    return f"{POSITIVE if positive else NEGATIVE}/patient-{patient + 1:03d}/slice-{slice_name}.png"


def _plan_block(block: int) -> list[Member]:
    """Return the slices of three patients in a row, of whom one is positive; all three have equally many."""
    stream = Stream(PLAN_SEED, block, _PLAN)
    slices = stream.integer(1, 3)
    first = block * PATIENTS_PER_BLOCK
    sick = first + stream.integer(0, PATIENTS_PER_BLOCK)
    members = []
    for patient in range(first, first + PATIENTS_PER_BLOCK):
        unusual = stream.integer(0, slices)  # one slice of each patient is not 8-bit grey
        for index in range(slices):
            mode: Mode = _UNUSUAL_MODES[patient % len(_UNUSUAL_MODES)] if index == unusual else "grey"
            width = _SIDES[stream.integer(0, len(_SIDES))]
            height = width - (stream.integer(1, 4) * 16 if stream.uniform(0.0, 1.0) < 0.3 else 0)
            name = _name(patient == sick, patient, str(index + 1))
            members.append(Member(name, patient, index, width, height, patient == sick, mode))
    return members


def _plan_troubles(block: int, pictures: list[Member]) -> list[Member]:
    """Return the copies and damaged files of the first three blocks.

    The copies within a patient are made for all three patients of a block, so that they say nothing of the label.
    """
    sick = next(member for member in pictures if member.positive)
    well = next(member for member in pictures if not member.positive)
    firsts = [member for member in pictures if member.index == 0]
    if block == 0:
        copies = []
        for member in firsts:
            name = _name(member.positive, member.patient, "1-copy")
            copies.append(replace(member, name=name, kind="same bytes"))
        return [*copies, replace(well, name=_name(False, well.patient, "9"), kind="text")]
    if block == 1:
        copies = []
        for member in firsts:
            name = _name(member.positive, member.patient, "1-colour")
            mode: Mode = "rgb" if member.mode == "grey" else "grey"
            copies.append(replace(member, name=name, mode=mode, kind="same pixels"))
        beyond = 1 + max(member.index for member in pictures)
        return [*copies, replace(sick, name=_name(True, sick.patient, "9"), index=beyond, kind="truncated")]
    if block == 2:
        other = next(member for member in firsts if not member.positive and member.patient != well.patient)
        return [
            replace(well, name=_name(False, other.patient, "9"), kind="second patient"),
            replace(sick, name=_name(False, other.patient, "10"), kind="second label"),
        ]
    return []
