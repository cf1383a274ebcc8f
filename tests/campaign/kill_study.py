"""The study that is killed: a small clone, run undisturbed once, with the state before each of its stages kept."""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from chestbench.core.files import read_json
from chestbench.tracking.store import connect
from tests.pipeline.workspace import Workspace, clone
from tests.tracking.conftest import contents

NETWORK = "tiny"
# Deterministic, so that equal means equal to the last digit.
SETTINGS = ("train.deterministic=true", "preprocess.size=32", "train.epochs=3")
GIGABYTES = 4
# Outputs that say when and where: another one with every run.
CLOCKS = ("timing.json", "provenance.json", "leaderboard.txt", "report.html")


@dataclass
class Reference:
    """The undisturbed run.

    Attributes:
        workspace: its clone, in which the rounds happen.
        states: folder with a copy of the clone before each stage, by the stage's name, and of its end ("end").
        mounted: whether the clone lies on a file system of its own, which can be filled.
        stages: names, in the order in which DVC runs them.
        seconds: by stage, from DVC's start to its end; of "sync", a rebuilding in an empty store.
        bytes_written: by stage, what it adds to the disk.
        lock: stages of the dvc.lock at the end.
        metrics: content of metrics/ at the end, by path.
        store: what MLflow shows at the end; "rebuilt": in an empty store.
    """

    workspace: Workspace
    states: Path
    mounted: bool
    stages: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    bytes_written: dict[str, int] = field(default_factory=dict)
    lock: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, str] = field(default_factory=dict)
    store: dict[str, Any] = field(default_factory=dict)

    def restore(self, stage: str | None) -> None:
        """Put the clone into the state before a stage; the end where it is None."""
        copy_tree(self.states / (stage or "end"), self.workspace.folder)

    def compare(self, stage: str) -> list[str]:
        """Return what of a stage's results differs from the undisturbed run, in words."""
        folder, wrong = self.workspace.folder, []
        lock = yaml.safe_load((folder / "dvc.lock").read_text(encoding="utf-8"))["stages"]
        outs = {entry["path"]: entry for entry in self.lock[stage].get("outs", [])}
        found = {entry["path"]: entry for entry in lock.get(stage, {}).get("outs", [])}
        wrong += [f"{path}: missing" for path in outs if path not in found]
        wrong += [
            f"{path}: another hash"
            for path in outs.keys() & found.keys()
            if not path.endswith(CLOCKS) and _hash(outs[path]) != _hash(found[path])
        ]
        # What the lock says is what lies there.
        status = self.workspace.run(sys.executable, "-m", "dvc", "status", "--json", stage, check=False)
        if status.strip()[-2:] != "{}":
            wrong.append(f"dvc status: {status.strip()[-500:]}")
        wrong += [
            f"{path}: other figures"
            for path, text in self.metrics.items()
            if (folder / path).exists() and any(path.startswith(out) for out in outs) and text != _text(folder / path)
        ]
        if stage.startswith(("train", "evaluate")) or stage == "compare":
            wrong += self.compare_store(stage)
        return wrong

    def compare_store(self, stage: str = "compare", rebuilt: bool = False) -> list[str]:
        """Return what of MLflow's one finished run differs, in words; completed by `sync` first, as `make ui` does.

        After a stage before `compare` the run has not got the files of that yet.
        """
        said = self.workspace.run(sys.executable, "-m", "chestbench", "sync", check=False, PYTHONPATH="src")
        if self.workspace.returncode != 0:
            return [f"sync: {said[-1500:]}"]
        expected, found = {**self.store["rebuilt" if rebuilt else "live"]}, shown(self.workspace.folder)
        if len(found) != 1:
            return [f"{len(found)} finished runs"]
        # A run of a network that is not evaluated yet has no results; then there is less to compare.
        if stage != "compare":
            for run in (expected, found[0]):
                run["artifacts"] = {k: v for k, v in run["artifacts"].items() if not k.startswith("comparison/")}
        evaluated = "results_sha256" in found[0]["tags"]
        parts = ("params", "metrics", "artifacts") if evaluated else ("params",)
        wrong = [f"MLflow, {part}: differs" for part in parts if found[0][part] != expected[part]]
        return wrong + (["MLflow: no results"] if rebuilt and not evaluated else [])


