"""What of a member DVC has in its run cache, found out without running or writing anything in the repository.

The stages are walked in their order, as a run would: the fingerprints of code are made from the tree that is run, every
stage is looked up by DVC's own key (command, hashes of what it reads, parameters), and what its note says that it gave
is what the next one reads.
"""

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from tarfile import open as open_tar
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import yaml

from chestbench.core.code import fingerprints
from chestbench.grid.events import Member
from chestbench.repository.dvc_run_cache import whole_notes
from chestbench.repository.git import CODE, Tree, git_bytes

if TYPE_CHECKING:
    from dvc.repo import Repo

FINGERPRINTS, PICTURES, LOCK, PARAMS = "data/code", "data/processed", "dvc.lock", "params.yaml"
# `code` is done here, `check` writes a constant: neither makes another stage run.
CODE_STAGE, CONSTANT = "code", "check"


@dataclass(frozen=True)
class Known:
    """What is known of a member before it runs.

    Attributes:
        cached: stages that come from the run cache.
        to_run: stages that are not in it, and those that read what such a stage gives.
        open: stages that read a folder which several stages fill; whether they are cached shows when it is filled.
        pictures: MD5 of the prepared pictures; "" where they are to be made.
    """

    cached: list[str] = field(default_factory=list)
    to_run: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    pictures: str = ""

    def networks(self, stage: str = "train") -> list[str]:
        """Return the networks of which a stage is to run."""
        return [name.partition("@")[2] for name in self.to_run if name.partition("@")[0] == stage]


@contextmanager
def asking(root: Path, tree: Tree) -> Iterator["RunCache"]:
    """Yield what asks the run cache, with a copy of the tree's code in a temporary folder.

    Args:
        root: of the repository.
        tree: what is run.
    """
    # Takes a second.
    from dvc.repo import Repo

    logging.getLogger("dvc").setLevel(logging.ERROR)
    with Repo(str(root)) as repo:
        cache = repo.cache.local_cache_dir
    with TemporaryDirectory() as folder:
        with open_tar(fileobj=BytesIO(git_bytes(root, "archive", "--format=tar", tree.tree, *CODE))) as files:
            files.extractall(folder, filter="data")
        copy = Path(folder)
        own = f"[core]\nno_scm = True\nsite_cache_dir = {copy / '.site'}\n[cache]\ndir = {cache}\n"
        (copy / ".dvc" / "config.local").write_text(own, encoding="utf-8")
        yield RunCache(copy, _recorded(root), Path(cache))


class RunCache:
    """DVC's run cache, asked about members."""

    def __init__(self, folder: Path, recorded: Mapping[str, str], cache: Path) -> None:
        """Take the fingerprints of the code.

        Args:
            folder: a copy of the tree that is run.
            recorded: {path: MD5} of what lies outside of the repository, as at the last run.
            cache: DVC's cache.
        """
        self._folder, self._recorded, self.cache = folder, recorded, cache
        self._code = {f"{FINGERPRINTS}/{name}": _md5(text.encode()) for name, text in fingerprints(folder).items()}

    def ask(self, member: Member) -> Known:
        """Return which stages of a member are cached; DVC reads its parameters, nothing runs."""
        from dvc.repo import Repo

        (self._folder / PARAMS).write_text(yaml.safe_dump(dict(member.values), allow_unicode=True), encoding="utf-8")
        known, given, missing = Known(), dict(self._code), set[str]()
        with Repo(str(self._folder)) as repo, whole_notes():
            for stage in _ordered(repo):
                if stage.name == CODE_STAGE:
                    continue
                reads = {dep.def_path: self._md5_of(repo, dep.def_path, given) for dep in _files(stage)}
                note = None if None in reads.values() else _note(repo, stage, reads)
                if note is not None:
                    known.cached.append(stage.name)
                    given |= {out["path"]: out["md5"] for out in note["outs"]}
                elif stage.name == CONSTANT:
                    given |= {out.def_path: self._recorded.get(out.def_path, "") for out in stage.outs}
                elif not any(_meets(path, out) for path in reads for out in missing) and any(
                    md5 is None and any(out.startswith(f"{path}/") for out in given) for path, md5 in reads.items()
                ):
                    known.open.append(stage.name)
                else:
                    known.to_run.append(stage.name)
                    missing |= {out.def_path for out in stage.outs}
        return replace(known, pictures=given.get(PICTURES, ""))

    def _md5_of(self, repo: "Repo", path: str, given: Mapping[str, str]) -> str | None:
        """Return the hash of what a stage reads: given by a stage (or a part of that), of the tree, or recorded."""
        if path in given:
            return given[path]
        for above in Path(path).parents:
            if (md5 := given.get(above.as_posix(), "")).endswith(".dir"):
                entries = json.loads(Path(repo.cache.local.oid_to_path(md5)).read_text(encoding="utf-8"))
                inside = Path(path).relative_to(above).as_posix()
                return next((entry["md5"] for entry in entries if entry["relpath"] == inside), None)
        file = self._folder / path
        if file.is_file():
            return _md5(file.read_bytes())
        # A person's own data: reading them may take hours.
        return self._recorded.get(path) if Path(path).is_absolute() else None


