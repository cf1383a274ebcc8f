"""Clones that members run in: kept from one member to the next, each used by one process at a time.

What a member leaves in one (data, models, DVC's own notes) stays as DVC left it, so that the next need not bring it
back; what Git tracks is that of the member, and nothing of the one before.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chestbench.core.dvc_busy import refuse_beside_another
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import write_bytes, write_text
from chestbench.repository.git import changed_files, git

if os.name != "nt":
    import fcntl

_MOST = 1024


@dataclass(frozen=True)
class Source:
    """What a clone is made of.

    Attributes:
        folder: of a Git repository on this machine that has both commits; its objects are shared.
        commit: that is checked out.
        tree: commit with the code that is run: `commit`, or one with uncommitted changes.
        files: path and content of what the data stages wrote that Git tracks: dvc.lock, records of metrics/.
        config: sections of .dvc/config.local, see `local_config`.
        person: name and address for DVC's commits.
    """

    folder: Path
    commit: str
    tree: str
    files: tuple[tuple[str, bytes], ...]
    config: Mapping[str, Any]
    person: tuple[str, str]


@contextmanager
def one_of(base: Path) -> Iterator[tuple[Path, int]]:
    """Yield a clone's folder below `base` that no process uses, and the descriptor of the lock that says so.

    A process that is given the descriptor holds the clone for as long as it lives, whoever else dies.
    """
    base.mkdir(parents=True, exist_ok=True)
    for number in range(_MOST):
        folder = base / f"{number}"
        descriptor = os.open(base / f"{number}.lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # A stage of a group that was killed halfway may live a moment longer.
            refuse_beside_another(folder)
        except (BlockingIOError, ChestbenchError):
            os.close(descriptor)
            continue
        except OSError as error:
            os.close(descriptor)
            raise ChestbenchError(
                f"{base}: expected a file system that can lock files, received: {error.strerror}; a grid needs one"
            ) from None
        try:
            yield folder, descriptor
        finally:
            os.close(descriptor)
        return
    raise ChestbenchError(f"{base}: expected a clone that no process uses, found {_MOST} that are; end some")


def prepare(folder: Path, source: Source) -> None:
    """Make the clone, or bring the one that is there, to what is to be run; what Git ignores stays.

    Raises:
        ChestbenchError: Git fails.
        OSError: the disk is full, or cannot be written.
    """
    if not (folder / ".git" / "HEAD").is_file():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        kind = git(source.folder, "rev-parse", "--show-object-format", check=False) or "sha1"
        git(folder, "init", "--quiet", f"--object-format={kind}")
    (folder / ".git/index.lock").unlink(missing_ok=True)
    objects, shallow = (
        (source.folder / git(source.folder, "rev-parse", "--git-path", name)).resolve()
        for name in ("objects", "shallow")
    )
    write_text(folder / ".git/objects/info/alternates", f"{objects.as_posix()}\n")
    if shallow.is_file():  # commits whose parents are not there
        write_text(folder / ".git/shallow", shallow.read_text(encoding="utf-8"))
    for key, value in zip(("user.name", "user.email"), source.person, strict=True):
        git(folder, "config", key, value)
    _forget_runs(folder)
    git(folder, "update-ref", "--no-deref", "HEAD", source.commit)
    git(folder, "update-index", "--no-assume-unchanged", "params.yaml", check=False)
    git(folder, "reset", "--quiet", "--hard")
    git(folder, "clean", "-fdq")
    if source.tree != source.commit:
        changed = changed_files(folder, source.commit, source.tree)
        # They are composed for each member, but for one that was queued.
        changed += git(folder, "diff", "--name-only", source.commit, source.tree, "--", "params.yaml").split()
        if changed:
            paths = [f":(top,literal){name}" for name in changed]
            git(folder, "restore", f"--source={source.tree}", "--worktree", "--", *paths)
    for name, content in source.files:
        write_bytes(folder / name, content)
    _write_config(folder, source.config)


def _forget_runs(folder: Path) -> None:
    """Remove what an experiment in this clone left in Git and in DVC's notes, finished or killed."""
    for line in git(folder, "for-each-ref", "--format=%(refname)").splitlines():
        git(folder, "update-ref", "--no-deref", "-d", line)
    for name in ("rwlock", "repro.dat"):
        (folder / ".dvc/tmp" / name).unlink(missing_ok=True)
    shutil.rmtree(folder / ".dvc/tmp/exps", ignore_errors=True)
    with suppress(FileNotFoundError):
        shutil.rmtree(folder / ".git/logs")


def local_config(root: Path) -> dict[str, Any]:
    """Return how this machine's DVC keeps its cache, as .dvc/config.local of a clone.

    Raises:
        ChestbenchError: DVC cannot read the repository.
    """
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        with Repo(str(root)) as repo:
            cache, own = repo.cache.local_cache_dir, repo.config.load_one("local")
            found = {section: dict(own.get(section, {})) for section in ("core", "cache")}
            found["cache"]["dir"] = str(cache)
            return found
    except DvcException as error:
        raise ChestbenchError(f"{root}: expected a repository that DVC can read, received from DVC: {error}") from None


def remote_config(root: Path) -> dict[str, Any]:
    """Return the default remote of a repository, as .dvc/config.local of another machine; {} where there is none."""
    from dvc.repo import Repo

    with Repo(str(root)) as repo:
        name = repo.config["core"].get("remote")
        remote = dict(repo.config["remote"].get(name, {})) if name else {}
    if not remote:
        return {}
    return {"core": {"remote": name}, "remote": {name: {key: _plain(value) for key, value in remote.items()}}}


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | bool | int | float) else str(value)


def _write_config(folder: Path, config: Mapping[str, Any]) -> None:
    from dvc.config import Config

    with Config(str(folder / ".dvc"), validate=False).edit("local", validate=False) as local:
        for section in local.values():
            section.clear()
        local.update({section: dict(values) for section, values in config.items()})
    git(folder, "config", "core.quotepath", "false")
    ignored = folder / ".git/info/exclude"
    ignored.parent.mkdir(parents=True, exist_ok=True)
    ignored.write_text(".dvc/config.local\n.dvc/tmp\n.dvc/cache\n", encoding="utf-8")
