"""How much of several cards a grid uses: `python -m benchmarks.grid [SECONDS]`, in a clone that is left behind.

Eight members that sleep in place of training, on eight cards that Ray is told of and that are none, against one such
member on one card: the ratio of both times, and what a member costs beside its training. DVC, Git, clones and MLflow
are the real ones, so the speed of the processors counts: eight members start DVC at the same moment.
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

from tests.grid.work import grid, toy
from tests.pipeline.workspace import Workspace

CARDS = 8
# The first seed of each grid: it takes no training of an earlier one from the cache.
SEEDS = {"warm-up": 20, "one": 30, "eight": 40}


def timed(workspace: Workspace, members: int, seconds: float, name: str) -> tuple[float, float]:
    """Run members that train for so many seconds each; return the seconds of the grid and of its slowest member.

    Raises:
        RuntimeError: they came from the cache, and trained nothing.
    """
    seeds = ",".join(str(SEEDS[name] + member) for member in range(members))
    command = grid("-S", f"seed={seeds}", "--name", name)
    begun = time.monotonic()
    workspace.run(*command, timeout=3600, TOY_SECONDS=str(seconds), RAY_OVERRIDE_RESOURCES=json.dumps({"GPU": CARDS}))
    took = time.monotonic() - begun
    files = list((workspace.folder / f".dvc/tmp/grids/{name}/members").glob("*.json"))
    slowest = max(json.loads(path.read_text())["seconds"] for path in files)
    if len(files) != members or slowest < seconds:
        raise RuntimeError(
            f"{name}: expected {members} members that train for {seconds} s, received {took:.0f} s in all"
        )
    return took, slowest


def main() -> None:
    """Print both times, the ratio and the overhead."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", type=float, nargs="?", default=240.0, help="that a training sleeps (240)")
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder:
        workspace = toy(Path(folder, "root"))
        timed(workspace, 1, 0, "warm-up")  # the store's tables and compiled modules, once
        one, alone = timed(workspace, 1, seconds, "one")
        eight, slowest = timed(workspace, CARDS, seconds, "eight")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, trainings of {seconds:.0f} s")
    print(f"one member: {one:.0f} s in all, {alone - seconds:.1f} s beside its training")
    print(f"{CARDS} members on {CARDS} cards: {eight:.0f} s in all, {eight / one:.2f} of one")
    print(f"the slowest of them: {slowest - seconds:.1f} s beside its training")


if __name__ == "__main__":
    main()