def _note(repo: "Repo", stage: Any, reads: Mapping[str, str | None]) -> dict[str, Any] | None:
    """Return the note of the run cache of a stage, None where it has none or its outputs are not all there."""
    from dvc.dependency import ParamsDependency
    from dvc.stage import cache
    from dvc.stage.serialize import to_single_stage_lockfile
    from dvc_data.hashfile.hash_info import HashInfo
    from dvc_data.hashfile.meta import Meta

    for dep in stage.deps:
        if isinstance(dep, ParamsDependency):
            dep.hash_info = dep.get_hash()
        else:
            dep.hash_info, dep.meta = HashInfo("md5", reads[dep.def_path]), Meta()
    key = cache._get_cache_hash(to_single_stage_lockfile(stage), key=True)
    with patch.object(cache, "_get_stage_hash", lambda _: key):
        note: dict[str, Any] | None = repo.stage_cache._load(stage)
    return note if note and all(_is_there(repo, out["md5"]) for out in note.get("outs", [])) else None


def _ordered(repo: "Repo") -> list[Any]:
    """Return the stages, each after those that it reads from."""
    import networkx

    graph = repo.index.graph
    return list(networkx.dfs_postorder_nodes(graph)) if graph else []


def _files(stage: Any) -> list[Any]:
    """Return what a stage reads besides parameters."""
    from dvc.dependency import ParamsDependency

    return [dep for dep in stage.deps if not isinstance(dep, ParamsDependency)]


def _meets(first: str, second: str) -> bool:
    """Tell whether two paths are the same or one lies in the other."""
    return first == second or first.startswith(f"{second}/") or second.startswith(f"{first}/")


def _is_there(repo: "Repo", md5: str) -> bool:
    """Tell whether the cache has an output, of a folder every file."""
    path = Path(repo.cache.local.oid_to_path(md5))
    if not path.is_file():
        return False
    entries = json.loads(path.read_text(encoding="utf-8")) if md5.endswith(".dir") else []
    return all(Path(repo.cache.local.oid_to_path(entry["md5"])).is_file() for entry in entries)


def _recorded(root: Path) -> dict[str, str]:
    """Return the hashes that dvc.lock has of what stages read, and of what `check` gives."""
    try:
        stages = yaml.safe_load((root / LOCK).read_text(encoding="utf-8"))["stages"]
        found = [dep for stage in stages.values() for dep in stage.get("deps", [])]
        return {each["path"]: each["md5"] for each in [*found, *stages[CONSTANT]["outs"]] if "md5" in each}
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError):
        return {}


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
