"""Bring into MLflow what it misses of the outputs in this repository, and nothing twice.

DVC restores cached stages without running them, and a store may have been away: then no run was written.
"""

from pathlib import Path

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json
from chestbench.measures.detection.record import TASK
from chestbench.reports.model_card import CARD
from chestbench.tracking.card import log_card
from chestbench.tracking.data_folders import data_pictures, has_data_of
from chestbench.tracking.detection.results import DetectorRun
from chestbench.tracking.experiment import sync_experiment
from chestbench.tracking.external import log_all_external
from chestbench.tracking.report import sync_report
from chestbench.tracking.results import NetworkRun, measures_of, resume_as
from chestbench.tracking.run import close_abandoned
from chestbench.tracking.running import abandoned, alone
from chestbench.tracking.seeds import log_seeds
from chestbench.tracking.store import connect, patiently, trouble
from chestbench.tracking.view import address
from chestbench.training.records import TrainingRecord


def sync(root: Path) -> list[str]:
    """Rebuild or complete the run of every training in `{root}/models`; return the names of those that changed.

    A network without metrics yet gets its run with parameters and curves only. Last come the experiment's page and the
    report.

    Raises:
        ChestbenchError: a run could not be written.
    """
    with alone(root):
        return _sync(root)


def _sync(root: Path) -> list[str]:
    changed, experiments = [], set()
    for path in sorted(root.glob("models/*/training.json")):
        folder, training = path.parent, read_json(path)
        experiments.add(training["mlflow_experiment"])
        runs = _sync_training(DetectorRun if training.get("task") == TASK else NetworkRun, root, folder, training)
        if any(run.store is None for run in runs):
            raise ChestbenchError(
                "MLflow: expected a store that takes runs, received the error above; run it again later"
            )
        if any(run.changed for run in runs):
            changed.append(folder.name)
    try:
        pages, report = sync_experiment(root, experiments), sync_report(root)
    except trouble() as error:
        raise ChestbenchError(_refused(error)) from None
    told = [f"the page of {page}" for page in pages] + ([f"the report of {report}"] if report else [])
    # Page and report follow the runs: they are worth a word where those were complete.
    return changed or told


def _sync_training(kind: type[NetworkRun], root: Path, folder: Path, training: TrainingRecord) -> list[NetworkRun]:
    """Complete the runs of a network or a detector and of its further seeds, and return them."""
    run = resume_as(kind, folder, root)
    metrics, results = root / kind.measured / f"{folder.name}.json", root / "results/models" / folder.name
    record = measures_of(metrics, results, training)
    if record is not None:
        pictures = data_pictures(root, kind.data_folders) if has_data_of(root, training) else {}
        run.log_results(record, results, folder / "model.keras", pictures)
        if (folder / CARD).is_file():
            log_card(run, folder / CARD)
        log_all_external(run, training, root)
    return [run, *log_seeds(kind, folder, record, root)]


def addresses(root: Path) -> dict[str, str]:
    """Return where MLflow's pages compare the runs of each experiment of the networks in `{root}/models`, by its name.

    From the root of the pages on, such as `#/experiments/1/runs?...`.

    Raises:
        ChestbenchError: the store cannot be reached.
    """
    names = {read_json(path)["mlflow_experiment"] for path in root.glob("models/*/training.json")}
    try:
        store = connect(root)
        return {name: address(patiently(lambda: store.experiment(name)).experiment_id) for name in sorted(names)}  # noqa: B023
    except trouble() as error:
        raise ChestbenchError(_refused(error)) from None


def mark_killed(root: Path) -> int:
    """Mark the runs KILLED that a process of this repository logged and that died; return how many there were.

    Raises:
        ChestbenchError: the store does not take it.
    """
    if not abandoned(root):
        return 0
    try:
        store = connect(root)
        return patiently(lambda: close_abandoned(store, root))
    except trouble() as error:
        raise ChestbenchError(_refused(error)) from None


def _refused(error: Exception) -> str:
    return f"MLflow: expected a store that takes runs, received: {error}; run it again later"
