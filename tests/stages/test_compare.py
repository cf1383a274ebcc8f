"""compare after evaluate: files, leaderboard, any subset of networks, and what `dvc plots` draws of them."""

import argparse
import csv
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json, write_json
from chestbench.measures.predictions import read_predictions
from chestbench.measures.resampled import resample, write_resampled
from stages import baselines, compare, evaluate
from tests.conftest import ROOT
from tests.evaluation.data_records import write_data_records
from tests.evaluation.detection import board_records
from tests.evaluation.workspace import write_network, write_processed

NETWORKS = ["resnet50", "resnet101v2"]
CLASSES = ("Normal", "정상 'q'")


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory, make_config) -> Path:
    """A folder with two networks evaluated; each test has a copy."""
    root = tmp_path_factory.mktemp("evaluated")
    with pytest.MonkeyPatch.context() as patch:
        _stand_in(root, patch)
        write_processed(root, CLASSES)
        write_data_records(root, CLASSES)
        config = make_config({"evaluate.bootstrap": 100, "evaluate.gradcam_images": 0})
        for name in NETWORKS:
            write_network(root, name, CLASSES)
            evaluate.work(config, argparse.Namespace(model=name))
        baselines.work(config, argparse.Namespace())
    return root


@pytest.fixture
def workspace(evaluated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "study"
    shutil.copytree(evaluated, root)
    _stand_in(root, monkeypatch)
    return root


def _stand_in(root: Path, patch: pytest.MonkeyPatch) -> None:
    patch.chdir(root)
    patch.delenv("DVC_ROOT", raising=False)
    patch.delenv("MLFLOW_TRACKING_URI", raising=False)


def read_rows(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def make_networks_equal(workspace: Path, first: str, second: str) -> None:
    """Let one network say what the other says."""
    said = workspace / "results/models" / first / "predictions.csv"
    shutil.copyfile(said, workspace / "results/models" / second / "predictions.csv")
    resample_again(workspace / "results/models" / second)


def resample_again(results: Path) -> None:
    """Write resampled.npz of the predictions that stand beside it."""
    said = read_predictions(results / "predictions.csv", CLASSES)
    write_resampled(results / "resampled.npz", resample(said.labels, said.probabilities, said.groups, 100, 42))


def test_the_leaderboard_and_what_dvc_draws(workspace: Path, make_config) -> None:
    text = compare.work(make_config({"model.variants": NETWORKS}), argparse.Namespace())
    for expected in (*NETWORKS, "majority class", "split by patient", "not for diagnosis"):
        assert expected in text
    rows = read_rows(workspace / "metrics/leaderboard.csv")
    assert {row["model"] for row in rows} == {*NETWORKS, "logistic regression", "majority class"}
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
    assert not read_rows(workspace / "results/compare/froc.csv")
    for expected in ("ROC of the networks", "Loss by step", "Confusion", "leaderboard.png", *NETWORKS):
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
    first, second = read_rows(workspace / "results/compare/published.csv")
    test = read_json(workspace / "metrics/models/resnet101v2.json")["test"]
    assert (first["our_network"], float(first["ours"])) == ("resnet101v2", test["accuracy"]["value"])
    assert (second["network"], second["ours"]) == ("VGG16", "")
    assert text + "\n" == (workspace / "results/leaderboard.txt").read_text(encoding="utf-8")


def test_another_clock_changes_the_text_for_the_terminal_alone(workspace: Path, make_config) -> None:
    config = make_config({"model.variants": NETWORKS})
    first = compare.work(config, argparse.Namespace())
    folders = (workspace / "results/compare", workspace / "metrics")
    before = {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}
    for name in NETWORKS:
        path = workspace / "models" / name / "timing.json"
        write_json(path, {**read_json(path), "seconds": 98765.0, "images_per_second": 4.25})
    again = compare.work(config, argparse.Namespace())
    assert {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()} == before
    assert "98765" not in first and "98765" in again and "4.2" in again


def test_identical_networks_cannot_be_told_apart(workspace: Path, make_config) -> None:
    make_networks_equal(workspace, *NETWORKS)
    text = compare.work(make_config({"model.variants": NETWORKS}), argparse.Namespace())
    winner, other = read_rows(workspace / "metrics/leaderboard.csv")[:2]
    assert (winner["vs_best"], other["vs_best"]) == ("chosen", "indistinguishable")
    assert (other["vs_best_difference"], other["vs_best_p"], other["mcnemar_p"]) == ("0.0", "1.0", "1.0")
    assert (
        f"Cannot be told apart from {winner['model']} on this test set: 1 of 1 other network: {other['model']}." in text
    )
    paired = read_rows(workspace / "results/compare/paired.csv")
    assert [row["model"] for row in paired] == [other["model"], "logistic regression"]
    assert {row["against"] for row in paired} == {winner["model"]}
    assert read_json(workspace / "metrics/summary.json")["networks_indistinguishable"] == 1


def test_a_network_that_is_better_on_test_is_marked_and_not_chosen(workspace: Path, make_config) -> None:
    """Both chosen and other are made by hand from the real tables: right half of the time, and always."""
    compare.work(make_config({"model.variants": NETWORKS}), argparse.Namespace())
    winner = read_json(workspace / "metrics/summary.json")["winner"]
    other = next(name for name in NETWORKS if name != winner)
    for name, right in ((winner, lambda place: place % 2 == 0), (other, lambda place: True)):
        path = workspace / "results/models" / name / "predictions.csv"
        rows = read_rows(path)
        for place, row in enumerate(rows):
            said = row["label"] if right(place) else next(label for label in CLASSES if label != row["label"])
            row |= {f"p:{label}": "0.9" if label == said else "0.1" for label in CLASSES}
        with open(path, "w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        with pytest.raises(ChestbenchError, match=f"{name}: expected the figures of the predictions beside it"):
            compare.work(make_config({"model.variants": NETWORKS}), argparse.Namespace())
        resample_again(path.parent)
    text = compare.work(make_config({"model.variants": NETWORKS}), argparse.Namespace())
    assert f"{other} is significantly better on test than the chosen {winner}" in text
    assert "The choice stays on val" in text
    summary = read_json(workspace / "metrics/summary.json")
    assert (summary["winner"], summary["networks_better"]) == (winner, 1)


def test_warnings_of_the_audit_reach_the_leaderboard_and_mlflow(
    workspace: Path, make_config, monkeypatch: pytest.MonkeyPatch
) -> None:
    warning = "File properties alone tell the labels: AUC 0.97 [0.95, 0.99], most by format."
    write_json(workspace / "metrics/audit.json", {"shortcuts": {}, "warnings": [warning]})
    pages = []
    monkeypatch.setattr(compare, "describe_experiment", lambda name, *parts: pages.append((name, parts[-1])))
    text = compare.work(make_config({"model.variants": NETWORKS}), argparse.Namespace())
    for place in (text, (workspace / "results/leaderboard.txt").read_text(encoding="utf-8")):
        assert f"WARNING (audit): {warning}" in place
    ((experiment, page),) = pages
    assert experiment == "sample"
    assert page == [warning]
    assert "File properties alone" in (workspace / "results/compare/CLAIM.md").read_text(encoding="utf-8")


def test_sets_from_elsewhere_are_shown_beside_the_own_test(workspace: Path, make_config) -> None:
    record = read_json(workspace / f"metrics/models/{NETWORKS[0]}.json")
    found = {"set": "other", "model": NETWORKS[0], "run_key": record["run_key"], "compared": list(CLASSES)}
    found |= {"left_out": {"else": 3}, "test": record["test"], "own_test_balanced_accuracy": 0.75, "drop": 0.25}
    about = dict.fromkeys(("handle", "version", "url", "citation", "modality", "sha256"))
    found |= {"about": {**about, "title": "Images from a folder", "licence": "none"}, "split_unit": "patient"}
    found |= {"classes": {"theirs": CLASSES[0]}, "excluded": {}, "known": {"same": 1, "alike": 0}}
    write_json(workspace / f"metrics/external/other/{NETWORKS[0]}.json", found)
    sets = [{"name": "other", "path": "/data/other"}]
    text = compare.work(make_config({"model.variants": NETWORKS[:1], "evaluate.external": sets}), argparse.Namespace())
    assert "External validation" in text
    (row,) = read_rows(workspace / "results/compare/external.csv")
    assert (row["set"], row["model"], row["images_left_out"], row["drop"]) == ("other", NETWORKS[0], "3", "0.25")
    assert "title: Images from a folder" in (workspace / "results/compare/CLAIM.md").read_text(encoding="utf-8")
    # A set that is no longer asked for is not shown.
    assert "External validation" not in compare.work(
        make_config({"model.variants": NETWORKS[:1]}), argparse.Namespace()
    )
    assert read_rows(workspace / "results/compare/external.csv") == []


def test_what_does_not_belong_together_is_refused(workspace: Path, make_config) -> None:
    config = make_config({"model.variants": NETWORKS})
    path = workspace / "results/models" / NETWORKS[0] / "predictions.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    with pytest.raises(
        ChestbenchError, match=r"expected predictions of .* on the \d+ test images of .*; run `dvc repro`"
    ):
        compare.work(config, argparse.Namespace())
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    record = read_json(workspace / "metrics/baselines.json")
    write_json(workspace / "metrics/baselines.json", {**record, "data_sha256": "e" * 64})
    with pytest.raises(ChestbenchError, match="run `dvc repro baselines`"):
        compare.work(config, argparse.Namespace())


def write_detectors(root: Path) -> None:
    for found in (board_records.record("fcos_tiny", 0.5), board_records.record("fcos_small", 0.3)):
        board_records.write_detector(root, found)


DETECTORS = {"detector.variants": ["fcos_small", "fcos_tiny"], "detector.boxes": ["drawn"]}


def test_detectors_alone_have_the_leaderboard_and_the_summary(workspace: Path, make_config) -> None:
    write_detectors(workspace)
    config = make_config({"task": "detect", "model.variants": [], **DETECTORS})
    text = compare.work(config, argparse.Namespace())
    assert "fcos_tiny is first on val" in text and "resnet" not in text and "WARNING (audit)" not in text
    assert (workspace / "results/leaderboard.txt").read_text(encoding="utf-8") == text + "\n"
    summary = read_json(workspace / "metrics/summary.json")
    assert (summary["detector"], summary["test_map50"]["value"], summary["dataset"]) == ("fcos_tiny", 0.6, "sample")
    assert "winner" not in summary
    rows = read_rows(workspace / "metrics/leaderboard.csv")
    assert [row["model"] for row in rows] == ["fcos_tiny", "fcos_small", "mean box of train"]
    compared = workspace / "results/compare"
    assert {path.name for path in compared.iterdir()} == {
        "detectors.csv",
        "froc.csv",
        "history.csv",
        "pr.csv",
        "page.md",
        "roc.csv",
        "confusion.csv",
    }
    assert read_rows(compared / "froc.csv") and not read_rows(compared / "roc.csv")
    history = read_rows(compared / "history.csv")
    assert [(row["split"], row["step"]) for row in history if row["model"] == "fcos_tiny"][-2:] == [
        ("val", "2"),
        ("val", "4"),
    ]
    assert read_rows(compared / "pr.csv")[0]["class"] == "opacity"


def test_networks_and_detectors_stand_under_each_other(workspace: Path, make_config) -> None:
    """What is said of the networks is what is said without detectors."""
    networks = compare.work(make_config({"model.variants": NETWORKS}), argparse.Namespace())
    table, summary = read_rows(workspace / "metrics/leaderboard.csv"), read_json(workspace / "metrics/summary.json")
    write_detectors(workspace)
    config = make_config({"task": "both", "model.variants": NETWORKS, **DETECTORS})
    text = compare.work(config, argparse.Namespace())
    assert text.startswith(networks) and "fcos_tiny is first on val" in text.removeprefix(networks)
    assert read_rows(workspace / "metrics/leaderboard.csv") == table
    together = read_json(workspace / "metrics/summary.json")
    assert {key: together[key] for key in summary} == summary and together["detector"] == "fcos_tiny"
    compared = workspace / "results/compare"
    assert {"roc.csv", "detectors.csv", "froc.csv", "CLAIM.md"} <= {path.name for path in compared.iterdir()}
    page = (compared / "page.md").read_text(encoding="utf-8")
    assert "balanced accuracy" in page and "mean box of train" in page
