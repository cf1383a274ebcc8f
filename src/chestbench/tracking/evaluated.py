"""All that an evaluation sends to MLflow, as one call, and what can be imported for it beforehand."""

import warnings
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from chestbench.measures.record import NetworkRecord
from chestbench.tracking.card import log_card
from chestbench.tracking.experiment import show_experiment
from chestbench.tracking.results import resume_run
from chestbench.tracking.running import alone
from chestbench.tracking.seeds import log_seeds
from chestbench.tracking.store import repository_root, set_environment


def get_ready() -> None:
    """Import what sending needs, thousands of modules."""
    set_environment()
    with warnings.catch_warnings():
        # MLflow warns of its own type hints while it is imported.
        warnings.simplefilter("ignore")
        for name in ("mlflow.pyfunc", "mlflow.store.tracking.sqlalchemy_store"):
            import_module(name)


def log_evaluation(
    folder: Path, record: NetworkRecord, results: Path, card: Path, experiment: str, pictures: Mapping[str, Path]
) -> None:
    """Complete the run of a network's training with its measures, pictures, model and card, and those of its seeds.

    Args:
        folder: models/NAME.
        record: metrics/models/NAME.json.
        results: results/models/NAME.
        card: the model card.
        experiment: name of the MLflow experiment.
        pictures: folders with pictures of the data, from `results.data_pictures`.
    """
    with alone(repository_root()):
        run = resume_run(folder)
        run.log_results(record, results, folder / "model.keras", pictures)
        log_card(run, card)
        log_seeds(folder, record)
        show_experiment(experiment)
