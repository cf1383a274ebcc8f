"""The name of one training: a hash of everything that decides its outcome."""

import os
from pathlib import Path
from typing import Any

from chestbench.core.code import deciding_code_sha256
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
            "code": deciding_code_sha256(["chestbench.training.session"], model),
        }
    )


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