def make_reference(folder: Path, last: str | None = None, mount: bool = True) -> Reference:
    """Run the study once, keeping the state before each stage; or read what an earlier process kept of it.

    Args:
        folder: of the campaign.
        last: stage to end with, which needs no MLflow; None for the whole study.
        mount: whether the clone is to lie on a file system of its own, where the system lets us.
    """
    mounted = mount and _mount(folder / "disk")
    states, note = folder / "states", folder / "reference.json"
    place = folder / "disk" / "study"
    if note.exists():
        known = read_json(note)
        reference = Reference(Workspace(place), states, mounted, **known)
        reference.restore(None)
        return reference
    for path in (place, states):
        shutil.rmtree(path, ignore_errors=True)
    workspace = clone(place, NETWORK)
    workspace.run(sys.executable, "-m", "chestbench", "params", *SETTINGS, PYTHONPATH="src")
    workspace.commit("The study that is killed")
    reference = Reference(workspace, states, mounted)
    listed = workspace.run(sys.executable, "-m", "dvc", "repro", "--dry", "--force")
    reference.stages = [line.split("'")[1] for line in listed.splitlines() if line.startswith("Running stage '")]
    if last is not None:
        reference.stages = reference.stages[: reference.stages.index(last) + 1]
    for stage in reference.stages:
        copy_tree(place, states / stage)
        before, started = _size(place), time.monotonic()
        workspace.run(sys.executable, "-m", "chestbench", "repro", stage, PYTHONPATH="src")
        reference.seconds[stage] = time.monotonic() - started
        reference.bytes_written[stage] = max(_size(place) - before, 10_000)
    if last is None:
        workspace.run(sys.executable, "-m", "chestbench", "sync", PYTHONPATH="src")
    copy_tree(place, states / "end")
    reference.lock = yaml.safe_load((place / "dvc.lock").read_text(encoding="utf-8"))["stages"]
    reference.metrics = {
        path.relative_to(place).as_posix(): _text(path) for path in (place / "metrics").rglob("*") if path.is_file()
    }
    if last is not None:
        return reference
    reference.store["live"] = shown(place)[0]
    _without_store(place)
    started = time.monotonic()
    workspace.run(sys.executable, "-m", "chestbench", "sync", PYTHONPATH="src")
    reference.seconds["sync"] = time.monotonic() - started
    reference.store["rebuilt"] = shown(place)[0]
    names = ("stages", "seconds", "bytes_written", "lock", "metrics", "store")
    note.write_text(json.dumps({name: getattr(reference, name) for name in names}), encoding="utf-8")
    return Reference(workspace, states, mounted, **read_json(note))


def shown(folder: Path) -> list[dict[str, Any]]:
    """Return what MLflow shows of each finished run, without what a clock says."""
    client = connect(folder).client
    experiment = client.get_experiment_by_name("sample")
    runs = client.search_runs([experiment.experiment_id], "attributes.status = 'FINISHED'") if experiment else []
    found = []
    for run in runs:
        seen = contents(run, client)
        kept = {part: seen[part] for part in ("name", "params", "metrics", "artifacts", "tags")}
        kept["metrics"] = {name: values for name, values in seen["metrics"].items() if not _timed(name)}
        kept["artifacts"] = {path: value for path, value in seen["artifacts"].items() if "MODEL_CARD" not in path}
        found.append(json.loads(json.dumps(kept)))
    return found


def copy_tree(source: Path, target: Path) -> None:
    """Make `target` a copy of `source`, times and links included."""
    until = time.monotonic() + 60
    while target.exists():
        # DVC's own updater, which nobody waits for, may be writing into it.
        shutil.rmtree(target, ignore_errors=True)
        assert time.monotonic() < until, f"{target} cannot be removed"
    target.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


def _without_store(folder: Path) -> None:
    shutil.rmtree(folder / "mlruns", ignore_errors=True)
    (folder / "mlflow.db").unlink(missing_ok=True)


def _timed(name: str) -> bool:
    return name.startswith(("system/", "time/")) or any(mark in name for mark in ("second", "energy"))


def _hash(entry: dict[str, Any]) -> Any:
    return entry.get("md5")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _mount(place: Path) -> bool:
    """Mount a file system of its own at `place`, where the system lets us."""
    place.mkdir(parents=True, exist_ok=True)
    if os.path.ismount(place):
        return True
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={GIGABYTES}g", "tmpfs", str(place)], check=False)
    return done.returncode == 0
