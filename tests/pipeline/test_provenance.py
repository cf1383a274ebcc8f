"""One study with a set from elsewhere: MLflow agrees with DVC in a fresh clone, and after kills at the worst moments.

The tests of this file build on one another, in order: one clone, one store.
"""

import os
import shutil
import signal
import subprocess
import time
import zipfile
from pathlib import Path

import pytest

from chestbench.datasets.sample import draw_sample
from chestbench.tracking.running import abandoned
from chestbench.tracking.store import connect
from tests.pipeline.test_pipeline import ran, rows
from tests.pipeline.workspace import PATIENTS, Workspace, clone
from tests.tracking.conftest import contents

pytestmark = [pytest.mark.pipeline, pytest.mark.xdist_group("provenance"), pytest.mark.timeout(1800)]

CLASSES = {"COVID": "covid", "non-COVID": "healthy people"}
SETTINGS = ("-S", "preprocess.size=32", "-S", "train.epochs=1")


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory) -> Path:
    """Synthetic slices of patients whom the data set does not have, under other class names, and one that it has."""
    folder = tmp_path_factory.mktemp("other") / "it's from elsewhere"
    draw_sample(PATIENTS + 12, folder.parent / "drawn.zip")
    with zipfile.ZipFile(folder.parent / "drawn.zip") as archive:
        for name in archive.namelist():
            label, patient, file = name.split("/")
            number = int(patient.removeprefix("patient-"))
            if number > PATIENTS or name.endswith("patient-001/slice-1.png"):
                (folder / CLASSES[label] / patient).mkdir(parents=True, exist_ok=True)
                (folder / CLASSES[label] / patient / file).write_bytes(archive.read(name))
    return folder


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, elsewhere: Path) -> Workspace:
    made = clone(tmp_path_factory.mktemp("provenance") / "chest bench", "simple_gmp", warm=True)
    classes = "{covid: COVID, healthy people: non-COVID}"
    entry = f'{{name: other, path: "{elsewhere}", classes: {classes}, group_pattern: "(?P<group>patient-\\d+)"}}'
    made.sets = ("-S", f"evaluate.external=[{entry}]")
    return made


def runs_of(folder: Path) -> dict:
    """What MLflow shows of a repository: its page, and the contents of each run that is whole, by name."""
    client = connect(folder).client
    experiment = client.get_experiment_by_name("sample")
    runs = client.search_runs([experiment.experiment_id])
    whole = {run.info.run_name: contents(run, client) for run in runs if run.info.status == "FINISHED"}
    return {"page": experiment.tags["mlflow.note.content"], "runs": whole}


def statuses(folder: Path) -> list[str]:
    client = connect(folder).client
    runs = client.search_runs([client.get_experiment_by_name("sample").experiment_id])
    return sorted(run.info.status for run in runs)


def sync(workspace: Workspace) -> str:
    said = workspace.run("python", "-m", "chestbench", "sync", PYTHONPATH="src").splitlines()
    return next(line for line in reversed(said) if not line.startswith("MLflow compares"))


def test_a_set_from_elsewhere_is_one_argument(workspace: Workspace) -> None:
    output = workspace.run("dvc", "exp", "run", *SETTINGS, *workspace.sets, timeout=1500)
    assert {"external_download@set0", "external@set0", "transfer@simple_gmp-set0"} < set(ran(output))
    assert "1 that the data set has itself" in output
    leaderboard = (workspace.folder / "results/leaderboard.txt").read_text(encoding="utf-8")
    assert "other" in leaderboard
    card = (workspace.folder / "models/simple_gmp/MODEL_CARD.md").read_text(encoding="utf-8")
    revision = workspace.run("git", "rev-parse", "HEAD").strip()
    assert f"- Git revision: {revision}, with changes" in card and str(workspace.folder) not in card
    workspace.commit("With a set from elsewhere")


