"""Log a network or a detector as an MLflow model that takes files of pictures, and register it."""

import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chestbench.core.code import carried_code
from chestbench.core.files import read_json, sha256_file, sha256_json, write_json
from chestbench.core.notice import NOTICE
from chestbench.core.positive import read_positive
from chestbench.measures.record import NetworkRecord
from chestbench.serving import model as serving
from chestbench.serving.description import ARRAYS, describe
from chestbench.tracking.naming import registered_name
from chestbench.tracking.signature import SWITCHES, input_example, signature_of
from chestbench.tracking.store import Store
from chestbench.training.records import TrainingRecord

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion
    from mlflow.models import ModelSignature

REQUIREMENTS = (
    *("mlflow", "keras", "numpy", "pandas", "opencv-python-headless"),
    # Of what decodes DICOM and large TIFF files.
    *("pydicom", "python-gdcm", "pillow"),
)
BACKENDS = {"tensorflow": "tensorflow", "jax": "jax", "torch": "torch"}
MODEL_NAME = "model"


@dataclass(frozen=True)
class Kind:
    """What a served model does.

    Attributes:
        name: as MLflow shows it.
        loader: dotted module that loads it, which travels with all that it imports.
        signature: its signature, of the names of what it tells (classes).
        switches: parameters of a request, each true or false.
    """

    name: str
    loader: str
    signature: "Callable[[list[str]], ModelSignature]"
    switches: tuple[str, ...]


CLASSIFIER = Kind("classifier", serving.__name__, signature_of, SWITCHES)


@dataclass(frozen=True)
class Parts:
    """What a served model is made of beside its code.

    Attributes:
        described: content of model.json.
        model_file: model.keras.
        reference: reference.npz, None where there is none.
        names: what it tells of: classes.
        kind: what it does.
    """

    described: dict[str, Any]
    model_file: Path
    reference: Path | None
    names: list[str]
    kind: Kind = CLASSIFIER

    @classmethod
    def of(
        cls,
        training: TrainingRecord,
        model_file: Path,
        record: NetworkRecord | None = None,
        results: Path | None = None,
    ) -> "Parts":
        """Gather the parts.

        Args:
            training: content of training.json.
            model_file: model.keras.
            record: metrics/models/NAME.json; None: not measured.
            results: results/models/NAME, which holds what single pictures are judged by; None: nothing does.
        """
        told, arrays = reference_in(results)
        positive = read_positive(record).name if record else None
        described = describe(training, positive, record, told)
        return cls(described, model_file, arrays, described["classes"])

    def sha256(self) -> str:
        """Return one SHA-256 over all of them."""
        reference = sha256_file(self.reference) if self.reference else None
        return sha256_json({"described": self.described, "model": sha256_file(self.model_file), "reference": reference})


def reference_in(results: Path | None) -> tuple[dict[str, Any] | None, Path | None]:
    """Return what single pictures are judged by: the content of reference.json and the path of reference.npz.

    Args:
        results: results/models/NAME; None: nothing was measured. Both are None where one is not there.
    """
    if results is None or not ((results / "reference.json").is_file() and (results / ARRAYS).is_file()):
        return None, None
    return read_json(results / "reference.json"), results / ARRAYS


def log_model(
    store: Store,
    experiment_id: str,
    run_id: str,
    training: TrainingRecord,
    parts: Parts,
) -> str:
    """Upload the model, tie it to its run, register a version of `chestbench-{dataset}-{model}`; return its id.

    Nothing is inferred or installed: signature and requirements are given. No path of this machine goes into the files.
    What a process began that was killed on the way is gone on with: a run has one model and one version of each file.

    Args:
        store: MLflow's.
        experiment_id: of the run's experiment.
        run_id: of the run that the model belongs to.
        training: content of training.json.
        parts: what is uploaded.
    """
    from mlflow.entities import LoggedModelOutput
    from mlflow.entities.logged_model_status import LoggedModelStatus
    from mlflow.exceptions import MlflowException

    name = registered_name(training["dataset"], training["model"])
    tags = {"run_key": training["run_key"], "notice": NOTICE}
    digest, model_file = parts.sha256(), parts.model_file
    begun = store.client.search_logged_models(
        [experiment_id], f"source_run_id = '{run_id}' AND tags.model_sha256 = '{digest}'", max_results=1
    )
    logged = next(iter(begun), None) or store.client.create_logged_model(
        experiment_id,
        name=MODEL_NAME,
        source_run_id=run_id,
        model_type=parts.kind.name,
        tags={**tags, "model_sha256": digest},
    )
    if logged.status != LoggedModelStatus.READY:
        # Beside the model, so that a link suffices instead of a copy of hundreds of megabytes.
        with tempfile.TemporaryDirectory(
            prefix=".served-", suffix=".partial", dir=model_file.parent.parent
        ) as temporary:
            folder = Path(temporary) / "model"
            save_model(folder, parts, run_id, logged.model_id)
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


def save_model(folder: Path, parts: Parts, run_id: str | None = None, model_id: str | None = None) -> None:
    """Write the MLflow model folder: MLmodel, requirements, code, and data/served with the parts."""
    with tempfile.TemporaryDirectory() as temporary:
        code, data = Path(temporary) / "chestbench", Path(temporary) / "served"
        # The same region, resize and prediction as in the pipeline.
        for name, path in carried_code(parts.kind.loader).items():
            (code / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, code / name)
        data.mkdir()
        write_json(data / serving.DESCRIPTION, parts.described)
        if parts.reference:
            shutil.copyfile(parts.reference, data / ARRAYS)
        _save_pyfunc(folder, code, data, parts, run_id, model_id)
    place = folder / "data" / "served" / serving.MODEL
    if not place.parent.is_dir():
        raise RuntimeError(f"expected MLflow to copy the data folder to {place.parent}")
    try:
        os.link(parts.model_file, place)
    except OSError:
        # Another file system, or one without links.
        shutil.copyfile(parts.model_file, place)


def _save_pyfunc(folder: Path, code: Path, data: Path, parts: Parts, run_id: str | None, model_id: str | None) -> None:
    with warnings.catch_warnings():
        # MLflow warns of its own type hints while it is imported.
        warnings.simplefilter("ignore")
        import mlflow.pyfunc
        from mlflow.models import Model

        mlflow.pyfunc.save_model(
            folder,
            loader_module=parts.kind.loader,
            data_path=str(data),
            code_paths=[str(code)],
            signature=parts.kind.signature(parts.names),
            input_example=(input_example(), dict.fromkeys(parts.kind.switches, False)),
            pip_requirements=requirements(parts.described["backend"]),
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
