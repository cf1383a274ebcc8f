"""What evaluation adds to a run: measures, pictures, tables, the model. Also closes gaps that a failed store left."""

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from chestbench.core.files import Row, read_csv, read_json, sha256_json
from chestbench.core.positive import read_positive
from chestbench.tracking.data_folders import DATA_FOLDERS
from chestbench.tracking.experiment import IMAGES_TAG
from chestbench.tracking.inputs import log_dataset
from chestbench.tracking.measures import interval_tags, measures_table, result_metrics, seed_metrics
from chestbench.tracking.naming import LOSS, parameter_values, training_figures, training_tags
from chestbench.tracking.run import Run, close_interrupted, find_runs, now, open_run, send, warn
from chestbench.tracking.running import is_held
from chestbench.tracking.sending import file_hashes, log_picture, log_table, send_new, upload
from chestbench.tracking.served import Parts, log_model
from chestbench.tracking.store import Store, connect, patiently, repository_root, trouble
from chestbench.training.records import TrainingRecord, read_history, read_training

if TYPE_CHECKING:
    from mlflow.entities import Run as MlflowRun

logger = logging.getLogger(__name__)
PICTURES = ("confusion_matrix", "roc", "pr", "calibration", "gradcam", "history")
# Artifacts: every measure as a table that MLflow shows, and the whole record.
TABLE, RECORD = "measures/table.json", "measures/record.json"
# Of what metrics, tables and tags are called: runs of an older version are sent anew.
NAMES = 2
REBUILT = {"rebuilt_from_outputs": "true", "mlflow.user": "", "mlflow.source.name": "chestbench"}


class NetworkRun(Run):
    """The run of a trained network for classes; other kinds of model say what is different (`detection.results`).

    Attributes:
        measured: folder of the records of evaluation, NAME.json each.
        data_folders: those of results/ whose pictures show the data that such a model learns from.
    """

    measured: ClassVar[str] = "metrics/models"
    data_folders: ClassVar[Sequence[str]] = DATA_FOLDERS

    training: TrainingRecord
    changed: bool = False

    def log_results(
        self, record: Mapping[str, Any], results: Path, model_file: Path, data_folders: Mapping[str, Path] | None = None
    ) -> None:
        """Log measures, pictures and the model, unless the run has these very ones.

        Args:
            record: what was measured, `{measured}/{model}.json`.
            results: results/models/{model}.
            model_file: models/{model}/model.keras.
            data_folders: name -> folder whose PNG pictures show the data, see `data_folders.data_pictures`.
        """
        self.attempt("the results", lambda store: self.send_results(store, record, results, model_file))
        self.log_data(data_folders or {})

    def send_results(self, store: Store, record: Any, results: Path, model_file: Path) -> None:
        """Send measures and model; the arguments are those of `log_results`."""
        positive = read_positive(record).name
        self.log_measured(
            store,
            record,
            results,
            result_metrics(record),
            measures_table(record),
            {**interval_tags(record), **_images(results), "positive": positive or "none"},
            PICTURES,
        )
        self.send_model(store, Parts.of(self.training, model_file, record, results))

    def seed_metrics(self, record: Any, seed: int) -> dict[str, float]:
        """Return what the record says of the training with a further seed, by MLflow name."""
        return seed_metrics(record, seed)

    def send_model(self, store: Store, parts: Parts) -> None:
        """Log and register the model, unless the run has this very one."""
        digest, run = parts.sha256(), store.client.get_run(self.id)
        if run.data.tags.get("model_sha256") == digest:
            return
        log_model(store, run.info.experiment_id, self.id, self.training, parts)
        store.client.set_tag(self.id, "model_sha256", digest)
        self.changed = True

    def log_measured(
        self,
        store: Store,
        record: Mapping[str, Any],
        results: Path,
        metrics: Mapping[str, float],
        table: Mapping[str, list],
        tags: Mapping[str, str],
        pictures: Sequence[str],
    ) -> None:
        """Send metrics, table, record, tags, files and pictures of an evaluation, unless the run has these very ones.

        Args:
            store: MLflow's.
            record: the whole of it.
            results: folder of its files.
            metrics: by MLflow name.
            table: every measure, columns and data.
            tags: of the run.
            pictures: names of the PNG files that are shown as images, without their ending.
        """
        files = file_hashes(results, "*")
        results_hash = sha256_json({"record": record, "files": files, "names": NAMES})
        if store.client.get_run(self.id).data.tags.get("results_sha256") == results_hash:
            return
        send_new(store, self.id, metrics)
        log_table(store, self.id, table, TABLE)
        store.client.log_dict(self.id, dict(record), RECORD)
        for tag, value in tags.items():
            store.client.set_tag(self.id, tag, value)
        upload(store, self.id, results, "results")
        for picture in pictures:
            if (results / f"{picture}.png").is_file():
                log_picture(store, self.id, results / f"{picture}.png", picture)
        # Last, so that a process that dies before starts over.
        store.client.set_tag(self.id, "results_sha256", results_hash)
        self.changed = True

    def log_data(self, data_folders: Mapping[str, Path]) -> None:
        """Log the PNG pictures of the data, by name of their folder, unless the run has these very ones."""
        for name, folder in data_folders.items():
            self.attempt("pictures of the data", partial(self._log_data, name=name, folder=folder))

    def _log_data(self, store: Store, name: str, folder: Path) -> None:
        pictures = file_hashes(folder, "*.png")
        tag, pictures_hash = f"{name}_pictures_sha256", sha256_json(pictures)
        if store.client.get_run(self.id).data.tags.get(tag) == pictures_hash:
            return
        upload(store, self.id, folder, f"data/{name}", "*.png")
        for picture in pictures:
            log_picture(store, self.id, folder / picture, f"data_{name}_{Path(picture).stem}")
        store.client.set_tag(self.id, tag, pictures_hash)
        self.changed = True


