"""A registered model brought to this machine."""

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json
from chestbench.serving import model as network_model
from chestbench.serving.detection import model as detector_model
from chestbench.serving.detection.found import chosen_detector
from chestbench.serving.found import chosen_network, network_names
from chestbench.tracking.database import DATABASE
from chestbench.tracking.naming import registered_name
from chestbench.tracking.store import Store, connect, trouble

if TYPE_CHECKING:
    from mlflow.pyfunc import PyFuncModel

LOADERS = (network_model.__name__, detector_model.__name__)


def fetch_model(uri: str, target: Path, root: Path, option: str = "--model") -> Path:
    """Return the folder of a registered model; one in this repository's own store is not copied.

    Args:
        uri: such as models:/chestbench-sample-resnet50/1, models:/NAME@ALIAS or runs:/RUN/model.
        target: an empty folder to bring files into.
        root: the repository.
        option: by which it was asked for, for messages.

    Raises:
        ChestbenchError: the store has no such model, or cannot be reached.
    """
    try:
        store = _store(root)
        import mlflow
        from mlflow.artifacts import download_artifacts

        mlflow.set_tracking_uri(store.uri)
        mlflow.set_registry_uri(store.uri)
        return Path(download_artifacts(artifact_uri=uri, dst_path=os.fspath(target), tracking_uri=store.uri))
    except trouble() as error:
        first = str(error).strip().splitlines()[0]
        raise ChestbenchError(
            f"{option}: expected a model that MLflow has, such as models:/NAME/1, received {uri!r}: {first}; "
            "`make ui` shows those there are"
        ) from None


def _store(root: Path) -> Store:
    """Return the store; who asks for a model makes none anew.

    Raises:
        ChestbenchError: there is none.
    """
    if "MLFLOW_TRACKING_URI" not in os.environ and not (root / DATABASE).is_file():
        raise ChestbenchError(
            f"--model: expected MLflow's {DATABASE} in {root}, found none; run `chestbench sync` in the repository, or "
            "name a network of models/"
        )
    return connect(root)


def registered_uri(wanted: str | None, root: Path) -> str:
    """Return models:/NAME/VERSION of a network or detector: the newest version of the training that lies in models/.

    Other trainings of the same network (experiments, earlier commits) have versions under the same name.

    Args:
        wanted: NAME of models/NAME, models:/... as it is, or None: the network that `compare` chose, and where none was
            trained, the detector.
        root: the repository.

    Raises:
        ChestbenchError: there is no such network, or its training is not registered.
    """
    if wanted is not None and wanted.startswith("models:/"):
        return wanted
    network = wanted or _chosen(root)
    training = root / "models" / network / "training.json"
    if not training.is_file():
        raise ChestbenchError(
            f"--model: expected a network of models/ or models:/NAME/VERSION, received {network!r}; correct it"
        )
    record = read_json(training)
    name = registered_name(record["dataset"], network)
    try:
        versions = _store(root).client.search_model_versions(f"name = '{name}'")
    except trouble() as error:
        raise ChestbenchError(f"MLflow: expected a store that answers, received: {error}; run it again later") from None
    own = [int(version.version) for version in versions if version.tags.get("run_key") == record["run_key"]]
    if not own:
        others = f"{len(versions)} of other trainings" if versions else "none"
        raise ChestbenchError(
            f"--model: expected the training of models/{network} in MLflow's registry as {name}, found {others}; run "
            "`chestbench sync`"
        )
    return f"models:/{name}/{max(own)}"


def _chosen(root: Path) -> str:
    has_networks = bool(network_names(root))
    detector = None if has_networks else chosen_detector(root)
    return detector or chosen_network(root)


def load_registered(uri: str, target: Path, root: Path) -> "PyFuncModel":
    """Return a registered model, loaded.

    Raises:
        ChestbenchError: see `fetch_model`; or it is no model of this project, or one of before it took files.
    """
    folder = fetch_model(uri, target, root)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow.pyfunc
        from mlflow.exceptions import MlflowException
        from mlflow.models import Model

        described = Model.load(os.fspath(folder))
        flavour = described.flavors.get("python_function", {})
        inputs = described.get_input_schema()
        if flavour.get("loader_module") not in LOADERS or inputs is None:
            raise ChestbenchError(
                f"--model: expected a model of this project that takes files, received {uri}, which does not; run "
                "`dvc repro` and `chestbench sync`"
            )
        try:
            return mlflow.pyfunc.load_model(os.fspath(folder))
        except MlflowException as error:
            first = str(error).strip().splitlines()[0]
            raise ChestbenchError(f"{uri}: expected a model that loads, received: {first}; take another") from None
