"""`dvc exp run` killed at each of its steps in Git: branch, changes and index are as before the next run."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from chestbench.cli.killed_run import NOTE, mend_git
from chestbench.core.errors import ChestbenchError
from tests.conftest import ROOT, init_repository

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")

# Dies after the Nth of the steps that DVC does in Git; without N it lives.
RUN = """
import os, signal, sys
from contextlib import nullcontext
from pathlib import Path
from scmrepo.git import Git, stash
from chestbench.cli.killed_run import noted

wanted, calls = int(sys.argv[1]), 0

def dying(owner, name):
    original = getattr(owner, name)
    def step(*arguments, **named):
        global calls
        found = original(*arguments, **named)
        calls += 1
        if calls == wanted:
            print(f"died after {owner.__name__}.{name}", flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        return found
    setattr(owner, name, step)

for owner, names in ((Git, ("checkout", "reset", "set_ref", "remove_ref")), (stash.Stash, ("push", "pop", "apply"))):
    for name in names:
        dying(owner, name)
from dvc.cli import main
with noted(Path.cwd()) if sys.argv[2] == "chestbench" else nullcontext():
    sys.exit(main(["exp", "run"]))
"""
LIVES = 0


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of one stage, whose source has a change that is not committed, and a new file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path.parent))
    init_repository(tmp_path)
    for key, value in (("name", "Test"), ("email", "test@example.invalid")):
        git("config", f"user.{key}", value)
    stages = {"s": {"cmd": "cat source added > out 2> /dev/null; true", "deps": ["source"], "outs": ["out"]}}
    (tmp_path / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}), encoding="utf-8")
    (tmp_path / "source").write_text("committed\n")
    git("add", "-A")
    git("commit", "-qm", "x")
    (tmp_path / "source").write_text("changed\n")
    (tmp_path / "added").write_text("added\n")
    git("add", "added")
    return tmp_path


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True).stdout.strip()


def run(died_after: int, program: str = "chestbench") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "DVC_NO_ANALYTICS": "1"}
    command = [sys.executable, "-c", RUN, str(died_after), program]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def is_as_before(repository: Path) -> bool:
    changes = (repository / "source").read_text() == "changed\n" and (repository / "added").read_text() == "added\n"
    return changes and git("symbolic-ref", "HEAD") == "refs/heads/work" and not git("ls-files", ".dvc/tmp")


@pytest.mark.parametrize("stride", [pytest.param(1, id="every"), pytest.param(3, id="every third")])
def test_at_every_step(repository: Path, stride: int) -> None:
    said = []
    for number in range(1, 40, stride):
        done = run(number)
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        told = mend_git(repository)
        assert is_as_before(repository), (done.stdout, told, git("status", "--short"))
        assert mend_git(repository) == [] and not (repository / NOTE).exists()
        said += told
        # What follows is the run of these very files.
        (repository / "out").unlink(missing_ok=True)
        git("reset", "-q")
        git("add", "added")
        if git("stash", "list"):
            git("stash", "drop")
    assert number > 10 and done.returncode == 0, done.stderr
    assert (repository / "out").read_text() == "changed\nadded\n" and is_as_before(repository)
    assert any("back on work" in line for line in said) and any("they are back" in line for line in said)


def test_a_branch_is_found_without_a_note_and_an_own_stash_is_left_alone(repository: Path) -> None:
    """As `dvc exp run` without chestbench leaves it, killed while its stage runs."""
    stages = {"s": {"cmd": "kill -9 $PPID", "deps": ["source"], "outs": ["out"]}}
    (repository / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}), encoding="utf-8")
    assert run(LIVES, "dvc").returncode == -signal.SIGKILL
    git("stash", "push", "-q", "-m", "mine")
    mine = git("rev-parse", "refs/stash")
    assert any("back on work" in line for line in mend_git(repository))
    assert git("symbolic-ref", "HEAD") == "refs/heads/work" and git("rev-parse", "refs/stash") == mine
    assert (repository / "source").read_text() == "committed\n"


def test_what_a_person_put_on_the_stash_later_stays_there(repository: Path) -> None:
    assert run(1).returncode == -signal.SIGKILL
    git("stash", "pop", "-q", "--index")
    os.utime(repository / NOTE, (1, 1))  # long ago
    git("stash", "push", "-q", "-m", "mine")
    assert mend_git(repository) == [] and (repository / "source").read_text() == "committed\n"
    assert "mine" in git("stash", "list")


def test_a_person_who_left_the_branch_stays_where_they_are(repository: Path) -> None:
    git("checkout", "-q", "--detach", "HEAD")
    assert mend_git(repository) == [] and git("rev-parse", "--abbrev-ref", "HEAD") == "HEAD"


def test_changes_that_do_not_go_back_by_themselves_stop_the_run(repository: Path) -> None:
    assert run(1).returncode == -signal.SIGKILL
    (repository / "source").write_text("a third version\n")
    with pytest.raises(ChestbenchError, match=r"source.* differ.*git stash pop --index.*git stash drop"):
        mend_git(repository)
    assert (repository / "source").read_text() == "a third version\n"
    git("stash", "drop")
    mend_git(repository)
    assert (repository / "source").read_text() == "a third version\n"


def test_a_lock_of_the_index_that_nobody_holds_is_removed(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chestbench.cli.killed_run._INDEX_SECONDS", 0.1)
    (repository / ".git/index.lock").touch()
    (told,) = mend_git(repository)
    assert "index.lock" in told and not (repository / ".git/index.lock").exists()
