"""Whatever a path leads to, it is told by asking, and nothing is opened that never ends or never begins."""

import os
import socket
from pathlib import Path

import pytest

from chestbench.core import gate
from chestbench.core.errors import ChestbenchError
from chestbench.core.gate import kind_of, read_file, require_file, walk_files


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


def test_a_file_that_is_too_large_or_grows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"123456")
    with pytest.raises(ChestbenchError, match=r"at most 5 bytes, received .* of 6"):
        read_file(tmp_path / "a", "x", 5)
    monkeypatch.setattr(gate, "require_file", lambda *_: 4)  # what it was a moment before
    with pytest.raises(ChestbenchError, match="changed while it was read"):
        read_file(tmp_path / "a", "x", 5)


@pytest.mark.parametrize("kind", ["fifo", "socket", "loop"])
def test_a_folder_that_holds_what_is_no_file_is_refused_by_name(odd: dict[str, Path], kind: str) -> None:
    with pytest.raises(ChestbenchError, match=f"x: expected files and folders, received .*{kind}"):
        list(walk_files(odd["folder"], "x"))


def test_a_folder_that_links_to_itself_ends(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/up").symlink_to(tmp_path / "a")
    with pytest.raises(ChestbenchError, match=r"leads back to a folder around it: 'a/b/up'"):
        list(walk_files(tmp_path, "x"))


def test_files_come_in_order_and_linked_folders_once_each(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "a/1").write_bytes(b"1")
    (tmp_path / "broken").symlink_to("nowhere")
    found = [(path.relative_to(tmp_path).as_posix(), size.st_size) for path, size in walk_files(tmp_path, "x")]
    assert found == [("a/1", 1), ("b/1", 1)]


def test_a_folder_of_too_many_files_is_another_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        (tmp_path / name).touch()
    monkeypatch.setattr(gate, "MOST_FILES", 2)
    with pytest.raises(ChestbenchError, match="more than 2 files"):
        list(walk_files(tmp_path, "x"))
