"""What was chosen in the model registry: `models:/chestbench-DATASET@chosen`, and of detectors
`models:/chestbench-DATASET-detector@chosen`.
"""

from chestbench.core.notice import NOTICE
from chestbench.tracking.naming import registered_name
from chestbench.tracking.store import Store

ALIAS = "chosen"


def name_chosen(store: Store, dataset: str, model: str, run_id: str, name: str, kind: str) -> bool:
    """Let the alias `chosen` of the data set's model name the network of a run; return whether anything changed.

    The data set's model holds a version of each network that was ever chosen, beside the model of each network.

    Args:
        store: MLflow's.
        dataset: data set of the run.
        model: its network or detector.
        run_id: of the run. One whose own model is not in the registry yet changes nothing.
        name: of the data set's model, see `naming`.
        kind: what was chosen, in a word.
    """
    from mlflow.exceptions import MlflowException

    versions = store.client.search_model_versions(f"run_id = '{run_id}'")
    own = [version for version in versions if version.name == registered_name(dataset, model)]
    if not own:
        return False
    latest = max(own, key=lambda version: int(version.version))
    try:
        described = f"The {kind} that was best on val of all that were trained on {dataset}: alias {ALIAS}. {NOTICE}"
        store.client.create_registered_model(name, description=described, tags={"dataset": dataset})
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    known = [version for version in versions if version.name == name and version.source == latest.source]
    version = known[0] if known else None
    if version is None:
        # A server that is asked for versions does not tell their models, but `models:/ID` as where they are.
        model_id = latest.model_id or str(latest.source).removeprefix("models:/")
        version = store.client.create_model_version(
            name,
            str(latest.source),
            run_id=run_id,
            tags={"model": model, "notice": NOTICE},
            description=latest.description or None,
            model_id=model_id,
            await_creation_for=0,
        )
    aliases = store.client.get_registered_model(name).aliases
    if str(aliases.get(ALIAS)) == str(version.version):
        return False
    store.client.set_registered_model_alias(name, ALIAS, str(version.version))
    return True
