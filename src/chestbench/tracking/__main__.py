"""`python -m chestbench.tracking sync`: write to MLflow what it misses of this repository's outputs."""

import argparse
import logging
import sys

from chestbench.errors import ChestbenchError
from chestbench.tracking.store import repository_root
from chestbench.tracking.sync import sync


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m chestbench.tracking", description=__doc__)
    parser.add_argument("command", choices=["sync"], help="rebuild missing runs; doing it twice adds nothing")
    parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="tracking: %(message)s", stream=sys.stderr)
    root = repository_root()
    if not list(root.glob("models/*/training.json")):
        print("MLflow: no trained network in this workspace, nothing to rebuild; run `dvc repro` (or `dvc checkout`)")
        return 0
    try:
        changed = sync(root)
    except ChestbenchError as error:
        print(f"tracking: error: {error}", file=sys.stderr)
        return 1
    print(
        f"MLflow: {len(changed)} run(s) rebuilt or completed: {', '.join(changed)}" if changed else "MLflow is complete"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
