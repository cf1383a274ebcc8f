"""A folder of outputs with a note of their checksums: what proves later that each is whole."""

import logging
from pathlib import Path

from chestbench.core.files import DamagedFile, read_json, set_aside, sha256_file, write_json

logger = logging.getLogger(__name__)


def seal(folder: Path, note: Path) -> None:
    """Write the checksums of the files in `folder` to `note`."""
    write_json(note, {path.name: sha256_file(path) for path in sorted(folder.iterdir()) if path.is_file()})


def is_whole(folder: Path, note: Path) -> bool:
    """Tell whether `folder` is there as it was sealed; a damaged one is set aside with a warning, and its note removed.

    One without a note was not sealed: its process died before it could be, and nothing is said.
    """
    if not folder.is_dir() or not note.exists():
        return False
    try:
        expected = read_json(note)
        if all(sha256_file(folder / name) == digest for name, digest in expected.items()):
            return True
    except (DamagedFile, FileNotFoundError):
        pass
    note.unlink()
    logger.warning(
        "outputs of a training that was through are damaged (a power cut or a full disk does that); they are set "
        "aside, and the training is done anew: %s",
        set_aside(folder),
    )
    return False
