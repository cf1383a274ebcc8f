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

from chestbench.core.errors import ChestbenchError
from chestbench.models import networks
from chestbench.models.network import Network


def known_names() -> list[str]:
    """Return the names of all networks in alphabetical order; imports none of them.

    >>> [name for name in known_names() if name.startswith("resnet50")]
    ['resnet50', 'resnet50v2']
    """
    return sorted(found.name for found in pkgutil.iter_modules(networks.__path__))


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
    if name not in known_names():
        raise _unknown(name)
    file = Path(networks.__path__[0]) / f"{name}.py"
    try:
        module = importlib.import_module(f"{networks.__name__}.{name}")
    except Exception as error:
        raise ChestbenchError(
            f"{file}: expected a network that can be imported, received {type(error).__name__}: {error}"
            f"{_line_in(file, error)}; correct the file, or remove it"
        ) from error
    network = getattr(module, "NETWORK", None)
    if not isinstance(network, Network):
        received = "no NETWORK" if network is None else f"NETWORK of type {type(network).__name__}"
        raise ChestbenchError(
            f"{file}: expected the constant NETWORK of type chestbench.models.network.Network, received {received}; "
            "add `NETWORK = Network(...)` at the end of the file"
        )
    if network.name != name:
        raise ChestbenchError(
            f"{file}: expected NETWORK to have the name of its file, {name}, received {network.name}; "
            "rename one of them"
        )
    return network


def check_names(names: Iterable[str]) -> None:
    """Raise the `ChestbenchError` of `get` for the first name that is not a network."""
    for name in names:
        get(name)


def _unknown(name: str) -> ChestbenchError:
    known = known_names()
    near = difflib.get_close_matches(str(name).lower(), known, n=2, cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    return ChestbenchError(
        f"model.variants: expected a network of the registry, received {name!r}; {hint}Known: {', '.join(known)}"
    )


def _line_in(file: Path, error: Exception) -> str:
    """Return where in the file an import failed, in words; a `SyntaxError` says so itself."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == file]
    return f" (line {lines[-1]})" if lines else ""
