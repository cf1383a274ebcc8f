"""Stores are read in the test's own process too, and there MLflow's settings of the person who tests must not count."""

import pytest


@pytest.fixture(autouse=True)
def no_foreign_store(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MLFLOW_TRACKING_URI", "DVC_ROOT"):
        monkeypatch.delenv(name, raising=False)
