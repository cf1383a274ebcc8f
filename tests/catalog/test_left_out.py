"""Nothing that lies in an archive drops out of the totals, and what is left out is called by its kind."""

import io
import json
import logging
import stat
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from chestbench.catalog.audit import build_catalog
from chestbench.catalog.folders.checks import empty_folders
from chestbench.catalog.records import CatalogRow, read_rows
from chestbench.catalog.report import describe, summarise
from chestbench.catalog.result import Catalog
from chestbench.core.errors import ChestbenchError
from chestbench.datasets import folder
from chestbench.datasets.archive import open_archive
from tests.catalog.archives import dataset_of, two_classes
from tests.catalog.test_kinds import NIFTI, dicomdir
from tests.datasets.test_archive import encrypted
from tests.datasets.test_base import described
from tests.imaging.dicoms import make_dicom
from tests.imaging.pictures import encode, make_zip, picture, png

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"


def accounted(metrics: dict) -> int:
    """Return how many members of the archive the metrics speak of."""
    notes = metrics["notes"]
    return (
        metrics["images_kept"]
        + sum(metrics["excluded"].values())
        + sum(metrics["left_out"].values())
        + metrics["excluded_by_pattern"]
        + notes.get("masks_beside_pictures", 0)
        + notes.get("tables_read", 0)
        + notes.get("unlabelled_pictures", 0)
        - notes.get("pages_beyond_first", 0)
    )


