"""Errors of validation in the words of params.yaml: where, what was expected, what was received."""

import re
from difflib import get_close_matches
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

_EXPECTED = {
    "int_type": "an integer",
    "int_from_float": "an integer",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "string_type": "text",
    "string_too_short": "text that is not empty",
    "string_too_long": "at most 64 characters",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "too_short": "a list that is not empty",
    "finite_number": "a finite number",
}

# What the patterns of texts mean.
_FORMS = {
    r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)?$": "owner/name (a Kaggle data set) or a competition's name",
    r"^https?://\S+$": "an address that begins with http:// or https://",
    r"^[0-9a-f]{64}$": "a SHA-256 (64 hex digits)",
    r"^[0-9a-f]{32}$": "an MD5 (32 hex digits)",
    r"^[a-z0-9_]+$": "small letters, digits and _",
    r"^[A-Za-z0-9_]+$": "letters, digits and _",
}


def explain(detail: Any, root: type[BaseModel]) -> str:
    """Turn one pydantic error of a value of class `root` into `key: expected ..., received ...`."""
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in detail["loc"]).lstrip(".")
    kind, context, received = detail["type"], detail.get("ctx", {}), detail.get("input")
    if kind == "extra_forbidden":
        near = get_close_matches(str(detail["loc"][-1]), _known_keys(detail["loc"][:-1], root), n=1)
        return f"{where}: unknown key" + (f"; did you mean {near[0]}?" if near else "; remove it")
    if kind == "missing":
        of_set = "the data set's file in conf/dataset (or -S) must give it"
        advice = of_set if detail["loc"][0] == "dataset" else "`make params` restores the default"
        return f"{where}: expected a value, received none; {advice}"
    if kind == "value_error":
        message = str(context["error"])
        if not where:  # of several keys together: the message names them
            return message
        tail = "" if isinstance(received, dict) or ", received " in message else f", received {received!r}"
        return f"{where}: expected {message}{tail}"
    if kind == "literal_error":
        near = get_close_matches(str(received), re.findall(r"'([^']*)'", context["expected"]), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return f"{where}: expected {context['expected']}, received {received!r}{hint}"
    if kind == "string_pattern_mismatch":
        form = _FORMS.get(context["pattern"], f"text of the form {context['pattern']}")
        return f"{where}: expected {form}, received {received!r}"
    expected = _EXPECTED.get(kind, "a number" if "than" in kind else detail["msg"])
    bounds = _bounds(detail["loc"], root) or ""
    if _is_count(detail["loc"], root):
        expected = "a whole number of 1 or more"
    if "than" in kind and _is_integer(detail["loc"], root):
        expected = "an integer"
    return f"{where}: expected {expected}{bounds}, received {received!r}"


def _section(loc: tuple[Any, ...], root: type[BaseModel]) -> type[BaseModel] | None:
    """Return the section class that a path of keys leads to."""
    found: Any = root
    for part in loc:
        field = found.model_fields.get(part) if isinstance(found, type) and issubclass(found, BaseModel) else None
        if field is None:
            return None
        found = field.annotation
    return found if isinstance(found, type) and issubclass(found, BaseModel) else None


def _is_integer(loc: tuple[Any, ...], root: type[BaseModel]) -> bool:
    section = _section(loc[:-1], root)
    field = section.model_fields.get(loc[-1]) if section else None
    return field is not None and int in (field.annotation, *get_args(field.annotation))


def _is_count(loc: tuple[Any, ...], root: type[BaseModel]) -> bool:
    """Tell whether a path leads to a value of a mapping that counts images."""
    section = _section(loc[:-2], root)
    field = section.model_fields.get(loc[-2]) if section and len(loc) > 1 else None
    return field is not None and any(
        get_origin(kind) is dict and int in get_args(get_args(kind)[1])
        for kind in (field.annotation, *get_args(field.annotation))
    )


def _known_keys(loc: tuple[Any, ...], root: type[BaseModel]) -> list[str]:
    section = _section(loc, root)
    return list(section.model_fields) if section else []


def _bounds(loc: tuple[Any, ...], root: type[BaseModel]) -> str:
    """Return the bounds of a numeric key, such as ` >= 1 and <= 4096`."""
    section = _section(loc[:-1], root)
    if section is None or loc[-1] not in section.model_fields:
        return ""
    field = section.model_fields[loc[-1]]
    metadata = list(field.metadata)
    if get_origin(field.annotation) in (Union, type(int | None)):
        metadata += [item for argument in get_args(field.annotation) for item in getattr(argument, "__metadata__", ())]
    found = []
    for item in metadata:
        for part in getattr(item, "metadata", None) or [item]:
            for name, sign in (("ge", ">="), ("gt", ">"), ("le", "<="), ("lt", "<")):
                if getattr(part, name, None) is not None:
                    found.append(f"{sign} {getattr(part, name)}")
    return " " + " and ".join(found) if found else ""
