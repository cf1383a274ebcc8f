from pathlib import Path

import numpy as np
import pytest

from chestbench.files import read_json
from chestbench.sampling import read_class_index
from tests.stages.data_workspace import LABELS, all_bytes, run_stages, write_raw


@pytest.mark.parametrize("balance", ["upsample", "class_weight", "none"])
def test_the_stage_plans_training_only(tmp_path: Path, monkeypatch, make_config, balance: str) -> None:
    monkeypatch.chdir(tmp_path)
    write_raw(tmp_path)
    config = make_config({"balance": balance})
    run_stages(config, "catalog", "split", "preprocess")
    before = all_bytes(tmp_path / "data/processed")
    (summary,) = run_stages(config, "upsample")
    assert f"balance {balance}" in summary
    assert all_bytes(tmp_path / "data/processed") == before, "val and test keep their natural balance"
    order = np.load(tmp_path / "data/train_indices.npy")
    classes = read_class_index(tmp_path / "data/processed/train.csv")
    counts = np.bincount(classes[order])
    assert set(order.tolist()) == set(range(len(classes)))
    assert (counts[0] == counts[1]) == (balance == "upsample")
    metrics = read_json(tmp_path / "metrics/upsample.json")
    assert list(metrics["before"]) == list(LABELS) and sum(metrics["after"].values()) == len(order)
    assert bool(metrics["class_weights"]) == (balance == "class_weight")
