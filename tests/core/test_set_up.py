"""What the Makefile sets up, and when it does so again."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

ANEW = "rm -rf .venv"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as after `make setup`, without the packages; its path has a space."""
    folder = tmp_path / "chest bench"
    (folder / ".venv").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "requirements.txt", "requirements-ray.txt"):
        shutil.copy(ROOT / name, folder / name)
    subprocess.run("cksum < requirements.txt > .venv/.packages", shell=True, cwd=folder, check=True)
    for name in (".ready", ".ready-ray"):
        (folder / ".venv" / name).touch()
    return folder


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "ARGS"))}
    return subprocess.run(["make", *words], cwd=folder, env=kept, capture_output=True, text=True)


def test_what_is_set_up_is_not_set_up_again(folder: Path) -> None:
    done = make(folder, "-n", "exps")
    assert done.returncode == 0 and done.stdout.splitlines() == ["chestbench exps "], done


def test_a_newer_date_alone_takes_no_package_from_under_programs_that_run(folder: Path) -> None:
    later = (folder / ".venv/.ready").stat().st_mtime + 60
    for name in ("requirements.txt", "pyproject.toml"):
        os.utime(folder / name, (later, later))
    told = make(folder, "-n", "exps").stdout
    assert ANEW not in told and "--editable ." in told and "chestbench exps" in told


def test_other_packages_are_installed_anew(folder: Path) -> None:
    with (folder / "requirements.txt").open("a") as stream:
        stream.write("# another line\n")
    later = (folder / ".venv/.ready").stat().st_mtime + 60
    os.utime(folder / "requirements.txt", (later, later))
    assert ANEW in make(folder, "-n", "exps").stdout


def test_a_second_set_up_beside_one_that_runs_is_refused_with_its_process(folder: Path) -> None:
    (folder / ".venv/.packages").unlink()
    (folder / ".venv/.made-by").write_text(f"{os.getpid()}\n")
    done = make(folder, "setup", "PYTHON=false")
    assert done.returncode != 0 and f"process {os.getpid()} is at it" in done.stderr, done
    assert (folder / ".venv/.ready").exists(), "nothing was removed"


def test_a_set_up_that_was_killed_does_not_stand_in_the_way(folder: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    (folder / ".venv/.packages").unlink()
    (folder / ".venv/.made-by").write_text(f"{ended.pid}\n")
    done = make(folder, "setup", "PYTHON=false")
    assert done.returncode != 0 and ANEW in done.stdout and "is at it" not in done.stderr, done


def test_dollar_signs_reach_the_command(folder: Path) -> None:
    assert make(folder, "-n", "exps", "ARGS=-S 'x=$HOME'").stdout.splitlines() == ["chestbench exps -S 'x=$HOME'"]
