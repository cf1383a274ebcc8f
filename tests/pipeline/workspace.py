"""A temporary clone of this repository, in which tests run the real dvc."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import ROOT
from tests.warm import client as warm

# One short training of a small network on a small sample: the pipeline is what is tested, not the numbers. Two patients
# of each class must lie in test all the same: with one there is no interval, and nothing of the kind in MLflow. They
# are too few for a result, which has to be allowed.
PATIENTS = 20
SMALL = {
    "conf/dataset/_defaults.yaml": {"sample_patients": PATIENTS, "allow_tiny": "true"},
    "conf/train/quick.yaml": {"size": 32, "epochs": 2, "batch_size": 8},
    "conf/train/demo.yaml": {"epochs": 2},
    "conf/config.yaml": {"train": 0.5, "val": 0.1, "test": 0.4, "bootstrap": 100, "gradcam_images": 2},
}


class Workspace:
    """A clone with its own Git history, DVC cache and MLflow store.

    Args:
        folder: where it lies.
        warm: whether the stages that `run` starts find TensorFlow and what else they use imported, see tests.warm.
    """

    def __init__(self, folder: Path, warm: bool = False) -> None:
        self.folder, self.warm = folder, warm
        self.environment = _clean_environment(folder.parent)

    def compose(self, *overrides: str) -> None:
        """Do what `dvc exp run -S` does first, without DVC's own seconds: compose into params.yaml, unchecked."""
        script = "import sys; from pathlib import Path; from chestbench.core.compose import compose_params as compose; "
        script += "compose(Path('conf'), Path('params.yaml'), sys.argv[1:])"
        self.run(sys.executable, "-c", script, *overrides, PYTHONPATH="src")

    def run(self, *command: str, check: bool = True, timeout: int = 600, **environment: str) -> str:
        """Run a command in the clone and return stdout and stderr together; fail with them when it fails."""
        own = {**self.environment, **environment}
        if module := _module_of(command):
            if self.warm:
                own["PATH"] = os.pathsep.join([str(warm.folder_of_python()), own["PATH"]])
            ahead = warm.STAGES if self.warm else warm.DVC
            done = warm.run(*module, cwd=self.folder, env=own, timeout=timeout, merged=True, ahead=ahead)
        else:
            streams: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
            done = subprocess.run(command, cwd=self.folder, env=own, timeout=timeout, **streams)
        self.returncode = done.returncode
        assert not check or done.returncode == 0, f"{' '.join(command)} gave {done.returncode}:\n{done.stdout[-6000:]}"
        return done.stdout

    def popen(self, *command: str) -> subprocess.Popen:
        """Start a command in the clone, in a process group of its own."""
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def edit_yaml_value(self, path: str, values: dict) -> None:
        """Change `key: value` lines of a YAML file, comments kept."""
        lines = (self.folder / path).read_text(encoding="utf-8").splitlines()
        for key, value in values.items():
            hits = [number for number, line in enumerate(lines) if line.strip().startswith(f"{key}:")]
            assert len(hits) == 1, f"{path}: {key} stands in {len(hits)} lines"
            indent = lines[hits[0]][: len(lines[hits[0]]) - len(lines[hits[0]].lstrip())]
            lines[hits[0]] = f"{indent}{key}: {value}"
        (self.folder / path).write_text("\n".join(lines) + "\n", encoding="utf-8")

    def commit(self, message: str) -> None:
        """Commit everything."""
        self.run("git", "add", "-A")
        self.run("git", "commit", "-qm", message)

    def stages(self) -> dict:
        """Return the stages of dvc.yaml."""
        return yaml.safe_load((self.folder / "dvc.yaml").read_text())["stages"]


def _module_of(command: tuple[str, ...]) -> tuple[str, ...]:
    """Return a command of DVC or of this project as module and arguments; empty where it is another."""
    if command[0] in ("python", sys.executable) and command[1:2] == ("-m",):
        command = command[2:]
    return command if command[0] in ("dvc", "chestbench") else ()


def ran(output: str) -> list[str]:
    """Return the stages that DVC ran, by its output; those that it took from the cache are not among them."""
    return [line.split("'")[1] for line in output.splitlines() if line.startswith("Running stage '")]


def clone(folder: Path, default_model: str = "simple_cnn", warm: bool = False) -> Workspace:
    """Clone this repository, as it stands in the working tree, into `folder` and make its default study small."""
    subprocess.run(["git", "clone", "-q", "--no-local", str(ROOT), str(folder)], check=True)
    workspace = Workspace(folder, warm)
    listed = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
        else:
            (folder / name).unlink(missing_ok=True)
    workspace.run("git", "config", "user.name", "Test")
    workspace.run("git", "config", "user.email", "test@example.invalid")
    for path, values in SMALL.items():
        workspace.edit_yaml_value(path, values)
    # The committed study's hashes fit nothing here, and DVC would read and write them after every stage.
    (folder / "dvc.lock").unlink()
    config = folder / "conf/config.yaml"
    config.write_text(config.read_text().replace("model: resnets", f"model: {default_model}"))
    workspace.run(sys.executable, "-m", "chestbench", "params", PYTHONPATH="src")
    workspace.commit("Small study for a test")
    return workspace


def _clean_environment(home: Path) -> dict[str, str]:
    """The environment less what would steer DVC, MLflow, Keras or Kaggle, with this Python's tools first on PATH."""
    unwanted = ("DVC_", "MLFLOW_", "KERAS_", "KAGGLE_", "PYTEST_", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(unwanted)}
    kept["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), kept["PATH"]])
    kept["HOME"] = str(home)
    kept["DVC_NO_ANALYTICS"] = "1"
    kept["TF_CPP_MIN_LOG_LEVEL"] = "3"
    return kept
