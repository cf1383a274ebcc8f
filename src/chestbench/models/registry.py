"""Every network by name: the files of `chestbench.models.networks`, of which only the one asked for is imported.

No list names them and nothing here imports one by name in its text, so that a stage depends on the network that it
runs and on no other. Needs no keras. How to add a network: docs/how-to.md.
"""

import difflib
import importlib
import pkgutil
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Protocol, TypeVar

from chestbench.core.errors import ChestbenchError
from chestbench.models import networks
from chestbench.models.network import Network


class Named(Protocol):
    """What every entry of a registry has."""

    @property
    def name(self) -> str:
        """What users type."""


Entry = TypeVar("Entry", bound=Named)


def known_names() -> list[str]:
    """Return the names of all networks in alphabetical order; imports none of them.

    >>> [name for name in known_names() if name.startswith("resnet50")]
    ['resnet50', 'resnet50v2']
    """
    return file_names(networks)


def get(name: str) -> Network:
    """Return the entry of one network.

    >>> get("resnet50v2").image_size
    224

    Args:
        name: of a file in `chestbench.models.networks`.

    Raises:
        ChestbenchError: there is no such network (the nearest names are given), its file cannot be imported, or
            defines no `NETWORK` of that name.
    """
    return entry(networks, name, Network, "NETWORK", "network", "model.variants")


def check_names(names: Iterable[str]) -> None:
    """Raise the `ChestbenchError` of `get` for the first name that is not a network."""
    for name in names:
        get(name)


def file_names(package: ModuleType) -> list[str]:
    """Return the names of the files of a package in alphabetical order; imports none of them."""
    return sorted(found.name for found in pkgutil.iter_modules(package.__path__))


def entry(package: ModuleType, name: str, kind: type[Entry], constant: str, word: str, key: str) -> Entry:
    """Return the entry that one file of a package defines.

    Args:
        package: whose files are the entries.
        name: of the file.
        kind: of the entry; it has a `name`, which is that of its file.
        constant: what the file calls it.
        word: what an entry is, for messages.
        key: of params.yaml, that names entries.

    Raises:
        ChestbenchError: there is no such file (the nearest names are given), it cannot be imported, or defines no such
            constant of that name.
    """
    if name not in file_names(package):
        raise _unknown(name, file_names(package), word, key)
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
            f"{file}: expected the constant {constant} of type {kind.__module__}.{kind.__name__}, received {received}; "
            f"add `{constant} = {kind.__name__}(...)` at the end of the file"
        )
    if found.name != name:
        raise ChestbenchError(
            f"{file}: expected {constant} to have the name of its file, {name}, received {found.name}; "
            "rename one of them"
        )
    return found


def _unknown(name: str, known: list[str], word: str, key: str) -> ChestbenchError:
    near = difflib.get_close_matches(str(name).lower(), known, n=2, cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    return ChestbenchError(
        f"{key}: expected a {word} of the registry, received {name!r}; {hint}Known: {', '.join(known)}"
    )


def _line_in(file: Path, error: Exception) -> str:
    """Return where in the file an import failed, in words; a `SyntaxError` says so itself."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == file]
    return f" (line {lines[-1]})" if lines else ""
