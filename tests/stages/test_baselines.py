"""baselines on small arrays: what is written, the same bytes again, and that no keras is loaded."""

import argparse
import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json
from chestbench.measures.predictions import COLUMNS, read_predictions
from stages import baselines
from tests.conftest import ROOT
from tests.evaluation.workspace import write_processed

CLASSES = ("Normal", "정상 'q', x")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_processed(tmp_path, CLASSES, studies=True)
    return tmp_path


def run(make_config, **changes: object) -> str:
    return baselines.work(make_config({"evaluate.bootstrap": 100, **changes}), argparse.Namespace())


def digests(root: Path) -> dict[str, str]:
    paths = [root / "metrics/baselines.json", root / "results/baselines/predictions.csv"]
    paths.append(root / "results/baselines/resampled.npz")
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_it_writes_what_the_regression_says_and_the_same_bytes_again(workspace: Path, make_config) -> None:
    shown = run(make_config)
    assert "fitted on 36 of 36 training images" in shown
    first = digests(workspace)
    run(make_config)
    assert digests(workspace) == first
    record = read_json(workspace / "metrics/baselines.json")
    assert record["data_sha256"] == "d" * 64
    assert record["majority"]["class"] == "Normal"
    assert record["majority"]["test"]["balanced_accuracy"]["value"] == 0.5
    regression = record["logistic_regression"]
    assert regression["settings"]["class_weight"] == "balanced"
    assert regression["test"]["images"] == 20
    assert regression["test"]["balanced_accuracy"]["value"] > 0.9
    assert regression["val"]["per_study"]["studies"] == 10
    with open(workspace / "results/baselines/predictions.csv", encoding="utf-8") as stream:
        assert stream.readline() == f"{','.join(COLUMNS)},p:Normal,\"p:정상 'q', x\"\n"
    said = read_predictions(workspace / "results/baselines/predictions.csv", CLASSES)
    right = (said.probabilities.argmax(axis=1) == said.labels).mean()
    assert right == regression["test"]["accuracy"]["value"]


def test_unbalanced_training_weighs_no_class(workspace: Path, make_config) -> None:
    run(make_config, balance="none")
    assert read_json(workspace / "metrics/baselines.json")["logistic_regression"]["settings"]["class_weight"] == "none"


def test_one_class_in_train_is_refused(workspace: Path, make_config) -> None:
    text = (workspace / "data/processed/train.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if ",1,g" not in line]
    (workspace / "data/processed/train.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    np.save(workspace / "data/processed/train.npy", np.load(workspace / "data/processed/train.npy")[: len(lines) - 1])
    with pytest.raises(ChestbenchError, match="two classes or more"):
        run(make_config)


def test_the_stage_needs_no_keras(workspace: Path) -> None:
    code = (
        "import sys, runpy; sys.argv = ['baselines', '--params', sys.argv[1]]\n"
        "try: runpy.run_module('stages.baselines', run_name='__main__')\n"
        "finally: assert not {'keras', 'tensorflow', 'mlflow', 'matplotlib'} & set(sys.modules)"
    )
    command = [sys.executable, "-c", code, str(ROOT / "params.yaml")]
    environment = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PATH": ""}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    assert "baselines: done in" in done.stdout
