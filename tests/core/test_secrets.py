"""No secret is shown or kept, whatever carries it."""

import logging
import sys

import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.core.secrets import HidingFormatter, hide, secret_part, shown

PLANTED = "hunter2hunter2"


@pytest.mark.parametrize(
    "text",
    [
        f"https://me:{PLANTED}@host/x",
        f"postgresql+psycopg2://{PLANTED}@db:5432/x failed",
        f"HTTPSConnectionPool(host='h'): url: /x?page=1&access_token={PLANTED}&y=2 (Caused by x)",
        f"https://h/x?X-Amz-Signature={PLANTED}",
        f"https://h/x?sig={PLANTED}",
        f"mlflow://user:{PLANTED}@h@odd/x",
        f"('https://me:{PLANTED}@host/x', 2)",
    ],
)
def test_addresses_are_shown_without_secrets(text: str) -> None:
    assert PLANTED not in hide(text) and "***" in hide(text)


@pytest.mark.parametrize(
    "text", ["mail me@host about 50% of a/b", "https://h/x?page=2&size=3", "sqlite:////a/b@c/mlflow.db"]
)
def test_what_holds_none_stays(text: str) -> None:
    assert hide(text) == text


def test_the_value_of_a_known_variable_is_hidden_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAGGLE_KEY", PLANTED)
    assert hide(f"header {PLANTED}!") == "header ***!"


def test_tracebacks_are_hidden_too() -> None:
    try:
        raise ValueError(f"https://me:{PLANTED}@host")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "x", 1, "failed", None, sys.exc_info())
    assert PLANTED not in HidingFormatter("%(message)s").format(record)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://host/a.zip", ""),
        ("https://host/a.zip?download=1", ""),
        (f"https://u:{PLANTED}@host/a.zip", "a user name or password"),
        (f"https://host/a.zip?token={PLANTED}", "'token' in its query"),
        (f"https://host/a.zip?X-Amz-Credential={PLANTED}", "'X-Amz-Credential' in its query"),
        ("https://[broken", ""),
    ],
)
def test_what_of_an_address_is_secret(address: str, expected: str) -> None:
    assert secret_part(address) == expected


def test_an_address_with_a_secret_is_refused_without_showing_it(make_config) -> None:
    for address in (f"https://u:{PLANTED}@host/a.zip", f"https://host/a.zip?token={PLANTED}"):
        with pytest.raises(
            ChestbenchError, match=r"dataset\.url: expected an address without a secret.*netrc"
        ) as error:
            make_config({"dataset.source": "url", "dataset.url": address})
        assert PLANTED not in str(error.value)
    assert shown(f"https://u:{PLANTED}@host/a.zip?b=c#d") == "https://host/a.zip"
