"""Lines to copy: values in the grammar of overrides (`dvc exp run -S`), quoted for a shell."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

# What Hydra's grammar takes without quotes, and cannot take for a number, a truth value or null.
_PLAIN = re.compile(r"(?!(?:null|true|false|nan|inf)$)[A-Za-z][A-Za-z0-9_.\-/ ]*(?<! )$", re.IGNORECASE)
# A key has no quotes: what begins with a digit may be read as a number, and some signs need a backslash.
_KEY = re.compile(r"(?!(?:null|true|false|nan|inf)$)[A-Za-z(][A-Za-z0-9_.\-/ ()\[\]{},:=+]*(?<! )$", re.IGNORECASE)
_SIGNS = re.compile(r"[()\[\]{},:=]")


def value_line(key: str, value: Any) -> str:
    """Return `-S 'key=value'` as a shell takes it.

    A mapping whose keys Hydra's grammar cannot express (letters of other scripts, quotes) is given as a line of YAML
    for the data set's file instead, which takes everything.

    Args:
        key: such as dataset.classes.
        value: texts, or lists and mappings of them.

    Example:
        >>> print(value_line("dataset.classes", ["No Finding", "Effusion"]))
        -S 'dataset.classes=[No Finding,Effusion]'
    """
    if not _has_plain_keys(value):
        return f"{key.rpartition('.')[2]}: {_in_yaml(value)} in the data set's file"
    text = _in_hydra(value)
    quoted = text.replace("'", "'\"'\"'")
    return f"-S '{key}={quoted}'"


def _has_plain_keys(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_KEY.match(str(key)) and _has_plain_keys(part) for key, part in value.items())
    return True


def _in_hydra(value: Any) -> str:
    if isinstance(value, Mapping):
        return (
            "{" + ",".join(f"{_SIGNS.sub(_escaped, str(key))}:{_in_hydra(part)}" for key, part in value.items()) + "}"
        )
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ",".join(map(_in_hydra, value)) + "]"
    text = str(value)
    if _PLAIN.match(text):
        return text
    escaped = re.sub(r'(\\*)"', r'\1\1\\"', text)
    trailing = len(escaped) - len(escaped.rstrip("\\"))
    return f'"{escaped}{chr(92) * trailing}"'


def _escaped(sign: re.Match[str]) -> str:
    return f"\\{sign[0]}"


def _in_yaml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_in_yaml(str(key))}: {_in_yaml(part)}" for key, part in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_in_yaml, value)) + "]"
    text = str(value)
    return text if _PLAIN.match(text) else "'" + text.replace("'", "''") + "'"
