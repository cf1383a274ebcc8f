"""The clone that a replication runs in: one tree, its own results, the shared cache; no trace outside of it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.repository import clone
from chestbench.repository.git import git, read_tree
from tests.cli.test_repro import pipeline  # noqa: F401 (a fixture)


@pytest.fixture
def root(pipeline: Path) -> Path:  # noqa: F811
    """A repository of DVC with one commit."""
    for name, text in {
        "src/a.py": "1",
        "src/gone.py": "1",
        "metrics/m.json": "{}",
        "metrics/sets/.gitkeep": "",
    }.items():
        (pipeline / name).parent.mkdir(parents=True, exist_ok=True)
        (pipeline / name).write_text(text)
    (pipeline / "dvc.lock").write_text("the repository's own")
    git(pipeline, "add", "-A")
    git(pipeline, "-c", "user.name=T", "-c", "user.email=t@example.invalid", "commit", "-qm", "Start")
    return pipeline


def files(folder: Path) -> dict[str, bytes]:
    """Return all files outside of .dvc/tmp, Git's refs and stash among them."""
    found = (path for path in folder.rglob("*") if path.is_file())
    outside = (path for path in found if not path.is_relative_to(folder / ".dvc/tmp"))
    skipped = {"index"}  # Git notes times in it
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in outside
        if not path.is_relative_to(folder / ".git/objects") and path.name not in skipped
    }


def prepared(root: Path) -> Path:
    folder = root / ".dvc/tmp/replications/x"
    clone.prepare(root, folder, read_tree(root))
    return folder


def test_a_clean_tree_is_its_commit(root: Path) -> None:
    tree = read_tree(root)
    assert tree.tree == tree.commit == git(root, "rev-parse", "HEAD") and not tree.changed and not tree.unknown
    assert tree.in_words() == f"commit {tree.commit[:12]}" and tree.left_out() == ""


def test_uncommitted_changes_are_part_of_the_run_and_said_unknown_files_are_not(root: Path) -> None:
    (root / "src/a.py").write_text("2")
    (root / "src/gone.py").unlink()
    (root / "src/new.py").write_text("3")
    (root / "conf").mkdir()
    (root / "conf/unknown.yaml").write_text("4")
    git(root, "add", "src/new.py")
    before = files(root)
    tree = read_tree(root)
    folder = prepared(root)
    assert files(root) == before, "no stash, no ref, no file"
    assert (folder / "src/a.py").read_text() == "2" and (folder / "src/new.py").read_text() == "3"
    assert not (folder / "src/gone.py").exists() and not (folder / "conf").exists()
    assert tree.changed == ["src/a.py", "src/gone.py", "src/new.py"] and "with uncommitted changes" in tree.in_words()
    assert "conf/unknown.yaml" in tree.left_out() and "git add" in tree.left_out()
    assert git(folder, "status", "--porcelain", "--", "src"), "a training says that code differs from the commit"


def test_the_parameters_alone_make_no_commit_dirty(root: Path) -> None:
    folder = prepared(root)
    clone.write_params(folder, "seed: 1\n")
    assert git(folder, "rev-parse", "HEAD") == git(root, "rev-parse", "HEAD")
    assert not git(folder, "status", "--porcelain", "--", "src", "stages", "conf", "params.yaml", "dvc.yaml")


def test_results_in_it_stay_and_the_repository_s_never_get_in(root: Path) -> None:
    before = files(root)
    folder = prepared(root)
    assert not (folder / "dvc.lock").exists() and not (folder / "metrics/m.json").exists()
    assert (folder / "metrics/sets/.gitkeep").is_file(), "a folder that a stage depends on"
    (folder / "dvc.lock").write_text("the clone's own")
    (folder / "metrics/m.json").write_text("its own")
    clone.write_params(folder, "seed: 1\n")
    (folder / ".git/index.lock").touch()  # of a Git that was killed
    git(root, "rm", "-q", "src/gone.py")
    git(root, "-c", "user.name=T", "-c", "user.email=t@example.invalid", "commit", "-qm", "Next")
    prepared(root)
    assert (folder / "dvc.lock").read_text() == "the clone's own" and (
        folder / "metrics/m.json"
    ).read_text() == "its own"
    assert not (folder / "src/gone.py").exists() and git(folder, "rev-parse", "HEAD") == git(root, "rev-parse", "HEAD")
    assert (root / "dvc.lock").read_text() == "the repository's own"
    assert files(root)["params.yaml"] == before["params.yaml"]


