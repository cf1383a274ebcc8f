"""Machines that do not see the repository: they get the commit through Ray, data and cache through DVC's remote."""

import fcntl
import io
import os
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chestbench.core.files import atomic_folder, sha256_json
from chestbench.grid.clones import Source
from chestbench.repository.git import git

WORKING_FOLDER = "CHESTBENCH_GRID_FOLDER"


@dataclass(frozen=True)
class Carried:
    """What travels to such a machine.

    Attributes:
        name: that a packed commit is found by again.
        commits: a tar of a bare Git repository with the two commits of a `Source`, and nothing before them.
        config: .dvc/config.local with the remote.
    """

    name: str
    commits: bytes
    config: Mapping[str, Any]


def carried(source: Source, config: Mapping[str, Any]) -> Carried:
    """Pack what another machine needs."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "commits.git")
        kind = git(source.folder, "rev-parse", "--show-object-format", check=False) or "sha1"
        git(Path(temporary), "init", "--quiet", "--bare", f"--object-format={kind}", str(folder))
        # A commit that no branch names is given to those who may ask for any.
        any_commit = "--upload-pack=git -c uploadpack.allowAnySHA1InWant=true upload-pack"
        where = f"file://{source.folder}"
        for place, commit in enumerate(dict.fromkeys((source.commit, source.tree))):
            wanted = f"{commit}:refs/grid/{place}"
            git(folder, "fetch", "--quiet", "--depth=1", "--no-tags", any_commit, where, wanted)
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w") as archive:
            archive.add(folder, "commits.git")
    return Carried(sha256_json([source.commit, source.tree])[:16], stream.getvalue(), config)


def source_here(what: Carried, there: Source, base: Path) -> Source:
    """Unpack what came, once on a machine; return what clones are made of here."""
    folder = base / "commits" / what.name
    with _alone(base / "commits.lock"):
        if not folder.is_dir():
            with atomic_folder(folder) as temporary, tarfile.open(fileobj=io.BytesIO(what.commits)) as archive:
                archive.extractall(temporary, filter="data")
    config = {section: dict(values) for section, values in what.config.items()}
    config["cache"] = {"dir": str(base / "cache"), **config.get("cache", {})}
    return replace(there, folder=folder / "commits.git", config=config)


def working_folder() -> Path:
    """Return the folder of this machine for clones, cache and checkpoints; CHESTBENCH_GRID_FOLDER names another."""
    named = os.environ.get(WORKING_FOLDER)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = Path(named) if named else cache / "chestbench-grid"
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process of this machine at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
