"""A grid from its plan to its end: data first, then members as there is room, each brought home as it ends.

What a member came to is noted only after its experiment is in the repository and its runs are in MLflow's store. The
same plan run again goes on with what is not noted; nothing is trained twice, as the run cache and checkpoints know it.
"""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType

from chestbench.core.one_at_a_time import one_at_a_time
from chestbench.grid import state
from chestbench.grid.address import address_of
from chestbench.grid.beside import Beside
from chestbench.grid.engine import Grid
from chestbench.grid.events import MemberStatus, OnChange, Plan, Proposer
from chestbench.grid.jobs import Jobs
from chestbench.grid.on_ray import Cluster
from chestbench.grid.storage import chosen
from chestbench.repository.git import git


def run_grid(plan: Plan, on_change: OnChange, propose: Proposer | None = None) -> list[MemberStatus]:
    """Run a grid to its end.

    Args:
        plan: what is run.
        on_change: called with all members, in their order, whenever one has changed.
        propose: gives further members while it runs.

    Returns:
        What each came to: `done`, `failed`, or `skipped` where an earlier run of the same grid had done it.

    Raises:
        ChestbenchError: Ray, Git or DVC refuse, or the same grid is at work already.
        KeyboardInterrupt: after all processes of members have been ended.
    """
    code = state.code_id(plan.root, plan.tree)
    lock = state.folder_of(plan.root, plan.name).with_suffix(".lock")
    with one_at_a_time(lock, f"chestbench grid {plan.name}"), ExitStack() as held:
        state.refuse_taken(plan.root, plan)
        state.begin(plan)
        grid = Grid(plan, on_change, propose, code)
        if not grid.has_work():
            return grid.statuses()
        address = address_of(plan.settings)
        words = f"joining Ray at {address}" if address else "starting Ray"
        print(f"grid {plan.name}: {words}", file=sys.stderr, flush=True)
        cluster = Cluster(plan.settings)
        held.callback(cluster.close)
        held.enter_context(_sigterm_interrupts())
        place = held.enter_context(chosen(plan, cluster))
        print(f"grid {plan.name}: {place.said}", file=sys.stderr, flush=True)
        held.enter_context(_kept_commits(plan))
        jobs = Jobs(plan, place, cluster.is_own)
        beside = Beside(plan, place, jobs, grid.stage_of_data)
        held.callback(beside.close)
        grid.run(cluster, jobs, beside)
        return grid.statuses()


@contextmanager
def _sigterm_interrupts() -> Iterator[None]:
    """Have SIGTERM end the grid as Ctrl-C does, where Ray would print its stack and no word."""
    if threading.current_thread() is not threading.main_thread():  # only the main thread may say so
        yield
        return

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


@contextmanager
def _kept_commits(plan: Plan) -> Iterator[None]:
    """Name what is run while it runs, so that Git keeps uncommitted changes that no branch holds."""
    ref = f"refs/chestbench/grids/{plan.name}"
    git(plan.root, "update-ref", ref, plan.tree.tree)
    try:
        yield
    finally:
        git(plan.root, "update-ref", "-d", ref, check=False)
