"""`python -m chestbench.tracking sync`: write to MLflow what it misses of this repository's outputs."""

import argparse
import logging
import sys
from pathlib import Path

from chestbench.core.errors import ChestbenchError
from chestbench.tracking.store import repository_root
from chestbench.tracking.sync import mark_killed, sync


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m chestbench.tracking", description=__doc__)
    parser.add_argument("command", choices=["sync"], help="rebuild missing runs; doing it twice adds nothing")
    parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="tracking: %(message)s", stream=sys.stderr)
    root = repository_root()
    try:
        return _sync(root)
    except ChestbenchError as error:
        print(f"tracking: error: {error}", file=sys.stderr)
        return 1


def _sync(root: Path) -> int:
    killed = mark_killed(root)
    if killed:
        print(f"MLflow: {killed} run(s) whose process had died marked as killed")
    if not list(root.glob("models/*/training.json")):
        print("MLflow: no trained network in this workspace, nothing to rebuild; run `dvc repro` (or `dvc checkout`)")
        return 0
    changed = sync(root)
    print(f"MLflow: {len(changed)} rebuilt or completed: {', '.join(changed)}" if changed else "MLflow is complete")
    return 0


if __name__ == "__main__":
    sys.exit(main())
