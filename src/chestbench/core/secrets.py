"""Secrets never stand in what is shown or kept: parts of addresses that may be one, and values of known variables."""

import logging
import os
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

# Their values are secret wherever they turn up.
VARIABLES = (
    "CHESTBENCH_URL_TOKEN",
    "KAGGLE_KEY",
    "KAGGLE_API_TOKEN",
    "MLFLOW_TRACKING_PASSWORD",
    "MLFLOW_TRACKING_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AZURE_STORAGE_CONNECTION_STRING",
    "GITHUB_TOKEN",
    "HF_TOKEN",
)
HIDDEN = "***"
_SHORTEST = 6
_USER = re.compile(r"([a-z][a-z0-9+.\-]*://)[^/\s@'\"]*(?:[^/\s'\"]*@)", re.IGNORECASE)
_WORDS = r"token|key|sig|signature|password|passwd|pwd|pass|secret|auth|authorization|credential|code|session"
_ADDRESS = re.compile(r"[a-z][a-z0-9+.\-]*://\S+", re.IGNORECASE)
_QUERY = re.compile(rf"([?&;#][^=&\s'\"]*(?:{_WORDS})[^=&\s'\"]*=)[^&\s'\"]+", re.IGNORECASE)


def hide(text: str) -> str:
    """Return a text in which user names and passwords of addresses, secret parts of queries and VARIABLES are hidden.

    Example:
        >>> hide("got 401 from https://me:pw@host/x?token=abc&page=2")
        'got 401 from https://***@host/x?token=***&page=2'
    """
    text = _QUERY.sub(rf"\1{HIDDEN}", _USER.sub(rf"\1{HIDDEN}@", text))
    for _, value in _known():
        text = text.replace(value, HIDDEN)
    return text


def _known() -> Iterator[tuple[str, str]]:
    """Yield (name, value) of each of VARIABLES that is set to more than a word."""
    for name in VARIABLES:
        value = os.environ.get(name, "")
        if len(value) >= _SHORTEST:
            yield name, value


def secret_part(address: str) -> str:
    """Return in words what of an address is secret: "a user name or password", "'token' in its query", or ""."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if "@" in parts.netloc:
        return "a user name or password"
    names = [name for name, _ in parse_qsl(f"{parts.query}&{parts.fragment}", keep_blank_values=True)]
    found = [name for name in names if re.search(_WORDS, name, re.IGNORECASE)]
    return f"{found[0]!r} in its query" if found else ""


def secrets_in(values: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield (dotted key, what is secret) of each text in nested lists and mappings that holds a secret.

    A secret is an address with a user, a password or a token, or the value of one of VARIABLES.

    Example:
        >>> list(secrets_in({"dataset": {"path": "s3://me:pw@bucket/x", "title": "Chest"}}))
        [('dataset.path', 'an address with a user name or password')]
    """
    if isinstance(values, str):
        told = (f"an address with {part}" for part in map(secret_part, _ADDRESS.findall(values)) if part)
        known = (f"the value of {name}" for name, value in _known() if value in values)
        if found := next(told, "") or next(known, ""):
            yield key, found
    elif isinstance(values, dict):
        for name, value in values.items():
            yield from secrets_in(value, f"{key}.{name}".lstrip("."))
    elif isinstance(values, list):
        for place, value in enumerate(values):
            yield from secrets_in(value, f"{key}[{place}]")


def shown(address: str) -> str:
    """Return an address without what may be secret in it: user, password, query and fragment."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


class HidingFormatter(logging.Formatter):
    """Formats as `logging.Formatter` does, tracebacks included, and hides secrets in the result."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record without secrets."""
        return hide(super().format(record))
