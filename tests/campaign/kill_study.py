"""The study that is killed: a small clone, run undisturbed once, with the state before each of its stages kept."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from chestbench.core.files import read_json
from chestbench.tracking.store import connect
from tests.conftest import ROOT
from tests.pipeline.workspace import Workspace, clone
from tests.tracking.conftest import contents

NETWORK = "tiny"
# Deterministic, so that equal means equal to the last digit.
SETTINGS = ("train.deterministic=true", "preprocess.size=32", "train.epochs=3")
MEGABYTES = 600
# Outputs that say when and where: another one with every run.
CLOCKS = ("timing.json", "provenance.json", "leaderboard.txt", "report.html", "MODEL_CARD.md")
NOTED = ("code", "stages", "seconds", "bytes_written", "lock", "metrics", "store")


@dataclass
class Reference:
    """The undisturbed run.

    Attributes:
        workspace: its clone, in which the rounds happen.
        states: folder with a copy of the clone before each stage, by the stage's name, and of its end ("end").
        mounted: whether the clone lies on a file system of its own, which can be filled.
        target: stage with which it ends; empty for the whole pipeline.
        code: fingerprint of what was cloned.
        stages: names, in the order in which DVC runs them.
        seconds: by stage, from DVC's start to its end; of "sync", a rebuilding in an empty store.
        bytes_written: by stage, what it adds to the disk.
        lock: stages of the dvc.lock at the end.
        metrics: content of metrics/ and of the model card at the end, by path.
        store: what MLflow shows at the end; "rebuilt": in an empty store.
    """

    workspace: Workspace
    states: Path
    mounted: bool
    target: str = ""
    code: str = ""
    stages: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    bytes_written: dict[str, int] = field(default_factory=dict)
    lock: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, str] = field(default_factory=dict)
    store: dict[str, Any] = field(default_factory=dict)

    def restore(self, stage: str | None, behind: bool = True) -> None:
        """Put the clone into the state before a stage; the end where it is None.

        Args:
            stage: the first one that is still to be done.
            behind: whether the stages behind it come from the run cache, which makes a round short; what has times
                of its own in it (a training) is still run with all that follows.
        """
        place = self.workspace.folder
        copy_tree(self.states / (stage or "end"), place)
        if stage is None or not behind:
            return
        end = self.states / "end"
        subprocess.run(["cp", "-a", str(end / ".dvc/cache"), str(place / ".dvc/")], check=True)
        kept = {path.relative_to(self.states / stage) for path in (self.states / stage / ".dvc/cache").rglob("*")}
        for path in self._cached(stage):
            if path not in kept:
                (place / path).unlink(missing_ok=True)
                if not any((folder := (place / path).parent).iterdir()):
                    folder.rmdir()

    def _cached(self, stage: str) -> Iterator[Path]:
        """Yield what the DVC cache holds of one stage: its note in the run cache, and its outputs."""
        end = self.states / "end"
        for note in (end / ".dvc/cache/runs").glob("*/*/*"):
            if yaml.safe_load(note.read_text(encoding="utf-8"))["cmd"] == self.lock[stage]["cmd"]:
                yield note.relative_to(end)
        for digest in [entry["md5"] for entry in self.lock[stage].get("outs", []) if "md5" in entry]:
            path = end / ".dvc/cache/files/md5" / digest[:2] / digest[2:]
            if path.exists() and digest.endswith(".dir"):
                for entry in read_json(path):
                    yield Path(".dvc/cache/files/md5") / entry["md5"][:2] / entry["md5"][2:]
            yield path.relative_to(end)

    def repro(self, program: str = "chestbench") -> tuple[str, ...]:
        """Return the command that runs the study."""
        return (sys.executable, "-m", program, "repro", *([self.target] if self.target else []))

    def experiment(self, program: str = "chestbench") -> tuple[str, ...]:
        """Return the command that runs the study as an experiment, with what the study varies."""
        words = ("run",) if program == "chestbench" else ("exp", "run")
        settings = [word for setting in SETTINGS for word in ("-S", setting)]
        return (sys.executable, "-m", program, *words, *settings)

    def compare(self) -> list[str]:
        """Return what differs from the undisturbed run, in words."""
        folder, wrong = self.workspace.folder, []
        lock = yaml.safe_load((folder / "dvc.lock").read_text(encoding="utf-8"))["stages"]
        for stage, expected in self.lock.items():
            outs = {entry["path"]: entry.get("md5") for entry in expected.get("outs", [])}
            found = {entry["path"]: entry.get("md5") for entry in lock.get(stage, {}).get("outs", [])}
            wrong += [f"{path}: missing" for path in outs if path not in found]
            wrong += [
                f"{path}: another hash"
                for path in outs.keys() & found.keys()
                if not path.endswith(CLOCKS) and outs[path] != found[path]
            ]
        if _text(folder / ".git/HEAD") != _text(self.states / "end/.git/HEAD"):
            wrong.append(f"another branch: {_text(folder / '.git/HEAD')}")
        if staged := self.workspace.run("git", "ls-files", ".dvc/tmp", check=False).strip():
            wrong.append(f"in Git's index: {staged}")
        # What the lock says is what lies there.
        target = [self.target] if self.target else []
        status = self.workspace.run(sys.executable, "-m", "dvc", "status", "--json", *target, check=False)
        if status.strip()[-2:] != "{}":
            wrong.append(f"dvc status: {status.strip()[-500:]}")
        wrong += [f"{path}: other figures" for path, text in self.metrics.items() if text != _text(folder / path)]
        return wrong + (self.compare_store() if self.store else [])

    def compare_store(self, rebuilt: bool = False) -> list[str]:
        """Return what of MLflow's one finished run differs, in words; completed by `sync` first, as `make ui` does."""
        said = self.workspace.run(sys.executable, "-m", "chestbench", "sync", check=False, PYTHONPATH="src")
        if self.workspace.returncode != 0:
            return [f"sync: {said[-1500:]}"]
        expected, found = self.store["rebuilt" if rebuilt else "live"], shown(self.workspace.folder)
        if len(found) != 1:
            return [f"{len(found)} finished runs"]
        parts = ("name", "params", "metrics", "artifacts")
        wrong = [f"MLflow, {part}: {_difference(expected[part], found[0][part])}" for part in parts]
        return [words for words in wrong if not words.endswith(": ")]


