"""A plan from what was typed; nothing is run, and nothing of the repository is changed."""

import os
from collections.abc import Sequence
from pathlib import Path

from chestbench.core.errors import ChestbenchError
from chestbench.grid.events import Plan, Settings
from chestbench.grid.members import check_name, expand, grid_name, members_of
from chestbench.grid.queued import queued_members
from chestbench.repository.git import git, read_tree

_PLAIN = Settings()


def plan_of(
    root: Path,
    written: Sequence[str],
    settings: Settings = _PLAIN,
    name: str | None = None,
    is_search: bool = False,
    choices: Sequence[Sequence[str]] | None = None,
) -> Plan:
    """Compose and check a grid.

    Args:
        root: of the repository.
        written: as after `-S`, lists of values among them.
        settings: how it runs.
        name: of the grid; None: one made of `written`.
        is_search: whether members are proposed while it runs; `written` then holds for all of them.
        choices: overrides of each member in place of those that `written` stands for, as a replication has them.

    Raises:
        ChestbenchError: no Git repository with a commit, a wrong name, or wrong parameters in any member.
    """
    _check_person(root)
    tree = read_tree(root)
    said = [tree.left_out()] if tree.unknown else []
    if tree.changed:
        said.append(f"code: {tree.in_words()}: part of every member, as with `dvc exp run`")
    choices = expand(written) if choices is None else choices
    grid = check_name(name) if name else grid_name([*written, *(" ".join(one) for one in choices)])
    if is_search:
        return Plan(root, grid, tree, (), settings, tuple(said))
    members, more = members_of(grid, root, tree, choices)
    return Plan(root, grid, tree, tuple(members), settings, (*said, *more))


def plan_of_queue(root: Path, settings: Settings = _PLAIN, name: str | None = None) -> Plan:
    """Make a grid of what `dvc exp run --queue` has queued.

    Raises:
        ChestbenchError: nothing is queued on this commit; see `plan_of`.
    """
    _check_person(root)
    tree = read_tree(root)
    members, said = queued_members(root, tree)
    return Plan(root, check_name(name) if name else "queue", tree, tuple(members), settings, tuple(said))


def person_of(root: Path) -> tuple[str, str]:
    """Return name and address for DVC's commits, "" where there is none."""
    parts = [(part, f"GIT_COMMITTER_{part.upper()}") for part in ("name", "email")]
    name, address = (
        os.environ.get(variable) or git(root, "config", f"user.{part}", check=False) for part, variable in parts
    )
    return name, address


def _check_person(root: Path) -> None:
    if not all(person_of(root)):
        raise ChestbenchError(
            "expected a name for DVC's commits, found none; `git config user.name NAME` and "
            "`git config user.email ADDRESS`"
        )
