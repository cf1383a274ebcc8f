"""The experiment's page in MLflow: all its runs side by side, the chosen one, and `compare`'s files with its run."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chestbench.core.files import read_json, sha256_json
from chestbench.tracking import view
from chestbench.tracking.detection.measures import CHOSEN_ON as DETECTOR_ON
from chestbench.tracking.measures import CHOSEN_ON, VAL_AUC
from chestbench.tracking.naming import dataset_detector, dataset_model
from chestbench.tracking.overview import DETECTORS, NETWORKS, Judged, chosen, page
from chestbench.tracking.registry import name_chosen
from chestbench.tracking.run import find_runs, warn
from chestbench.tracking.sending import file_hashes, upload
from chestbench.tracking.store import Store, connect, patiently, trouble

if TYPE_CHECKING:
    from mlflow.entities import Run as MlflowRun

NOTE = "mlflow.note.content"
# Tags of a run: which images val and test held, a figure with its interval, what the audit warns of.
IMAGES_TAG, TEST_TAG, WARNINGS_TAG = "images_sha256", "test/balanced_accuracy", "audit_warnings"
# The figure of a detector's run.
DETECTOR_TAG = "test/map50"
# More runs than a person compares; older ones are not read.
MOST_RUNS = 1000


def describe_experiment(experiment: str, folder: Path, winner: Mapping[str, Any], warnings: Sequence[str] = ()) -> None:
    """Show all runs of the experiment on its page and attach the folder to the winner's run, if the store lets it.

    Args:
        experiment: name of the experiment.
        folder: results/compare, attached as `comparison`.
        winner: metrics/models/{model}.json of the chosen network; of the detector where no network was trained.
        warnings: of the audit, which the page says first while that run is the best.
    """
    try:
        store = connect()
        patiently(lambda: _attach(store, experiment, folder, winner["run_key"], warnings))
        patiently(lambda: show_runs(store, experiment))
    except trouble() as error:
        warn("the leaderboard", error)


def chosen_record(root: Path) -> Mapping[str, Any] | None:
    """Return the record of what `compare` chose in `root`: the network, without one the detector; None: no record."""
    summary = root / "metrics" / "summary.json"
    if not summary.is_file():
        return None
    found = read_json(summary)
    kind, name = ("models", found["winner"]) if "winner" in found else ("detectors", found["detector"])
    path = root / "metrics" / kind / f"{name}.json"
    return read_json(path) if path.is_file() else None


def show_experiment(experiment: str) -> None:
    """Bring the experiment's page up to date, if the store lets it; called when a network is evaluated."""
    try:
        store = connect()
        patiently(lambda: show_runs(store, experiment))
    except trouble() as error:
        warn("the page of the experiment", error)


def sync_experiment(root: Path, experiments: set[str]) -> list[str]:
    """Bring pages of experiments up to date and attach `{root}/results/compare`; return those changed.

    The folder is attached only while its winner's measures are those in the workspace.

    Raises:
        what `trouble()` lists: the store cannot be reached.
    """
    store, changed = connect(root), []
    folder = root / "results" / "compare"
    audit = root / "metrics" / "audit.json"
    warnings = read_json(audit)["warnings"] if audit.is_file() else []
    winner = chosen_record(root) if folder.is_dir() else None
    for experiment in sorted(experiments):
        own = winner if winner is not None and winner["experiment"] == experiment else None
        attached = own is not None and patiently(lambda: _attach(store, experiment, folder, own["run_key"], warnings))  # noqa: B023
        shown = patiently(lambda: show_runs(store, experiment))  # noqa: B023
        if attached or shown:
            changed.append(experiment)
    return changed


def show_runs(store: Store, experiment: str) -> bool:
    """Write the experiment's note, view and kind, and name its chosen model; return whether anything changed."""
    found = store.experiment(experiment)
    finished = _finished(store, found.experiment_id)
    runs = [judged for run in finished if (judged := _judged(run, CHOSEN_ON, VAL_AUC, TEST_TAG)) is not None]
    detectors = [judged for run in finished if (judged := _judged(run, DETECTOR_ON, "", DETECTOR_TAG)) is not None]
    note = page(experiment, runs, view.address(found.experiment_id), detectors)
    saved = view.saved(found.creation_time or 0, bool(runs) or not detectors, bool(detectors))
    wanted = {NOTE: note, view.TAG: saved, view.KIND[0]: view.KIND[1]}
    missing = {key: value for key, value in wanted.items() if found.tags.get(key) != value}
    for key, value in missing.items():
        store.client.set_experiment_tag(found.experiment_id, key, value)
    named = False
    for group, name_of, words in ((runs, dataset_model, NETWORKS), (detectors, dataset_detector, DETECTORS)):
        if (best := chosen(group)) is not None:
            named |= name_chosen(store, best.dataset, best.model, best.id, name_of(best.dataset), words.one)
    return bool(missing) or named


def _finished(store: Store, experiment_id: str) -> "list[MlflowRun]":
    return list(
        store.client.search_runs(
            [experiment_id],
            "attributes.status = 'FINISHED'",
            max_results=MOST_RUNS,
            order_by=["attributes.start_time DESC"],
        )
    )


def _judged(run: "MlflowRun", chosen_on: str, between_equals: str, test_tag: str) -> Judged | None:
    """Return what the page says of a run; None: of another kind, or not evaluated (yet, or as a further seed)."""
    tags, metrics = run.data.tags, run.data.metrics
    if IMAGES_TAG not in tags or chosen_on not in metrics:
        return None
    return Judged(
        id=run.info.run_id,
        name=run.info.run_name,
        model=tags["model"],
        dataset=tags["dataset"],
        val=metrics[chosen_on],
        val_auc=metrics.get(between_equals, 0.0),
        test=tags.get(test_tag, ""),
        images=tags[IMAGES_TAG],
        ended=run.info.end_time or 0,
        tiny=tags.get("tiny") == "true",
        warnings=tuple(json.loads(tags.get(WARNINGS_TAG, "[]"))),
    )


def _attach(store: Store, experiment: str, folder: Path, run_key: str, warnings: Sequence[str]) -> bool:
    """Send `compare`'s files with its chosen network's run unless they are there; return whether they came now."""
    experiment_id = store.experiment(experiment).experiment_id
    digest = sha256_json({"files": file_hashes(folder, "*"), "warnings": list(warnings)})
    whole = [run for run in find_runs(store, experiment_id, run_key) if run.info.status == "FINISHED"]
    if not whole or whole[0].data.tags.get("comparison_sha256") == digest:
        return False
    upload(store, whole[0].info.run_id, folder, "comparison")
    store.client.set_tag(whole[0].info.run_id, WARNINGS_TAG, json.dumps(list(warnings), ensure_ascii=False))
    # Last, so that a process that dies before starts over.
    store.client.set_tag(whole[0].info.run_id, "comparison_sha256", digest)
    return True
