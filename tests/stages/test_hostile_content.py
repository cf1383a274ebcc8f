"""Real processes and files that state what is not there, or unfold: refused or left out, quickly, in bounded memory."""

import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.imaging.pictures import encode, picture, png
from tests.stages import hostile
from tests.stages.hostile import draw, sparse, zip_of
from tests.stages.measured import refused, run

LOOK = ["chestbench", "look"]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    shutil.copytree(ROOT / "conf", folder / "conf")
    return folder


def bzip2_bomb(path: Path) -> Path:
    import bz2

    header = hostile.gzip_bomb(path.with_suffix(".gz"), 10_000_000)
    import gzip

    content = gzip.decompress(header.read_bytes())
    header.unlink()
    path.write_bytes(bz2.compress(content[:512].replace(b"%011o" % 10_000_000, b"%011o" % 3_000_000_000)))
    piece = bz2.compress(bytes(10_000_000))
    with open(path, "ab") as stream:
        for _ in range(300):
            stream.write(piece)
    return path


ARCHIVES: dict[str, Callable[[Path], Path]] = {
    "a directory of two million entries": lambda path: hostile.zip_of_many(path.with_suffix(".zip"), 2_000_000),
    "an array of forty million pictures": lambda path: hostile.npz_of_many(path.with_suffix(".npz"), 40_000_000),
    "an array of terabytes": lambda path: zip_of(
        path.with_suffix(".npz"),
        {
            "train_images.npy": hostile.npy_that_says((10**6, 10**6)) + bytes(10),
            "train_labels.npy": hostile.npy_that_says((10**6, 1)) + bytes(10),
        },
    ),
    "a tar with a name of 3 GB": lambda path: hostile.tar_that_says(path.with_suffix(".tar"), "long name"),
    "a tar with attributes of 3 GB": lambda path: hostile.tar_that_says(path.with_suffix(".tar"), "long attributes"),
    "a tar with a map without an end": lambda path: hostile.tar_that_says(path.with_suffix(".tar"), "sparse"),
    "a packed tar of 3 GB": lambda path: hostile.gzip_bomb(path.with_suffix(".tar.gz")),
    "a tar packed otherwise of 3 GB": lambda path: bzip2_bomb(path.with_suffix(".tar.bz2")),
    "a zip of 1.9 GB": lambda path: hostile.zip_of_zeros(path.with_suffix(".zip"), 1, 1_900_000_000),
    "a zip of many": lambda path: hostile.zip_of_zeros(path.with_suffix(".zip"), 40, 60_000_000),
}


@pytest.mark.parametrize("kind", ARCHIVES)
def test_archives(here: Path, tmp_path: Path, kind: str) -> None:
    path = ARCHIVES[kind](tmp_path / "set")
    said = refused([*LOOK, path], here, limit=60, most=1500)
    assert path.name in said


def test_a_tar_with_a_map_without_an_end_inside_of_a_zip(here: Path, tmp_path: Path) -> None:
    """In a zip it is read where it lies."""
    inner = hostile.tar_that_says(tmp_path / "inner.tar", "sparse")
    with open(inner, "r+b") as stream:
        stream.truncate(20_000_000)
    path = zip_of(tmp_path / "set.zip", {"b/inner.tar": inner.read_bytes(), "a/1.png": png(picture(1))}, 0)
    assert "inner.tar" in refused([*LOOK, path], here, most=500)


def rle_dicom() -> bytes:
    """A run-length encoded picture whose runs unpack to half a gigabyte."""
    from tests.imaging.dicoms import make_dicom

    data = make_dicom(picture(1, 40, 40).astype(np.uint16))
    at = data.rfind(b"\xe0\x7f\x10\x00")
    runs = struct.pack("<16I", 2, 64, 1000, *[0] * 13) + b"\x81\x00" * 4_000_000
    runs += b"\0" * (len(runs) % 2)
    explicit = b"1.2.840.10008.1.2.1\0"
    assert explicit in data
    data = data[:at].replace(explicit, b"1.2.840.10008.1.2.5\0")
    item = b"\xfe\xff\x00\xe0" + struct.pack("<I", 0)
    item += b"\xfe\xff\x00\xe0" + struct.pack("<I", len(runs)) + runs + b"\xfe\xff\xdd\xe0" + bytes(4)
    return data + b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff" + item


def progressive_jpeg(scans: int) -> bytes:
    """A large progressive JPEG whose last scan is repeated."""
    data = encode(np.zeros((8000, 8000), np.uint8), "JPEG", progressive=True)
    at = data.rfind(b"\xff\xda")
    # The tables of this scan lie before it: from the last marker that defines some.
    start = max(data.rfind(b"\xff\xc4", 0, at), 0)
    return data[:-2] + data[start:-2] * scans + data[-2:]


