"""Memory that a training step gives back and takes again a moment later: kept by the process, on a CPU with glibc.

glibc returns a large block to the system as soon as it is free. A training on a CPU frees and takes gigabytes in every
step, so the system clears page after page anew: hundreds of thousands of page faults a second, and up to a third of the
processors' time (docs/reference/speed.md has the figures).
"""

import ctypes
import os
from pathlib import Path

# <malloc.h>: what mallopt(3) is told by.
_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8
_NEVER = 2**31 - 1
_OF_ONES_OWN = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_MAX_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_ARENA_MAX")
_GPU_DRIVER = Path("/dev/nvidiactl")


def keep_memory() -> bool:
    """Have this process keep what it frees (up to 2 GiB at the end of its heap) for what it takes next.

    Call it before the backend starts its threads. Nothing is changed beside a GPU, where activations lie in the card's
    memory, where the C library has no `mallopt` (macOS, musl), nor where the environment holds settings of one's own
    (`MALLOC_ARENA_MAX`, `GLIBC_TUNABLES` and others, see mallopt(3)).

    Returns:
        Whether it will.
    """
    chosen = any(name in os.environ for name in _OF_ONES_OWN) or "glibc.malloc" in os.environ.get("GLIBC_TUNABLES", "")
    if chosen or _GPU_DRIVER.exists():
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None or not hasattr(ctypes.CDLL(None), "gnu_get_libc_version"):
        return False
    # One heap for all threads: the others cannot hold a block of more than 64 MiB, and give each of theirs back whole.
    settings = ((_MMAP_MAX, 0), (_TRIM_THRESHOLD, _NEVER), (_ARENA_MAX, 1))
    return all([bool(mallopt(parameter, value)) for parameter, value in settings])
