"""The example of docs/how-to.md, "Add a network", works as it stands there: its two files and no other edit."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chestbench.core.compose import compose_params
from chestbench.core.config import load_config
from tests.closures import reached_files
from tests.conftest import ROOT

NETWORK, CHOICE = "src/chestbench/models/networks/vgg_like.py", "conf/model/vgg_like.yaml"


def files_of_the_example() -> dict[str, str]:
    """Return {path: content} of the blocks that the section names a file for."""
    text = (ROOT / "docs" / "how-to.md").read_text(encoding="utf-8")
    section = text.partition("## Add a network\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"`([\w/.]+)`:\n\n```(?:python|yaml)\n(.*?)```\n", section, flags=re.DOTALL))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository's code with the example added."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("src", "conf", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("params.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    for name, content in files_of_the_example().items():
        assert not (folder / name).exists()
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def test_the_section_names_two_files() -> None:
    assert files_of_the_example().keys() == {NETWORK, CHOICE}


def test_it_passes_the_test_that_the_section_names(copy: Path) -> None:
    """Built, trained a step, saved, loaded; chosen by its name, without an entry in all.yaml."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/models/test_registry.py"]
    # A second pytest with the same folder of temporary files would close it to others than its owner.
    command += ["--basetemp", str(copy / "temporary")]
    done = subprocess.run(
        [*command, "-k", "vgg_like or can_be_chosen or groups"],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy / "src")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\b3 passed", done.stdout), done.stdout


def test_it_can_be_chosen_on_the_command_line(copy: Path, tmp_path: Path) -> None:
    compose_params(copy / "conf", tmp_path / "params.yaml", ["model=vgg_like"])
    assert load_config(tmp_path / "params.yaml").model.variants == ["vgg_like"]


def test_it_depends_on_no_other_network(copy: Path) -> None:
    reached = reached_files(copy, "chestbench.models.networks.vgg_like")
    networks = {path for path in reached if "/models/networks/" in path}
    assert networks == {NETWORK, "src/chestbench/models/networks/__init__.py"}
    assert "src/chestbench/models/resnets.py" not in reached
