"""Versions that must be the same on every machine of a grid: its figures are put side by side."""

import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import sha256_file, sha256_json

# What computes, and what the grid itself speaks through.
_PACKAGES = ("keras", "tensorflow", "jax", "torch", "numpy", "opencv-python-headless", "scikit-learn", "dvc", "mlflow")


@dataclass(frozen=True)
class Surroundings:
    """Versions by name; a package that is not installed is not among them."""

    versions: tuple[tuple[str, str], ...]


def surroundings() -> Surroundings:
    """Return those of this process."""
    found = [("Python", ".".join(platform.python_version_tuple()[:2]))]
    for name in _PACKAGES:
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            continue
    # Head and machines speak through it.
    code = {path.name: sha256_file(path) for path in sorted(Path(__file__).parent.glob("*.py"))}
    return Surroundings((*found, ("chestbench.grid", sha256_json(code)[:8])))


def refuse_other(wanted: Surroundings) -> None:
    """Refuse a machine whose versions are not those of the head.

    Raises:
        ChestbenchError: which differ, and what to do.
    """
    here, there = dict(surroundings().versions), dict(wanted.versions)
    names = [name for name in {**there, **here} if here.get(name) != there.get(name)]
    if names:
        expected = ", ".join(f"{name} {there.get(name, 'not installed')}" for name in names)
        received = ", ".join(f"{name} {here.get(name, 'not installed')}" for name in names)
        raise ChestbenchError(
            f"expected the versions of the machine that the grid was started on, {expected}, received {received} on "
            f"{platform.node()}; set the same repository up there (`make setup`), and start Ray's node with its Python"
        )
