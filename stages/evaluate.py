"""evaluate: measure one trained network on val and test, with intervals, curves and Grad-CAM.

Reads models/{model}/ (with seeds/, the further trainings of train.seeds) and data/processed/; writes
results/models/{model}/ and metrics/models/{model}.json, and adds both to the network's MLflow run, with the pictures of
the data in results/catalog, audit, preprocess and upsample.
"""

import argparse
from functools import partial
from pathlib import Path

from chestbench.core.beside import Beside
from chestbench.core.config import Config
from chestbench.core.files import read_json, write_json
from chestbench.core.notice import split_words, tiny_note
from chestbench.core.positive import read_positive
from chestbench.core.stage import run_stage
from chestbench.core.words import measured, positive_words
from chestbench.evaluation.ensemble import measure_ensemble
from chestbench.evaluation.network import evaluate_network
from chestbench.evaluation.seeds import (
    describe_seeds,
    further_trainings,
    measure_training,
    own_values,
    predict_training,
    summarise_seeds,
)
from chestbench.measures.record import NetworkRecord
from chestbench.reports.model_card import CARD, Facts, write_card
from chestbench.tracking.data_folders import data_pictures
from chestbench.tracking.evaluated import log_evaluation, prepare
from chestbench.training.compile_cache import keep_compiled
from chestbench.training.device import make_deterministic, select_backend
from chestbench.training.records import HISTORY_FILE, TrainingRecord, read_training


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Predict val and test once, write everything, and log it."""
    # Draws, and sends to MLflow, while this process imports, loads and predicts.
    with Beside(f"evaluate@{arguments.model}") as beside:
        beside.call(prepare)
        return _evaluate(config, arguments.model, beside)


def _evaluate(config: Config, name: str, beside: Beside) -> str:
    folder, results, metrics = Path("models") / name, Path("results/models") / name, Path(f"metrics/models/{name}.json")
    training = read_training(folder)
    deterministic = training["config"]["train.deterministic"]
    keep_compiled(select_backend(config.train.backend, deterministic))
    if deterministic:
        make_deterministic()
    # Imports keras, which takes its backend from the line above.
    from chestbench.training.predict import load
    from chestbench.training.predict import predict as predict_once
    from chestbench.training.waiting import forget_noted

    forget_noted()

    processed, batch_size = Path("data/processed"), config.evaluate.batch_size
    predict = partial(predict_once, shifts=config.evaluate.shifts)
    further = further_trainings(folder, config.training_seeds)
    said = [predict_training(path, load, predict, processed, batch_size) for path in further]
    model = load(folder / "model.keras")
    catalog = read_json(Path("metrics/catalog.json"))
    positive = read_positive(catalog)
    settings = config.evaluate, config.seed
    measured_by = model, predict, training, folder / HISTORY_FILE, processed, *settings
    record = evaluate_network(*measured_by, results, metrics, positive, catalog, beside)
    if further:
        values = [measure_training(each, processed) for each in said]
        record["seeds"] = summarise_seeds(config.training_seeds, [own_values(record), *values])
        record["ensemble"] = measure_ensemble(name, record["classes"], results, said, processed, *settings, positive)
        write_json(metrics, record)
    write_card(folder / CARD, _facts(config, training, record))
    experiment, pictures = training["mlflow_experiment"], data_pictures(Path())
    beside.call(log_evaluation, folder, record, results, folder / CARD, experiment, pictures)
    test = record["test"]
    figures = measured(test, "balanced_accuracy", "macro_auc")
    summary = (
        f"wrote {results} and {metrics}\ntest {figures} on {test['images']} images, split by {split_words(record)}"
    )
    summary += f"\ntest, {positive_words(record, test)}"
    if record.get("tiny"):
        summary += f"\n{tiny_note(record)}"
    if "per_study" in test:
        studies = test["per_study"]
        summary += f"\ntest {measured(studies, 'study_map')} on {studies['studies']} studies"
    if further:
        ensemble = record["ensemble"]
        together = measured(ensemble["test"], "balanced_accuracy", "macro_auc")
        summary += f"\n{describe_seeds(record['seeds'])}\n{ensemble['name']}, their mean: test {together}"
    return summary


def _facts(config: Config, training: TrainingRecord, record: NetworkRecord) -> Facts:
    """Read what the model card says of data and audits."""
    audit = Path("metrics/audit.json")
    return Facts(
        training=training,
        record=record,
        dataset=config.dataset,
        source=read_json(Path("data/raw/source.json")),
        catalog=read_json(Path("metrics/catalog.json")),
        split=read_json(Path("metrics/split.json")),
        audit=read_json(audit) if audit.is_file() else None,
    )


if __name__ == "__main__":
    run_stage(work, __doc__, per_model=True)
