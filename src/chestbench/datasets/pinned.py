"""Archives that `git archive` made (GitHub's and GitLab's are) carry their commit as a comment."""

import re
from pathlib import Path

from chestbench.core.config import Dataset
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import comment_of

_COMMIT = re.compile(r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])")


def commit_of(dataset: Dataset) -> str | None:
    """Return the commit (40 hex digits) that `dataset.url` names, or None."""
    found = _COMMIT.search(dataset.url or "")
    return found[0] if found else None


def check_commit(archive: Path, dataset: Dataset) -> None:
    """Compare the commit in `dataset.url`, if there is one, with the comment of an archive.

    One without a comment passes when `dataset.sha256` pins it instead, or where it is a copy of the user's own.

    Raises:
        ChestbenchError: they differ.
    """
    commit = commit_of(dataset)
    if commit is None:
        return
    comment = comment_of(archive)
    if comment == commit or (not comment and (dataset.sha256 or dataset.is_brought)):
        return
    received = f"one of {comment[:80]!r}" if comment else "one that names none (not made by `git archive`)"
    raise ChestbenchError(
        f"{archive}: expected an archive of commit {commit}, as dataset.url says, received {received}; get it from "
        "dataset.url, or pin another file with dataset.sha256 and an address without a commit"
    )
