"""A plan from what was typed; nothing is run, and nothing of the repository is changed."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from chestbench.core.errors import ChestbenchError
from chestbench.grid.events import Plan, Settings
from chestbench.grid.members import check_name, expand, grid_name, members_of
from chestbench.grid.queued import queued_members
from chestbench.repository.git import Tree, git, read_tree

_PLAIN = Settings()
Say = Callable[[str, str], None]


def _nothing(_grid: str, _text: str) -> None:
    """Say nothing."""


def plan_of(
    root: Path,
    written: Sequence[str],
    settings: Settings = _PLAIN,
    name: str | None = None,
    is_search: bool = False,
    choices: Sequence[Sequence[str]] | None = None,
    say: Say = _nothing,
) -> Plan:
    """Compose and check a grid.

    Args:
        root: of the repository.
        written: as after `-S`, lists of values among them.
        settings: how it runs.
        name: of the grid; None: one made of `written`.
        is_search: whether members are proposed while it runs; `written` then holds for all of them.
        choices: overrides of each member in place of those that `written` stands for, as a replication has them.
        say: called with the grid's name and what is done next, before what takes a while.

    Raises:
        ChestbenchError: no Git repository with a commit, a wrong name, or wrong parameters in any member; with what
            of the folder is not run, as what was not found may be among it.
    """
    tree = read_tree(root)
    said = [tree.left_out()] if tree.left_out() else []
    if tree.changed:
        said.append(f"code: {tree.in_words()}: part of every member, as with `dvc exp run`")
    choices = expand(written) if choices is None else choices
    grid = check_name(name) if name else grid_name([*written, *(" ".join(one) for one in choices)])
    if is_search:
        return Plan(root, grid, tree, (), settings, tuple(said))
    say(grid, f"composing and checking {len(choices)} member{'s' if len(choices) != 1 else ''}")
    with naming_left_out(tree):
        members, more = members_of(grid, root, tree, choices)
    return Plan(root, grid, tree, tuple(members), settings, (*said, *more))


@contextmanager
def naming_left_out(tree: Tree) -> Iterator[None]:
    """Have an error that names something also say where what of the folder is not run may be it.

    Raises:
        ChestbenchError: the error, with that.
    """
    try:
        yield
    except ChestbenchError as error:
        words = set(re.findall(r"\w+", str(error)))
        may_be_it = any(set(re.findall(r"\w+", Path(name).stem)) & words for name in (*tree.unknown, *tree.beside))
        raise ChestbenchError(
            f"{error}\na grid runs {tree.in_words()}; {tree.left_out()}" if may_be_it else str(error)
        ) from None


def plan_of_queue(root: Path, settings: Settings = _PLAIN, name: str | None = None, say: Say = _nothing) -> Plan:
    """Make a grid of what `dvc exp run --queue` has queued.

    Args:
        root: of the repository.
        settings: how it runs.
        name: of the grid; None: queue.
        say: see `plan_of`.

    Raises:
        ChestbenchError: nothing is queued on this commit; see `plan_of`.
    """
    tree = read_tree(root)
    grid = check_name(name) if name else "queue"
    say(grid, "reading and checking what DVC has queued")
    members, said = queued_members(root, tree)
    return Plan(root, grid, tree, tuple(members), settings, tuple(said))


def person_of(root: Path) -> tuple[str, str]:
    """Return name and address for DVC's commits, "" where there is none."""
    parts = [(part, f"GIT_COMMITTER_{part.upper()}") for part in ("name", "email")]
    name, address = (
        os.environ.get(variable) or git(root, "config", f"user.{part}", check=False) for part, variable in parts
    )
    return name, address


def check_person(root: Path) -> None:
    """Refuse to run without a name for DVC's commits, before anything is done.

    Raises:
        ChestbenchError: there is none.
    """
    if not all(person_of(root)):
        raise ChestbenchError(
            "expected a name for DVC's commits, found none; `git config user.name NAME` and "
            "`git config user.email ADDRESS`"
        )
