"""The report of a study as an artifact of the run of the chosen network, where MLflow shows it as a page."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chestbench.core.files import sha256_file
from chestbench.tracking.experiment import chosen_record
from chestbench.tracking.run import find_runs, warn
from chestbench.tracking.sending import upload
from chestbench.tracking.store import Store, connect, patiently, trouble

ARTIFACT, TAG = "report", "report_sha256"


def log_report(path: Path, chosen: Mapping[str, Any]) -> None:
    """Attach the report to the run of the chosen network, if the store lets it.

    Args:
        path: results/report.html.
        chosen: metrics/models/NAME.json of the chosen network, or metrics/detectors/NAME.json where none was trained.
    """
    try:
        store = connect()
        patiently(lambda: _attach(store, path, chosen))
    except trouble() as error:
        warn("the report", error)


def sync_report(root: Path) -> str | None:
    """Attach `{root}/results/report.html` where MLflow lacks it; return the experiment's name if it did.

    Raises:
        what `trouble()` lists: the store cannot be reached.
    """
    path, chosen = root / "results" / "report.html", chosen_record(root)
    if not path.is_file() or chosen is None:
        return None
    store = connect(root)
    experiment: str = chosen["experiment"]
    return experiment if patiently(lambda: _attach(store, path, chosen)) else None


def _attach(store: Store, path: Path, chosen: Mapping[str, Any]) -> bool:
    """Send the file where the run has another or none; return whether it was sent."""
    found = store.experiment(chosen["experiment"])
    whole = [run for run in find_runs(store, found.experiment_id, chosen["run_key"]) if run.info.status == "FINISHED"]
    digest = sha256_file(path)
    if not whole or whole[0].data.tags.get(TAG) == digest:
        return False
    upload(store, whole[0].info.run_id, path.parent, ARTIFACT, path.name)
    store.client.set_tag(whole[0].info.run_id, TAG, digest)
    return True
