"""Log a network as an MLflow model that takes raw grey images, and register it."""

import json
import os
import shutil
import tempfile
import warnings
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from chestbench.core.code import carried_code
from chestbench.core.files import sha256_file, sha256_json, write_json
from chestbench.core.notice import NOTICE
from chestbench.core.positive import KEY
from chestbench.serving import model as serving
from chestbench.tracking.naming import registered_name
from chestbench.tracking.store import Store
from chestbench.training.records import TrainingRecord

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

REQUIREMENTS = ("mlflow", "keras", "numpy", "pandas", "opencv-python-headless")
BACKENDS = {"tensorflow": "tensorflow", "jax": "jax", "torch": "torch"}
MODEL_NAME = "model"


def served_sha256(model_file: Path, positive: str | None) -> str:
    """Return the SHA-256 of what a served model is made of beside its code: weights, and the class it looks for."""
    weights = sha256_file(model_file)
    return weights if positive is None else sha256_json({"model": weights, "positive": positive})


def log_model(
    store: Store,
    experiment_id: str,
    run_id: str,
    training: TrainingRecord,
    model_file: Path,
    positive: str | None = None,
) -> str:
    """Upload the model, tie it to its run, register a version of `chestbench-{dataset}-{model}`; return its id.

    Nothing is inferred or installed: signature and requirements are given. No path of this machine goes into the files.
    What a process began that was killed on the way is gone on with: a run has one model and one version of each file.

    Args:
        store: MLflow's.
        experiment_id: of the run's experiment.
        run_id: of the run that the model belongs to.
        training: content of training.json.
        model_file: model.keras.
        positive: the class that is looked for, None where there is none.
    """
    from mlflow.entities import LoggedModelOutput
    from mlflow.entities.logged_model_status import LoggedModelStatus
    from mlflow.exceptions import MlflowException

    name = registered_name(training["dataset"], training["model"])
    tags = {"run_key": training["run_key"], "notice": NOTICE}
    digest = served_sha256(model_file, positive)
    begun = store.client.search_logged_models(
        [experiment_id], f"source_run_id = '{run_id}' AND tags.model_sha256 = '{digest}'", max_results=1
    )
    logged = next(iter(begun), None) or store.client.create_logged_model(
        experiment_id,
        name=MODEL_NAME,
        source_run_id=run_id,
        model_type="classifier",
        tags={**tags, "model_sha256": digest},
    )
    if logged.status != LoggedModelStatus.READY:
        # Beside the model, so that a link suffices instead of a copy of hundreds of megabytes.
        with tempfile.TemporaryDirectory(
            prefix=".served-", suffix=".partial", dir=model_file.parent.parent
        ) as temporary:
            folder = Path(temporary) / "model"
            save_model(folder, training, model_file, run_id, logged.model_id, positive)
            store.client.log_model_artifacts(logged.model_id, str(folder))
        store.client.finalize_logged_model(logged.model_id, "READY")
    outputs = store.client.get_run(run_id).outputs
    if logged.model_id not in [output.model_id for output in (outputs.model_outputs if outputs else [])]:
        store.client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=0)])
    try:
        store.client.create_registered_model(name, description=NOTICE, tags={"dataset": training["dataset"]})
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    # Without a server it is this process that would look `models:/...` up, in the store of its current folder.
    source = logged.artifact_location if store.artifacts else f"models:/{logged.model_id}"
    version = next((found for found in versions_of(store, run_id) if logged.model_id in str(found.source)), None)
    version = version or store.client.create_model_version(
        name, source, run_id=run_id, tags=tags, model_id=logged.model_id, await_creation_for=0
    )
    # What MLflow's pages read to show the version beside the run.
    versions = json.dumps([{"name": name, "version": version.version}])
    store.client.set_logged_model_tags(logged.model_id, {"mlflow.modelVersions": versions})
    return logged.model_id


def versions_of(store: Store, run_id: str) -> "list[ModelVersion]":
    """Return the versions in the model registry that a run made."""
    return list(store.client.search_model_versions(f"run_id = '{run_id}'"))


def save_model(
    folder: Path,
    training: TrainingRecord,
    model_file: Path,
    run_id: str | None = None,
    model_id: str | None = None,
    positive: str | None = None,
) -> None:
    """Write the MLflow model folder: MLmodel, requirements, code, and data/served with model.keras and model.json."""
    described = {
        "classes": training["classes"],
        KEY: positive,
        "tiny": training.get("tiny", []),
        "image_size": training["image_size"],
        "fit": training["config"]["preprocess.fit"],
        "roi": training["config"]["preprocess.roi"],
        "modality": training["config"]["dataset.modality"],
        "grey": training.get("grey"),
        "backend": training["backend"],
        "dataset": training["dataset"],
        "model": training["model"],
        "notice": NOTICE,
    }
    with tempfile.TemporaryDirectory() as temporary:
        code, data = Path(temporary) / "chestbench", Path(temporary) / "served"
        # The same region, resize and prediction as in the pipeline.
        for name, path in carried_code(serving.__name__).items():
            (code / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, code / name)
        data.mkdir()
        write_json(data / serving.DESCRIPTION, described)
        _save_pyfunc(folder, code, data, training, run_id, model_id)
    place = folder / "data" / "served" / serving.MODEL
    if not place.parent.is_dir():
        raise RuntimeError(f"expected MLflow to copy the data folder to {place.parent}")
    try:
        os.link(model_file, place)
    except OSError:
        # Another file system, or one without links.
        shutil.copyfile(model_file, place)


def _save_pyfunc(
    folder: Path, code: Path, data: Path, training: TrainingRecord, run_id: str | None, model_id: str | None
) -> None:
    with warnings.catch_warnings():
        # MLflow warns of its own type hints while it is imported, and that no input example is given.
        warnings.simplefilter("ignore")
        import mlflow.pyfunc
        from mlflow.models import Model, ModelSignature
        from mlflow.types import ColSpec, Schema

        mlflow.pyfunc.save_model(
            folder,
            loader_module=serving.__name__,
            data_path=str(data),
            code_paths=[str(code)],
            # Images of any size have no fixed schema; serving.py checks its input itself.
            signature=ModelSignature(outputs=Schema([ColSpec("float", name) for name in training["classes"]])),
            pip_requirements=requirements(training["backend"]),
            mlflow_model=Model(run_id=run_id, model_uuid=model_id, model_id=model_id, metadata={"notice": NOTICE}),
        )


def requirements(backend: str) -> list[str]:
    """Return what the served model needs, pinned to what is installed here; left unpinned where it is not."""
    found = []
    for name in (*REQUIREMENTS, BACKENDS[backend]):
        try:
            found.append(f"{name}=={metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(name)
    return found