OfKind = TypeVar("OfKind", bound=NetworkRun)


def resume_as(kind: type[OfKind], folder: Path, root: Path | None = None) -> OfKind:
    """Return the run of a finished training, complete: found by its run key, else rebuilt from its files.

    Epochs that did not arrive while training are added; never fails for the store's sake.

    Args:
        kind: of run to return.
        folder: models/NAME or models/NAME/seeds/SEED.
        root: repository, when it is not DVC_ROOT or the current folder.
    """
    training, rows = read_training(folder), read_history(folder)
    try:
        store = connect(root)
        return patiently(lambda: _resume(store, training, rows, root or repository_root(), kind))
    except trouble() as error:
        warn("the run", error)
        return kind(None, None)


def measures_of(metrics: Path, results: Path, training: Mapping[str, Any]) -> Any:
    """Return what was measured of a training, None where nothing was: of an earlier one it waits for its evaluation.

    Args:
        metrics: file of the record.
        results: folder of its files.
        training: training.json.
    """
    record = read_json(metrics) if metrics.is_file() and results.is_dir() else None
    return record if record is not None and record["run_key"] == training["run_key"] else None


def _resume(store: Store, training: TrainingRecord, rows: list[Row], root: Path, kind: type[OfKind]) -> OfKind:
    run_id = _find(store, training, rows, root)
    if run_id is None:
        tags = {**training_tags(training), **REBUILT}
        start = now() - int(1000 * float(training["seconds"]))
        named = (training["mlflow_experiment"], training["model"], training["config"])
        made = open_run(store, root, *named, tags, start)
        run = _run_of(kind, store, made.run_id, training)
        run.changed = True
    else:
        run = _run_of(kind, store, run_id, training)
    found = store.client.get_run(run.id)
    _complete_description(store, found, training)
    logged = _losses(store, run.id)
    missing = [row for row in _timed(rows, found.info.start_time) if row[0] not in logged]
    if missing:
        run.log_epochs(missing)
        run.changed = True
    figures = training_figures(training)
    send_new(store, run.id, figures)
    if close_interrupted(store, found.info.experiment_id, training["run_key"], but=run.id):
        run.changed = True
    if found.info.status != "FINISHED":
        run.finish("FINISHED", max([found.info.start_time, *(when for _, _, when in missing)]))
    return run


def _complete_description(store: Store, found: "MlflowRun", training: TrainingRecord) -> None:
    """Add the parameters and tags that did not arrive when the run was opened."""
    parameters = parameter_values(training["config"], training["model"], training["dataset"])
    send(store, found.info.run_id, parameters={k: v for k, v in parameters.items() if k not in found.data.params})
    for key, value in training_tags(training).items():
        if found.data.tags.get(key) != value:
            store.client.set_tag(found.info.run_id, key, value)
    log_dataset(store, found.info.run_id, training_tags(training))


def _run_of(kind: type[OfKind], store: Store, run_id: str | None, training: TrainingRecord) -> OfKind:
    run = kind(store, run_id)
    run.training = training
    return run


def _find(store: Store, training: TrainingRecord, rows: list[Row], root: Path) -> str | None:
    """Return the id of the newest run of this very training, finished ones first, None where the store has none.

    A training that was repeated (`dvc repro -f`) has several runs of one key. Where it is not deterministic their
    losses differ: a run that logged other losses than history.csv has is another repetition's. One whose process still
    trains, or that failed or was killed, is none of a training that has finished.
    """
    losses = {int(row["epoch"]): float(row["loss"]) for row in rows}
    experiment_id = store.experiment(training["mlflow_experiment"]).experiment_id
    runs = find_runs(store, experiment_id, training["run_key"])
    # One that claims to be running lost its store before its end, or its process.
    for run in sorted(runs, key=lambda run: run.info.status != "FINISHED"):
        if run.info.status in ("FAILED", "KILLED") or is_held(root, run.info.run_id):
            continue
        if all(losses.get(epoch) == loss for epoch, loss in _losses(store, run.info.run_id).items()):
            return run.info.run_id
    return None


def _losses(store: Store, run_id: str) -> dict[int, float]:
    """Return the training loss that a run has of each epoch."""
    return {entry.step: entry.value for entry in store.client.get_metric_history(run_id, LOSS)}


def _timed(rows: list[Row], start: int) -> list[tuple[int, Row, int]]:
    """Return (epoch, row, milliseconds): when each epoch ended, by the seconds that it took."""
    timed, when = [], start
    for row in rows:
        when += int(1000 * float(row["seconds"]))
        timed.append((int(row["epoch"]), row, when))
    return timed


def _images(results: Path) -> dict[str, str]:
    """Return the tag by which runs can be compared: a hash of which images val and test hold, and of what class.

    No tag where the predictions are not there: outputs that were checked out in part.
    """
    path = results / "predictions.csv"
    rows = read_csv(path) if path.is_file() else []
    return (
        {}
        if not rows
        else {IMAGES_TAG: sha256_json(sorted((row["split"], row["image_id"], row["label"]) for row in rows))}
    )
