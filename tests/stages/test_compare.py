"""compare after evaluate: files, leaderboard, any subset of networks, and what `dvc plots` draws of them."""

import argparse
import csv
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chestbench.files import read_json
from stages import compare, evaluate
from tests.conftest import ROOT
from tests.evaluation.workspace import write_network, write_processed

NETWORKS = ["resnet50", "resnet101v2"]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_config) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    write_processed(tmp_path, ("Normal", "정상 'q'"))
    config = make_config({"evaluate.bootstrap": 100, "evaluate.gradcam_images": 0})
    for name in NETWORKS:
        write_network(tmp_path, name, ("Normal", "정상 'q'"))
        evaluate.work(config, argparse.Namespace(model=name))
    return tmp_path


def test_the_leaderboard_and_what_dvc_draws(workspace: Path, make_config) -> None:
    text = compare.work(make_config({"model.variants": NETWORKS}), argparse.Namespace())
    for expected in (*NETWORKS, "majority class", "split by patient", "not for diagnosis"):
        assert expected in text
    with open(workspace / "metrics/leaderboard.csv", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["model"] for row in rows} == {*NETWORKS, "majority class"}
    summary = read_json(workspace / "metrics/summary.json")
    assert summary["winner"] == rows[0]["model"]
    assert summary["networks"] == 2
    stable = list(summary)

    plots = (ROOT / "dvc.yaml").read_text(encoding="utf-8").partition("\nplots:")[2]
    (workspace / "dvc.yaml").write_text(f"plots:{plots}", encoding="utf-8")
    dvc = [sys.executable, "-m", "dvc"]
    subprocess.run([*dvc, "init", "--no-scm", "-q", "-f"], check=True, capture_output=True)
    shutil.copytree(ROOT / ".dvc/plots", workspace / ".dvc/plots", dirs_exist_ok=True)
    # Of the stages before, only what is drawn.
    counts = "label,shown_as,found,kept\nNormal,Normal,20,18\n"
    (workspace / "results/catalog").mkdir(parents=True)
    (workspace / "results/catalog/class_counts.csv").write_text(counts, encoding="utf-8")
    shown = subprocess.run([*dvc, "plots", "show"], capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stderr
    assert "failed" not in shown.stderr
    page = (workspace / "dvc_plots/index.html").read_text(encoding="utf-8")
    for expected in ("ROC of the networks", "Loss by epoch", "Confusion", "leaderboard.png", *NETWORKS):
        assert expected in page, expected

    # One network of the two: the same keys and files, the other's rows gone.
    compare.work(make_config({"model.variants": NETWORKS[:1]}), argparse.Namespace())
    summary = read_json(workspace / "metrics/summary.json")
    assert list(summary) == stable
    assert (summary["networks"], summary["winner"]) == (1, NETWORKS[0])
    assert NETWORKS[1] not in (workspace / "results/compare/roc.csv").read_text(encoding="utf-8")


def test_published_figures_stand_under_the_leaderboard_and_in_a_table(workspace: Path, make_config) -> None:
    figures = [
        {"network": "ResNet101V2", "split": "unknown", "measure": "accuracy", "value": 0.9884},
        {"network": "VGG16", "split": "test", "measure": "f1", "value": 0.5},
    ]
    config = make_config({"model.variants": NETWORKS, "dataset.published": figures})
    text = compare.work(config, argparse.Namespace())
    assert "Published by the original project" in text
    with open(workspace / "results/compare/published.csv", encoding="utf-8", newline="") as stream:
        first, second = csv.DictReader(stream)
    test = read_json(workspace / "metrics/models/resnet101v2.json")["test"]
    assert (first["our_network"], float(first["ours"])) == ("resnet101v2", test["accuracy"]["value"])
    assert (second["network"], second["ours"]) == ("VGG16", "")
    assert text + "\n" == (workspace / "results/compare/leaderboard.txt").read_text(encoding="utf-8")
