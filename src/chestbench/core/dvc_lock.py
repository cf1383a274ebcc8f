"""dvc.lock after a process that died while DVC wrote it: recognised, and brought back from a copy.

DVC empties dvc.lock before it writes it anew. A kill in that moment leaves it empty or cut short, and every DVC command
then says only that its validation failed. Each stage keeps a copy when it starts, for then DVC is not writing.
"""

import logging
import os
import subprocess
from pathlib import Path
from typing import Any

from chestbench.core.files import write_bytes

logger = logging.getLogger(__name__)

LOCK = "dvc.lock"
COPY = Path(".dvc/tmp/chestbench") / LOCK
_TORN = "torn"


def noted_hashes(root: Path) -> set[str]:
    """Return the hashes of all outputs that `root`/dvc.lock names; none where it is absent or torn."""
    try:
        stages = _read((root / LOCK).read_bytes())["stages"].values()
        return {str(out["md5"]) for stage in stages for out in stage.get("outs", []) if "md5" in out}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return set()


def is_whole(content: bytes) -> bool:
    """Tell whether a dvc.lock is one that DVC can read: YAML with its schema and complete stages.

    One that is cut just behind a stage, or within its parameters, passes: DVC reads it as a pipeline of which less has
    run, and takes the rest from the run cache.
    """
    try:
        found = _read(content)
    except ValueError:
        return False
    if not isinstance(found, dict) or found.get("schema") != "2.0" or not isinstance(found.get("stages"), dict):
        return False
    return content.endswith(b"\n") and all(_is_stage(stage) for stage in found["stages"].values())


def _read(content: bytes) -> Any:
    """Return what a YAML file holds; ValueError where it is none."""
    # Takes a while, and `chestbench --help` must not wait.
    import yaml

    try:
        # The C reader takes a tenth of the time.
        return yaml.load(content.decode("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None


def _is_stage(stage: object) -> bool:
    if not isinstance(stage, dict) or "cmd" not in stage:
        return False
    entries = [entry for key in ("deps", "outs") for entry in stage.get(key) or []]
    return all(isinstance(entry, dict) and "path" in entry and _has_hash(entry) for entry in entries)


def _has_hash(entry: dict[str, object]) -> bool:
    return "size" in entry and any(str(key) in ("md5", "etag", "checksum") for key in entry)


def keep_copy(root: Path) -> None:
    """Copy `root`/dvc.lock to COPY where it is whole and not the same; never an error: it is a safety net."""
    try:
        content = (root / LOCK).read_bytes()
        copy = root / COPY
        if not (copy.is_file() and copy.read_bytes() == content) and is_whole(content):
            write_bytes(copy, content)
    except OSError as error:
        logger.debug("no copy of %s was kept: %s", LOCK, error)


def mend(root: Path) -> str | None:
    """Bring back a dvc.lock that is empty or torn: from the copy of the last stage, else from Git.

    Args:
        root: the repository.

    Returns:
        What was done, a sentence; None where dvc.lock is whole or absent, or DVC is at work and may be writing it.
    """
    path = root / LOCK
    if not path.is_file() or is_whole(path.read_bytes()):
        return None
    # Takes a moment, and is rarely needed.
    from dvc.lock import LockError, make_lock

    own_lock = root / ".dvc/tmp/lock"
    own_lock.parent.mkdir(parents=True, exist_ok=True)
    try:
        with make_lock(str(own_lock)):
            return None if is_whole(content := path.read_bytes()) else _bring_back(root, path, content)
    except LockError:
        return None


def _bring_back(root: Path, path: Path, content: bytes) -> str:
    copy = root / COPY
    kept = copy.read_bytes() if copy.is_file() else b""
    found, origin = (kept, "the copy of the last stage that started") if is_whole(kept) else (b"", "")
    if not found:
        shown = subprocess.run(["git", "show", f"HEAD:./{LOCK}"], cwd=root, capture_output=True, check=False)
        if shown.returncode == 0 and is_whole(shown.stdout):
            found, origin = shown.stdout, "the last commit"
    aside = root / COPY.parent / f"{LOCK}.{_TORN}"
    aside.parent.mkdir(parents=True, exist_ok=True)
    os.replace(path, aside)
    what = "empty" if not content.strip() else "cut short"
    if not found:
        return (
            f"{LOCK} was {what} (a process died while DVC wrote it) and there is no copy of it: it is moved to "
            f"{aside.relative_to(root)}, and DVC writes it anew; what the run cache holds is not run again"
        )
    write_bytes(path, found)
    return (
        f"{LOCK} was {what} (a process died while DVC wrote it): it is brought back from {origin}; "
        "what was finished since then comes from the run cache"
    )
