"""The code that a clone runs: the commit, with the changes of tracked files that no commit holds.

That is what `dvc exp run --temp` runs too. A file that Git does not know is no part of it, and is named.
"""

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from chestbench.core.errors import ChestbenchError

# What stages run and read of the repository itself.
CODE = ("src", "stages", "conf", "dvc.yaml", ".dvc")
# What a run writes, or has composed for it: the changes of these are no changes of what is run.
OWN = ("dvc.lock", "metrics", "params.yaml")
# Git must work in the folder that it is told, also when called from one of its hooks.
ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_PREFIX")


@dataclass(frozen=True)
class Tree:
    """What of a repository is run.

    Attributes:
        commit: that is checked out, 40 (or 64) hex digits.
        tree: a commit object with the files to run: `commit`, or one that no branch holds, with uncommitted changes.
        changed: files that Git knows and that differ from the commit, without those of `OWN`.
        unknown: files of `CODE` that Git does not know, and that are not run.
        beside: files in the root that Git does not know; a stage could import one, and it is not there in a run.
    """

    commit: str
    tree: str
    changed: list[str]
    unknown: list[str]
    beside: list[str] = field(default_factory=list)

    def in_words(self) -> str:
        """Return the commit, and which files differ from it."""
        short = self.commit[:12]
        if not self.changed:
            return f"commit {short}"
        return f"commit {short} with uncommitted changes of {_listed(self.changed)}"

    def left_out(self) -> str:
        """Return what is not run as Git does not know it, "" where there is nothing."""
        parts = []
        if self.unknown:
            parts.append(f"{_listed(self.unknown)} (`git add` makes them part of it)")
        if self.beside:
            parts.append(f"in the root {_listed(self.beside)} (a commit makes them part of it)")
        return f"not part of it, as Git does not know them: {'; '.join(parts)}" if parts else ""


def read_tree(root: Path) -> Tree:
    """Find out what is run; nothing of the repository is changed.

    Args:
        root: of the repository.

    Raises:
        ChestbenchError: it is no Git repository, has no commit, or Git is in the middle of a merge.
    """
    commit = git(root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}", check=False)
    if not commit:
        raise ChestbenchError(
            f"{root}: expected a Git repository with a commit, found none; take a clone, or make one here: "
            "`git init && git add -A && git commit -m Start`"
        )
    if git(root, "diff", "--name-only", "--diff-filter=U"):
        raise ChestbenchError(
            f"{root}: expected a Git that is not in the middle of a merge, received conflicts; end it, or "
            "`git merge --abort`"
        )
    # A commit of the working tree that no branch, stash or reflog mentions; empty where nothing has changed.
    tree = git(root, "stash", "create") or commit
    changed = changed_files(root, commit, tree)
    unknown = git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", *CODE).split("\0")
    beside = git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", ":(top,glob)*").split("\0")
    beside = sorted(set(filter(None, beside)) - set(unknown))
    return Tree(commit, tree, changed, sorted(filter(None, unknown)), beside)


def changed_files(folder: Path, commit: str, tree: str) -> list[str]:
    """Return the files that differ between a commit and what is run, without those of `OWN`, sorted.

    Args:
        folder: of a repository that has both.
        commit: the first.
        tree: the second.
    """
    own = [f":(top,exclude){name}" for name in OWN]
    # A file that was renamed is two that differ.
    differ = git(folder, "diff", "--name-only", "--no-renames", "-z", commit, tree, "--", ":(top)", *own)
    return sorted(filter(None, differ.split("\0")))


def git(folder: Path, *arguments: str, check: bool = True) -> str:
    """Return what a command of Git prints, without white space around it.

    Args:
        folder: it works in.
        arguments: of the command.
        check: whether a command that fails is an error; else it gives "".

    Raises:
        ChestbenchError: there is no Git, or the command failed.
    """
    return git_bytes(folder, *arguments, check=check).decode("utf-8", "replace").strip()


def git_bytes(folder: Path, *arguments: str, check: bool = True) -> bytes:
    """Return what a command of Git writes, such as an archive; see `git`."""
    environment = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True)
    except FileNotFoundError:
        raise ChestbenchError("expected Git on the PATH, found none; install it") from None
    if done.returncode and check:
        told = " ".join(done.stderr.decode("utf-8", "replace").split())
        raise ChestbenchError(f"{folder}: expected `git {arguments[0]}` to work, received: {told}; mend that first")
    return done.stdout if done.returncode == 0 else b""


def _listed(paths: list[str], most: int = 4) -> str:
    """Return the first paths, and how many more there are."""
    more = f" and {len(paths) - most} more" if len(paths) > most else ""
    return f"{', '.join(paths[:most])}{more}"
