"""What the real dvc changes when all runs again, and what it runs after an edit, for other data, for another network.

The tests of this file build on one another, in order: one clone whose benchmark was run once.
"""

import shutil
from pathlib import Path

import pytest
import yaml

from tests.models.test_how_to import files_of_the_example
from tests.pipeline.workspace import Workspace, clone, ran

pytestmark = [pytest.mark.pipeline]

NETWORK = "simple_cnn"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory) -> Workspace:
    made = clone(tmp_path_factory.mktemp("code") / "bench", warm=True)
    made.edit_yaml_value("conf/train/_defaults.yaml", {"deterministic": "true"})
    made.run("python", "-m", "chestbench", "params", PYTHONPATH="src")
    made.run("dvc", "repro")
    made.commit("First results")
    return made


def hashes(workspace: Workspace) -> dict[tuple[str, str], str]:
    """Return {(stage, path): hash} of all outputs and dependencies in dvc.lock."""
    stages = yaml.safe_load((workspace.folder / "dvc.lock").read_text(encoding="utf-8"))["stages"]
    entries = ((name, entry) for name, stage in stages.items() for kind in ("deps", "outs") for entry in stage[kind])
    return {(name, entry["path"]): entry["md5"] for name, entry in entries}


def edit(workspace: Workspace, module: str, line: str) -> None:
    with open(workspace.folder / "src/chestbench" / module, "a", encoding="utf-8") as stream:
        stream.write(line)


def what(workspace: Workspace) -> str:
    return workspace.run("python", "-m", "chestbench", "what", PYTHONPATH="src")


def test_everything_again_changes_no_result(workspace: Workspace) -> None:
    """With train.deterministic, what differs is what a clock, a commit or both have said, and who quotes them."""
    before = hashes(workspace)
    assert len(ran(workspace.run("dvc", "repro", "-f"))) == len({stage for stage, _ in before})
    assert workspace.run("git", "diff", "HEAD", "--name-only").split() == ["dvc.lock"]
    after = hashes(workspace)
    assert after.keys() == before.keys()
    changed = {Path(path).name for stage, path in before if before[stage, path] != after[stage, path]}
    assert "timing.json" in changed
    assert changed <= {"timing.json", "provenance.json", "MODEL_CARD.md", "leaderboard.txt", "models", "report.html"}
    workspace.commit("The same results again")


def test_a_comment_and_an_edit_to_what_reports_run_nothing(workspace: Workspace) -> None:
    edit(workspace, "training/feed.py", "# A comment.\n")
    edit(workspace, "tracking/run.py", "EDITED = 1\n")
    edit(workspace, "core/progress.py", "EDITED = 1\n")
    assert "Nothing would run" in what(workspace)
    assert ran(workspace.run("dvc", "repro")) == ["code"]


def test_an_edit_to_a_measure_would_run_what_reaches_it_and_no_training(workspace: Workspace) -> None:
    edit(workspace, "measures/metrics.py", "EDITED = 1\n")
    told = what(workspace)
    lines = [line.split() for line in told.splitlines() if "measures/metrics.py: changed" in line]
    expected = ["audit", f"evaluate@{NETWORK}", "baselines", "compare", "report"]
    assert sorted(words[0] for words in lines) == sorted(expected), told
    workspace.run("git", "checkout", "-q", "src/chestbench/measures")


def test_an_edit_to_the_leaderboard_runs_what_reaches_it_and_no_network(workspace: Workspace) -> None:
    edit(workspace, "evaluation/leaderboard.py", "EDITED = 1\n")
    assert sorted(ran(workspace.run("dvc", "repro"))) == ["code", "compare", "report"]


def test_a_module_that_training_newly_imports_counts_from_then_on(workspace: Workspace) -> None:
    edit(workspace, "training/newly_imported.py", "VALUE = 1\n")
    assert ran(workspace.run("dvc", "repro", f"train@{NETWORK}")) == ["code"]
    edit(workspace, "training/feed.py", "from chestbench.training import newly_imported  # noqa: E402, F401\n")
    assert ran(workspace.run("dvc", "repro", f"train@{NETWORK}")) == ["code", f"train@{NETWORK}"]
    edit(workspace, "training/newly_imported.py", "VALUE = 2\n")
    assert f"train@{NETWORK}" in what(workspace)
    assert ran(workspace.run("dvc", "repro", f"train@{NETWORK}")) == ["code", f"train@{NETWORK}"]


def test_going_back_takes_everything_from_the_cache(workspace: Workspace) -> None:
    workspace.run("git", "checkout", "-q", ".")
    workspace.run("git", "clean", "-qfd", "src")
    assert ran(workspace.run("dvc", "repro")) == []
    assert workspace.run("git", "status", "--porcelain") == ""


def test_another_data_set_and_back_runs_nothing_twice(workspace: Workspace, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    for split in ("train", "test"):
        shutil.copytree(workspace.folder / "data/split" / split, mine, dirs_exist_ok=True)
    other = ("-S", "dataset=folder", "-S", f"dataset.path={mine}", "-S", "dataset.name=mine")
    first = ran(workspace.run("dvc", "exp", "run", *other))
    assert {"download", "catalog", "split", "preprocess", "audit", "upsample", "baselines", "compare"} < set(first)
    leaderboard = (workspace.folder / "metrics/leaderboard.csv").read_bytes()
    assert ran(workspace.run("dvc", "exp", "run")) == [], "the sample"
    assert (workspace.folder / "metrics/leaderboard.csv").read_bytes() != leaderboard
    assert ran(workspace.run("dvc", "exp", "run", *other)) == [], "mine"
    assert (workspace.folder / "metrics/leaderboard.csv").read_bytes() == leaderboard
    workspace.run("git", "checkout", "-q", ".")
    workspace.run("dvc", "checkout")


def test_a_network_in_a_file_of_its_own_trains_no_other_anew(workspace: Workspace) -> None:
    for name, content in files_of_the_example().items():
        (workspace.folder / name).write_text(content, encoding="utf-8")
    workspace.commit("Add a network by the how-to")
    output = workspace.run("dvc", "exp", "run", "-S", f"model.variants=[{NETWORK},vgg_like]")
    new = ["weights@vgg_like", "train@vgg_like", "evaluate@vgg_like"]
    assert sorted(ran(output)) == sorted(["code", "check", *new, "compare", "report"])


def test_no_record_is_drawn_as_a_plot(workspace: Workspace) -> None:
    """The records under `plots:` stand there for the run cache; only the leaderboard among them is a chart."""
    drawn = workspace.run("python", "-c", PLOTTED).split()
    assert [name for name in drawn if name.startswith("metrics/")] == ["metrics/leaderboard.csv"]


PLOTTED = """
import json, subprocess
shown = json.loads(subprocess.run(["dvc", "plots", "show", "--json"], capture_output=True, text=True).stdout)
print(*(name.replace(" ", "_") for name, plots in shown["data"].items() if plots))
"""
