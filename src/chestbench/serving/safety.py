"""A model file from elsewhere is looked at before keras loads it: what it is made of, and that none of it runs code.

keras' own `safe_mode` refuses lambdas; a configuration can also name functions of any module by their path. Here only
what keras itself provides as layers, initialisers, regularisers, constraints and operations passes.
"""

import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from chestbench.core.errors import ChestbenchError

_MODULES = (
    *("keras", "keras.layers", "keras.initializers", "keras.regularizers", "keras.constraints", "keras.activations"),
    *("keras.models", "keras.src.models.functional", "keras.src.models.sequential", "keras.src.models.model"),
)
_OPERATIONS = "keras.src.ops."
# Layers that call what a file names, or load a further file.
_RUNS_CODE = frozenset({"Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer", "FunctionWrapper"})
_MOST_CONFIG = 64 << 20
MEMBERS = {"metadata.json", "config.json", "model.weights.h5"}


def check_model_file(path: Path) -> None:
    """Refuse a model file that is none of keras, or that could run code.

    Raises:
        ChestbenchError: one sentence.
    """
    with path.open("rb") as stream:
        start = stream.read(8)
    if start.startswith(b"\x89HDF"):
        raise _refused(path, "an HDF5 file of an older Keras, which may hold code")
    try:
        with zipfile.ZipFile(path) as whole:
            names = {info.filename for info in whole.infolist()}
            if "config.json" not in names:
                raise _refused(path, "a zip without config.json")
            if odd := sorted(name for name in names - MEMBERS if not name.startswith("assets/")):
                raise _refused(path, f"one that also holds {odd[0]!r}")
            if whole.getinfo("config.json").file_size > _MOST_CONFIG:
                raise _refused(path, "a config.json of more than 64 MiB")
            config = json.loads(whole.read("config.json"))
    except (ValueError, OSError, EOFError, NotImplementedError, RuntimeError, zlib.error, zipfile.BadZipFile) as error:
        raise _refused(path, f"one that is damaged or of another kind ({type(error).__name__})") from None
    try:
        found = list(_objects(config))
    except RecursionError:
        raise _refused(path, "a configuration without an end") from None
    for module, name, registered in found:
        if name in _RUNS_CODE or name in ("function", "__lambda__"):
            raise _refused(path, f"{name!r}, which runs code of the file's author")
        if name.startswith("__"):  # tensors, shapes and dtypes
            continue
        if not (module in _MODULES or module.startswith(_OPERATIONS)):
            raise _refused(path, f"{name!r} of the module {module!r}")
        if registered not in ("", name):
            raise _refused(path, f"{registered!r}, an object of the file's author")


def _objects(value: Any) -> Iterator[tuple[str, str, str]]:
    """Yield module, class and registered name of all that a configuration names."""
    if isinstance(value, Mapping):
        if "class_name" in value:
            yield str(value.get("module") or ""), str(value["class_name"]), str(value.get("registered_name") or "")
        for part in value.values():
            yield from _objects(part)
    elif isinstance(value, list):
        for part in value:
            yield from _objects(part)


def _refused(path: Path, what: str) -> ChestbenchError:
    return ChestbenchError(
        f"{path}: expected a model.keras of built-in Keras layers, received {what}; take one that this project wrote"
    )