def test_both_have_one_cache(root: Path) -> None:
    folder = prepared(root)
    done = subprocess.run([sys.executable, "-m", "dvc", "cache", "dir"], cwd=folder, capture_output=True, text=True)
    assert Path(done.stdout.strip()) == root / ".dvc/cache"


@pytest.mark.parametrize("kind", ["worktree", "shallow"])
def test_from_a_linked_worktree_and_from_a_shallow_clone(root: Path, tmp_path: Path, kind: str) -> None:
    other = tmp_path / "other"
    if kind == "worktree":
        git(root, "worktree", "add", "-q", "--detach", str(other))
    else:
        git(root, "-c", "user.name=T", "-c", "user.email=t@example.invalid", "commit", "-qm", "2", "--allow-empty")
        git(tmp_path, "clone", "-q", "--depth=1", f"file://{root}", str(other))
    (other / "src/a.py").write_text("changed")
    folder = prepared(other)
    assert (folder / "src/a.py").read_text() == "changed"
    assert git(folder, "log", "--format=%H").split() == git(other, "log", "--format=%H").split()


def test_the_clone_runs_its_own_code_with_the_repository_s_store(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/somewhere/else")
    monkeypatch.setenv("PYTHONPATH", "more")
    found = clone.environment(root, root / "clone")
    assert found["PYTHONPATH"].split(os.pathsep) == [str(root / "clone/src"), "more"] and found["DVC_ROOT"] == str(root)
    assert "GIT_DIR" not in found and found["PATH"].startswith(str(Path(sys.executable).parent))
    assert git(root, "rev-parse", "--show-toplevel") == str(root.resolve())


def test_no_repository_no_commit_and_a_merge_are_refused_in_words(root: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    git(tmp_path / "empty", "init", "-q")
    with pytest.raises(ChestbenchError, match="a Git repository with a commit"):
        read_tree(tmp_path / "empty")
    named = ("-c", "user.name=T", "-c", "user.email=t@example.invalid")
    first = git(root, "symbolic-ref", "--short", "HEAD")
    git(root, "branch", "other")
    for branch, text in (("other", "2"), (first, "3")):
        git(root, "checkout", "-q", branch)
        (root / "src/a.py").write_text(text)
        git(root, *named, "commit", "-qam", text)
    git(root, *named, "merge", "other", check=False)
    with pytest.raises(ChestbenchError, match="in the middle of a merge"):
        read_tree(root)


# As DVC does while a stage works: it does not hear SIGINT, its stage does.
_DEAF = """
import signal, subprocess, sys
stage = subprocess.Popen([sys.executable, "-c", STAGE])
signal.signal(signal.SIGINT, signal.SIG_IGN)
print(stage.pid, flush=True)
sys.exit(stage.wait())
"""


@pytest.mark.parametrize("deaf", [False, True])
def test_a_dvc_that_heard_no_ctrl_c_is_ended_with_its_stage(deaf: bool) -> None:
    stage = "import signal, time\n" + ("signal.signal(signal.SIGINT, signal.SIG_IGN)\n" if deaf else "")
    stage += "print('ready', flush=True)\ntime.sleep(600)"
    command = [sys.executable, "-c", _DEAF.replace("STAGE", repr(stage))]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite in the background has it ignored
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    signal.signal(signal.SIGINT, before)
    assert process.stdout is not None
    lines = sorted(process.stdout.readline().decode().strip() for _ in range(2))
    assert lines[1] == "ready"
    clone.end_soon(process, 0.1, 1.0 if deaf else 30.0)
    assert (process.returncode == -signal.SIGKILL) == deaf, "killed where it is deaf alone"
    left = [each for each in psutil.process_iter() if each.pid == int(lines[0])]
    assert all(each.status() == psutil.STATUS_ZOMBIE for each in left), "the stage is gone when the call returns"
