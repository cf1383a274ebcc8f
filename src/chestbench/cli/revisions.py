"""The files of a study as a commit or an experiment holds them, through DVC: from Git, its cache or a remote."""

import logging
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from chestbench.core.errors import ChestbenchError

WORKSPACE = "workspace"
# Without these a study has no figures to show.
NEEDED = ("params.yaml", "metrics/summary.json", "metrics/catalog.json", "metrics/split.json", "metrics/audit.json")


class Revision(NamedTuple):
    """A study that was found.

    Attributes:
        name: as it was asked for.
        commit: that Git knows it by, "" of the workspace.
        folder: holds its files under their own names; predictions only where DVC has them.
    """

    name: str
    commit: str
    folder: Path


def revision(root: Path, name: str, folder: Path) -> Revision:
    """Return a study of the repository at `root`.

    Args:
        root: the repository.
        name: `workspace`, a commit, tag or branch, or the name of a DVC experiment.
        folder: where the files of a commit are put.

    Raises:
        ChestbenchError: there is no such study, or it has no results.
    """
    if not name.strip():  # such as a variable of the shell that is not set; to Git, HEAD
        raise ChestbenchError(
            f"expected a commit, tag, branch or experiment, or `{WORKSPACE}`, received an empty text; `make exps` "
            "lists them"
        )
    is_here = name == WORKSPACE
    found = Revision(name, "", root) if is_here else Revision(name, _fetch(root, name, folder), folder)
    missing = [path for path in NEEDED if not (found.folder / path).is_file()]
    if missing:
        raise ChestbenchError(f"{name}: expected a study with results, found no {missing[0]}; `make exps` lists them")
    return found


def _fetch(root: Path, name: str, folder: Path) -> str:
    """Put the files of a commit or an experiment into a folder; return the commit."""
    # Takes a second.
    from dvc.api import DVCFileSystem
    from dvc.repo import Repo
    from dvc.scm import RevError, resolve_rev

    logging.getLogger("dvc").setLevel(logging.ERROR)
    with Repo(str(root)) as repo:
        try:
            commit = str(resolve_rev(repo.scm, name))
        except RevError:
            raise ChestbenchError(
                f"{name}: expected a commit, tag, branch or experiment, or `{WORKSPACE}`, found none of that name; "
                "`make exps` lists them"
            ) from None
    files = DVCFileSystem(url=str(root), rev=commit)
    for path in (*NEEDED, "dvc.lock"):
        _copy(files, path, folder)
    if (folder / "params.yaml").is_file():
        parameters = yaml.safe_load((folder / "params.yaml").read_text(encoding="utf-8"))
        for network in parameters["model"]["variants"]:
            _copy(files, f"metrics/models/{network}.json", folder)
            _copy(files, f"results/models/{network}/predictions.csv", folder)
        # Commits of before there were detectors have no such parameter.
        for detector in (parameters.get("detector") or {}).get("variants") or []:
            _copy(files, f"metrics/detectors/{detector}.json", folder)
    return commit


def _copy(files: Any, path: str, folder: Path) -> None:
    """Copy one file, nothing where the revision, the cache and the remotes lack it."""
    from dvc.exceptions import DvcException
    from dvc_data.index import DataIndexDirError

    try:
        content = files.read_bytes(path)
    except (OSError, DvcException, DataIndexDirError):
        return
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(content)
