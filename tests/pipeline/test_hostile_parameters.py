"""Hostile parameters through real make, DVC and git: refused before anything is run, written or removed."""

import shutil
import sys
from pathlib import Path

import pytest
import yaml

from tests.pipeline.workspace import Workspace, clone

pytestmark = [pytest.mark.pipeline, pytest.mark.skipif(sys.platform == "win32", reason="a shell")]
# A folder with work that Git does not know, one outside, one that Git knows, and a command.
NAMES = ["../../mine", "../../../outside", "../../tests", "tiny; touch marker #", "$(touch marker)", "x\ntouch marker"]
WAYS = [*((name, "model") for name in NAMES), *((name, "set") for name in NAMES[::2])]
CHESTBENCH = [sys.executable, "-m", "chestbench"]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = clone(tmp_path_factory.mktemp("hostile") / "repository", warm=True)
    workspace.environment["PYTHONPATH"] = str(workspace.folder / "src")
    return workspace


@pytest.fixture
def workspace(repository: Workspace) -> Workspace:
    """The clone as it was committed, with two folders that must outlive every test."""
    repository.run("git", "reset", "-q", "--hard")
    repository.run("git", "clean", "-fdxq")
    for canary in canaries(repository):
        canary.parent.mkdir(exist_ok=True)
        canary.write_text("a week's work")
    return repository


def canaries(workspace: Workspace) -> list[Path]:
    return [workspace.folder / "mine/work.txt", workspace.folder.parent / "outside/work.txt"]


def untouched(workspace: Workspace) -> None:
    """Nothing was run or removed, and Git sees no change but of params.yaml."""
    assert all(canary.is_file() for canary in canaries(workspace))
    assert not list(workspace.folder.rglob("marker"))
    assert {line.split()[1] for line in workspace.run("git", "status", "--porcelain").splitlines()} <= {
        "mine/",
        "params.yaml",
    }


def edit(workspace: Workspace, name: str, key: str = "model") -> None:
    path = workspace.folder / "params.yaml"
    values = yaml.safe_load(path.read_text(encoding="utf-8"))
    if key == "model":
        values["model"]["variants"] = [name]
    else:
        values["evaluate"]["external"] = [{"name": name, "path": "conf/dataset/siim.yaml"}]
    path.write_text(yaml.safe_dump(values), encoding="utf-8")


def quoted(name: str) -> str:
    """Return a text as Hydra's grammar wants it, but for line breaks, which it does not know."""
    return "'" + name.replace("\n", " ") + "'"


def set_to(name: str, key: str = "model") -> str:
    external = f"evaluate.external=[{{name: {quoted(name)}, path: conf/dataset/siim.yaml}}]"
    return f"model.variants=[{quoted(name)}]" if key == "model" else external


@pytest.mark.parametrize(("name", "key"), WAYS)
def test_dvc_exp_run_refuses_what_it_would_compose(workspace: Workspace, name: str, key: str) -> None:
    before = (workspace.folder / "params.yaml").read_bytes()
    told = workspace.run("dvc", "exp", "run", "-S", set_to(name, key), check=False)
    assert workspace.returncode != 0 and "expected small letters, digits and _" in told, told
    assert "Nothing was written" in told and "Traceback" not in told
    assert (workspace.folder / "params.yaml").read_bytes() == before
    untouched(workspace)


@pytest.mark.parametrize(
    "more",
    [["--queue"], ["--temp"], ["-k"], ["-f"], ["-s", "weights"], ["--downstream", "weights"], ["--pull"], ["evaluate"]],
    ids=" ".join,
)
def test_whatever_else_dvc_exp_run_is_told(workspace: Workspace, more: list[str]) -> None:
    told = workspace.run("dvc", "exp", "run", "-S", set_to("../../mine"), *more, check=False)
    assert workspace.returncode != 0 and "Nothing was written" in told, told
    untouched(workspace)
    assert "No experiment tasks" in workspace.run("dvc", "queue", "status")
    assert not workspace.run("git", "for-each-ref", "refs/exps").strip()


def test_a_secret_is_in_no_object_of_git(workspace: Workspace) -> None:
    address = "dataset.url='https://me:hunter2hunter2@h/x.zip?token=hunter2hunter2'"
    for more in ([], ["--queue"], ["--temp"]):
        told = workspace.run("dvc", "exp", "run", "-S", address, *more, check=False)
        assert workspace.returncode != 0 and "without a secret" in told and "hunter2" not in told
    # What DVC stashes is reached by no branch.
    unreached = workspace.run("git", "fsck", "--unreachable", "--no-reflogs", "--no-progress").splitlines()
    for line in [*unreached, "unreachable commit HEAD"]:
        assert "hunter2hunter2@h/x.zip" not in workspace.run("git", "cat-file", "-p", line.split()[2])


