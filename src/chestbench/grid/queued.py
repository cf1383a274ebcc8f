"""Experiments that `dvc exp run --queue` has queued, as members of a grid; they leave the queue when they are done."""

from collections.abc import Sequence
from pathlib import Path

from chestbench.core.errors import ChestbenchError
from chestbench.core.unique_yaml import load_yaml
from chestbench.grid.events import Member
from chestbench.repository.git import Tree, git
from chestbench.repository.parameters import check_values, flat
from chestbench.repository.paths import check_paths, with_absolute_paths

_ABSENT = object()


def queued_members(root: Path, tree: Tree) -> tuple[list[Member], list[str]]:
    """Return what is queued on this commit, and what the person must know, a sentence each.

    Raises:
        ChestbenchError: nothing is queued on it, or the parameters of one are wrong.
    """
    # Takes a second.
    from dvc.repo import Repo

    members, said = [], []
    with Repo(str(root)) as repo:
        entries = list(repo.experiments.celery_queue.iter_queued())
    for entry in entries:
        if entry.baseline_rev != tree.commit:
            said.append(f"{entry.name}: stays in the queue, as it was queued on commit {entry.baseline_rev[:12]}")
            continue
        members.append(_member(root, tree, entry.name, entry.stash_rev))
    if not members:
        raise ChestbenchError(
            f"expected experiments that are queued on commit {tree.commit[:12]}, found none; "
            "`dvc exp run --queue -S ...` queues one, `dvc queue status` lists them"
        )
    return members, said


def take_off(root: Path, names: Sequence[str]) -> None:
    """Remove experiments from DVC's queue; one that is not there any more is none."""
    from dvc.repo import Repo

    with Repo(str(root)) as repo:
        queue = repo.experiments.celery_queue
        waiting = {entry.name for entry in queue.iter_queued()}
        if there := [name for name in names if name in waiting]:
            queue.remove(there)


def _member(root: Path, tree: Tree, name: str, revision: str) -> Member:
    values = load_yaml(git(root, "show", f"{revision}:params.yaml"))
    check_values(values)
    absolute = with_absolute_paths(values, root)
    if absolute["evaluate"]["external"] != values["evaluate"]["external"]:
        raise ChestbenchError(f"{name}: expected absolute paths in evaluate.external, received a relative one")
    check_paths(absolute)
    changed = [
        f"dataset.{key}={absolute['dataset'][key]}"
        for key in ("path", "watch")
        if absolute["dataset"][key] != values["dataset"][key]
    ]
    committed = flat(load_yaml(git(root, "show", f"{tree.commit}:params.yaml")))
    told = tuple(f"{key}={value}" for key, value in flat(values).items() if committed.get(key, _ABSENT) != value)
    return Member(name, tuple(changed), absolute, revision, told)
