"""Compiled copies of modules that a full disk tore are made anew, by real processes, whichever module it is."""

import os
import py_compile
import shutil
import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from tests.conftest import ROOT

BLOCK = 4096
GUARDS = ["src/chestbench/__init__.py", "src/chestbench/__main__.py", "src/chestbench/core/__init__.py"]
GUARDS += ["src/chestbench/core/bytecode.py", "stages/__init__.py"]
# How a disk leaves a file behind its first 16 bytes, which Python looks at.
TEARS = {
    "a block": lambda content: content[:BLOCK],
    "the header": lambda content: content[:16],
    "zeros": lambda content: content[:BLOCK] + bytes(len(content) - BLOCK),
    "empty": lambda content: b"",
}


@pytest.mark.parametrize("name", GUARDS)
def test_what_mends_fits_a_block(name: str, tmp_path: Path) -> None:
    compiled = py_compile.compile(str(ROOT / name), cfile=str(tmp_path / "x.pyc"), doraise=True)
    assert compiled and Path(compiled).stat().st_size < BLOCK


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the code, with compiled copies of its own."""
    for name in ("src", "stages"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def start(checkout: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{checkout / 'src'}:{checkout}"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.run(
        [sys.executable, *command], cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )


COMMANDS = {
    "src/chestbench/core/stage.py": ("-m", "stages.check", "--help"),
    "src/chestbench/cli/commands.py": ("-m", "chestbench", "--help"),
}


@pytest.mark.parametrize("tear", TEARS)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_torn_copy_of_ours(checkout: Path, name: str, tear: str) -> None:
    path, command = checkout / name, COMMANDS[name]
    whole = Path(str(py_compile.compile(str(path), cfile=cache_from_source(str(path)), doraise=True)))
    assert whole.stat().st_size > BLOCK
    whole.write_bytes(TEARS[tear](whole.read_bytes()))
    plain = start(checkout, "-c", f"import marshal; marshal.loads(open({str(whole)!r}, 'rb').read()[16:])")
    assert plain.returncode != 0
    first, second = start(checkout, *command), start(checkout, *command)
    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert first.stdout == second.stdout and second.stderr == ""
    assert "Python's compiled copy was damaged" in first.stderr or tear == "empty"


def test_a_torn_copy_of_a_package(checkout: Path) -> None:
    """One that a stage imports from site-packages: here a module of its own, as nothing is to be torn there."""
    (checkout / "site").mkdir()
    package = checkout / "site" / "big.py"
    package.write_text("\n".join(f"def f{n}(): return {n} + {n}" for n in range(400)), encoding="utf-8")
    compiled = Path(str(py_compile.compile(str(package), cfile=cache_from_source(str(package)), doraise=True)))
    compiled.write_bytes(compiled.read_bytes()[:BLOCK])
    script = f"import sys; sys.path.insert(0, {str(package.parent)!r}); "
    unmended = start(checkout, "-c", script + "import big")
    assert "EOFError" in unmended.stderr  # its words depend on where the cut falls
    mended = start(checkout, "-c", script + "import stages, big; print(big.f7())")
    assert mended.stdout == "14\n" and str(compiled) in mended.stderr
    again = start(checkout, "-c", script + "import big; print(big.f7())")
    assert (again.stdout, again.stderr) == ("14\n", "")


def test_an_error_of_the_source_stays_what_it_is(checkout: Path) -> None:
    (checkout / "stages" / "broken.py").write_bytes(b"x = (\n")
    (checkout / "stages" / "nul.py").write_bytes(b"x = 1\x00\n")
    for name in ("broken", "nul"):
        done = start(checkout, "-c", f"import stages.{name}")
        assert "SyntaxError" in done.stderr or "ValueError" in done.stderr
        assert "compiled copy" not in done.stderr