def make_reference(folder: Path, last: str | None = None, megabytes: int = MEGABYTES) -> Reference:
    """Run the study once, keeping the state before each stage; or read what an earlier process kept of it.

    Args:
        folder: of the campaign.
        last: stage to end with, which needs no MLflow; None for the whole study.
        megabytes: of the file system of its own on which the clone lies, where the system lets us mount one.
    """
    mounted = _mount(folder / "disk", megabytes)
    states, note = folder / "states", folder / "reference.json"
    place = folder / "disk" / "study"
    code = _fingerprint()
    if note.exists() and (known := read_json(note))["code"] == code:
        reference = Reference(Workspace(place), states, mounted, **known)
        reference.restore(None)
        return reference
    for path in (place, states):
        shutil.rmtree(path, ignore_errors=True)
    workspace = clone(place, NETWORK)
    workspace.run(sys.executable, "-m", "chestbench", "params", *SETTINGS, PYTHONPATH="src")
    workspace.commit("The study that is killed")
    reference = Reference(workspace, states, mounted, last or "", code)
    listed = workspace.run(sys.executable, "-m", "dvc", "repro", "--dry", "--force", *([last] if last else []))
    reference.stages = [line.split("'")[1] for line in listed.splitlines() if line.startswith("Running stage '")]
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
        entry["path"]: _text(place / entry["path"])
        for stage in reference.lock.values()
        for entry in stage.get("outs", [])
        if entry["path"].startswith("metrics/") or entry["path"].endswith("MODEL_CARD.md")
    }
    if last is not None:
        return reference
    reference.store["live"] = shown(place)[0]
    without_store(place)
    started = time.monotonic()
    workspace.run(sys.executable, "-m", "chestbench", "sync", PYTHONPATH="src")
    reference.seconds["sync"] = time.monotonic() - started
    reference.store["rebuilt"] = shown(place)[0]
    note.write_text(json.dumps({name: getattr(reference, name) for name in NOTED}), encoding="utf-8")
    return Reference(workspace, states, mounted, **read_json(note))


def shown(folder: Path) -> list[dict[str, Any]]:
    """Return what MLflow shows of each finished run, without what a clock says."""
    with tempfile.TemporaryDirectory() as copies:
        # MLflow keeps a connection for each path, also to a file that is no longer the one of that name.
        for path in folder.glob("mlflow.db*"):
            shutil.copy2(path, copies)
        return _shown(connect(Path(copies)).client)


def _shown(client: Any) -> list[dict[str, Any]]:
    experiment = client.get_experiment_by_name("sample")
    runs = client.search_runs([experiment.experiment_id], "attributes.status = 'FINISHED'") if experiment else []
    found = []
    for run in runs:
        seen = contents(run, client)
        kept = {part: seen[part] for part in ("name", "params", "metrics", "artifacts", "tags")}
        kept["metrics"] = {name: values for name, values in seen["metrics"].items() if not _timed(name)}
        kept["artifacts"] = {path: value for path, value in seen["artifacts"].items() if not path.endswith(CLOCKS)}
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


def without_store(folder: Path) -> None:
    """Remove the MLflow store of a clone."""
    shutil.rmtree(folder / "mlruns", ignore_errors=True)
    for path in folder.glob("*mlflow.db*"):
        path.unlink()


def _fingerprint() -> str:
    """Return a hash of what the pipeline is made of in this working tree: a change makes a new reference."""
    digest = hashlib.sha256()
    listed = ("src", "stages", "conf", "dvc.yaml", "tests/campaign/kill_study.py")
    command = ["git", "ls-files", "-coz", "--exclude-standard", *listed]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in sorted(filter(None, names)):
        if (ROOT / name).is_file():
            digest.update(name.encode() + b"\0" + (ROOT / name).read_bytes())
    return digest.hexdigest()


def _difference(expected: Any, found: Any) -> str:
    if not isinstance(expected, dict):
        return "" if expected == found else "another"
    named = sorted(key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key))
    return ", ".join(named[:5]) + (f" and {len(named) - 5} more" if len(named) > 5 else "")


def _timed(name: str) -> bool:
    return name.startswith(("system/", "time/")) or any(mark in name for mark in ("second", "energy"))


def _text(path: Path) -> str:
    """Return a text without the line of a model card that a clock says."""
    if not path.is_file():
        return "none"
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(line for line in lines if not line.startswith("- time: "))


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def unmount(place: Path) -> None:
    """Take the file system of a study away."""
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def _mount(place: Path, megabytes: int) -> bool:
    """Mount a file system of its own at `place`, where the system lets us."""
    place.mkdir(parents=True, exist_ok=True)
    if os.path.ismount(place):
        return True
    if shutil.which("mount") is None:
        return False
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
