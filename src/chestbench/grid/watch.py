"""A grid that is watched: its plan in words, or its run with the live table, and what it came to."""

import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress

from chestbench.core.errors import ChestbenchError
from chestbench.core.printable import printable
from chestbench.core.wrapping import fill, width_of_terminal
from chestbench.grid.events import MemberStatus, Plan
from chestbench.grid.plan import look_ahead, plan_lines
from chestbench.grid.proposer import SearchMembers, searching
from chestbench.grid.rows import ENDED
from chestbench.grid.summary import summary_lines
from chestbench.grid.table import GridTable
from chestbench.grid.tried import note, tiny_ones

NOT_ENDED = "-"


def plan_text(plan: Plan, written: Sequence[str], count: int | None) -> str:
    """Return what `--plan` prints; nothing is run, and nothing in the repository is written.

    Args:
        plan: of the grid.
        written: as after -S.
        count: settings that a search tries; None: it is none.

    Raises:
        ChestbenchError: see `searching`.
    """
    if count is None:
        count_words = f"{len(plan.members)} member{'s' if len(plan.members) != 1 else ''}"
        lines = plan_lines(plan, look_ahead(plan), width_of_terminal())
    else:
        with searching(plan, written, count) as proposer:
            count_words, lines = f"a search of {count} settings", _search_lines(proposer)
    head = f"grid {plan.name}: {count_words} of {plan.tree.in_words()}; nothing is run, nothing is written"
    return "\n".join([printable(head), *map(printable, lines), "to run it: the same command without --plan"])


def run_watched(plan: Plan, written: Sequence[str], count: int | None, again: str) -> int:
    """Run a grid with the live table, and say what it came to; return 0 where all members are done, else 1.

    Args:
        plan: of the grid.
        written: as after -S.
        count: settings that a search tries; None: it is none.
        again: the command that goes on with it.

    Raises:
        ChestbenchError: see `run_grid` and `searching`.
        KeyboardInterrupt: after it was said how to go on.
    """
    from chestbench.grid.run import run_grid

    statuses: list[MemberStatus] = []
    values, noted = {member.name: member.values for member in plan.members}, dict[str, str]()

    def take(found: list[MemberStatus]) -> None:
        statuses[:] = found
        ended = {each.name: each.commit for each in found if each.state in ENDED or each.state == "failed"}
        if len(found) != len(noted) or any(noted[name] != commit for name, commit in ended.items()):
            noted.update({each.name: ended.get(each.name, NOT_ENDED) for each in found})
            with suppress(ChestbenchError):  # a full disk ends no grid; the last note says so
                note(plan.root, plan.name, found, values)
        # Behind the note: what is shown as done is noted, whatever dies now.
        table.update(found)

    with ExitStack() as held:
        proposer = held.enter_context(searching(plan, written, count)) if count is not None else None
        try:
            with GridTable(plan.name, plan.settings.gpus_per_run) as table:
                statuses[:] = run_grid(plan, take, proposer)
        except KeyboardInterrupt:
            print(f"\ngrid {plan.name}: what was finished is kept; the same command goes on: {again}", file=sys.stderr)
            raise
        finally:
            note(plan.root, plan.name, statuses, values)
    tiny = tiny_ones(plan.root, statuses)
    print("\n".join(summary_lines(plan.name, statuses, width_of_terminal(), again, tiny)))
    if proposer is not None:
        print("\n".join(_of_search(proposer)))
    return 1 if any(each.state == "failed" for each in statuses) else 0


def _search_lines(proposer: SearchMembers) -> list[str]:
    search = proposer.search
    lines = [f"  {words}" for words in search.ranges]
    lines.append("each proposal comes from what val said of those before; test is never asked")
    if search.possible is not None and search.possible < search.count:
        lines.append(f"there are {search.possible} settings, so no more are tried")
    if search.tried:
        lines.append(f"{min(search.tried, search.count)} were proposed by an earlier call and come first")
    return lines


def _of_search(proposer: SearchMembers) -> list[str]:
    search, width = proposer.search, width_of_terminal()
    lines = fill(f"{search.tried} settings were proposed; a larger --search goes on from them", width)
    return [*lines, *(f"not tried, as its values do not go together: {printable(each)}" for each in proposer.refused)]
