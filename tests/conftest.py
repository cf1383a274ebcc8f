"""Fixtures shared by all tests."""

import atexit
import copy
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from chestbench.core.config import Config, parse_config
from tests import one_beside
from tests.campaign import is_long
from tests.made_once import made_once

ROOT = Path(__file__).resolve().parents[1]
STORE_SETTINGS = ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "DVC_ROOT", "DVC_EXP_NAME", "DVC_EXP_BASELINE_REV")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is long and rare, before pytest selects by marker (pyproject.toml: `not campaign`)."""
    for item in items:
        if is_long(item.nodeid):
            item.add_marker("campaign")
    # The longest files first, so that neither of two workers is left with one at the end.
    items.sort(key=lambda item: "tests/pipeline/" not in item.nodeid)


@pytest.fixture(scope="session", autouse=True)
def one_beside_for_all_stages() -> Iterator[pytest.MonkeyPatch]:
    """Have the stages that tests run in this process share one process beside it, see `one_beside`."""
    with pytest.MonkeyPatch.context() as patch:
        one_beside.start_sharing(patch)
        yield patch
    one_beside.end_kept()


@cache
def _empty_repository() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="repository-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    subprocess.run(["git", "init", "-q", "-b", "work"], cwd=folder, check=True)
    subprocess.run([sys.executable, "-m", "dvc", "init", "-q"], cwd=folder, check=True)
    return folder


def init_repository(folder: Path) -> None:
    """Make a folder what `git init` and `dvc init` make of it, which take a second and are run once."""
    shutil.copytree(_empty_repository(), folder, dirs_exist_ok=True)


@pytest.fixture(scope="session")
def default_parameters() -> dict:
    """The parsed params.yaml of the repository; copy before changing."""
    return yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def make_config(default_parameters: dict):
    """Return a function that makes a Config from defaults and overrides: `make_config({"train.epochs": 2})`."""

    def make(overrides: dict | None = None) -> Config:
        parameters = copy.deepcopy(default_parameters)
        for key, value in (overrides or {}).items():
            section, _, name = key.rpartition(".")
            (parameters[section] if section else parameters)[name] = value
        return parse_config(parameters)

    return make


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real images beside the repository; the test is skipped where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no real images beside the repository")
    return folder


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with its tables, which take seconds to make; tests copy it."""
    return made_once(tmp_path_factory, "store", _make_store)


def _make_store(folder: Path) -> Path:
    from chestbench.tracking.store import connect

    # It is made before `no_foreign_store` runs, and MLflow writes the store of an earlier test into the environment.
    with pytest.MonkeyPatch.context() as clean:
        for name in STORE_SETTINGS:
            clean.delenv(name, raising=False)
        connect(folder)
    return folder / "mlflow.db"
