"""pyproject.toml against the code, the pinned requirements, and the package that it builds."""

import ast
import json
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
INSTALLED = packages_distributions()
# Declared, and imported nowhere in src/ and stages/.
NOT_IMPORTED = {"ruamel-yaml-clib": "DVC's YAML library uses it where it is there"}
# Their distribution need not be installed: they are other values of `train.backend`.
BACKENDS = {"jax": "jax", "torch": "torch", "torchvision": "torchvision"}


def distribution(requirement: str) -> str:
    return re.split(r"[\[<>=!~; ]", requirement)[0].lower().replace("_", "-")


def declared(*extras: str) -> set[str]:
    lists = [PROJECT["dependencies"], *(PROJECT["optional-dependencies"][extra] for extra in extras)]
    return {distribution(requirement) for requirements in lists for requirement in requirements}


def imported(*folders: str) -> dict[str, str]:
    """Return {top-level module: a file that imports it}, at any depth of the code, other people's modules only."""
    found: dict[str, str] = {}
    for path in (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            found.update({name.split(".")[0]: str(path.relative_to(ROOT)) for name in names})
    own = {"chestbench", "stages", "tests", "benchmarks", *sys.stdlib_module_names}
    return {module: path for module, path in found.items() if module not in own}


def distributions_of(module: str) -> set[str]:
    """The distributions that carry a module; `kagglesdk` comes with several, one declared is enough."""
    named = {name.lower().replace("_", "-") for name in INSTALLED.get(module, [])}
    return named or {BACKENDS[module]}


def test_every_import_of_src_and_stages_is_declared() -> None:
    known = declared("jax", "ray", "torch")
    missing = {
        module: path for module, path in imported("src", "stages").items() if not distributions_of(module) & known
    }
    assert not missing, "declare these in pyproject.toml and run `make lock`"


def test_every_import_of_tests_and_benchmarks_is_declared() -> None:
    known = declared("dev", "jax", "ray", "torch")
    files = imported("tests", "benchmarks")
    missing = {module: path for module, path in files.items() if not distributions_of(module) & known}
    assert not missing, "declare these under dev in pyproject.toml and run `make lock`"


def test_every_declared_package_is_imported_or_has_a_reason() -> None:
    used = set().union(*(distributions_of(module) for module in imported("src", "stages")))
    assert declared() - used == set(NOT_IMPORTED)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-gpu.txt"])
def test_the_pinned_requirements_hold_what_is_declared(name: str) -> None:
    text = (ROOT / name).read_text()
    pinned = {line.split("==")[0] for line in text.splitlines() if re.match(r"[a-z].*==", line)}
    assert declared("dev") <= pinned, "run `make lock`"
    assert ("nvidia-cudnn-cu12" in pinned) == (name == "requirements-gpu.txt")
    assert "://" not in text, "no address of an index belongs into the requirements"


def test_the_requirements_of_the_grid_hold_what_it_adds_and_nothing_else() -> None:
    """They are installed on top of requirements.txt, without dependencies: what is in both could differ."""
    pinned, added = (
        {line.split("==")[0] for line in (ROOT / name).read_text().splitlines() if re.match(r"[a-z].*==", line)}
        for name in ("requirements.txt", "requirements-ray.txt")
    )
    assert {distribution(requirement) for requirement in PROJECT["optional-dependencies"]["ray"]} <= added
    assert not added & pinned, "run `make lock`"
    assert "://" not in (ROOT / "requirements-ray.txt").read_text()


def test_citation_and_changelog_are_of_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == PROJECT["version"] and citation["license"] == PROJECT["license"]
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    newest = re.search(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest and newest[1] == PROJECT["version"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`pip install .` into a folder of its own, from a copy: building leaves files beside the sources."""
    copy, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, copy)
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*command, "--target", str(target), str(copy)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return target


def test_the_package_holds_every_file_of_src(installed: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "src/chestbench"], cwd=ROOT, text=True, stdout=-1
    )
    expected = {name.removeprefix("src/") for name in listed.stdout.split("\n") if name and (ROOT / name).is_file()}
    missing = [name for name in expected if not (installed / name).is_file()]
    assert expected and not missing


def test_every_module_of_the_package_imports(installed: Path, tmp_path: Path) -> None:
    code = (
        "import importlib, json, pkgutil, chestbench\n"
        "names = [m.name for m in pkgutil.walk_packages(chestbench.__path__, 'chestbench.')]\n"
        "[importlib.import_module(name) for name in names if not name.endswith('__main__')]\n"
        "print(json.dumps([chestbench.__file__, len(names)]))\n"
    )
    environment = {
        "PYTHONPATH": str(installed),
        "PATH": "/usr/bin:/bin",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "HOME": str(tmp_path),
    }
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stderr
    origin, modules = json.loads(done.stdout.splitlines()[-1])
    assert Path(origin).is_relative_to(installed) and modules > 150


def test_the_console_command(installed: Path, tmp_path: Path) -> None:
    environment = {"PYTHONPATH": str(installed), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, str(installed / "bin/chestbench")]
    done = subprocess.run([*command, "--version"], capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.stdout == f"chestbench {PROJECT['version']}\n", done.stderr
    assert "params" in subprocess.run([*command, "--help"], capture_output=True, text=True, env=environment).stdout
