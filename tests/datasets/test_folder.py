"""A local zip is copied; a local folder is packed into the same bytes on every machine."""

import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.datasets import base, bounds, folder
from chestbench.datasets.archive import open_archive
from chestbench.datasets.opened import OpenedFolder
from chestbench.datasets.packing import pack
from tests.datasets.test_base import described

NAMES = ["COVID/1.png", "정상/환자 하나.png", 'it\'s "it"/a\nb.png', "COVID/sub dir/notes.txt", "COVID/z.png"]


def filled(root: Path, names: list[str] = NAMES) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode() * 3)
    return root


def packed(root: Path, raw: Path) -> bytes:
    raw.mkdir()
    folder.fetch(described(path=str(root)), raw)
    return (raw / "archive.zip").read_bytes()


def refused(path: object, raw: Path, **changes: object) -> str:
    raw.mkdir()
    with pytest.raises(ChestbenchError) as error:
        folder.fetch(described(path=str(path), **changes), raw)
    return str(error.value)


def test_every_visible_file_is_packed_under_its_name(tmp_path):
    packed(filled(tmp_path / "my images 한국 'q'"), tmp_path / "raw")
    with open_archive(tmp_path / "raw" / "archive.zip") as archive:
        assert archive.members == sorted(NAMES)
        assert all(archive.read(name) == name.encode() * 3 for name in NAMES)


def test_the_same_files_give_the_same_bytes_whatever_their_order_times_and_permissions(tmp_path):
    first, second = filled(tmp_path / "first"), filled(tmp_path / "elsewhere" / "second", NAMES[::-1])
    for number, name in enumerate(NAMES):
        os.utime(second / name, (1_000_000_000 + number, 1_500_000_000 + number))
        (second / name).chmod(0o600)
    assert packed(first, tmp_path / "raw1") == packed(second, tmp_path / "raw2")


def test_changed_content_or_name_changes_the_bytes(tmp_path):
    root = filled(tmp_path / "mine")
    before = packed(root, tmp_path / "raw1")
    (root / NAMES[0]).write_bytes(b"other")
    changed = packed(root, tmp_path / "raw2")
    (root / NAMES[0]).rename(root / "COVID/renamed.png")
    assert len({before, changed, packed(root, tmp_path / "raw3")}) == 3


