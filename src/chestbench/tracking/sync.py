"""Bring into MLflow what it misses of the outputs in this repository, and nothing twice.

DVC restores cached stages without running them, and a store may have been away: then no run was written.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chestbench.errors import ChestbenchError
from chestbench.files import read_json
from chestbench.tracking.results import data_pictures, resume_run


def sync(root: Path) -> list[str]:
    """Rebuild or complete the run of every network in `{root}/models`; return the names of those that changed.

    A network without metrics yet gets its run with parameters and curves only.

    Raises:
        ChestbenchError: a run could not be written.
    """
    changed = []
    for path in sorted(root.glob("models/*/training.json")):
        folder, training = path.parent, read_json(path)
        run = resume_run(training, folder / "history.csv", root)
        metrics, results = (
            root / "metrics" / "models" / f"{folder.name}.json",
            root / "results" / "models" / folder.name,
        )
        if metrics.is_file() and results.is_dir():
            record = read_json(metrics)
            # Measures of an earlier training wait for their own evaluation.
            if record["run_key"] == training["run_key"]:
                pictures = data_pictures(root) if _has_data_of(root, training) else {}
                run.log_results(record, results, folder / "model.keras", pictures)
        if run.store is None:
            raise ChestbenchError(
                "MLflow: expected a store that takes runs, received the error above; run it again later"
            )
        if run.changed:
            changed.append(folder.name)
    return changed


def _has_data_of(root: Path, training: Mapping[str, Any]) -> bool:
    """Tell whether the data in the workspace are those of a training, so that their pictures are of its images."""
    info = root / "data" / "processed" / "info.json"
    return info.is_file() and read_json(info)["data_sha256"] == training["data_sha256"]
