"""Runs a module, as somebody else where told to, and writes down how large the process grew: PEAK USER MODULE ..."""

import codecs
import importlib
import os
import resource
import runpy
import sys
from pathlib import Path


def main(peak: str, user: str, module: str, *arguments: str) -> None:
    """Be `python -m MODULE ARGUMENTS`.

    Args:
        peak: file for the most that it held, in units of the system's getrusage.
        user: number of whose rights it has; empty: as it is.
        module: to run.
        arguments: its own.
    """
    sys.path[0] = str(Path.cwd())
    if user:
        # What it imports lies where somebody else may not look.
        importlib.import_module(module)
        del sys.modules[module]  # or runpy warns of it
        for name in ("cp437", "cp949", "utf-16"):
            codecs.lookup(name)
        os.setuid(int(user))
    sys.argv = [module, *arguments]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        Path(peak).write_text(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))


if __name__ == "__main__":
    main(*sys.argv[1:])
