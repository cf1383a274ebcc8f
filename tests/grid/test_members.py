"""What `-S` stands for: each member composed and checked before any work, with a name that stays."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.grid.members import check_name, expand, grid_name, members_of
from chestbench.grid.planning import plan_of
from chestbench.repository.git import git, read_tree
from tests.conftest import ROOT

NAMED = ("-c", "user.name=T", "-c", "user.email=t@example.invalid")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with this one's conf/ as its commit."""
    folder = tmp_path_factory.mktemp("members")
    shutil.copytree(ROOT / "conf", folder / "conf")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, *NAMED, "commit", "-qm", "Start")
    return folder


def test_lists_are_taken_apart_as_dvc_does() -> None:
    assert expand(["model=tiny,small", "train.learning_rate=1e-3,1e-4", "seed=1"]) == [
        ("model=tiny", "train.learning_rate=0.001", "seed=1"),
        ("model=tiny", "train.learning_rate=0.0001", "seed=1"),
        ("model=small", "train.learning_rate=0.001", "seed=1"),
        ("model=small", "train.learning_rate=0.0001", "seed=1"),
    ]
    assert expand(["train.seeds=[1,2]"]) == [("train.seeds=[1,2]",)] and expand([]) == [()]


@pytest.mark.parametrize(
    ("written", "told"), [("model=", None), ("model", "KEY=VALUE"), ("a.yaml:x=1", "parameters of params.yaml")]
)
def test_what_is_no_override_is_refused(written: str, told: str | None) -> None:
    if told is None:
        assert expand([written]) == [("model=",)] or expand([written])
        return
    with pytest.raises(ChestbenchError, match=re.escape(told)):
        expand([written])


def test_members_have_names_that_tell_and_stay(root: Path) -> None:
    choices = expand(["model=tiny,small", "train.epochs=1,2", "seed=3"])
    members, said = members_of("g", root, read_tree(root), choices)
    assert [member.name.rpartition("-")[0] for member in members] == [
        *("g-tiny-epochs-1", "g-tiny-epochs-2", "g-small-epochs-1", "g-small-epochs-2")
    ]
    assert not said and [member.values["train"]["epochs"] for member in members] == [1, 2, 1, 2]
    assert members[0].networks == ["tiny"] and members[1].epochs == 2
    again, _ = members_of("g", root, read_tree(root), choices[2:])
    assert {member.name.rpartition("-")[2] for member in again} <= {
        member.name.rpartition("-")[2] for member in members
    }
    for member in members:
        assert git(root, "check-ref-format", f"refs/exps/ab/cd/{member.name}", check=False) == ""


def test_the_same_experiment_counts_once_and_is_said(root: Path) -> None:
    members, said = members_of("g", root, read_tree(root), expand(["train.learning_rate=0.001,1e-3,0.002"]))
    assert len(members) == 2 and "is the same experiment as" in said[0]


def test_all_are_checked_before_any_work(root: Path) -> None:
    with pytest.raises(ChestbenchError, match=r"train\.epochs: expected"):
        members_of("g", root, read_tree(root), expand(["train.epochs=1,-2"]))


def test_the_commit_counts_and_not_a_file_that_git_does_not_know(root: Path) -> None:
    (root / "conf/model/mine.yaml").write_text("name: mine\nvariants: [tiny]\n")
    try:
        with pytest.raises(ChestbenchError, match="mine"):
            members_of("g", root, read_tree(root), [("model=mine",)])
    finally:
        (root / "conf/model/mine.yaml").unlink()


def test_what_is_not_found_may_be_what_git_does_not_know(root: Path) -> None:
    said: list[str] = []
    unknown = [root / "conf/model/mine.yaml", root / "helper.py"]
    for path in unknown:
        path.write_text("name: mine\nvariants: [tiny]\n")
    try:
        with pytest.raises(ChestbenchError, match=r"mine.*\n.*conf/model/mine.yaml \(`git add`.*in the root helper.py"):
            plan_of(root, ["model=mine,tiny"], say=lambda grid, text: said.append(text))
        assert said == ["composing and checking 2 members"]
        with pytest.raises(ChestbenchError, match=r"train\.epochs: expected") as refused:
            plan_of(root, ["model=tiny", "train.epochs=-1,2"])
        assert "helper.py" not in str(refused.value), "which has nothing to do with that value"
        assert "helper.py" in " ".join(plan_of(root, ["model=tiny"]).said)
    finally:
        for path in unknown:
            path.unlink()


def test_a_relative_path_counts_from_the_repository(root: Path) -> None:
    (root / "my images").mkdir(exist_ok=True)
    choices = [("dataset=folder", "dataset.name=mine", "dataset.path='my images'")]
    [member], said = members_of("g", root, read_tree(root), choices)
    assert member.values["dataset"]["path"] == str(root / "my images") == member.values["dataset"]["watch"]
    assert f'dataset.path="{root / "my images"}"' in member.overrides and "counts from the repository" in said[0]
    with pytest.raises(ChestbenchError, match="where there is nothing"):
        members_of("g", root, read_tree(root), [("dataset=folder", "dataset.name=mine", "dataset.path=no/where")])


def test_names_of_grids() -> None:
    assert grid_name(["a=1", "b=2"]) == grid_name(["b=2", "a=1"]) != grid_name(["a=2"])
    assert check_name("lungs-2") == "lungs-2"
    for wrong in ("", "a/b", "-x", "a.lock", "x" * 41, ".."):
        with pytest.raises(ChestbenchError, match="--name"):
            check_name(wrong)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-S", "seed=1,2", "-S", "seed=3"], "-S seed: expected once, received 'seed=1,2' and 'seed=3'"),
        (["-S", "seed=1", "--retries", "-1"], "--retries"),
        (["-S", "seed=1", "--gpus-per-run", "-1"], "--gpus-per-run"),
    ],
)
def test_what_would_be_dropped_or_makes_no_sense_is_refused(words: list[str], said: str) -> None:
    program = [sys.executable, "-m", "chestbench", "grid", "--plan", *words]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": "src"})
    assert done.returncode != 0 and said in done.stderr, done.stderr
