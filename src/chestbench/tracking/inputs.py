"""The data set of a run as MLflow names it: a column of the run table, by name and digest."""

import json
from collections.abc import Mapping

from chestbench.tracking.store import Store

# What MLflow takes of a digest.
DIGEST_LETTERS = 36
CONTEXT = "training"


def log_dataset(store: Store, run_id: str, tags: Mapping[str, str]) -> bool:
    """Say which data a run was trained on, where it does not say so yet; return whether it was said now.

    Args:
        store: MLflow's.
        run_id: of the run.
        tags: the run's: `dataset`, `data_sha256` (of the arrays), `split_unit` and `class_0`, `class_1`, ... Without
            the first two nothing is said.
    """
    from mlflow.entities import Dataset, DatasetInput, InputTag

    if "dataset" not in tags or "data_sha256" not in tags:
        return False
    name, digest = tags["dataset"], tags["data_sha256"][:DIGEST_LETTERS]
    inputs = store.client.get_run(run_id).inputs
    if any(
        (known.dataset.name, known.dataset.digest) == (name, digest)
        for known in (inputs.dataset_inputs if inputs else [])
    ):
        return False
    classes = [tags[f"class_{place}"] for place in range(len(tags)) if f"class_{place}" in tags]
    data = Dataset(
        name,
        digest,
        source_type="chestbench",
        source=json.dumps({"dataset": name, "data_sha256": tags["data_sha256"]}),
        profile=json.dumps({"classes": classes, "split_unit": tags.get("split_unit")}, ensure_ascii=False),
    )
    store.client.log_inputs(run_id, [DatasetInput(data, [InputTag("mlflow.data.context", CONTEXT)])])
    return True
