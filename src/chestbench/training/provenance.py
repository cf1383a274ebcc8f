"""Where a training ran: versions of the packages, Git revision. Described beside the result, never part of it."""

import importlib.metadata
import platform
import subprocess


def versions(backend: str) -> dict[str, str]:
    """Return the versions of Python and of the packages that decide the numbers."""
    packages = ("keras", backend, "numpy", "opencv-python-headless")
    return {"python": platform.python_version(), **{name: importlib.metadata.version(name) for name in packages}}


def git_state() -> dict[str, str]:
    """Return git_revision (40 hex digits) and git_dirty (true or false: code or parameters differ from it).

    Nothing outside of a Git repository.
    """
    revision = _git("rev-parse", "HEAD")
    if not revision:
        return {}
    changed = _git("status", "--porcelain", "--", "src", "stages", "conf", "params.yaml", "dvc.yaml")
    return {"git_revision": revision, "git_dirty": str(bool(changed)).lower()}


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
