"""The name of one training: a hash of everything that decides its outcome."""

import hashlib
import os
import sys
from pathlib import Path
from typing import Any

from chestbench.core.files import sha256_json


def run_key(
    *, model: str, data_sha256: str, indices_sha256: str, weights_sha256: str | None, parameters: dict[str, Any]
) -> str:
    """Return 64 hex digits: the same for the same data, order, weights, parameters and code, whatever the machine.

    A training that was killed is found again by it, and so is its run in MLflow.
    """
    return sha256_json(
        {
            "model": model,
            "data_sha256": data_sha256,
            "indices_sha256": indices_sha256,
            "weights_sha256": weights_sha256,
            "parameters": parameters,
            "code": code_sha256(),
        }
    )


# These report a training and do not decide it: an edit there must not orphan a half-finished one.
_REPORTING = ("chestbench.tracking", "chestbench.evaluation", "chestbench.core.stage", "chestbench.core.progress")


def code_sha256() -> str:
    """Return the hash of the sources of the loaded modules of chestbench, but those that only report."""
    sources = {}
    for name, module in sorted(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if name.split(".")[0] == "chestbench" and path and not name.startswith(_REPORTING):
            sources[name] = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    return sha256_json(sources)


def checkpoint_folder(key: str) -> Path:
    """Return where a training's state is kept: the main repository, which outlives a queued experiment's folder."""
    return Path(os.environ.get("DVC_ROOT") or Path.cwd()) / ".dvc" / "tmp" / "training" / key


def flatten(nested: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return `{"a": {"b": 1}}` as `{"a.b": 1}`."""
    flat: dict[str, Any] = {}
    for key, value in nested.items():
        if isinstance(value, dict):
            flat.update(flatten(value, f"{prefix}{key}."))
        else:
            flat[prefix + key] = value
    return flat
