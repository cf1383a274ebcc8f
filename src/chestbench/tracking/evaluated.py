"""All that an evaluation sends to MLflow, as one call that another process can take.

What sends is imported there: pandas and MLflow are of no use to a process that measures.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chestbench.measures.record import NetworkRecord

if TYPE_CHECKING:
    from chestbench.tracking.results import NetworkRun


def prepare() -> None:
    """Import what `log_evaluation` needs, thousands of modules."""
    from chestbench.tracking import results  # noqa: F401
    from chestbench.tracking.get_ready import get_ready

    get_ready(registers=True)


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
        pictures: folders with pictures of the data, from `data_folders.data_pictures`.
    """
    from chestbench.tracking.results import NetworkRun

    complete(NetworkRun, folder, record, results, card, experiment, pictures)


def complete(
    kind: "type[NetworkRun]",
    folder: Path,
    record: Mapping[str, Any],
    results: Path,
    card: Path,
    experiment: str,
    pictures: Mapping[str, Path],
) -> None:
    """Do what `log_evaluation` does for a kind of run; the other arguments are its."""
    from chestbench.tracking.card import log_card
    from chestbench.tracking.experiment import show_experiment
    from chestbench.tracking.results import resume_as
    from chestbench.tracking.running import alone
    from chestbench.tracking.seeds import log_seeds
    from chestbench.tracking.store import repository_root

    with alone(repository_root()):
        run = resume_as(kind, folder)
        run.log_results(record, results, folder / "model.keras", pictures)
        log_card(run, card)
        log_seeds(kind, folder, record)
        show_experiment(experiment)
