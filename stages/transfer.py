"""transfer: try one trained network on one set from elsewhere.

Reads models/{model}/, metrics/models/{model}.json and data/external/NAME; writes results/external/NAME/{model} and
metrics/external/NAME/{model}.json, and adds both to the network's MLflow run.
"""

import argparse
from functools import partial
from pathlib import Path

from chestbench.core.config import Config
from chestbench.core.files import read_json
from chestbench.core.stage import run_stage
from chestbench.external.transfer import describe_transfer, transfer_network
from chestbench.tracking.external import log_external
from chestbench.tracking.results import NetworkRun, resume_as
from chestbench.tracking.running import alone
from chestbench.tracking.store import repository_root
from chestbench.training.compile_cache import keep_compiled
from chestbench.training.device import make_deterministic, select_backend
from chestbench.training.records import TRAINING_FILE


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Predict the set once, write everything, and log it."""
    name, set_and_model = arguments.model, f"{arguments.set}/{arguments.model}"
    folder, results = Path("models") / name, Path("results/external") / set_and_model
    metrics = Path("metrics/external") / f"{set_and_model}.json"
    training, own = read_json(folder / TRAINING_FILE), read_json(Path(f"metrics/models/{name}.json"))
    deterministic = training["config"]["train.deterministic"]
    keep_compiled(select_backend(config.train.backend, deterministic))
    if deterministic:
        make_deterministic()
    # Imports keras, which takes its backend from the line above.
    from chestbench.training.predict import load
    from chestbench.training.predict import predict as predict_once

    predict = partial(predict_once, shifts=config.evaluate.shifts)
    model, prepared = load(folder / "model.keras"), Path("data/external") / arguments.set
    record = transfer_network(model, predict, training, own, prepared, config.evaluate, config.seed, results, metrics)
    with alone(repository_root()):
        log_external(resume_as(NetworkRun, folder), record, results)
    return f"wrote {results} and {metrics}\n{describe_transfer(record)}"


if __name__ == "__main__":
    run_stage(work, __doc__, per_model=True, per_set=True)
