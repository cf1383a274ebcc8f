"""Repositories for tests of the grid: this one made small, and one whose stages only say what a training says."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import yaml

from chestbench.grid.state import ref_of
from tests.conftest import ROOT
from tests.pipeline.workspace import Workspace, clone

# A small network, small pictures, no heat maps; the same weights from the same training.
SMALL = ("preprocess.size=32", "evaluate.gradcam_images=0", "train.deterministic=true")
PIPELINE = {
    "stages": {
        "preprocess": {
            "cmd": "python toy.py preprocess",
            "deps": ["toy.py"],
            "params": ["preprocess.size"],
            "outs": ["data/processed"],
        },
        "train": {
            "matrix": {"model": "${model.variants}"},
            "cmd": "python toy.py train",
            "deps": ["toy.py", "data/processed"],
            "params": ["train", "seed"],
            "outs": ["models/${item.model}"],
        },
        "compare": {
            "cmd": "python toy.py compare",
            "deps": ["toy.py", "models"],
            "metrics": [{"metrics/summary.json": {"cache": False}}],
        },
    }
}
# A training of TOY_SECONDS; the seed 13 fails until somebody mends it, 15 asks for memory.
TOY = """
import json, os, pathlib, sys, time
from pathlib import Path

stage, root = sys.argv[1], Path(os.environ["DVC_ROOT"])
log = root / "ran.txt"
log.open("a").write(f"{os.environ['DVC_STAGE']} {os.environ.get('DVC_EXP_NAME', '-')} {os.getpid()}\\n")
seed = int(next(line for line in open("params.yaml") if line.startswith("seed:")).split()[1])
if stage == "preprocess":
    Path("data/processed").mkdir(parents=True)
    Path("data/processed/x").write_text("x")
if stage == "train":
    if seed == 13 and not (root / "mended").exists():
        sys.exit("the network is on fire")
    held = bytearray(400_000_000) if seed == 15 else b""
    for epoch in range(1, 3):
        time.sleep(float(os.environ.get("TOY_SECONDS", "1")) / 2)
        told = f"loss 1, val loss 1, val balanced accuracy 0.{seed}, 10.5 images/s, 1 s left"
        print(f"train@x: epoch {epoch}/2 (main): {told}", flush=True)
    folder = Path("models", os.environ["DVC_STAGE"].partition("@")[2])
    folder.mkdir(parents=True)
    (folder / "weights").write_text(str(seed))
if stage == "compare":
    [path] = Path("models").glob("*/weights")
    summary = {"winner": "tiny", "val_balanced_accuracy": float(f"0.{path.read_text()}")}
    Path("metrics/summary.json").write_text(json.dumps(summary))
"""


def small(folder: Path) -> Workspace:
    """Return a clone of this repository with one small network."""
    workspace = clone(folder, "tiny")
    workspace.environment["PYTHONPATH"] = str(ROOT / "src")
    return workspace


def toy(folder: Path) -> Workspace:
    """Return a repository with this one's code and parameters, and a pipeline of moments."""
    workspace = small(folder)
    (folder / "dvc.yaml").write_text(yaml.safe_dump(PIPELINE, sort_keys=False), encoding="utf-8")
    (folder / "toy.py").write_text(TOY, encoding="utf-8")
    workspace.run("git", "rm", "-rq", "--cached", "metrics")
    (folder / ".gitignore").open("a").write("/ran.txt\n/mended\n")
    workspace.commit("A toy")
    return workspace


def grid(*arguments: str) -> list[str]:
    """Return the command."""
    return [sys.executable, "-m", "chestbench", "grid", *arguments]


def experiments(workspace: Workspace) -> dict[str, str]:
    """Return {name: commit} of the experiments on the workspace's commit."""
    head = workspace.run("git", "rev-parse", "HEAD").strip()
    prefix = ref_of(head, "")
    listed = workspace.run("git", "for-each-ref", "--format=%(refname) %(objectname)", prefix).split()
    return {name.removeprefix(prefix): commit for name, commit in zip(listed[::2], listed[1::2], strict=True)}


def weights(workspace: Workspace, commit: str) -> dict[str, str]:
    """Return {path: MD5} of the outputs of trainings that no clock wrote, as an experiment's dvc.lock names them."""
    stages = yaml.safe_load(workspace.run("git", "show", f"{commit}:dvc.lock"))["stages"]
    clocks = ("timing.json", "provenance.json", "seeds")
    outs = [out for name, stage in stages.items() if name.startswith("train@") for out in stage["outs"]]
    return {out["path"]: out["md5"] for out in outs if not out["path"].endswith(clocks)}


def overrides(workspace: Workspace, commit: str, key: str) -> object:
    """Return a parameter, such as train.learning_rate, of an experiment."""
    value = yaml.safe_load(workspace.run("git", "show", f"{commit}:params.yaml"))
    for part in key.split("."):
        value = value[part]
    return value


def wait_until(true: Callable[[], object], seconds: float = 300) -> object:
    """Wait for something, and return it."""
    until = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.05)
    return found


def processes(part: str, folder: Path) -> list[psutil.Process]:
    """Return processes whose command line has a part, and that work in or below a folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if part in " ".join(process.cmdline()) and Path(process.cwd()).is_relative_to(folder):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


@contextmanager
def node(folder: Path, environment: dict[str, str], hidden: Path, *arguments: str) -> Iterator[subprocess.Popen]:
    """Run `ray start` as a node with a working folder of its own; where the system can, it does not see `hidden`."""
    folder.mkdir(parents=True, exist_ok=True)
    ray = [str(Path(sys.executable).with_name("ray")), "start", "--block", "--num-gpus=0", "--disable-usage-stats"]
    command = [*ray, "--include-dashboard=false", *arguments] if "--head" in arguments else [*ray, *arguments]
    if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0:
        shell = 'mount -t tmpfs tmpfs "$1" && shift && exec "$@"'
        command = ["unshare", "-m", "sh", "-c", shell, "sh", str(hidden), *command]
    own = {**environment, "CHESTBENCH_GRID_FOLDER": str(folder)}
    with open(folder / "ray.log", "wb") as log:
        started = subprocess.Popen(
            command, cwd=folder, env=own, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield started
    finally:
        end(started)


def end(started: subprocess.Popen) -> None:
    """End a process and all that it started, however they call themselves."""
    try:
        below = psutil.Process(started.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        below = []
    for process in below:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    with suppress(ProcessLookupError):
        os.killpg(started.pid, signal.SIGKILL)
    started.wait()