def test_nothing_is_compressed_and_times_are_fixed(tmp_path):
    packed(filled(tmp_path / "mine"), tmp_path / "raw")
    with zipfile.ZipFile(tmp_path / "raw" / "archive.zip") as opened:
        assert {info.compress_type for info in opened.infolist()} == {zipfile.ZIP_STORED}
        assert {info.date_time for info in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_hidden_files_are_left_out(tmp_path):
    hidden = [
        "a/@eaDir/1.png/THUMB_M.jpg",
        "lost+found/7.png",
        ".hidden.png",
        "a/.cache/x.png",
        "__MACOSX/a/._1.png",
        "a/Thumbs.db",
        "a/.DS_Store",
    ]
    packed(filled(tmp_path / ".mine", [*hidden, "a/1.png"]), tmp_path / "raw")
    assert open_archive(tmp_path / "raw" / "archive.zip").members == ["a/1.png"]


def test_links_to_files_are_followed_links_to_folders_are_not_and_loops_end(tmp_path, caplog):
    outside = filled(tmp_path / "outside", ["real.png", "class/other.png"])
    root = filled(tmp_path / "mine", ["a/1.png"])
    (root / "a" / "linked.png").symlink_to(outside / "real.png")
    (root / "a" / "broken.png").symlink_to(outside / "missing.png")
    (root / "a" / "loop.png").symlink_to(root / "a" / "loop.png")
    (root / "loop").symlink_to(root)
    (root / "b").symlink_to(outside / "class")
    os.mkfifo(root / "a" / "pipe.png")
    packed(root, tmp_path / "raw")
    with open_archive(tmp_path / "raw" / "archive.zip") as archive:
        assert archive.members == ["a/1.png", "a/linked.png"]
        assert archive.read("a/linked.png") == b"real.png" * 3
        assert archive.left_out == {
            "link": ["a/broken.png", "a/loop.png", "b", "loop"],
            "FIFO": ["a/pipe.png"],
        }
    for said in ("a/broken.png (broken link)", "a/loop.png (link that leads to itself)", "a/pipe.png (FIFO)"):
        assert said in caplog.text
    assert "b, loop (link to a folder)" in caplog.text


def test_empty_folders_and_links_of_git_annex_stand_in_the_zip_by_name(tmp_path):
    root = filled(tmp_path / "mine", ["a/1.png", "hidden only/.keep"])
    (root / "empty" / "deeper").mkdir(parents=True)
    (root / "a" / "2.png").symlink_to(Path("../.git/annex/objects/x/SHA256E-s1--0.png"))
    packed(root, tmp_path / "raw")
    with open_archive(tmp_path / "raw" / "archive.zip") as archive:
        assert archive.folders == ["a", "empty", "empty/deeper", "hidden only"]
        assert archive.left_out == {"git-annex pointer": ["a/2.png"]}
    assert b".git" not in (tmp_path / "raw" / "archive.zip").read_bytes()


def test_a_zip_is_copied_as_it_is(tmp_path):
    path = tmp_path / "my images.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("a/1.png", b"1" * 5_000_000)
    assert packed(path, tmp_path / "raw") == path.read_bytes()


def test_a_bad_zip_is_refused_before_it_is_copied(tmp_path):
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr("../evil.png", b"1")
    assert "points out of it" in refused(path, tmp_path / "raw")
    assert not list((tmp_path / "raw").iterdir())


@pytest.mark.parametrize("names", [[], [".hidden"]])
def test_a_folder_without_visible_files_is_refused(tmp_path, names):
    (tmp_path / "mine").mkdir()
    assert "without any visible file" in refused(filled(tmp_path / "mine", names), tmp_path / "raw")


def test_what_is_not_there_or_neither_folder_nor_zip(tmp_path):
    missing = refused(tmp_path / "missing", tmp_path / "raw1")
    assert "there is nothing" in missing and "-S dataset.path=" in missing
    (tmp_path / "x.bin").write_text("tar")
    assert "neither" in refused(tmp_path / "x.bin", tmp_path / "raw2")
    (tmp_path / "x.tar").write_text("tar")
    assert "expected the whole archive that the name says" in refused(tmp_path / "x.tar", tmp_path / "raw3")


def test_a_relative_path_starts_here_and_a_queued_experiment_gets_a_hint(tmp_path, monkeypatch):
    filled(tmp_path / "images", ["a/1.png"])
    (tmp_path / "repository").mkdir()
    monkeypatch.chdir(tmp_path / "repository")
    monkeypatch.delenv("DVC_ROOT", raising=False)
    assert folder.check(described(path="../images")) == Path("../images")
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    with pytest.raises(ChestbenchError, match="queued"):
        folder.check(described(path="../missing"))


def test_the_home_folder_is_expanded_where_dvc_does_not_watch_it(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(filled(tmp_path / "home", ["images/a/1.png"])))
    assert folder.check(described(path="~/images", watch="nowhere")) == tmp_path / "home" / "images"
    with pytest.raises(ChestbenchError, match=str(tmp_path / "home" / "images")):
        folder.check(described(path="~/images", watch="~/images"))


@pytest.mark.parametrize("path", [".", "..", "/", "data", "data/raw"])
def test_a_folder_around_the_outputs_is_refused(tmp_path, monkeypatch, path):
    repository = filled(tmp_path / "repository", ["data/raw/archive.zip", "data/mine/a/1.png"])
    monkeypatch.chdir(repository)
    with pytest.raises(ChestbenchError, match="repository or its outputs"):
        folder.check(described(path=path))
    assert folder.check(described(path="data/mine")).is_dir()


def written(root: Path, name: bytes) -> None:
    """Write a file by the bytes of its name."""
    root.mkdir(parents=True, exist_ok=True)
    try:
        Path(os.fsdecode(os.fsencode(root) + b"/" + name)).write_bytes(b"1")
    except OSError:
        pytest.skip("this file system has no such names")


@pytest.mark.parametrize(
    ("name", "shown"), [(b"a\\b.png", "a%5Cb.png"), (b"\xbf\xa1.png", "%BF%A1.png"), (b"C:x.png", "C:x.png")]
)
def test_a_file_of_an_unusable_name_is_left_out_by_a_safe_one(tmp_path, name, shown, caplog):
    root = filled(tmp_path / "mine", ["COVID/1.png", "Normal/2.png"])
    written(root / "COVID", name)
    packed(root, tmp_path / "raw")
    with open_archive(tmp_path / "raw" / "archive.zip") as archive, OpenedFolder(root) as opened:
        for one in (archive, opened):
            if shown == "C:x.png":  # no drive letter within a path
                assert f"COVID/{shown}" in one.members
                continue
            assert one.members == ["COVID/1.png", "Normal/2.png"]
            assert one.left_out == {"file with an unusable name": [f"COVID/{shown}"]}
    if shown != "C:x.png":
        assert f"COVID/{shown} (file with an unusable name)" in caplog.text


@pytest.mark.parametrize("name", [b"a\\b.png", b"\xbf\xa1.png", b"C:x.png"])
def test_a_folder_of_unusable_names_alone_is_refused(tmp_path, name):
    written(tmp_path / "mine", name)
    assert "1 files of unusable names alone, such as" in refused(tmp_path / "mine", tmp_path / "raw")


def test_names_that_dvc_cannot_read_stop_a_run_before_it(tmp_path):
    root = filled(tmp_path / "mine", ["COVID/1.png"])
    written(root / "COVID", b"caf\xe9.png")
    with pytest.raises(ChestbenchError, match=r"as DVC reads no others, received b'COVID/caf\\xe9.png'"):
        base.check_source(described(path=str(root)))


def test_a_member_of_a_tar_whose_name_is_no_utf8_is_left_out(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w", format=tarfile.GNU_FORMAT, encoding="latin-1") as archive:
        for name in ("covid/1.png", "covid/café.png", "normal/1.png"):
            info = tarfile.TarInfo(name)
            info.size = 1
            archive.addfile(info, io.BytesIO(b"1"))
    with open_archive(tmp_path / "a.tar") as opened:
        assert opened.members == ["covid/1.png", "normal/1.png"]
        assert opened.left_out == {"file with an unusable name": ["covid/caf%E9.png"]}


def test_two_spellings_of_one_name_are_refused(tmp_path):
    names = ["a/\uac00.png", "a/\u1100\u1161.png"]
    root = filled(tmp_path / "mine", names)
    if len(list((root / "a").iterdir())) < 2:
        pytest.skip("this file system holds both for one name")
    assert "two spellings" in refused(root, tmp_path / "raw")


def test_a_file_too_large_for_a_picture_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(bounds, "MAX_MEMBER_BYTES", 10)
    assert "'COVID/1.png' of 33 bytes" in refused(filled(tmp_path / "mine", ["COVID/1.png"]), tmp_path / "raw")


def test_a_hidden_folder_with_pictures_is_named_in_a_folder_and_in_its_zip(tmp_path: Path) -> None:
    for name in ("covid/1.png", ".pneumonia/1.png", "covid/.trash/2.png", ".git/x", "covid/._1.png"):
        (tmp_path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / name).write_bytes(b"x" * 30)
    (tmp_path / "set/.empty").mkdir()
    with OpenedFolder(tmp_path / "set") as opened:
        assert opened.members == ["covid/1.png"]
        assert opened.left_out == {"hidden folder": [".pneumonia", "covid/.trash"]}
    pack(tmp_path / "set", tmp_path / "set.zip")
    with open_archive(tmp_path / "set.zip") as packed:
        assert packed.members == ["covid/1.png"]
        assert packed.left_out == {"hidden folder": [".pneumonia", "covid/.trash"]}
    with zipfile.ZipFile(tmp_path / "plain.zip", "w") as plain:
        for name in ("covid/1.png", ".pneumonia/1.png", ".pneumonia/2.png", ".DS_Store", "__MACOSX/.a/1.png"):
            plain.writestr(name, b"x")
    with open_archive(tmp_path / "plain.zip") as read:
        assert read.left_out == {"hidden folder": [".pneumonia"]}