PICTURES: dict[str, Callable[[], bytes]] = {
    "png 60000": lambda: hostile.png_that_says(60_000, 60_000),
    "png 2^31": lambda: hostile.png_that_says(2**31 - 1, 2**31 - 1),
    "tiff 60000": lambda: hostile.tiff_that_says(60_000, 60_000),
    "tiff 2^32": lambda: hostile.tiff_that_says(2**32 - 1, 2**32 - 1),
    "tiff tiles": lambda: hostile.tiff_that_says(100, 100, 30_000),
    "jpeg2000 60000": lambda: hostile.jpeg2000_that_says(60_000, 60_000, 60_000),
    "jpeg2000 tiles": lambda: hostile.jpeg2000_that_says(9_000, 9_000, 1),
    "gif 60000": lambda: hostile.gif_that_says(60_000, 60_000),
    "dicom 4 GB": lambda: hostile.dicom_that_says(0xFFFFFFFE),
    "dicom no end": lambda: hostile.dicom_that_says(0xFFFFFFFF),
    "dicom runs": rle_dicom,
    "jpeg scans": lambda: progressive_jpeg(3000),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_pictures_are_left_out_with_a_reason(here: Path, tmp_path: Path, kind: str) -> None:
    data = draw(tmp_path / "set", {"a": 16, "b": 16})
    (data / "a" / "odd.png").write_bytes(PICTURES[kind]())
    found = run([*LOOK, data], here, 20)
    assert found.status == 0 and "Traceback" not in found.text, found.text
    # pydicom takes a length beyond the end of the file for the rest of it: that picture is whole, and another's copy.
    reasons = ("1 exact copy",) if kind == "dicom 4 GB" else ("1 unreadable: ", "1 unusable DICOM: ")
    (left_out,) = [line for line in found.text.splitlines() if line.startswith("left out")]
    assert left_out.removeprefix("left out").strip().startswith(reasons) and found.megabytes < 800, found


def test_large_pictures_wait_for_one_another(here: Path, tmp_path: Path) -> None:
    """Each takes 0.6 GB on its way to grey, and the threads are as many as there are cores."""
    data = draw(tmp_path / "set", {"a": 16, "b": 16})
    large = np.zeros((9000, 9000), np.uint16)
    for number in range(4):
        large[::7, :] = number
        (data / "a" / f"large-{number}.png").write_bytes(png(large))
    found = run([*LOOK, data, "dataset.grey.mixed=true"], here, 120)
    assert found.status in (0, 1) and found.megabytes < 1900, found


TABLES: dict[str, Callable[[Path], object]] = {
    "one line of 3 GB": lambda path: sparse(path, 1_900_000_000, b"id,label\na"),
    "one line of 120 MB": lambda path: path.write_bytes(b"id,label\n" + b"a" * 120_000_000),
    "one cell of 120 MB": lambda path: path.write_bytes(b'id,label\n1,"' + b"a\n" * 1_500_000),
    "lines": lambda path: path.write_bytes(b"id,label\n" + b"a,b\n" * 5_000_000),
    "cells": lambda path: path.write_bytes(b",".join(b"%d" % n for n in range(9_000_000))),
    "pages": lambda path: path.write_bytes(b"id,label\n" + b"\x0c" * 100_000_000),
    "yaml": lambda path: path.write_text(hostile.yaml_bomb()),
}


@pytest.mark.parametrize("kind", TABLES)
def test_tables_and_lists(here: Path, tmp_path: Path, kind: str) -> None:
    data = draw(tmp_path / "set", {"a": 6, "b": 6})
    TABLES[kind](data / "labels.csv")
    shutil.copy(data / "labels.csv", data / "train.txt") if kind in ("lines", "pages") else None
    stated = "dataset.labels={table: '*labels.csv', id: id, column: label}"
    found = run([*LOOK, data, stated], here, 60)
    assert "Traceback" not in found.text and found.status == 1 and "dataset.labels" in found.text, found.text
    assert "unknown key" not in found.text
    assert found.megabytes < 1900, found.megabytes
    found = run([*LOOK, data], here, 60)
    assert "Traceback" not in found.text and found.megabytes < 1900, found


def test_aliases_in_a_yaml_of_conf_do_not_unfold(here: Path, tmp_path: Path) -> None:
    draw(tmp_path / "set", {"a": 3, "b": 3})
    (here / "conf/dataset/mine.yaml").write_text("defaults: [_defaults]\n" + hostile.yaml_bomb())
    assert "aliases" in refused([*LOOK, tmp_path / "set", "dataset=mine"], here, most=500)


def test_a_large_table_that_is_one_is_read_in_bounds(here: Path, tmp_path: Path) -> None:
    """As long as PadChest's: 160,000 rows of 700 bytes, one letter of them beyond Latin."""
    data = draw(tmp_path / "set", {"x": 32})
    row = "{:06d}.png,{}," + "r" * 690 + "\n"
    with open(data / "labels.csv", "w", encoding="utf-8") as stream:
        stream.write("id,label,report\n")
        for number in range(160_000):
            stream.write(row.format(number, "ab"[number % 2]))
        stream.write("x.png,a,\U0001f600\n")
    for number in range(32):
        (data / "x" / f"{number}.png").rename(data / "x" / f"{number:06d}.png")
    found = run([*LOOK, data, "dataset.labels={table: '*labels.csv', id: id, column: label}"], here, 60)
    assert "classes   a 16, b 16" in found.text and found.megabytes < 1900, found
