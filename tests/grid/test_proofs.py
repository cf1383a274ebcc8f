"""The grid on the real pipeline: the same figures as one experiment after the other, whatever dies meanwhile."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
import yaml

from tests.grid.work import SMALL, end, experiments, grid, node, overrides, processes, small, wait_until, weights
from tests.pipeline.workspace import Workspace

pytest.importorskip("ray")
pytestmark = [pytest.mark.pipeline, pytest.mark.xdist_group("grid-proofs")]

RATES, LONG_RATES = ("0.001", "0.002", "0.003", "0.004", "0.005", "0.006"), ("0.001", "0.002")
UP_TO_TRAINING = ("code", "check", "download", "catalog", "split", "preprocess", "upsample", "weights", "train")
LONG = ("train.epochs=60", "train.patience=0")


def given(*options: str) -> list[str]:
    return [part for text in (*SMALL, *options) for part in ("-S", text)]


def results(workspace: Workspace) -> dict[object, dict[str, str]]:
    """Return {learning rate: {path: MD5}} of what the trainings of all experiments gave."""
    found = experiments(workspace).values()
    return {overrides(workspace, commit, "train.learning_rate"): weights(workspace, commit) for commit in found}


def runs(workspace: Workspace, status: str = "FINISHED") -> list[str]:
    """Return the learning rates of the runs in MLflow's store with that end."""
    store = sqlite3.connect(workspace.folder / "mlflow.db")
    query = "select value from params join runs on params.run_uuid = runs.run_uuid where key = ? and status = ?"
    return sorted(value for (value,) in store.execute(query, ("train.learning_rate", status)))


def up_to_training(folder: Path, remote: Path | None = None) -> Workspace:
    """Return a small study that ends with its trainings: what follows them is not what is killed here."""
    workspace = small(folder)
    text = (folder / "dvc.yaml").read_text(encoding="utf-8")
    stages = {name: stage for name, stage in yaml.safe_load(text)["stages"].items() if name in UP_TO_TRAINING}
    (folder / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}, sort_keys=False), encoding="utf-8")
    if remote is not None:
        workspace.run("dvc", "remote", "add", "--default", "shared", str(remote))
    workspace.commit("Up to the trainings")
    return workspace


def one_by_one(workspace: Workspace, rates: tuple[str, ...], *options: str) -> dict[object, dict[str, str]]:
    for rate in rates:
        workspace.run("dvc", "exp", "run", *given(*options, f"train.learning_rate={rate}"))
    return results(workspace)


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> dict[object, dict[str, str]]:
    """What six experiments give one after the other, by DVC alone."""
    return one_by_one(small(tmp_path_factory.mktemp("one-by-one") / "root"), RATES)


@pytest.fixture(scope="module")
def two_long(tmp_path_factory: pytest.TempPathFactory) -> dict[object, dict[str, str]]:
    """What two experiments give whose trainings last long enough to be killed."""
    return one_by_one(up_to_training(tmp_path_factory.mktemp("one-by-one-long") / "root"), LONG_RATES, *LONG)


def test_six_members_two_at_a_time_are_the_same_six_one_by_one(
    six: dict[object, dict[str, str]], tmp_path: Path
) -> None:
    workspace = small(tmp_path / "root")
    told = workspace.run(*grid(*given(f"train.learning_rate={','.join(RATES)}"), "--parallel", "2"), timeout=3000)
    assert len(experiments(workspace)) == 6 and results(workspace) == six, told
    assert runs(workspace) == sorted(RATES)
    assert len(workspace.run(sys.executable, "-m", "chestbench", "exps").splitlines()) > 6
    shown = workspace.run("dvc", "exp", "show", "--csv")
    assert all(name in shown for name in experiments(workspace))


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Nodes:
    """Two nodes of Ray, as two processes with working folders of their own, that do not see the repository."""

    def __init__(self, folder: Path, workspace: Workspace, held: ExitStack) -> None:
        self.folder, self.workspace, self.held = folder, workspace, held
        self.address = f"127.0.0.1:{free_port()}"
        self.head = self.start("a", "--head", f"--port={self.address.partition(':')[2]}")
        self.second = self.start("b", f"--address={self.address}")

    def start(self, name: str, *arguments: str) -> subprocess.Popen:
        """Start one and wait for it; Ray gives up after 30 s on a machine that has other things to do."""
        log = self.folder / name / "ray.log"
        for _ in range(8):
            own = (self.folder / name, self.workspace.environment, self.workspace.folder)
            started = self.held.enter_context(node(*own, "--num-cpus=1", *arguments))
            wait_until(lambda one=started: one.poll() is not None or b"Ray runtime started" in log.read_bytes())
            if started.poll() is None:
                return started
        raise AssertionError(log.read_text())


