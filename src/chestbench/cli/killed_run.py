"""What a `dvc exp run` that was killed leaves in Git, brought back before the next run.

DVC puts uncommitted changes into Git's stash, detaches HEAD, takes the changes out again in two steps, and undoes all
of it at its end. A kill in between leaves commits without a branch, a lock of Git's index, and in the worst moment a
folder without the changes: the next run would then be one of other code, without a word.
"""

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chestbench.core.dvc_lock import COPY
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import DamagedFile, read_json, write_json

NOTE = COPY.with_name("run.json")
_EXEC, _QUEUE = "refs/exps/exec/EXEC_", "refs/exps/stash"
_RUNS, _ARGUMENTS = Path(".dvc/tmp/exps/run"), ".dvc/tmp/repro.dat"
_WRITTEN = {_ARGUMENTS, "params.yaml", "dvc.lock"}
# Git itself holds the lock of its index for moments; who adds gigabytes holds it longer.
_INDEX_SECONDS = 5.0
# DVC empties the folder into the stash before it does anything else.
_STASH_SECONDS = 30.0


@contextmanager
def noted(root: Path) -> Iterator[None]:
    """Note, while a run goes on, on which branch it began and what lay in Git's stash."""
    git = _Git(root)
    note = {"branch": git("symbolic-ref", "-q", "HEAD"), "head": git("rev-parse", "HEAD"), "stash": git.stash()}
    write_json(root / NOTE, note)
    try:
        yield
    finally:
        (root / NOTE).unlink(missing_ok=True)


def mend_git(root: Path) -> list[str]:
    """Undo what a killed run left in Git, where there is such a run; call it while no DVC is at work.

    Args:
        root: the repository.

    Returns:
        What was done, a sentence each.

    Raises:
        ChestbenchError: changes that lie in Git's stash do not go back by themselves, or Git is at work.
    """
    git = _Git(root)
    if not git("rev-parse", "--verify", "-q", "HEAD"):
        return []
    said = _free_index(root, git)
    note = _read_note(root)
    merged = git("rev-parse", "--verify", "-q", f"{_EXEC}MERGE")
    if note or merged:
        preparing = bool(merged) and _was_preparing(root, git, merged)
        said += _attach(git, note)
        said += _bring_changes_back(git, note, merged, preparing)
    if git("ls-files", "--", _ARGUMENTS) and not git("ls-tree", "HEAD", "--", _ARGUMENTS):
        git("rm", "-q", "--cached", "-f", "--", _ARGUMENTS)
        (root / _ARGUMENTS).unlink(missing_ok=True)
    for name in (f"{_EXEC}MERGE", f"{_EXEC}BASELINE", f"{_EXEC}BRANCH", _QUEUE):
        git("update-ref", "--no-deref", "-d", name)
    (root / NOTE).unlink(missing_ok=True)
    return said


class _Git:
    """Git in one repository; what fails gives an empty text."""

    def __init__(self, root: Path) -> None:
        self.root, self.worked = root, True

    def __call__(self, *arguments: str) -> str:
        command = ["git", *arguments]
        try:
            done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, encoding="utf-8", check=False)
        except FileNotFoundError:  # not installed
            self.worked = False
            return ""
        self.worked = done.returncode == 0
        return done.stdout.strip() if self.worked else ""

    def stash(self) -> str:
        return self("rev-parse", "--verify", "-q", "refs/stash")

    def is_clean(self) -> bool:
        return not self("status", "--porcelain", "--untracked-files=no") and self.worked


def _read_note(root: Path) -> dict[str, str]:
    try:
        note = read_json(root / NOTE)
    except (FileNotFoundError, DamagedFile):
        return {}
    return note if isinstance(note, dict) and note.keys() >= {"branch", "head", "stash"} else {}


def _free_index(root: Path, git: _Git) -> list[str]:
    lock = root / git("rev-parse", "--git-path", "index.lock")
    until = time.monotonic() + _INDEX_SECONDS
    while lock.exists():
        if time.monotonic() > until:
            if _git_is_at_work(root):
                raise ChestbenchError(
                    f"expected a Git that is at rest, but one is at work and holds {lock}; wait for it"
                )
            lock.unlink(missing_ok=True)
            return [f"{lock.name} of Git was left by a process that died: it is removed"]
        time.sleep(0.2)
    return []


