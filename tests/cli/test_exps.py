"""The table of experiments, from a small repository in which the real DVC ran."""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from chestbench.__main__ import main
from chestbench.cli.experiments import Experiment, all_experiments
from chestbench.cli.exps import WIDEST, differing, table
from chestbench.repository.parameters import flat
from tests.conftest import ROOT

PIPELINE = """
stages:
  compare:
    cmd: python compare.py
    deps: [compare.py]
    params: [model.variants, train.learning_rate]
    metrics:
      - metrics/summary.json: {cache: false}
"""
COMPARE = """
import json, re
text = open("params.yaml").read()
rate = float(re.search("learning_rate: (.*)", text)[1])
score = {"value": 1 - rate, "low": 0.5, "high": 1.0}
names = re.findall("- (.*)", text)
json.dump({"winner": names[0], "networks": len(names), "val_balanced_accuracy": 0.75,
           "test_balanced_accuracy": score, "test_macro_auc": score}, open("metrics/summary.json", "w"))
"""
PARAMS = """
model:
  variants:
  - tiny
train:
  recipe: quick
  learning_rate: 0.5
dataset:
  name: sample
"""


def run(folder: Path, *command: str) -> str:
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(folder.parent)}
    environment |= {"DVC_NO_ANALYTICS": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results in a first commit, an experiment `half` upon it, a second commit without new results."""
    folder = tmp_path_factory.mktemp("exps") / "repository"
    folder.mkdir()
    (folder / "metrics").mkdir()
    for name, text in {"dvc.yaml": PIPELINE, "compare.py": COMPARE, "params.yaml": PARAMS}.items():
        (folder / name).write_text(text)
    for command in ("git init -q", "git config user.name T", "git config user.email t@example.invalid", "dvc init -q"):
        run(folder, *command.split())
    run(folder, "dvc", "repro", "-q")
    for message in ("results",):
        run(folder, "git", "add", "-A")
        run(folder, "git", "commit", "-qm", message)
    run(folder, "dvc", "exp", "run", "-q", "-n", "half", "-S", "train.learning_rate=0.25")
    run(folder, "git", "checkout", "-q", "--force", ".")
    (folder / "README").write_text("nothing that changes a result")
    run(folder, "git", "add", "-A")
    run(folder, "git", "commit", "-qm", "no results")
    return folder


def test_experiments_of_earlier_commits_are_there_and_commits_without_results_are_not(repository: Path) -> None:
    found = {experiment.name: experiment for experiment in all_experiments(repository)}
    first = run(repository, "git", "rev-parse", "--short", "HEAD~1").strip()
    assert set(found) == {"half", first}
    assert found["half"].params["train.learning_rate"] == 0.25
    assert found["half"].summary["test_balanced_accuracy"]["value"] == 0.75
    assert found[first].summary["test_balanced_accuracy"]["value"] == 0.5


def test_the_table_has_a_column_for_what_differs(repository: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(repository)
    monkeypatch.setenv("COLUMNS", "120")  # in a narrower terminal a column may find no room, which is said
    assert main(["exps"]) == 0
    lines = capsys.readouterr().out.splitlines()
    headings = next(line for line in lines if line.startswith("experiment"))
    half = next(line for line in lines if line.startswith("half"))
    assert headings.split()[-1] == "learning_rate" and half.split()[-1] == "0.25"
    assert "tiny" in half and "0.750 [0.500, 1.000]" in half
    assert "recipe of all: quick" in " ".join(lines)


def test_a_pipe_gets_every_column_and_whole_names(repository: Path) -> None:
    long = "a-name-that-a-terminal-of-eighty-columns-has-no-room-for"
    run(repository, "git", "update-ref", f"refs/exps/{'0' * 2}/{'0' * 38}/{long}", "HEAD")
    try:
        told = run(repository, "chestbench", "exps")
    finally:
        run(repository, "git", "update-ref", "-d", f"refs/exps/{'0' * 2}/{'0' * 38}/{long}")
    assert f"{long} " in told and "learning_rate" in told and "no room for" not in told


def test_results_that_are_not_committed_are_the_first_row(repository: Path) -> None:
    run(repository, "dvc", "exp", "apply", "half")
    try:
        first, *others = all_experiments(repository)
    finally:
        run(repository, "git", "reset", "-q", "--hard")
    assert first.name == "workspace" and first.params["train.learning_rate"] == 0.25
    assert len(others) == 2


def test_fewer_rows_are_said(repository: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(repository)
    assert main(["exps", "-n", "1"]) == 0
    assert "1 older ones are not shown: `chestbench exps -n 0`" in capsys.readouterr().out


def test_a_repository_without_results(tmp_path: Path, monkeypatch, capsys) -> None:
    for command in ("git init -q", "git config user.name T", "git config user.email t@example.invalid"):
        run(tmp_path, *command.split())
    run(tmp_path, "git", "commit", "-q", "--allow-empty", "-m", "nothing")
    monkeypatch.chdir(tmp_path)
    assert main(["exps"]) == 0
    assert "no experiment with results yet" in capsys.readouterr().out


def experiment(name: str, **changed) -> Experiment:
    """The committed results of this repository under another name, with parameters changed (`train__epochs=3`)."""
    params = flat(json.loads(json.dumps(_params())))
    params |= {key.replace("__", "."): value for key, value in changed.items()}
    summary = json.loads((ROOT / "metrics/summary.json").read_text())
    return Experiment(name, datetime(2026, 11, 22, 0, 19), summary, params)


def _params() -> dict:
    import yaml

    return yaml.safe_load((ROOT / "params.yaml").read_text())


def test_the_committed_summary_fills_every_column() -> None:
    heading, _, row = table([experiment("one")]).splitlines()[-3:]
    cells = row.split()
    assert "-" not in cells, row
    assert heading.split()[:2] == ["experiment", "network"] and {"sample", _params()["train"]["recipe"]} <= set(cells)


@pytest.mark.parametrize("width", [70, 80, 100, WIDEST])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    rows = [
        experiment(
            f"a-very-long-name-of-an-experiment-{index}",
            dataset__name=f"a-data-set-with-a-name-{index % 2}",
            train__recipe=("features", "finetune")[index // 4],
            train__learning_rate=10.0**-index,
            preprocess__roi=("none", "lungs_crop")[index % 2],
            train__batch_size=16 + index,
            evaluate__batch_size=32 + index,
        )
        for index in range(8)
    ]
    lines = table(rows, width).splitlines()
    assert max(map(len, lines)) <= width
    assert "test [95%]" in "\n".join(lines) and len(lines) >= 10
    assert "no room for" in lines[-1] or "no room for" in lines[-2]


def test_what_differs_is_asked_within_one_recipe_and_data_set() -> None:
    quick, slow = experiment("a"), experiment("b", train__recipe="finetune", train__epochs=20)
    assert differing([quick, slow]) == []
    assert differing([quick, slow, experiment("c", train__epochs=3)]) == ["train.epochs"]
    without = experiment("d")
    del without.params["train.patience"]
    assert differing([quick, without]) == []


def test_the_workspace_is_told_with_what_it_was_run_with(repository: Path) -> None:
    """params.yaml may be ahead of the results: a refused run has changed it."""
    run(repository, "dvc", "exp", "apply", "half")
    params = repository / "params.yaml"
    params.write_text(params.read_text().replace("0.25", "0.125"))
    try:
        first, *_ = all_experiments(repository)
    finally:
        run(repository, "git", "reset", "-q", "--hard")
    assert first.name == "workspace" and first.params["train.learning_rate"] == 0.25


def test_a_negative_number_of_rows_and_another_folder_are_refused(repository: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(repository)
    assert main(["exps", "-n", "-5"]) == 1
    monkeypatch.chdir(repository / "metrics")
    assert main(["exps"]) == 1
    told = capsys.readouterr().err
    assert "0 (all) or more rows, received -5" in told and "expected the root of the repository" in told


def test_members_of_a_grid_have_their_place_among_what_was_tried() -> None:
    """And their whole names where there is room, as `dvc exp apply` wants them."""
    from chestbench.core.files import sha256_json
    from chestbench.grid.tried import Setting

    long = "night-learning_rate-1e-3-abc123"
    rows = [experiment(long), experiment("plain")]
    rows[1].summary["val_balanced_accuracy"] = 0.5
    val = rows[0].summary["val_balanced_accuracy"]
    tried = [
        Setting("night", long, val, sha256_json(rows[0].summary), "here"),
        Setting("night", "night-2", val - 0.1, "x", "here"),
        Setting("night", "night-3", None),
        Setting("night", "night-4", 1.0, "y", "another split"),
    ]
    lines = table(rows, WIDEST, tried).splitlines()
    assert "grid: its place on val among the settings tried" in " ".join(lines)
    assert any(line.startswith(f"{long} ") and " 1 of 3, night " in line for line in lines)
    assert any(line.startswith("plain ") for line in lines)
    both = [*tried, Setting("day", "day-1", val, sha256_json(rows[0].summary)), Setting("day", "d", None, is_open=True)]
    told = " ".join(table(rows, 200, both).split())
    assert "1 of 3, night; 1 of 2, day" in told and "not done of grid day: 1" in told and "of grid night" not in told
    assert "grid" not in table(rows, WIDEST) and max(map(len, table(rows, 70, tried).splitlines())) <= 70


def test_too_little_data_is_said_above_the_figures() -> None:
    rows = [experiment(f"small-{number}") for number in range(7)] + [experiment("enough")]
    for row in rows[:-1]:
        row.summary["tiny"] = True
    told = " ".join(table(rows, WIDEST).split())
    assert "too little data, so no figure is a result: small-0, small-1" in told and "small-4 and 2 more" in told
    assert "too little" not in table(rows[-1:])


def detectors_alone() -> Experiment:
    figure = {"value": 0.5, "low": 0.4, "high": 0.6}
    summary = {"detector": "fcos_tiny", "detectors": 1, "val_map50": 0.625, "test_map50": figure, "dataset": "sample"}
    changed = {"model.variants": [], "detector.variants": ["fcos_tiny"], "task": "detect", "train.recipe": "detect"}
    return Experiment("boxes", datetime(2026, 11, 23), summary, {**experiment("boxes").params, **changed})


def test_detectors_have_their_own_figures_in_val_and_test() -> None:
    told = table([detectors_alone()])
    assert "val, test: mAP@0.5 of the chosen detector; of: how many it was chosen from" in " ".join(told.split())
    row = told.splitlines()[-1]
    assert "fcos_tiny" in row and "0.625" in row and "0.500 [0.400, 0.600]" in row


def test_figures_of_different_kinds_are_told_apart() -> None:
    rows = [experiment("nets"), detectors_alone()]
    told = " ".join(table(rows).split())
    assert "balanced accuracy of the chosen network, in rows of detectors mAP@0.5 of the chosen detector (not" in told
    # Which detectors there are is told by their names, as of networks.
    assert not [key for key in differing(rows) if key.startswith(("detector", "task"))]
    both = Experiment("both", None, {**rows[0].summary, **rows[1].summary, "winner": "tiny"}, rows[1].params)
    assert f"{both.summary['val_balanced_accuracy']:.3f}" in table([both])