def _archive(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as opened:
        for name, data in members.items():
            opened.writestr(zipfile.ZipInfo(name), data)
    return stream.getvalue()


def everything(path: Path) -> Path:
    """Write an archive with some of every kind; of each is written beside it what it must be called."""
    array = io.BytesIO()
    np.save(array, np.zeros(3))
    make_zip(path, {
        **two_classes(), "a/copy.png": png(picture(1)), "a/tiny.png": png(picture(51, 8, 40)),
        "a/pointer.png": POINTER, "a/empty.png": b"", "b/page.jpg": b"<!doctype html><p>404", "b/scan.png": NIFTI,
        "b/scan.nii": NIFTI, "b/values.npy": array.getvalue(), "b/text.png": b"text", "DICOMDIR": dicomdir(),
        "readme.txt": b"text", "labels.csv": POINTER, "paper.pdf": b"%PDF", "old.rar": b"Rar!\x1a\x07\0", "run.py": b"",
        "b/deep.zip": _archive({"1.png": png(picture(71)), "in.zip": _archive({"x.png": b"x"}), "e.zip": _archive({})}),
        "masks/a/0.png": png(picture(72)), "secret/1.png": b"1", "a/phone.heic": b"\0\0\0\x18ftypheic",
        "b/pages.tif": encode(picture(80), "TIFF", save_all=True, append_images=[]),
    })  # fmt: skip
    with zipfile.ZipFile(path, "a") as opened:
        info = zipfile.ZipInfo("a/link.png")
        info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        opened.writestr(info, "../b/0.png")
    return encrypted(path, b"secret/1.png")


def test_all_that_lies_in_an_archive_is_in_the_totals(tmp_path, make_config, caplog):
    path = everything(tmp_path / "archive.zip")
    settings = {"exclude": ["masks/*"], "classes": ["a", "b"]}
    with caplog.at_level(logging.INFO):
        catalog = build_catalog(path, dataset_of(make_config, **settings), tmp_path / "catalog.csv")
    metrics = summarise(catalog, "test", {})
    assert metrics["left_out"] == {
        "DICOM directory": 1, "Git LFS pointer": 1, "archive": 3, "array": 1, "code": 1, "document": 1, "link": 1,
        "password": 1, "table or text": 1, "volume": 1,
    }  # fmt: skip
    assert metrics["excluded"] == {
        "not an image": 1, "too small": 1, "exact duplicate": 1, "Git LFS pointer": 1, "zero bytes": 1, "web page": 1,
        "volume": 1, "unread format": 1,
    }  # fmt: skip
    assert accounted(metrics) == metrics["members"] and metrics["excluded_by_pattern"] == 1
    assert metrics["images_found"] == metrics["images_kept"] + sum(metrics["excluded"].values())
    for words in (
        "2 Git LFS pointers (a/pointer.png, labels.csv): `git lfs pull`",
        "2 volumes (b/scan.nii, b/scan.png)",
        "1 link (a/link.png): links are not followed",
        "1 file with a password (secret/1.png): pack them again",
        "3 archives (",
    ):  # fmt: skip
        assert words in caplog.text
    assert "readme" not in json.dumps(metrics) and "pointer.png" not in json.dumps(metrics)
    assert "left out: 1 DICOM directory, 1 Git LFS pointer, 3 archives" in describe(metrics)


def test_reasons_say_what_to_do(build):
    _, rows = build({**two_classes(), "a/p.png": POINTER, "a/h.png": b"<html>", "a/0 bytes.png": b""})
    assert rows["a/p.png"].reason == "Git LFS pointer: `git lfs pull` fetches the picture that it stands for"
    assert rows["a/h.png"].reason.startswith("web page: ") and rows["a/0 bytes.png"].reason.startswith("zero bytes: ")


def test_a_label_table_leaves_nothing_out_unsaid(build):
    members = {f"p/{number}.png": png(picture(number)) for number in range(8)}
    table = "\n".join(["id,label", *(f"{number},{'ab'[number % 2]}" for number in range(8))])
    labels = {"table": "t.csv", "id": "id", "member_pattern": r"^p/(?P<id>\d+)\.png$", "column": "label"}
    more = {"t.csv": table.encode(), "other/9.png": png(picture(90)), "v.nii": NIFTI, "notes.md": b"x"}
    catalog, _ = build({**members, **more}, labels=labels)
    metrics = summarise(catalog, "test", {})
    assert metrics["left_out"] == {"table or text": 1, "volume": 1} and accounted(metrics) == metrics["members"] == 12


def test_an_error_names_the_classes_and_the_first_files_of_each_reason(build):
    members = {f"{label}/{number}.png": POINTER for label in "ab" for number in range(9)}
    members |= {f"a/cut {number}.png": png(picture(number))[:60] for number in range(5)}
    with pytest.raises(ChestbenchError) as raised:
        build({**members, "v/1.nii": NIFTI})
    text = str(raised.value)
    assert "23 files of which none can be used (classes and their files: 'a' 14, 'b' 9)" in text
    assert "5 unreadable, 18 Git LFS pointer" in text and "beside them 1 volume" in text
    assert "a/0.png (Git LFS pointer: `git lfs pull`" in text and "a/cut 2.png (unreadable: truncated" in text
    assert "a/cut 3.png" not in text and "a/3.png" not in text


def test_a_pacs_export_is_read_by_the_folders_above_the_series(build, caplog):
    members: dict[str, bytes] = {"DICOMDIR": dicomdir(), "viewer/start.exe": b"MZ", "autorun.inf": b"[autorun]"}
    for number in range(12):
        label, patient = ("COVID", "Normal")[number % 2], f"P{number:03d}"
        for image in range(2):
            members[f"{label}/{patient}/ST0/SE{image}/IM{image:06d}"] = make_dicom(
                picture(100 + 2 * number + image), patient=f"secret {number}", study=f"1.2.{number}"
            )
    with caplog.at_level(logging.INFO):
        catalog, _ = build(members)
    metrics = summarise(catalog, "test", {})
    assert metrics["images_kept"] == 24 and metrics["left_out"] == {"DICOM directory": 1, "code": 2}
    assert not metrics["excluded"] and metrics["groups"] == 12 and metrics["split_unit"] == "patient"
    assert "1 DICOM directory (DICOMDIR)" in caplog.text and "secret" not in caplog.text


def packed(root: Path, tmp_path: Path, make_config, **settings) -> Catalog:
    (tmp_path / "raw").mkdir(exist_ok=True)
    folder.fetch(described(path=str(root)), tmp_path / "raw")
    return build_catalog(tmp_path / "raw" / "archive.zip", dataset_of(make_config, **settings), tmp_path / "c.csv")


def laid_out(root: Path) -> Path:
    for name, data in two_classes().items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def test_class_folders_without_a_picture_are_named(tmp_path, make_config, caplog):
    root = laid_out(tmp_path / "set")
    (root / "Viral Pneumonia").mkdir()
    (root / "volumes").mkdir()
    (root / "volumes" / "1.nii").write_bytes(NIFTI)
    (root / "linked").symlink_to(root / "a")
    (root / "a" / "empty series").mkdir()
    catalog = packed(root, tmp_path, make_config)
    assert catalog.folders_without_picture == ["Viral Pneumonia", "linked", "volumes"]
    assert "class folder 'Viral Pneumonia' holds no picture: it is empty" in caplog.text
    assert "class folder 'linked' holds no picture: it is a link, which is not followed" in caplog.text
    assert (
        "the folder 'volumes' beside the class folders holds no picture: it is without pictures (1 volume)"
        in caplog.text
    )
    assert accounted(summarise(catalog, "test", {})) == catalog.members == 10


@pytest.mark.parametrize(("name", "words"), [("empty", "which is empty"), ("linked", "a link, which is not followed")])
def test_a_class_folder_without_a_picture_is_an_error_where_it_is_asked_for(tmp_path, make_config, name, words):
    root = laid_out(tmp_path / "set")
    (root / "empty").mkdir()
    (root / "linked").symlink_to(root / "a")
    with pytest.raises(ChestbenchError, match=rf"class '{name}'.*{words}"):
        packed(root, tmp_path, make_config, classes=["a", "b", name])


def test_folders_of_a_zip_count_as_well(tmp_path, make_config):
    path = make_zip(tmp_path / "archive.zip", {**two_classes(), "c/": b"", "d/.hidden": b"x"})
    catalog = build_catalog(path, dataset_of(make_config), tmp_path / "catalog.csv")
    assert catalog.folders_without_picture == ["c"]


def test_large_files_of_other_kinds_are_not_read_to_their_end(tmp_path, make_config, monkeypatch):
    from chestbench.datasets.archive import Archive

    read, whole = [], Archive.read
    monkeypatch.setattr(Archive, "read", lambda self, member: (read.append(member), whole(self, member))[1])
    big = NIFTI + bytes(1 << 20)
    path = make_zip(tmp_path / "archive.zip", {**two_classes(), "a/v.nii": big, "a/p.dat.txt": png(picture(90))})
    build_catalog(path, dataset_of(make_config), tmp_path / "catalog.csv")
    assert "a/v.nii" not in read and "a/p.dat.txt" in read
    rows = {row.member: row.status for row in read_rows(tmp_path / "catalog.csv", CatalogRow)}
    assert rows["a/p.dat.txt"] == "kept", "a picture under any name is a picture"


def test_the_two_files_of_a_volume_are_one_kind(build):
    analyze = struct.pack(">i", 348) + bytes(36) + struct.pack(">h", 3) + bytes(306)
    catalog, rows = build({**two_classes(), "a/v.hdr": analyze, "a/v.img": b"x" * 99, "b/w.mhd": b"NDims = 3",
                           "b/w.raw": b"y" * 99, "b/lonely.raw": b"z" * 99})  # fmt: skip
    assert rows["b/lonely.raw"].reason == "not an image" and rows["a/v.hdr"].reason.startswith("volume: ")
    assert catalog.left_out == {"volume": 3} and "a/v.img" not in rows


def test_a_class_whose_files_are_all_locked_is_named(tmp_path, make_config, caplog):
    path = encrypted(make_zip(tmp_path / "archive.zip", {**two_classes(), "c/secret.png": b"x"}), b"c/secret.png")
    catalog = build_catalog(path, dataset_of(make_config), tmp_path / "catalog.csv")
    assert catalog.folders_without_picture == ["c"] and "'c' beside the class folders holds no picture" in caplog.text


def test_a_class_that_the_parameters_name_themselves_needs_no_folder(tmp_path, make_config):
    path = make_zip(tmp_path / "archive.zip", {**two_classes(), "c/": b""})
    with pytest.raises(ChestbenchError, match="class 'c'"):
        build_catalog(path, dataset_of(make_config, classes=["a", "c"]), tmp_path / "catalog.csv")
    settings = dataset_of(make_config, classes=["a", "c"], class_names={"b": "c"})
    empty_folders.check_named_classes(open_archive(path), settings)
