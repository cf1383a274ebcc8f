"""`chestbench look` on data as they come: tar.gz, npz, zips in a zip, a lone table, a DICOM export without endings."""

import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from chestbench.__main__ import main
from tests.cli.test_look import _draw, _look, _refused, workplace  # noqa: F401
from tests.imaging.dicoms import PRIVATE, make_dicom
from tests.imaging.pictures import make_zip, picture, png


def _members(count: int = 16) -> dict[str, bytes]:
    return {
        f"set/{name}/{n}.png": png(picture(n + 100 * (name == "sick")))
        for name in ("sick", "well")
        for n in range(count)
    }


def _zip(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def _first(text: str) -> list[str]:
    return text.splitlines()[:10]


@pytest.mark.parametrize("ending", ["tar.gz", "tgz", "tar"])
def test_a_tar(ending: str, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    path = tmp_path / f"scans.{ending}"
    with tarfile.open(path, "w" if ending == "tar" else "w:gz") as archive:
        for name, data in _members().items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    text, page = _look(capsys, path)
    assert (
        text.startswith(f"scans.{ending}: 2 classes, 32 pictures; 32 files, ") and "classes   sick 16, well 16" in text
    )
    assert (
        f"-S dataset.path={path} -S dataset.name=scans" in text.replace("\\\n    ", "") and page.count("<figure>") == 2
    )


def _arrays(path: Path, **more: np.ndarray) -> Path:
    arrays = {}
    for place, (part, count) in enumerate({"train": 40, "val": 10, "test": 12}.items()):
        arrays[f"{part}_images"] = np.stack([picture(1000 * place + n)[:28, :28] for n in range(count)])
        arrays[f"{part}_labels"] = (np.arange(count) % 2).astype(np.uint8)[:, None]
    np.savez(path, **(arrays | more))
    return path


def test_an_npz_of_medmnist(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    text, _ = _look(capsys, _arrays(tmp_path / "med.npz"))
    assert text.startswith("med.npz: 2 classes, 62 pictures; arrays of 62 pictures, ")
    assert "classes   0 31, 1 31" in text and "split     given by the data, and kept: train 40, val 10, test 12" in text
    assert "read from the arrays of labels" in text and "level 2" not in text and "folders are read" not in text
    text, _ = _look(capsys, tmp_path / "med.npz", "dataset.class_names={0: normal, 1: pneumonia}")
    assert "classes   normal 31, pneumonia 31" in text and "0 is read as normal" in text


@pytest.mark.parametrize("name", ["set.npz", "set.tar.gz", "set.tgz"])
def test_a_part_of_an_archive_is_called_so(name: str, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    whole = _arrays(tmp_path / "whole.npz").read_bytes()
    for content in (whole[: len(whole) // 2], b"", b"a page that says the file is not there"):
        (tmp_path / name).write_bytes(content)
        told = _refused(capsys, tmp_path / name)
        assert f"{len(content):,} bytes are none or only the beginning of one; copy or download it again" in told


def test_a_file_of_a_published_name_is_pointed_to_its_description(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    text, _ = _look(capsys, _arrays(tmp_path / "pneumoniamnist_128.npz"))
    assert "conf/dataset/pneumoniamnist.yaml" in text and "dataset=pneumoniamnist" in text
    text, _ = _look(capsys, _arrays(tmp_path / "data.npz"))
    assert "conf/dataset/" not in text


def test_an_npz_of_other_arrays_is_told(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    np.savez(tmp_path / "other.npz", x=np.zeros((4, 4)), y=np.zeros(3))
    told = _refused(capsys, tmp_path / "other.npz")
    assert "expected pictures, or the arrays of MedMNIST" in told and "received other arrays: x.npy, y.npy" in told


@pytest.mark.parametrize("beside", ["zip", "folder"])
def test_zips_in_a_zip_and_in_a_folder(beside: str, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    inner = {
        f"{name}.zip": _zip({f"{n}.png": png(picture(n + 100 * (name == "sick"))) for n in range(16)})
        for name in ("sick", "well")
    }
    if beside == "zip":
        path = make_zip(tmp_path / "outer.zip", inner | {"README.md": b"hello"})
    else:
        path = tmp_path / "outer"
        path.mkdir()
        for name, data in (inner | {"README.md": b"hello"}).items():
            (path / name).write_bytes(data)
    text, _ = _look(capsys, path)
    assert text.startswith(f"{path.name}: 2 classes, 32 pictures; 33 files, ")
    assert "classes   sick 16, well 16" in text and "left out  1 table or text" in text


def test_a_zip_that_lies_too_deep_is_named(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    deep = make_zip(tmp_path / "deep.zip", {"a.zip": _zip({"b.zip": _zip({"c.zip": _zip(_members(2))})})})
    assert "1 archive ('a/b.zip')" in _refused(capsys, deep)
    beside = make_zip(tmp_path / "some.zip", _members() | {"more.zip": _zip({"b.zip": _zip({"c.zip": b"x"})})})
    text, _ = _look(capsys, beside)
    assert "left out  1 archive: it lies too deep" in text


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("labels.csv", "give the folder that holds this table and the pictures"),
        ("labels.xlsx", "give the folder that holds this table and the pictures"),
        ("one.png", "give the folder that holds the folders of pictures"),
        ("scan.dcm", "give the folder that holds the folders of pictures"),
        ("set.7z", "unpack other kinds of archives into a folder first"),
    ],
)
def test_a_lone_file_is_told_what_to_give_instead(
    name: str, instead: str, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    (tmp_path / name).write_bytes(b"id,class\n1,sick\n")
    assert instead in _refused(capsys, tmp_path / name)


def test_the_folder_of_a_lone_table_shows_the_line(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    data = _draw(tmp_path / "d", {"pictures": 40})
    rows = "\n".join(f"{number}.png,{'sick' if number % 2 else 'well'}" for number in range(40))
    (data / "labels.csv").write_text(f"file,finding\n{rows}\n")
    text, _ = _look(capsys, data, status=1)
    assert "column:finding" in text and f"chestbench look {data}" in text.replace("\\\n    ", "")


def test_an_export_without_endings(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    data = tmp_path / "export"
    for patient in range(16):
        for number in range(2):
            name = f"{('well', 'sick')[patient % 2]}/PAT{patient:04d}/STU00000/SER0000{number}/IMG00000"
            file = data / name
            file.parent.mkdir(parents=True)
            file.write_bytes(make_dicom(picture(10 * patient + number), patient=f"SECRET^{patient}"))
    (data / "DICOMDIR").write_bytes(bytes(128) + b"DICM" + bytes(100))
    text, page = _look(capsys, data)
    first = _first(text)
    assert first[0].startswith("export: 2 classes, 32 pictures; 33 files, ") and "(33 without an ending)" in first[0]
    assert "classes   sick 16, well 16" in first and any(line.startswith("patients  16 patients") for line in first)
    assert "left out  1 DICOM directory: an index of DICOM files" in "\n".join(first)
    for secret in ("SECRET", *PRIVATE):
        assert secret not in text + page


def test_an_export_without_classes_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    for patient in range(12):
        file = tmp_path / "pacs" / f"{patient:08X}" / "00000001" / "0000000A"
        file.parent.mkdir(parents=True)
        file.write_bytes(make_dicom(picture(patient), patient=f"P{patient}"))
    text, _ = _look(capsys, tmp_path / "pacs", status=1)
    assert "expected a folder per class" in text and "No line is known that mends this" in text
    assert text.rstrip().splitlines()[-3].startswith(f"chestbench look {tmp_path}")


@pytest.mark.parametrize(
    ("pictures", "masks"),
    [
        ("MontgomerySet/CXR_png/MCUCXR_{n:04}_{k}.png", "MontgomerySet/ManualMask/leftMask/MCUCXR_{n:04}_{k}.png"),
        ("CXR_png/CHNCXR_{n:04}_{k}.png", "mask/CHNCXR_{n:04}_{k}_mask.png"),
    ],
)
def test_a_digit_at_the_end_of_names_is_offered_beside_masks(pictures: str, masks: str, tmp_path: Path, capsys) -> None:
    for number in range(24):
        for form in (pictures, masks):
            path = tmp_path / "set" / form.format(n=number, k=number % 2)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(png(picture(number)))
    assert main(["look", str(tmp_path / "set")]) == 1
    text = capsys.readouterr().out
    assert "It is not read" in text and "(0 12, 1 12, by the pictures' names)" in " ".join(text.split())
    read = _look(capsys, tmp_path / "set", r'dataset.labels="[_. -](?P<label>[01])\.[^./]+$"')[0]
    assert "classes   0 12, 1 12" in read


def test_an_inner_zip_with_a_password_is_left_out_with_its_name(tmp_path: Path, capsys) -> None:
    folder = _draw(tmp_path / "d", {"covid": 16, "normal": 16})
    data = bytearray(_zip({f"p{n}.png": png(picture(n)) for n in range(3)}))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + flags] |= 1
            at = data.find(signature, at + 4)
    (folder / "pneumonia.zip").write_bytes(data)
    text = " ".join(_look(capsys, folder)[0].split())
    assert "classes covid 16, normal 16" in text and "3 files with a password left out: pneumonia/p0.png" in text


def test_too_little_for_any_split_is_not_said_to_be_allowed(tmp_path: Path, capsys) -> None:
    text = " ".join(_look(capsys, _draw(tmp_path / "d", {"a": 2, "b": 1}))[0].split())
    assert "dataset.allow_tiny=true cannot help" in text and "refused unless" not in text
