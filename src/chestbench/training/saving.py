"""model.keras with the same bytes for the same weights: what keras writes, less the moment and the memory addresses."""

import json
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import keras

from chestbench.core.files import atomic_file
from chestbench.models.standardised import plain_copy

# The oldest date that a ZIP file can hold.
NO_DATE = (1980, 1, 1, 0, 0, 0)
METADATA, CONFIG = "metadata.json", "config.json"


def save_network(model: keras.Model, path: Path) -> None:
    """Write a network as model.keras: built-in layers only, so that it loads where chestbench is not installed.

    keras puts the time of saving and, where layers share an object, its address in memory into the file; both are
    replaced, so that equal networks have equal SHA-256. The file has its name when it is whole.

    Args:
        model: not compiled.
        path: file to write, ending in .keras; its folder exists.
    """
    with tempfile.TemporaryDirectory(prefix=".saving-", dir=path.parent) as temporary:
        raw = Path(temporary) / "model.keras"
        plain_copy(model).save(raw)
        with (
            atomic_file(path) as whole,
            zipfile.ZipFile(raw) as source,
            zipfile.ZipFile(whole, "w", allowZip64=True) as target,
        ):
            for name in sorted(source.namelist()):
                entry = zipfile.ZipInfo(name, NO_DATE)
                entry.compress_type = source.getinfo(name).compress_type
                if name in (METADATA, CONFIG):
                    target.writestr(entry, json.dumps(_without_the_moment(json.loads(source.read(name)), {})))
                else:
                    with source.open(name) as weights, target.open(entry, "w", force_zip64=True) as stream:
                        shutil.copyfileobj(weights, stream, 1 << 20)


def _without_the_moment(value: Any, seen: dict[int, int]) -> Any:
    """Return JSON content with a constant date, and shared objects numbered in the order in which they come."""
    if isinstance(value, list):
        return [_without_the_moment(item, seen) for item in value]
    if not isinstance(value, dict):
        return value
    changed: dict[str, Any] = {}
    for key, item in value.items():
        if key == "date_saved":
            changed[key] = "1980-01-01@00:00:00"
        elif key == "shared_object_id":
            changed[key] = seen.setdefault(item, len(seen) + 1)
        else:
            changed[key] = _without_the_moment(item, seen)
    return changed
