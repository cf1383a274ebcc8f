"""What a grid knows of itself: done is what is noted and in the repository, and nothing else."""

from pathlib import Path

import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.grid import state
from chestbench.grid.clones import Source, prepare
from chestbench.grid.collect import fetch
from chestbench.grid.elsewhere import carried, source_here
from chestbench.grid.events import Member, Plan
from chestbench.repository.git import git, git_bytes, read_tree
from tests.cli.test_repro import pipeline  # noqa: F401 (a fixture)

NAMED = ("-c", "user.name=T", "-c", "user.email=t@example.invalid")
MEMBER = Member("g-1", ("seed=1",), {"seed": 1})


@pytest.fixture
def root(pipeline: Path) -> Path:  # noqa: F811
    """A repository of DVC with one commit."""
    for name, text in {"src/a.py": "1", "src/gone.py": "1", "params.yaml": "seed: 1\n"}.items():
        (pipeline / name).parent.mkdir(parents=True, exist_ok=True)
        (pipeline / name).write_text(text)
    git(pipeline, "add", "-A")
    git(pipeline, *NAMED, "commit", "-qm", "Start")
    return pipeline


def source(root: Path, files: tuple[tuple[str, bytes], ...] = ()) -> Source:
    tree = read_tree(root)
    return Source(
        root, tree.commit, tree.tree, files, {"cache": {"dir": str(root / ".dvc/cache")}}, ("T", "t@e.invalid")
    )


def experiment(clone: Path, name: str) -> tuple[str, bytes]:
    """Commit an experiment as DVC does; return it and its bundle."""
    baseline = git(clone, "rev-parse", "HEAD")
    git(clone, "commit", "-qam", "an experiment", "--allow-empty")
    ref = state.ref_of(baseline, name)
    git(clone, "update-ref", ref, "HEAD")
    git(clone, "bundle", "create", "-q", str(clone / "b.bundle"), ref, f"^{baseline}")
    return git(clone, "rev-parse", "HEAD"), (clone / "b.bundle").read_bytes()


def test_done_is_what_is_noted_and_there(root: Path, tmp_path: Path) -> None:
    tree, code = read_tree(root), state.code_id(root, read_tree(root))
    prepare(root / ".dvc/tmp/c", source(root))
    commit, bundle = experiment(root / ".dvc/tmp/c", MEMBER.name)
    kept = state.Kept(MEMBER.name, MEMBER.overrides, code, "done", commit, 0.5)
    state.keep(root, "g", kept)
    assert state.done(root, "g", MEMBER, tree, code) is None, "its experiment is not there"
    assert fetch(root, bundle, tree.commit, MEMBER.name) == commit
    assert state.done(root, "g", MEMBER, tree, code).measure == 0.5
    assert state.done(root, "g", Member("g-1", ("seed=2",)), tree, code) is None, "another member"
    assert state.done(root, "g", MEMBER, tree, "other code") is None
    state.keep(root, "g", state.Kept(MEMBER.name, MEMBER.overrides, code, "failed", commit))
    assert state.done(root, "g", MEMBER, tree, code) is None
    (root / ".dvc/tmp/grids/g/members/g-1.json").write_text('{"name": "g-')
    assert state.done(root, "g", MEMBER, tree, code) is None, "cut short"


def test_an_experiment_of_somebody_else_is_not_overwritten(root: Path) -> None:
    prepare(root / ".dvc/tmp/c", source(root))
    _, bundle = experiment(root / ".dvc/tmp/c", MEMBER.name)
    tree = read_tree(root)
    fetch(root, bundle, tree.commit, MEMBER.name)
    state.refuse_taken(root, Plan(root, "g", tree, (MEMBER,)))
    other = Member("g-1", ("seed=2",), {"seed": 2})
    with pytest.raises(ChestbenchError, match="a name that no experiment has"):
        state.refuse_taken(root, Plan(root, "g", tree, (other,)))


def test_a_clone_is_the_commit_with_its_changes_and_nothing_of_the_run_before(root: Path) -> None:
    clone = root / ".dvc/tmp/c"
    prepare(clone, source(root, (("dvc.lock", b"of the data"),)))
    experiment(clone, "before")
    (clone / "src/a.py").write_text("left over")
    (clone / "strange.py").write_text("left over")
    (clone / ".git/index.lock").touch()
    (root / "src/a.py").write_text("2")
    (root / "src/gone.py").unlink()
    prepare(clone, source(root))
    assert (clone / "src/a.py").read_text() == "2" and not (clone / "src/gone.py").exists()
    assert not (clone / "strange.py").exists() and not (clone / "dvc.lock").exists()
    assert not git(clone, "for-each-ref") and git(clone, "rev-parse", "HEAD") == git(root, "rev-parse", "HEAD")
    assert git(clone, "status", "--porcelain").split() == ["M", "src/a.py", "D", "src/gone.py"]
    assert git(root, "status", "--porcelain", "--", "src").split() == ["M", "src/a.py", "D", "src/gone.py"]


def test_all_changes_of_files_that_git_knows_are_run_and_what_a_run_writes_is_not(root: Path) -> None:
    tracked = (
        "Makefile",
        "requirements.txt",
        "pyproject.toml",
        "README.md",
        "tests/t.py",
        "dvc.lock",
        "metrics/m.json",
    )
    for name in tracked:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text("1")
    git(root, "add", "-A")
    git(root, *NAMED, "commit", "-qm", "More")
    clean = state.code_id(root, read_tree(root))
    for name in tracked:
        (root / name).write_text("2")
    (root / "pyproject.toml").unlink()
    (root / "params.yaml").write_text("seed: 2\n")
    tree = read_tree(root)
    assert tree.changed == ["Makefile", "README.md", "pyproject.toml", "requirements.txt", "tests/t.py"]
    assert "with uncommitted changes of Makefile, README.md, pyproject.toml" in tree.in_words()
    prepare(root / ".dvc/tmp/c", source(root))
    here = {name: (root / ".dvc/tmp/c" / name) for name in tracked}
    assert {name for name, path in here.items() if path.exists() and path.read_text() == "2"} == {
        *("Makefile", "requirements.txt", "README.md", "tests/t.py")
    }
    assert not here["pyproject.toml"].exists()
    assert here["dvc.lock"].read_text() == here["metrics/m.json"].read_text() == "1", "results of other runs stay out"

    ran = state.code_id(root, tree)
    assert ran != clean
    (root / "README.md").write_text("3")
    (root / "metrics/m.json").write_text("3")
    assert state.code_id(root, read_tree(root)) == ran, "a text and a result make no member run again"
    (root / "Makefile").write_text("3")
    assert state.code_id(root, read_tree(root)) != ran


def test_a_machine_that_does_not_see_the_repository_gets_the_same(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tmp_path = tmp_path_factory.mktemp("node")
    (root / "src/a.py").write_text("2")
    here = source(root)
    there = source_here(
        carried(here, {"core": {"remote": "r"}, "remote": {"r": {"url": "s3://x"}}}), here, tmp_path / "n"
    )
    assert not Path(there.folder).is_relative_to(root)
    prepare(tmp_path / "n/clone", there)
    assert (tmp_path / "n/clone/src/a.py").read_text() == "2"
    commit, bundle = experiment(tmp_path / "n/clone", "away")
    assert fetch(root, bundle, here.commit, "away") == commit
    assert git_bytes(root, "show", f"{commit}:src/a.py") == b"2"
    told = git(tmp_path / "n/clone", "config", "-f", ".dvc/config.local", "--list", check=False)
    assert "s3://x" in (tmp_path / "n/clone/.dvc/config.local").read_text(), told
