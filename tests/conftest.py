"""Fixtures shared by all tests."""

import copy
import os
from pathlib import Path

import pytest
import yaml

from chestbench.core.config import Config, parse_config

ROOT = Path(__file__).resolve().parents[1]
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


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
