"""evaluate: measure one trained network on val and test, with intervals, curves and Grad-CAM.

Reads models/{model}/ and data/processed/; writes results/models/{model}/ and metrics/models/{model}.json, and adds
both to the network's MLflow run, with the pictures of the data in results/catalog, audit, preprocess and upsample.
"""

import argparse
from pathlib import Path

from chestbench.config import Config
from chestbench.evaluation.network import evaluate_network
from chestbench.evaluation.wording import with_interval
from chestbench.files import read_json
from chestbench.notice import split_words
from chestbench.stage import run_stage
from chestbench.tracking.results import data_pictures, resume_run
from chestbench.training.device import select_backend


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Predict val and test once, write everything, and log it."""
    name = arguments.model
    folder, results, metrics = Path("models") / name, Path("results/models") / name, Path(f"metrics/models/{name}.json")
    training, history = read_json(folder / "training.json"), folder / "history.csv"
    select_backend(config.train.backend)
    # Imports keras, which takes its backend from the line above.
    from chestbench.training.predict import load, predict

    model = load(folder / "model.keras")
    record = evaluate_network(
        model, predict, training, history, Path("data/processed"), config.evaluate, config.seed, results, metrics
    )
    run = resume_run(training, history)
    run.log_results(record, results, folder / "model.keras", data_pictures(Path()))
    test = record["test"]
    figures = f"balanced accuracy {with_interval(test['balanced_accuracy'])}, AUC {with_interval(test['macro_auc'])}"
    summary = (
        f"wrote {results} and {metrics}\ntest {figures} on {test['images']} images, split by {split_words(record)}"
    )
    if "per_study" in test:
        studies = test["per_study"]
        summary += f"\ntest study mAP {with_interval(studies['study_map'])} on {studies['studies']} studies"
    return summary


if __name__ == "__main__":
    run_stage(work, __doc__, per_model=True)
