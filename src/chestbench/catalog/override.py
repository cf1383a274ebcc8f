"""Lines to copy: values in the grammar of overrides (`dvc exp run -S`), quoted for a shell."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

# What Hydra's grammar takes without quotes, and cannot take for a number, a truth value or null.
_PLAIN = re.compile(r"(?!(?:null|true|false|nan|inf)$)[A-Za-z][A-Za-z0-9_.\-/ ]*(?<! )$", re.IGNORECASE)
# A key has no quotes: what begins with a digit may be read as a number, but for whole numbers as they are written, and
# some signs need a backslash.
_KEY = re.compile(
    r"(?!(?:null|true|false|nan|inf)$)[A-Za-z(][A-Za-z0-9_.\-/ ()\[\]{},:=+]*(?<! )$|(?:0|[1-9][0-9]{0,9})$",
    re.IGNORECASE,
)
_SIGNS = re.compile(r"[()\[\]{},:=]")


def value_line(key: str, value: Any) -> str:
    """Return `-S 'key=value'` as a shell takes it.

    A mapping whose keys Hydra's grammar cannot express (letters of other scripts, quotes) is given as a text of YAML,
    which dataset.class_names takes as well.

    Args:
        key: such as dataset.classes.
        value: texts, or lists and mappings of them.

    Example:
        >>> print(value_line("dataset.classes", ["No Finding", "Effusion"]))
        -S 'dataset.classes=[No Finding,Effusion]'
    """
    text = _in_hydra(value if _has_plain_keys(value) else _in_yaml(value))
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
    return text if _is_plain_yaml(text) else "'" + text.replace("'", "''") + "'"


def _is_plain_yaml(text: str) -> bool:
    """Tell whether YAML takes a text for itself without quotes, as a key and as a value."""
    try:
        return bool(yaml.safe_load(f"{{{text}: {text}}}") == {text: text})
    except (yaml.YAMLError, TypeError):
        return False
