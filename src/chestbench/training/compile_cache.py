"""Compiled code that outlives its process: a further seed, an evaluation or a resumed training starts warm.

JAX and PyTorch (TorchInductor) keep what they compile in `.dvc/tmp/compile`. It may be deleted at any time: it is
compiled again. TensorFlow keeps nothing of what it traces. `XLA_FLAGS`, versions and the program are part of what an
entry is found by, so that no training is given another one's code.
"""

import contextlib
import hashlib
import logging
import os
import platform
import tempfile
from pathlib import Path

from chestbench.training.device import cpu_name

logger = logging.getLogger(__name__)

FOLDER = Path(".dvc/tmp/compile")
MOST_BYTES = 2 << 30
# After a sweep, so that the next process need not sweep again.
KEPT_SHARE = 0.75


def keep_compiled(backend: str, root: Path | None = None, most_bytes: int = MOST_BYTES) -> Path | None:
    """Let the backend keep what it compiles; call it after `select_backend`, before anything is compiled.

    Args:
        backend: tensorflow, jax or torch.
        root: of the repository; DVC_ROOT or the current folder by default.
        most_bytes: of all entries together, older ones being removed here, when a process starts.

    Returns:
        The folder; None where nothing is kept: with TensorFlow, outside a repository, where it cannot be written.
    """
    root = root or Path(os.environ.get("DVC_ROOT") or Path.cwd())
    if backend == "tensorflow" or not (root / ".dvc").is_dir():
        return None
    # Code for a processor of one kind ends a process on another; a repository may lie on a shared disk.
    processor = hashlib.sha256(f"{platform.machine()} {cpu_name()}".encode()).hexdigest()[:12]
    folder = (root / FOLDER / f"{backend}-{processor}").absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        logger.info("compiled code is not kept: %s cannot be written (%s)", folder, error.strerror)
        return None
    sweep(root / FOLDER, most_bytes)
    folder.mkdir(parents=True, exist_ok=True)
    {"jax": _jax, "torch": _torch}[backend](folder)
    return folder


def sweep(folder: Path, most_bytes: int) -> int:
    """Remove the oldest files where all together are larger than `most_bytes`; return how many bytes are left."""
    found = []
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):  # another process sweeps too
            status = path.lstat()
            if path.is_file():
                found.append((status.st_mtime_ns, str(path), status.st_size))
    left = sum(size for *_, size in found)
    if left <= most_bytes:
        return left
    for _, name, size in sorted(found):
        if left <= KEPT_SHARE * most_bytes:
            break
        with contextlib.suppress(OSError):
            Path(name).unlink()
        left -= size
    return left


def _jax(folder: Path) -> None:
    import jax

    jax.config.update("jax_compilation_cache_dir", str(folder))
    # Hundreds of small functions make up a start as well.
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.02)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    # JAX's own bound locks the folder and reads all of it with every entry.
    jax.config.update("jax_compilation_cache_max_size", -1)


def _torch(folder: Path) -> None:
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(folder))
    os.environ.setdefault("TRITON_CACHE_DIR", str(folder / "triton"))
