"""Fixtures of the downloads: a home without credentials, and waits that are only noted."""

import os

import pytest

from chestbench.datasets import download, kaggle_client
from tests.datasets.kaggle_server import TOKEN


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home without credentials, the client's own idea of it included; the current folder beside it."""
    home = tmp_path / "home"
    home.mkdir()
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("HOME", str(home))
    for name in list(os.environ):
        if name.startswith("KAGGLE_") or name in ("DVC_ROOT", "VERBOSE", "VERBOSE_OUTPUT"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    # The client is imported, and tries to sign in, before its address can be changed: let that find nothing.
    monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(home / ".kaggle"))
    kaggle_client.import_client()
    from kaggle.api.kaggle_api_extended import KaggleApi

    monkeypatch.setattr(KaggleApi, "config_dir", str(home / ".kaggle"))
    monkeypatch.setattr(KaggleApi, "config", str(home / ".kaggle" / "kaggle.json"))
    return home


@pytest.fixture
def waits(monkeypatch):
    """The waits that were asked for; none is waited."""
    asked: list[float] = []
    monkeypatch.setattr(download, "sleep", asked.append)
    return asked


@pytest.fixture
def signed_in(monkeypatch):
    monkeypatch.setenv("KAGGLE_API_TOKEN", TOKEN)
