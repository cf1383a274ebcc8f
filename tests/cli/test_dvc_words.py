"""What real DVC says, in the words of this project: what was expected, what was received, what to do."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from chestbench.cli.dvc_words import in_words
from tests.conftest import ROOT, init_repository
from tests.warm import client as warm

STAGE = {"cmd": "echo 1 > out", "deps": ["${dataset.watch}"], "outs": ["out"]}
PIPELINE = {
    "stages": {"first": {"cmd": "mkdir -p data/code && echo 1 > data/code/download", "outs": ["data/code/download"]}}
}
PIPELINE["stages"]["second"] = STAGE
PIPELINE["stages"]["train"] = {
    "matrix": {"model": "${model.variants}"},
    "cmd": "echo 1 > ${item.model}",
    "outs": ["${item.model}"],
}


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    """A repository of a few stages with this project's configuration and one commit."""
    repository = tmp_path / "repository"
    init_repository(repository)
    for name in (".dvc/config", "params.yaml"):
        shutil.copy2(ROOT / name, repository / name)
    for name in (".dvc/hydra_plugins", "conf"):
        shutil.copytree(ROOT / name, repository / name, ignore=shutil.ignore_patterns("__pycache__"))
    (repository / "src").symlink_to(ROOT / "src")
    (repository / "dvc.yaml").write_text(yaml.safe_dump(PIPELINE, sort_keys=False), encoding="utf-8")
    git(repository, "config", "user.name", "Test")
    git(repository, "config", "user.email", "test@example.invalid")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "Start")
    return repository


def git(repository: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=repository, check=True, capture_output=True)


def said(repository: Path, *command: str) -> str:
    """Run `chestbench ...`, or `dvc ...`, which fails; return what it says."""
    program = command if command[0] == "dvc" else ("chestbench", *command)
    # No settings of the person who tests.
    environment = {"PYTHONPATH": str(ROOT / "src"), "HOME": str(repository.parent), "GIT_CONFIG_NOSYSTEM": "1"}
    done = warm.run(*program, cwd=repository, env={**os.environ, **environment})
    assert done.returncode != 0, done.stdout
    assert "Traceback" not in done.stderr and "Having any troubles" not in done.stderr, done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == len(set(lines)), "said twice"
    return done.stderr


def test_without_git_it_says_how_to_begin(pipeline: Path) -> None:
    shutil.rmtree(pipeline / ".git")
    for command in ("repro", "run"):
        assert "expected a Git repository" in (told := said(pipeline, command)) and "git init" in told


def test_before_the_first_commit(pipeline: Path) -> None:
    shutil.rmtree(pipeline / ".git")
    git(pipeline, "init", "-q")
    assert "expected a Git repository with a commit" in said(pipeline, "run")


def test_without_a_name_for_commits(pipeline: Path) -> None:
    git(pipeline, "config", "--unset", "user.name")
    told = said(pipeline, "run")
    assert "expected a name for DVC's commits" in told and "git config user.name" in told


def test_beside_a_dvc_that_holds_its_lock(pipeline: Path) -> None:
    script = "import time; from dvc.lock import make_lock\n"
    script += "with make_lock('.dvc/tmp/lock'): print('held', flush=True); time.sleep(60)"
    holder = subprocess.Popen([sys.executable, "-c", script], cwd=pipeline, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout and holder.stdout.readline() == "held\n"
        assert "another one holds .dvc/tmp/lock" in said(pipeline, "repro")
    finally:
        holder.kill()
        holder.wait()


def test_an_output_that_git_tracks(pipeline: Path) -> None:
    (pipeline / "out").write_text("x")
    git(pipeline, "add", "-f", "out")
    told = said(pipeline, "repro", "second")
    assert "out: expected an output that Git does not track" in told and "git rm -r --cached out" in told


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("dvc.yaml", "a: [", "dvc.yaml, line "),
        ("dvc.yaml", "a: 1", "dvc.yaml: expected a pipeline that DVC can read, received: extra keys"),
        ("dvc.yaml", "  more:\n    cmd: echo ${no.key}\n", "params.yaml: expected the key no.key"),
        ("dvc.yaml", "  more:\n    cmd: echo\n    outs: [out]\n", "out: expected one stage to write it, received two"),
        ("dvc.yaml", "  more:\n    cmd: echo\n    deps: [nowhere]\n    outs: [new]\n", "nowhere: expected"),
        ("params.yaml", "a: [", "params.yaml: expected YAML"),
        ("params.yaml", "trian: 1", "trian: unknown key; did you mean train?"),
    ],
)
def test_a_file_that_was_edited(pipeline: Path, file: str, text: str, told: str) -> None:
    with open(pipeline / file, "a", encoding="utf-8") as stream:
        stream.write(f"{text}\n")
    assert told in said(pipeline, "repro")


@pytest.mark.parametrize("program", [("run",), ("dvc", "exp", "run")])
def test_a_file_of_conf_that_was_edited(pipeline: Path, program: tuple[str, ...]) -> None:
    with open(pipeline / "conf/dataset/sample.yaml", "a", encoding="utf-8") as stream:
        stream.write("a: [\n")
    assert (
        "conf/dataset/sample.yaml, line " in (told := said(pipeline, *program)) and "git restore conf/dataset" in told
    )


@pytest.mark.parametrize(
    ("target", "told"),
    [("secnd", "received 'secnd'; did you mean second?"), ("train@no", "expected a member of train: a network")],
)
def test_a_target_that_is_none(pipeline: Path, target: str, told: str) -> None:
    assert told in said(pipeline, "repro", target)
    assert told in said(pipeline, "run", target)


@pytest.mark.parametrize("program", [("run",), ("dvc", "exp", "run")])
@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("trian.epochs=3", "trian.epochs: unknown key; did you mean train.epochs?"),
        ("+trian.epochs=3", "trian: unknown key; did you mean train?"),
        ("+train.epochs=3", "train.epochs: expected a key that is not there yet behind +"),
        ("train=no", "Could not find 'train/no'"),
        ("train.epochs=-1", "train.epochs: expected an integer >= 1"),
        ("dataset.title=${oc.env:NO_SUCH}", "NO_SUCH"),
    ],
)
def test_an_override_that_is_none(pipeline: Path, program: tuple[str, ...], override: str, told: str) -> None:
    before = (pipeline / "params.yaml").read_bytes()
    text = said(pipeline, *program, "-S", override)
    assert told in text and "To append to your config" not in text
    assert (pipeline / "params.yaml").read_bytes() == before


def test_what_is_not_known_stays_dvcs_own() -> None:
    assert in_words(RuntimeError("something new")) is None
