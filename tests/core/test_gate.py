"""Whatever a path leads to, it is told by asking, and nothing is opened that never ends or never begins."""

import os
import socket
from pathlib import Path

import pytest

from chestbench.core import folder_walk, gate
from chestbench.core.errors import ChestbenchError
from chestbench.core.folder_walk import check_folder, walk
from chestbench.core.gate import kind_of, pieces, read_file, require_file


@pytest.fixture
def odd(tmp_path: Path) -> dict[str, Path]:
    """A path of each kind."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "broken").symlink_to("nowhere")
    (tmp_path / "file").write_bytes(b"12345")
    opened = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(tmp_path)  # the name of a socket may have some 100 letters
    opened.bind("socket")
    os.chdir(here)
    opened.close()
    names = ("fifo", "loop", "broken", "file", "socket", "absent")
    return {name: tmp_path / name for name in names} | {"zero": Path("/dev/zero"), "folder": tmp_path}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("fifo", "FIFO"),
        ("loop", "link that leads to itself"),
        ("broken", "broken link"),
        ("file", "file"),
        ("socket", "socket"),
        ("absent", "nothing"),
        ("zero", "device"),
        ("folder", "folder"),
    ],
)
def test_what_a_path_is(odd: dict[str, Path], name: str, kind: str) -> None:
    assert kind_of(odd[name]) == kind
    if kind == "file":
        assert require_file(odd[name], "x") == 5 and read_file(odd[name], "x", 5) == b"12345"
    else:
        with pytest.raises(ChestbenchError, match=r"key: expected a file, received .*which is (a )?" + kind):
            read_file(odd[name], "key", 100)


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"123456")
    with pytest.raises(ChestbenchError, match=r"at most 5 bytes, received .* of 6"):
        read_file(tmp_path / "a", "x", 5)


def test_a_fifo_put_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(OSError, match="no regular file any more"):
        gate.open_regular(tmp_path / "fifo")


@pytest.mark.parametrize("grows", [True, False])
def test_a_file_that_changes_while_it_is_read_ends(tmp_path: Path, grows: bool) -> None:
    (tmp_path / "a").write_bytes(b"1" * (3 << 20))
    with gate.open_regular(tmp_path / "a") as stream, open(tmp_path / "a", "ab") as writer:
        read = 0
        with pytest.raises(ChestbenchError, match="x: expected a file that nobody writes to, received 'a', whose size"):
            for piece in pieces(stream, "a", "x"):
                read += len(piece)
                writer.write(b"2" * (2 << 20)) if grows else writer.truncate(2 << 20)
                writer.flush()
    assert read <= 3 << 20


def test_what_lies_in_a_folder_is_told_by_name_and_kind(odd: dict[str, Path]) -> None:
    folder = odd["folder"]
    (folder / "deep" / "deeper").mkdir(parents=True)
    (folder / "deep" / "deeper" / "file").write_bytes(b"12")
    (folder / "deep" / "up").symlink_to(folder)
    (folder / "deep" / "zero").symlink_to("/dev/zero")
    (folder / "deep" / "linked").symlink_to(folder / "file")
    assert [tuple(found) for found in walk(folder, "x")] == [
        ("broken", "broken link", 0),
        ("deep", "folder", 0),
        ("fifo", "FIFO", 0),
        ("file", "file", 5),
        ("loop", "link that leads to itself", 0),
        ("socket", "socket", 0),
        ("deep/deeper", "folder", 0),
        ("deep/linked", "file", 5),
        ("deep/up", "link to a folder", 0),
        ("deep/zero", "device", 0),
        ("deep/deeper/file", "file", 2),
    ]
    assert [found.name for found in walk(folder, "x", lambda name: name in ("deep", "fifo"))] == [
        "broken",
        "file",
        "loop",
        "socket",
    ]


@pytest.mark.parametrize("kind", ["FIFO", "socket", "link that leads to itself", "broken link"])
def test_a_folder_that_dvc_cannot_hash_is_refused_by_name(odd: dict[str, Path], kind: str) -> None:
    for path in odd["folder"].iterdir():
        if kind_of(path) not in (kind, "file"):
            path.unlink()
    with pytest.raises(ChestbenchError, match=rf"x: expected files and folders that DVC can read, .*\({kind}\)"):
        check_folder(odd["folder"], "x")


def test_links_to_files_and_folders_are_no_reason_to_refuse(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/1").write_bytes(b"1")
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "a/up").symlink_to(tmp_path)
    (tmp_path / "2").symlink_to("a/1")
    check_folder(tmp_path, "x")


def test_a_folder_of_too_many_files_is_another_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        (tmp_path / name).touch()
    monkeypatch.setattr(folder_walk, "MOST_FILES", 2)
    with pytest.raises(ChestbenchError, match="more than 2 files"):
        list(walk(tmp_path, "x"))
