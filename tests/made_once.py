"""What takes long to make and is never changed: made by the first worker of the suite that needs it, for all."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Path]) -> Path:
    """Return what `make` returned, to whichever worker ran it first; the others wait for that one.

    Args:
        factory: whose base folder holds those of all workers; pytest removes it as it does theirs.
        name: of the folder, one for each thing that is made.
        make: makes it in the empty folder that it is given, and returns a path in there. Where it fails, so does the
            test of this worker, and the next one tries anew.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return make(factory.mktemp(name))
    base = factory.getbasetemp().parent
    with open(base / f"{name}.lock", "a+", encoding="utf-8") as note:
        fcntl.flock(note, fcntl.LOCK_EX)  # until it is closed, also by the end of the process
        note.seek(0)
        if not (found := note.read()):
            folder = base / f"{name} of {os.environ['PYTEST_XDIST_WORKER']} {len(list(base.glob(f'{name} of *')))}"
            folder.mkdir()
            found = str(make(folder))
            note.write(found)
    return Path(found)
