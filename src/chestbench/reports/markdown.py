"""Markdown of facts: names of any kind stay text, and no path of a machine gets in."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

# What Markdown (with tables, HTML and formulas) may take for markup wherever it stands in a line.
_MARKUP = re.compile(r"([\\`*_\[\]<>|~$&])")


def escaped(value: Any) -> str:
    """Return a value as text that Markdown shows as it is, on one line; an absolute path is not shown."""
    text = " ".join(str(value).split())
    if PurePosixPath(text).is_absolute() or PureWindowsPath(text).is_absolute() or text.startswith("~"):
        return "(absolute path)"
    return _MARKUP.sub(r"\\\1", text)


def table(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """Return the lines of a table; names and cells are escaped.

    >>> print(*table(["a|b", "c"], [["*x*", 1]]), sep="\\n")
    | a\\|b | c |
    |---|---|
    | \\*x\\* | 1 |
    """
    lines = [f"| {' | '.join(escaped(name) for name in names)} |", f"|{'---|' * len(names)}"]
    return [*lines, *(f"| {' | '.join(escaped(cell) for cell in row)} |" for row in rows)]


def facts(pairs: Mapping[str, Any]) -> list[str]:
    """Return a list of `- name: value`, without those that are None or ""."""
    return [f"- {name}: {escaped(value)}" for name, value in pairs.items() if value not in (None, "")]
