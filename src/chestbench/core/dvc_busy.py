"""Another DVC at work in the same folder: said in a clear word before anything starts; what a dead one left is removed.

DVC notes in .dvc/tmp/rwlock which process works on which paths. It empties the file before it writes it, so that a
kill in that moment makes every later command end with "JSON structure is corrupted"; and after a power cut a number in
it may be another program's.
"""

import json
import os
import time
from pathlib import Path
from typing import Any

from chestbench.core.errors import ChestbenchError
from chestbench.core.one_at_a_time import STAGES, refuse_beside

RWLOCK = Path(".dvc/tmp/rwlock")
# DVC writes the file within milliseconds.
_STILL_WRITTEN_SECONDS = 1.0


def refuse_beside_another(root: Path) -> str | None:
    """Refuse where another DVC, or a stage that outlived its own, writes here; remove what a dead one left.

    Args:
        root: the repository.

    Returns:
        What was removed, a sentence; None where there was nothing to remove.

    Raises:
        ChestbenchError: which process is at work, and what to do.
    """
    path = root / RWLOCK
    held = _read(path)
    if held is None:
        refuse_beside(root / STAGES)
        return _remove(path, "was cut short (a process died while DVC wrote it)")
    holders = [entry for entry in held if entry[0] != os.getpid()]
    for number, command in holders:
        if _is_dvc(number):
            raise ChestbenchError(
                f"expected to be the only DVC at work in this folder, but process {number} ({command}) is: wait for "
                f"it, or end it with `kill {number}`; several experiments go one after the other with "
                "`dvc exp run --queue -S ...` and `dvc queue start`"
            )
    # Before DVC removes the outputs that such a stage is writing.
    refuse_beside(root / STAGES)
    return _remove(path, "named processes that are no DVC any more") if holders else None


def _read(path: Path) -> list[tuple[int, str]] | None:
    """Return (process, command) of each holder; None for a file that stays damaged."""
    until = time.monotonic() + _STILL_WRITTEN_SECONDS
    while True:
        try:
            return [(int(entry["pid"]), str(entry["cmd"])) for entry in _entries(json.loads(path.read_bytes()))]
        except FileNotFoundError:
            return []
        except (ValueError, KeyError, TypeError, AttributeError):
            if time.monotonic() > until:
                return None
            time.sleep(0.1)


def _entries(content: dict[str, Any]) -> list[dict[str, Any]]:
    readers = [entry for entries in content.get("read", {}).values() for entry in entries]
    return [*content.get("write", {}).values(), *readers]


def _is_dvc(number: int) -> bool:
    """Tell whether a process lives and, where the system says what it runs, is DVC."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        pass
    try:
        command = Path(f"/proc/{number}/cmdline").read_bytes()
    except OSError:
        return True
    return b"dvc" in command or b"chestbench" in command


def _remove(path: Path, why: str) -> str | None:
    # Takes a moment, and is rarely needed.
    from dvc.lock import LockError, make_lock

    try:
        with make_lock(str(path.with_name("rwlock.lock"))):
            path.unlink(missing_ok=True)
    except LockError:  # DVC is writing it
        return None
    return f"{RWLOCK} {why}: it is removed"
