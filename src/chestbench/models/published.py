"""Where keras.applications publishes its ImageNet files, read from the installed library without importing it."""

import ast
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chestbench.core.errors import ChestbenchError


@dataclass(frozen=True)
class PublishedWeights:
    """An ImageNet weights file of a network's body.

    Attributes:
        file: file name, as published.
        url: where it is published.
        md5: its published checksum, 32 hex digits, or None where none is published.
        check: `check(path)` raises `ValueError` unless the file has the names and shapes that it should; what a file
            without a published checksum is judged by. Needs no keras.
    """

    file: str
    url: str
    md5: str | None
    check: Callable[[Path], None] | None = None


def library_constants(module: str) -> dict[str, Any]:
    """Return the literal constants at the top of `keras.applications.<module>`.

    The source is parsed, not imported: importing keras starts its backend, which takes seconds, and the weights stage
    has no other use for it.

    Raises:
        ChestbenchError: keras is not installed, or has no such file.
    """
    spec = importlib.util.find_spec("keras")
    places = (spec.submodule_search_locations or []) if spec else []
    for place in places:
        source = Path(place) / "src" / "applications" / f"{module}.py"
        if source.is_file():
            return _literals(ast.parse(source.read_text(encoding="utf-8")))
    raise ChestbenchError(
        f"expected keras 3 with applications/{module}.py to be installed, found none; run `make setup`"
    )


def _literals(tree: ast.Module) -> dict[str, Any]:
    found = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            try:
                found[statement.targets[0].id] = ast.literal_eval(statement.value)
            except ValueError:  # not a literal: not one of the constants that are looked for
                continue
    return found
