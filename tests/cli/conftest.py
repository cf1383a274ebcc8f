"""What commands print fits the terminal; tests have one of 100 columns, also where they run beside one another."""

import pytest


@pytest.fixture(autouse=True)
def terminal_of_100_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
