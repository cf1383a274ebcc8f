"""A registry: the files of a package, each of which defines one entry; only the one asked for is imported.

No list names them and nothing here imports one by name in its text, so that a stage depends on the entry that it runs
and on no other. Needs no keras.
"""

import difflib
import importlib
import pkgutil
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Generic, Protocol, TypeVar

from chestbench.core.errors import ChestbenchError


class Named(Protocol):
    """What every entry of a registry has."""

    @property
    def name(self) -> str:
        """What users type."""


Entry = TypeVar("Entry", bound=Named)


@dataclass(frozen=True)
class Entries(Generic[Entry]):
    """The entries that the files of a package define.

    Attributes:
        package: whose files are the entries.
        kind: of an entry; it has a `name`, which is that of its file.
        constant: what a file calls its entry.
        word: what an entry is, for messages.
        key: of params.yaml, that names entries.
    """

    package: ModuleType
    kind: type[Entry]
    constant: str
    word: str
    key: str

    def known_names(self) -> list[str]:
        """Return the names of all entries in alphabetical order; imports none of them."""
        return sorted(found.name for found in pkgutil.iter_modules(self.package.__path__))

    def get(self, name: str) -> Entry:
        """Return one entry.

        Args:
            name: of its file.

        Raises:
            ChestbenchError: there is no such file (the nearest names are given), it cannot be imported, or defines no
                such constant of that name.
        """
        package, kind, constant, word = self.package, self.kind, self.constant, self.word
        if name not in self.known_names():
            raise self._unknown(name)
        file = Path(package.__path__[0]) / f"{name}.py"
        try:
            module = importlib.import_module(f"{package.__name__}.{name}")
        except Exception as error:
            raise ChestbenchError(
                f"{file}: expected a {word} that can be imported, received {type(error).__name__}: {error}"
                f"{_line_in(file, error)}; correct the file, or remove it"
            ) from error
        found = getattr(module, constant, None)
        if not isinstance(found, kind):
            received = f"no {constant}" if found is None else f"{constant} of type {type(found).__name__}"
            raise ChestbenchError(
                f"{file}: expected the constant {constant} of type {kind.__module__}.{kind.__name__}, received "
                f"{received}; add `{constant} = {kind.__name__}(...)` at the end of the file"
            )
        if found.name != name:
            raise ChestbenchError(
                f"{file}: expected {constant} to have the name of its file, {name}, received {found.name}; "
                "rename one of them"
            )
        return found

    def check_names(self, names: Iterable[str]) -> None:
        """Raise the `ChestbenchError` of `get` for the first name that is none of them."""
        for name in names:
            self.get(name)

    def _unknown(self, name: str) -> ChestbenchError:
        known = self.known_names()
        near = difflib.get_close_matches(str(name).lower(), known, n=2, cutoff=0.4)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        return ChestbenchError(
            f"{self.key}: expected a {self.word} of the registry, received {name!r}; {hint}Known: {', '.join(known)}"
        )


def _line_in(file: Path, error: Exception) -> str:
    """Return where in the file an import failed, in words; a `SyntaxError` says so itself."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == file]
    return f" (line {lines[-1]})" if lines else ""
