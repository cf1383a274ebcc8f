"""`chestbench sync`: write to MLflow what it misses of this repository's outputs."""

import argparse
import logging
import os
import sys

from chestbench.core.secrets import shown
from chestbench.tracking.store import repository_root
from chestbench.tracking.sync import addresses, mark_killed, sync


def main(arguments: list[str]) -> int:
    """Mark runs whose process died, rebuild what is missing, and say what was done; return 0."""
    description = "Rebuild the MLflow runs that are missing or incomplete; doing it twice adds nothing."
    argparse.ArgumentParser(prog="chestbench sync", description=description).parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="tracking: %(message)s", stream=sys.stderr)
    root = repository_root()
    killed = mark_killed(root)
    if killed:
        print(f"MLflow: {killed} run(s) whose process had died marked as killed")
    if not list(root.glob("models/*/training.json")):
        print("MLflow: no trained network in this workspace, nothing to rebuild; run `dvc repro` (or `dvc checkout`)")
        return 0
    changed = sync(root)
    print(f"MLflow: {len(changed)} rebuilt or completed: {', '.join(changed)}" if changed else "MLflow is complete")
    server = os.environ.get("MLFLOW_TRACKING_URI", "")
    # `mlflow ui` without flags, where the store is a database.
    pages = shown(server).rstrip("/") if server.startswith("http") else "http://127.0.0.1:5000"
    for experiment, place in addresses(root).items():
        print(f"MLflow compares the runs on {experiment} at {pages}/{place}")
    return 0
