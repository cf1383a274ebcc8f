"""A registered model brought to this machine."""

import os
from pathlib import Path

from chestbench.core.errors import ChestbenchError
from chestbench.tracking.store import connect, trouble


def fetch_model(uri: str, target: Path, root: Path) -> Path:
    """Return the folder of a registered model; one in this repository's own store is not copied.

    Args:
        uri: such as models:/chestbench-sample-resnet50/1, models:/NAME@ALIAS or runs:/RUN/model.
        target: an empty folder to bring files into.
        root: the repository.

    Raises:
        ChestbenchError: the store has no such model, or cannot be reached.
    """
    try:
        store = connect(root)
        import mlflow
        from mlflow.artifacts import download_artifacts

        mlflow.set_tracking_uri(store.uri)
        mlflow.set_registry_uri(store.uri)
        return Path(download_artifacts(artifact_uri=uri, dst_path=os.fspath(target), tracking_uri=store.uri))
    except trouble() as error:
        first = str(error).strip().splitlines()[0]
        raise ChestbenchError(
            f"--model: expected a model that MLflow has, such as models:/NAME/1, received {uri!r}: {first}; "
            "`make ui` shows those there are"
        ) from None
