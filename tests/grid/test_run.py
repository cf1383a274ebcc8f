"""A grid through the real Ray and the real DVC, with trainings of a moment."""

import json
import sqlite3

import pytest

from chestbench.grid.queued import queued_members
from chestbench.repository.git import read_tree
from tests.grid.work import experiments, grid, overrides, toy
from tests.pipeline.workspace import Workspace

pytest.importorskip("ray")
pytestmark = [pytest.mark.pipeline, pytest.mark.xdist_group("grid")]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return toy(tmp_path_factory.mktemp("grid") / "root")


def ran(workspace: Workspace, stage: str) -> list[str]:
    """Return the experiments for which a stage was run."""
    lines = [line.split() for line in (workspace.folder / "ran.txt").read_text().splitlines()]
    return [name for found, name, _ in lines if found.startswith(stage)]


def test_members_come_back_what_fails_is_said_and_the_same_command_goes_on(workspace: Workspace) -> None:
    command = grid("-S", "seed=11,13", "-S", "preprocess.size=32", "--parallel", "2", "--name", "toy")
    before = workspace.run("git", "status", "--porcelain")
    told = workspace.run(*command, check=False)
    assert workspace.returncode == 1, told
    [(name, commit)] = experiments(workspace).items()
    assert overrides(workspace, commit, "seed") == 11 and name.startswith("toy-seed-11")
    assert "the network is on fire" in told and "toy-seed-13" in told
    assert len(ran(workspace, "preprocess")) == 1, "data in common are made once"
    trained = ["toy-seed-11", "toy-seed-13", "toy-seed-13"]
    assert sorted(found[:11] for found in ran(workspace, "train")) == trained, "one retry"
    assert workspace.run("git", "status", "--porcelain") == before and not workspace.run("git", "stash", "list")
    summary = json.loads(workspace.run("git", "show", f"{commit}:metrics/summary.json"))
    assert summary["val_balanced_accuracy"] == 0.11
    store = sqlite3.connect(workspace.folder / "mlflow.db")
    assert store.execute("select artifact_location from experiments where name = 'sample'").fetchall() == [
        ((workspace.folder / "mlruns/sample").as_uri(),)
    ]

    (workspace.folder / "mended").touch()
    told = workspace.run(*command)
    assert len(experiments(workspace)) == 2 and experiments(workspace)[name] == commit, told
    again = [found[:11] for found in ran(workspace, "train")]
    assert sorted(again) == [*trained, "toy-seed-13"], "what was done is left alone"
    assert len(ran(workspace, "preprocess")) == 1


def test_what_was_queued_is_a_grid_and_leaves_the_queue(workspace: Workspace) -> None:
    workspace.run("dvc", "exp", "run", "--queue", "-S", "seed=11", "--name", "queued-one")
    [queued], _ = queued_members(workspace.folder, read_tree(workspace.folder))
    assert queued.told == ("seed=11",), "what the table shows of it"
    told = workspace.run(*grid("--queued", "--parallel", "1"))
    assert "queued-one" in experiments(workspace), told
    assert overrides(workspace, experiments(workspace)["queued-one"], "seed") == 11
    assert "queued-one" not in workspace.run("dvc", "queue", "status")


def test_limits(workspace: Workspace) -> None:
    command = grid("-S", "seed=15,16", "-S", "preprocess.size=32", "--name", "limits", "--retries", "0")
    told = workspace.run(*command, "--memory-limit", "300M", "--time-limit", "25s", "--parallel", "2", check=False,
                         TOY_SECONDS="40")  # fmt: skip
    assert workspace.returncode == 1 and "(--memory-limit)" in told and "(--time-limit)" in told, told
    assert not [name for name in experiments(workspace) if name.startswith("limits")]