@pytest.mark.parametrize(("name", "key"), WAYS[::2])
@pytest.mark.parametrize(
    "arguments", [["-f", "-s", "weights"], ["-k"], ["-i"], ["--downstream", "weights"]], ids=" ".join
)
def test_chestbench_repro_refuses_params_yaml(workspace: Workspace, name: str, key: str, arguments: list[str]) -> None:
    edit(workspace, name, key)
    told = workspace.run(*CHESTBENCH, "repro", *arguments, check=False)
    assert workspace.returncode == 1 and "expected small letters, digits and _" in told, told
    untouched(workspace)


@pytest.mark.parametrize("name", NAMES[:1])
def test_make_repro_refuses_params_yaml(workspace: Workspace, name: str) -> None:
    edit(workspace, name)
    set_up(workspace)
    told = workspace.run("make", "repro", check=False)
    assert workspace.returncode != 0 and "expected small letters, digits and _" in told, told
    shutil.rmtree(workspace.folder / ".venv")
    untouched(workspace)


@pytest.mark.parametrize(
    "path", ["$(shell touch marker)", "$(touch marker)", "`touch marker`", '"; touch marker; "', "$HOME"]
)
def test_make_look_takes_a_path_as_it_is_written(workspace: Workspace, path: str) -> None:
    set_up(workspace)
    told = workspace.run("make", "look", f"DATA={path}", check=False)
    assert workspace.returncode != 0 and f"received {path!r}, where there is nothing" in told, told
    shutil.rmtree(workspace.folder / ".venv")
    untouched(workspace)


def set_up(workspace: Workspace) -> None:
    """Stand in for `make setup`, which installs hundreds of packages: the command runs with this Python."""
    script = workspace.folder / ".venv/bin/chestbench"
    script.parent.mkdir(parents=True)
    script.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, 'src')\n"
        "from chestbench.__main__ import main\nsys.exit(main())\n"
    )
    script.chmod(0o755)
    workspace.run("sh", "-c", "cksum < requirements.txt > .venv/.packages && touch .venv/.ready")


def test_chestbench_run_checks_a_whole_grid_before_it_queues_one(workspace: Workspace) -> None:
    for more in (["--queue", "-S", "train.epochs=2,-1"], ["-S", set_to("../../mine")], ["-S", "trian.epochs=3"]):
        told = workspace.run(*CHESTBENCH, "run", *more, check=False)
        assert workspace.returncode == 1 and "chestbench run: error:" in told, told
    edit(workspace, "../../mine")
    assert "small letters" in workspace.run(*CHESTBENCH, "run", "--no-hydra", check=False)
    untouched(workspace)
    assert "No experiment tasks" in workspace.run("dvc", "queue", "status")


@pytest.mark.parametrize(
    "arguments", [[], ["-k"], ["-i"], ["weights"], ["--downstream", "weights"], ["--pull"]], ids=" ".join
)
@pytest.mark.parametrize("name", NAMES[1:2])
def test_a_pipeline_as_a_whole_is_refused_by_dvc_itself(workspace: Workspace, name: str, arguments: list[str]) -> None:
    """Two stages would write one path."""
    edit(workspace, name)
    told = workspace.run("dvc", "repro", *arguments, check=False)
    assert workspace.returncode != 0 and "Running stage" not in told, told
    untouched(workspace)


@pytest.mark.parametrize(
    "name", [f"../../{part}" for part in ("tests", "docs", "conf", ".git", ".github", "README.md")]
)
@pytest.mark.parametrize("command", [["repro", "-f", "-s", "weights"], ["checkout", "-f"]], ids=" ".join)
def test_what_git_keeps_outlives_one_stage_alone(workspace: Workspace, name: str, command: list[str]) -> None:
    """.dvcignore; the rest stands in SECURITY.md."""
    edit(workspace, name)
    told = workspace.run("dvc", *command, check=False)
    assert workspace.returncode != 0 and "is ignored by" in told, told
    untouched(workspace)


@pytest.mark.parametrize("name", NAMES[3:4])
def test_no_shell_reads_a_name_even_then(workspace: Workspace, name: str) -> None:
    edit(workspace, name)
    workspace.run("dvc", "repro", "code")
    for target in ("weights", f"weights@{name}"):
        told = workspace.run("dvc", "repro", "-f", "-s", target, check=False)
        assert workspace.returncode != 0 and "small letters" in told, told
    assert not list(workspace.folder.rglob("marker"))


def test_nor_a_path(workspace: Workspace) -> None:
    """A path may have any letters: it is a dependency, and DVC runs and removes none."""
    odd = workspace.folder.parent / "x; touch marker $(touch marker) `touch marker`"
    (odd / "a").mkdir(parents=True, exist_ok=True)
    path = f'dataset.path="{odd}"'
    told = workspace.run("dvc", "exp", "run", "-S", "dataset=folder", "-S", path, "check", check=False)
    assert workspace.returncode == 0, told
    assert odd.is_dir() and not list(workspace.folder.parent.rglob("marker"))