def test_a_fresh_clone_has_the_same_tables(workspace: Workspace, tmp_path: Path) -> None:
    workspace.run("dvc", "remote", "add", "-d", "shelf", str(tmp_path / "shelf"))
    workspace.commit("A remote")
    workspace.run("dvc", "push")
    fresh = Workspace(tmp_path / "fresh clone")
    subprocess.run(["git", "clone", "-q", str(workspace.folder), str(fresh.folder)], check=True)
    fresh.run("dvc", "pull")
    # `check` leaves a constant that is not kept anywhere.
    assert set(ran(fresh.run("dvc", "repro"))) <= {"check"}
    assert "rebuilt or completed: simple_gmp" in sync(fresh)
    assert sync(fresh) == "MLflow is complete"
    live, rebuilt = runs_of(workspace.folder), runs_of(fresh.folder)
    assert len(live["runs"]) == 1
    assert rebuilt == live


def test_again_does_nothing_and_a_changed_folder_is_noticed(workspace: Workspace, elsewhere: Path) -> None:
    assert ran(workspace.run("dvc", "repro")) == []
    picture = next((elsewhere / "healthy people").rglob("*.png"))
    picture.unlink()
    output = workspace.run("dvc", "repro")
    stages = ["external_download@set0", "external@set0", "transfer@simple_gmp-set0", "compare", "report"]
    assert ran(output) == stages
    workspace.commit("The folder was changed")


def test_killed_while_training_and_while_logging(workspace: Workspace) -> None:
    """kill -9 of everything, twice; then the same command again, and nothing is missing, wrong or there twice."""
    command = ("dvc", "exp", "run", "-S", "preprocess.size=32", "-S", "train.epochs=40", *workspace.sets)
    _kill_when(workspace, command, lambda line: "epoch 3/" in line)
    assert sync(workspace) != "" and statuses(workspace.folder) == ["FINISHED", "KILLED"]
    workspace.run("git", "checkout", "-q", ".")

    process = workspace.popen(*command)
    known = set(_logged(workspace))
    deadline = time.monotonic() + 900
    while not set(_logged(workspace)) - known:
        assert process.poll() is None and time.monotonic() < deadline, process.stdout.read()[-4000:]
        time.sleep(0.002)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    # The training went on from its last epoch.
    said = process.stdout.read().lower()
    assert "epoch 1/40" not in said and "epoch 40/40" in said
    workspace.run("git", "checkout", "-q", ".")

    output = workspace.run(*command, timeout=1500)
    history = rows(workspace.folder / "models/simple_gmp/history.csv")
    assert [int(row["epoch"]) for row in history] == list(range(1, 41))
    assert "train@simple_gmp" not in ran(output) and "transfer@simple_gmp-set0" in ran(output)
    assert statuses(workspace.folder) == ["FINISHED", "FINISHED", "KILLED"]
    assert sync(workspace) == "MLflow is complete"
    found = runs_of(workspace.folder)
    # The same outputs with a store of their own, which is filled at one go.
    other = Workspace(workspace.folder.parent / "undisturbed")
    left_behind = shutil.ignore_patterns("mlflow.db*", "mlruns", ".dvc", ".git")
    shutil.copytree(workspace.folder, other.folder, ignore=left_behind)
    sync(other)
    undisturbed = runs_of(other.folder)
    (name,) = undisturbed["runs"]
    for shown in (found["runs"][name], undisturbed["runs"][name]):
        # The registry counts on.
        shown["versions"] = [(label, *rest) for label, _, *rest in shown["versions"]]
        for model in shown["models"]:
            model["tags"].pop("mlflow.modelVersions")
    assert found["runs"][name] == undisturbed["runs"][name]
    # The page of the first store tells of the run before this one too.
    assert "in 2 runs" in found["page"] and "in 1 run." in undisturbed["page"]


def _logged(workspace: Workspace) -> list[Path]:
    """Folders of runs whose results began to arrive."""
    return list((workspace.folder / "mlruns/sample").glob("*/artifacts/results"))


def _kill_when(workspace: Workspace, command: tuple[str, ...], is_time) -> None:
    process = workspace.popen(*command)
    seen = ""
    for line in process.stdout:
        seen += line
        if is_time(line):
            break
    else:
        pytest.fail(f"it ended first:\n{seen[-4000:]}")
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    # DVC is dead; the training that it had started may need a moment more, and holds its lock until then.
    deadline = time.monotonic() + 60
    while not abandoned(workspace.folder):
        assert time.monotonic() < deadline, "the killed training still holds its lock"
        time.sleep(0.05)
