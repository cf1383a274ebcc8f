"""A grid through the real Ray and the real DVC, with trainings of a moment."""

import json
import sqlite3
from pathlib import Path

import pytest

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
    command = grid("-S", "seed=11,12,13,14", "-S", "preprocess.size=32", "--parallel", "2", "--name", "toy")
    before = workspace.run("git", "status", "--porcelain")
    told = workspace.run(*command, check=False)
    assert workspace.returncode == 1, told
    found = experiments(workspace)
    assert [overrides(workspace, commit, "seed") for _, commit in sorted(found.items())] == [11, 12, 14]
    assert "the network is on fire" in told and "toy-seed-13" in told and "3 of 4 are experiments" in told
    assert len(ran(workspace, "preprocess")) == 1, "data in common are made once"
    assert sorted(name[:11] for name in ran(workspace, "train")) == [
        *("toy-seed-11", "toy-seed-12", "toy-seed-13", "toy-seed-13", "toy-seed-14", "toy-seed-14")
    ], "one retry each, nothing twice that had ended well"
    assert workspace.run("git", "status", "--porcelain") == before and not workspace.run("git", "stash", "list")
    summary = json.loads(workspace.run("git", "show", f"{found[min(found)]}:metrics/summary.json"))
    assert summary["val_balanced_accuracy"] == 0.11
    store = sqlite3.connect(workspace.folder / "mlflow.db")
    assert store.execute("select artifact_location from experiments where name = 'sample'").fetchall() == [
        ((workspace.folder / "mlruns/sample").as_uri(),)
    ]

    trained = len(ran(workspace, "train"))
    (workspace.folder / ".dvc/tmp/grids/toy/members" / f"{min(found)}.json").write_text('{"name": "tor')
    again = workspace.run(*command, check=False)
    assert workspace.returncode == 1 and experiments(workspace).keys() == found.keys(), again
    assert set(name[:11] for name in ran(workspace, "train")[trained:]) == {"toy-seed-13"}, "nothing is trained twice"
    applied = workspace.run("dvc", "exp", "apply", min(found))
    assert "applied" in applied and Path(workspace.folder, "models/tiny/weights").read_text() == "11"
    workspace.run("git", "reset", "-q", "--hard")


def test_what_was_queued_is_a_grid_and_leaves_the_queue(workspace: Workspace) -> None:
    workspace.run("dvc", "exp", "run", "--queue", "-S", "seed=11", "--name", "queued-one")
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