def test_two_nodes_with_nothing_but_a_remote_in_common_give_the_same(
    two_long: dict[object, dict[str, str]], tmp_path: Path
) -> None:
    workspace = up_to_training(tmp_path / "root", tmp_path / "remote")
    with ExitStack() as held:
        nodes = Nodes(tmp_path, workspace, held)
        rates = f"train.learning_rate={','.join(LONG_RATES)}"
        command = grid(*given(*LONG, rates), "--address", nodes.address)
        storage = [] if subprocess.run(["unshare", "-m", "true"]).returncode == 0 else ["--storage", "remote"]
        told = workspace.run(*command, *storage, timeout=3000)
    assert "DVC's remote shared" in told
    assert results(workspace) == two_long, told
    assert runs(workspace) == sorted(LONG_RATES)
    for name in ("a", "b"):
        assert list((tmp_path / name / "cache/files/md5").iterdir()), f"node {name} ran members"
    first = min(experiments(workspace))
    workspace.run("dvc", "exp", "apply", first)
    assert (workspace.folder / "models/tiny/model.keras").is_file(), "its outputs came with it"


def trained_epochs(folder: Path) -> int:
    """Return how many epochs the outputs of members tell of at this moment.

    Args:
        folder: of the repository, or the working folder of a node.
    """
    logs = folder.glob(".dvc/tmp/grids/.clones/*/*/.dvc/tmp/grid-output.txt")
    return sum(path.read_text(errors="replace").count(" (main): loss ") for path in logs)


@pytest.mark.parametrize("killed", ["training", "worker", "head"])
def test_killed_in_mid_training_it_goes_on_and_gives_the_same(
    two_long: dict[object, dict[str, str]], tmp_path: Path, killed: str, request: pytest.FixtureRequest
) -> None:
    workspace = up_to_training(tmp_path / "root")
    command = grid(*given(*LONG, f"train.learning_rate={','.join(LONG_RATES)}"), "--parallel", "1", "--name", "k")
    first = workspace.popen(*command)
    request.addfinalizer(lambda: end(first))
    clones = workspace.folder / ".dvc/tmp/grids/.clones"
    wait_until(lambda: first.poll() is not None or trained_epochs(workspace.folder) >= 3, 900)
    assert first.poll() is None, first.communicate()[0]
    [training, *_] = processes("stages.train", clones)
    if killed == "training":
        training.kill()
    elif killed == "worker":
        [worker] = [one for one in training.parents() if "ray::" in " ".join(one.cmdline())]
        worker.kill()
    else:
        below = psutil.Process(first.pid).children(recursive=True)
        os.kill(first.pid, signal.SIGKILL)
        wait_until(lambda: not any(one.is_running() and one.status() != "zombie" for one in below), 120)
        assert not processes("stages.train", clones) and not processes("member_run", clones)
        first.wait()
        assert not experiments(workspace)
        first = workspace.popen(*command)
    told = first.communicate(timeout=3000)[0]
    assert first.returncode == 0, told
    assert results(workspace) == two_long, told
    assert runs(workspace) == sorted(LONG_RATES), "nothing half-done is reported as done"
    assert runs(workspace, "RUNNING") == []


def test_a_node_that_dies_costs_no_member(two_long: dict[object, dict[str, str]], tmp_path: Path) -> None:
    workspace = up_to_training(tmp_path / "root", tmp_path / "remote")
    with ExitStack() as held:
        nodes = Nodes(tmp_path, workspace, held)
        rates = f"train.learning_rate={','.join(LONG_RATES)}"
        command = grid(*given(*LONG, rates), "--address", nodes.address, "--storage", "remote", "--name", "n")
        running = workspace.popen(*command)
        held.callback(end, running)
        wait_until(lambda: running.poll() is not None or trained_epochs(tmp_path / "b") >= 2, 900)
        assert running.poll() is None, running.communicate()[0]
        end(nodes.second)
        nodes.start("b", f"--address={nodes.address}")
        told = running.communicate(timeout=3000)[0]
    assert running.returncode == 0, told
    assert results(workspace) == two_long, told
    assert runs(workspace) == sorted(LONG_RATES)