def _git_is_at_work(root: Path) -> bool:
    """Tell whether a Git works in the folder or below it, where the system says so."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "comm").read_text().strip() == "git" and (process / "cwd").resolve().is_relative_to(root):
                return True
        except OSError:  # it ended, or is somebody else's
            continue
    return False


def _attach(git: _Git, note: dict[str, str]) -> list[str]:
    """Put HEAD back on the branch that it was detached from, where that still is the same commit."""
    if git("symbolic-ref", "-q", "HEAD"):
        return []
    start = head = git("rev-parse", "HEAD")
    last = git("log", "-g", "-2", "--format=%gs", "HEAD").splitlines() or [""]
    if last[0].startswith("commit: dvc: commit experiment"):
        start, last = git("rev-parse", "HEAD~1"), last[1:]
    branch = note.get("branch", "")
    if not note and git("rev-parse", "--verify", "-q", f"{_EXEC}HEAD") == start:
        moved = re.match(r"checkout: moving from (\S+) to ([0-9a-f]{40})$", last[0] if last else "")
        branch = f"refs/heads/{moved[1]}" if moved and moved[2] == start else ""
    if not branch or git("rev-parse", "--verify", "-q", branch) != start:
        return []
    git("symbolic-ref", "-m", f"chestbench: back on {branch}, which a killed run left", "HEAD", branch)
    if start != head:
        git("reset", "-q")  # as DVC ends a run: the index is that of the branch, files stay
    return [f"a run that was killed left Git without a branch: it is back on {branch.removeprefix('refs/heads/')}"]


def _bring_changes_back(git: _Git, note: dict[str, str], merged: str, preparing: bool) -> list[str]:
    """Put changes that are not committed back into the folder, where the run died while they were out of it."""
    stash = git.stash()
    if merged:
        # The stash was emptied before: what lies there now is its owner's.
        kept, command = merged if preparing else "", f"git stash apply {merged[:10]}"
        forget = f"git update-ref -d {_EXEC}MERGE"
    else:
        kept, command = stash if _is_of_run(git, note, stash) else "", "git stash pop --index"
        forget = "git stash drop"
    if not kept:
        return []
    if not _lacks(git, kept):
        copy = "a run that was killed left a copy of the changes that were not committed: `git stash drop` removes it"
        return [] if merged else [copy]
    if git.is_clean():
        git(*command.split()[1:])
    if left := _lacks(git, kept):
        raise ChestbenchError(
            "expected the changes that are not committed in the folder, but a run that was killed left some in Git's "
            f"stash, and they do not go back by themselves: {', '.join(left[:3])} differ; "
            f"`git reset --hard && {command}` restores the folder as it was before that run, `{forget}` keeps it "
            "as it is; then run again"
        )
    return ["a run that was killed had put the changes that were not committed into Git's stash: they are back"]


def _is_of_run(git: _Git, note: dict[str, str], stash: str) -> bool:
    """Tell whether DVC put that on the stash: on the noted commit, in the first moments of the run that died."""
    if not note or not stash or stash == note["stash"] or git("rev-parse", f"{stash}^1") != note["head"]:
        return False
    written = int(git("show", "-s", "--format=%ct", stash) or 0)
    return -1 <= written - (git.root / NOTE).stat().st_mtime <= _STASH_SECONDS


def _lacks(git: _Git, kept: str) -> list[str]:
    """Return the files of a stash that the folder has otherwise, but for those that a run itself writes."""
    changed = git("diff", "--name-only", "-z", "HEAD", kept).split("\0")
    return [name for name in changed if name and name not in _WRITTEN and not _is_same(git, kept, name)]


def _is_same(git: _Git, kept: str, name: str) -> bool:
    blob = git("rev-parse", "--verify", "-q", f"{kept}:{name}")
    return blob == (git("hash-object", "--", name) if (git.root / name).is_file() else "")


def _was_preparing(root: Path, git: _Git, merged: str) -> bool:
    """Tell whether the run died before it said that it works: then HEAD's files may be there, and no changes."""
    preparing, working = root / _RUNS / merged / f"{merged}.run", root / _RUNS / "workspace/workspace.run"
    if not preparing.exists() or not git("log", "-g", "-1", "--format=%gs", "HEAD").startswith("checkout: moving"):
        return False
    return not working.exists() or working.stat().st_mtime_ns < preparing.stat().st_mtime_ns
