"""The experiment's page in MLflow: the leaderboard, and its files with the run of the chosen network."""

from pathlib import Path

from chestbench.core.files import read_json, sha256_json
from chestbench.measures.record import NetworkRecord
from chestbench.reports.leaderboard_text import PAGE
from chestbench.tracking.run import find_runs, warn
from chestbench.tracking.sending import file_hashes, upload
from chestbench.tracking.store import Store, connect, patiently, trouble

NOTE = "mlflow.note.content"


def describe_experiment(experiment: str, note: str, folder: Path, winner: NetworkRecord) -> None:
    """Show the page in MLflow and attach the folder to the winner's run, if the store lets it.

    Args:
        experiment: name of the experiment.
        note: Markdown.
        folder: results/compare, attached as `comparison`; holds the page as `PAGE`.
        winner: its metrics/models/{model}.json.
    """
    try:
        store = connect()
        patiently(lambda: _show(store, experiment, note, folder, winner["run_key"]))
    except trouble() as error:
        warn("the leaderboard", error)


def sync_experiment(root: Path) -> str | None:
    """Show the page of `{root}/results/compare` where MLflow lacks it; return the experiment's name if it did.

    Only while its winner's measures are those in the workspace.

    Raises:
        what `trouble()` lists: the store cannot be reached.
    """
    folder, summary = root / "results" / "compare", root / "metrics" / "summary.json"
    if not (folder / PAGE).is_file() or not summary.is_file():
        return None
    metrics = root / "metrics" / "models" / f"{read_json(summary)['winner']}.json"
    if not metrics.is_file():
        return None
    winner, note = read_json(metrics), (folder / PAGE).read_text(encoding="utf-8")
    store = connect(root)
    shown = patiently(lambda: _show(store, winner["experiment"], note, folder, winner["run_key"]))
    return winner["experiment"] if shown else None


def _show(store: Store, experiment: str, note: str, folder: Path, run_key: str) -> bool:
    """Send what is not there; return whether there was any."""
    found, changed = store.experiment(experiment), False
    if found.tags.get(NOTE) != note:
        store.client.set_experiment_tag(found.experiment_id, NOTE, note)
        changed = True
    digest = sha256_json(file_hashes(folder, "*"))
    whole = [run for run in find_runs(store, found.experiment_id, run_key) if run.info.status == "FINISHED"]
    if whole and whole[0].data.tags.get("comparison_sha256") != digest:
        upload(store, whole[0].info.run_id, folder, "comparison")
        store.client.set_tag(whole[0].info.run_id, "comparison_sha256", digest)
        changed = True
    return changed
