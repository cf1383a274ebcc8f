"""A dvc.lock that a dying process left empty or cut short is recognised, and brought back."""

import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from zc.lockfile import LockFile

from chestbench.core.dvc_lock import COPY, LOCK, is_whole, keep_copy, mend
from tests.conftest import ROOT

WHOLE = (ROOT / LOCK).read_bytes()
SMALL = b"schema: '2.0'\nstages:\n  a:\n    cmd: x\n    outs:\n    - {path: y, hash: md5, md5: '1', size: 1}\n"


def git(root: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=x", "-c", "user.email=x", *arguments], cwd=root, check=True, capture_output=True
    )


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"schema: '2.0'\n", b"\0" * 4096, b"stages: {}\n", b"- 1\n", b"\xff\xfe"]
)
def test_what_dvc_cannot_read_is_not_whole(content: bytes) -> None:
    assert not is_whole(content)


def test_the_repositorys_own_is_whole_and_its_pieces_are_not() -> None:
    assert is_whole(WHOLE) and is_whole(SMALL)
    # Writers fill the file in blocks.
    assert not any(is_whole(WHOLE[:size]) for size in range(4096, len(WHOLE), 4096))


@pytest.mark.parametrize("torn", [b"", WHOLE[:8192], b"\0" * 500])
def test_it_comes_back_from_the_copy_of_the_last_stage(tmp_path: Path, torn: bytes) -> None:
    (tmp_path / LOCK).write_bytes(WHOLE)
    keep_copy(tmp_path)
    assert mend(tmp_path) is None
    (tmp_path / LOCK).write_bytes(torn)
    keep_copy(tmp_path)
    told = mend(tmp_path) or ""
    assert (tmp_path / LOCK).read_bytes() == WHOLE and "the copy of the last stage" in told
    assert (tmp_path / COPY.parent / "dvc.lock.torn").read_bytes() == torn
    assert mend(tmp_path) is None


def test_it_comes_back_from_the_last_commit_where_there_is_no_copy(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / LOCK).write_bytes(SMALL)
    git(tmp_path, "add", LOCK)
    git(tmp_path, "commit", "-qm", "x")
    (tmp_path / LOCK).write_bytes(b"")
    assert "the last commit" in (mend(tmp_path) or "") and (tmp_path / LOCK).read_bytes() == SMALL


def test_it_is_left_alone_while_dvc_is_at_work(tmp_path: Path) -> None:
    """DVC holds its lock while it writes: what looks torn is then only not finished."""
    (tmp_path / LOCK).write_bytes(b"")
    (tmp_path / ".dvc/tmp").mkdir(parents=True)
    with closing(LockFile(str(tmp_path / ".dvc/tmp/lock"))):
        assert mend(tmp_path) is None and (tmp_path / LOCK).read_bytes() == b""
    assert mend(tmp_path)


def test_without_copy_and_commit_dvc_begins_anew(tmp_path: Path) -> None:
    (tmp_path / LOCK).write_bytes(b"")
    assert "DVC writes it anew" in (mend(tmp_path) or "") and not (tmp_path / LOCK).exists()
