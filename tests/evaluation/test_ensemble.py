"""The ensemble over seeds: the mean of the probabilities, judged by the rules of one network, a row of its own."""

import csv
from pathlib import Path

import numpy as np
import pytest

from chestbench.core.config import Evaluate
from chestbench.core.files import write_csv
from chestbench.evaluation import leaderboard_builder, leaderboard_rows
from chestbench.evaluation.ensemble import ensemble_name, measure_ensemble
from chestbench.evaluation.leaderboard import MAJORITY
from chestbench.measures.operating import choose, split_record
from chestbench.measures.predictions import columns, prediction_rows, read_predictions
from chestbench.measures.resampled import read_resampled, resample
from chestbench.preparation.arrays import load_split
from chestbench.reports import leaderboard_text
from chestbench.reports.study.board import board_table
from tests.evaluation.test_leaderboard import make_record
from tests.evaluation.workspace import write_processed

CLASSES = ["Normal", "COVID"]


@pytest.fixture
def settings(make_config) -> Evaluate:
    return make_config({"evaluate.bootstrap": 100}).evaluate


def made_up(images: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.ones(2), images).astype(np.float32)


def test_it_is_the_mean_of_the_probabilities_with_thresholds_of_its_own(tmp_path: Path, settings: Evaluate) -> None:
    write_processed(tmp_path, CLASSES, per_class=10, studies=True)
    processed, results = tmp_path / "data/processed", tmp_path / "results/models/tiny"
    results.mkdir(parents=True)
    splits = {name: load_split(processed, name) for name in ("val", "test")}
    said = [{name: made_up(len(split.groups), 10 * k + len(name)) for name, split in splits.items()} for k in range(3)]
    rows = [row for name, split in splits.items() for row in prediction_rows(name, split, said[0][name], CLASSES)]
    write_csv(results / "predictions.csv", columns(CLASSES), rows)

    record = measure_ensemble("tiny", CLASSES, results, said[1:], processed, settings, 42)
    assert record["name"] == ensemble_name("tiny", 3) == "tiny x 3 seeds" and record["trainings"] == 3
    mean = {
        name: np.mean([each[name].astype(np.float64) for each in said], axis=0).astype(np.float32) for name in splits
    }
    val, test = splits["val"], splits["test"]
    chosen = choose(val.class_index, mean["val"], val.groups, CLASSES)
    assert {key: record[key] for key in chosen.as_record()} == chosen.as_record()
    for name, split in splits.items():
        expected = split_record(split.class_index, mean[name], split.groups, CLASSES, chosen, 100, 0.95, 42)
        assert {key: record[name][key] for key in expected} == expected and "per_study" in record[name]
    # For the paired comparison: the same images, the same draws.
    kept = read_predictions(results / "ensemble/predictions.csv", CLASSES)
    np.testing.assert_allclose(kept.probabilities, mean["test"], atol=1e-8)
    drawn = resample(test.class_index, mean["test"], test.groups, 100, 42)
    found = read_resampled(results / "ensemble/resampled.npz")
    assert found.draws == drawn.draws
    np.testing.assert_array_equal(found.auc, drawn.auc)


def with_ensemble(name: str, noise: float, together: float) -> dict:
    other = make_record(name, together, together)
    return make_record(name, noise, noise) | {
        "ensemble": {"name": ensemble_name(name, 3), "trainings": 3, "val": other["val"], "test": other["test"]}
    }


def test_ensembles_are_rows_between_networks_and_baselines_best_on_val_first() -> None:
    records = [with_ensemble("a", 0.3, 0.4), make_record("b", 0.4, 0.4), with_ensemble("c", 0.5, 0.01)]
    board = leaderboard_builder.build(records)
    assert [row.name for row in board.rows] == ["a", "b", "c", "c x 3 seeds", "a x 3 seeds", MAJORITY]
    assert [row.name for row in board.ensembles] == ["c x 3 seeds", "a x 3 seeds"]
    assert [row.name for row in board.networks] == ["a", "b", "c"] and [row.name for row in board.baselines] == [
        MAJORITY
    ]
    # It is no baseline that no network beats, and not the network that is served.
    assert board.not_beaten_on_val is None and board.best["model"] == "a"
    assert board.better_ensemble is not None and board.better_ensemble.name == "c x 3 seeds"
    row = board.ensembles[0]
    assert row.parameters == 3 * records[0]["training"]["parameters"] and row.epochs is None
    cells = {cells["model"]: cells for cells in leaderboard_rows.table(board)}["c x 3 seeds"]
    own = records[2]["ensemble"]["test"]["macro_auc"]
    assert [cells[f"test_macro_auc{end}"] for end in ("", "_low", "_high")] == [
        round(own[key], 6) for key in ("value", "low", "high")
    ]
    assert leaderboard_rows.summary(board)["networks"] == 3
    kinds = ["chosen", "network", "network", "ensemble", "ensemble", "baseline"]
    # The report has no section of it to lead to.
    assert [line.kind for line in board_table(board).lines] == kinds


def test_without_several_seeds_the_board_is_as_it_was() -> None:
    board = leaderboard_builder.build([make_record("a", 0.3, 0.3)])
    assert list(board.ensembles) == [] and board.better_ensemble is None and len(board.baselines) == 1


def test_the_words_say_that_it_is_compared_and_not_chosen() -> None:
    figures = {"values": [0.5, 0.6, 0.7], "mean": 0.6, "sd": 0.1}
    seeds = {"seeds": [1, 2, 3], **dict.fromkeys(("val_balanced_accuracy", "test_balanced_accuracy"), figures)}
    board = leaderboard_builder.build([with_ensemble("a", 0.9, 0.01) | {"seeds": seeds}])
    text = " ".join(leaderboard_text.text(board).split())
    assert "a x 3 seeds: the mean of the probabilities of all seeds" in text
    assert "the chosen one is always a single network" in text and "On val a x 3 seeds is better than it" in text
    with_less = leaderboard_builder.build([with_ensemble("a", 0.01, 0.9) | {"seeds": seeds}])
    assert "is better than it" not in leaderboard_text.text(with_less)


def test_its_table_reads_back(tmp_path: Path) -> None:
    """A network's name in a CSV with blanks."""
    board = leaderboard_builder.build([with_ensemble("a", 0.3, 0.3)])
    write_csv(tmp_path / "leaderboard.csv", leaderboard_rows.columns(board), leaderboard_rows.table(board))
    with open(tmp_path / "leaderboard.csv", encoding="utf-8", newline="") as stream:
        assert [row["model"] for row in csv.DictReader(stream)] == ["a", "a x 3 seeds", MAJORITY]
