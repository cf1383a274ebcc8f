"""DVC's notes of what it ran, after a process that died while it wrote one: passed over instead of an error for ever.

The run cache has a folder for each run of a stage, in which DVC writes a note under a temporary name and renames it. It
reads the newest file there. A kill in between leaves a folder without a file, and every later `dvc repro` ends with
"join() argument must be str, bytes, or os.PathLike object, not 'NoneType'"; or a temporary file that is cut short, and
DVC would take the outputs that it still names for all that the stage has.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch


@contextmanager
def whole_notes() -> Iterator[None]:
    """Make DVC, in this process, read only notes of the run cache that are whole: their name is their hash."""
    from dvc.stage import cache

    def load(self: Any, stage: Any) -> dict[str, Any] | None:
        key = cache._get_stage_hash(stage)
        if not key or not (folder := Path(self._get_cache_dir(key))).is_dir():
            return None
        for name in _newest_first(folder):
            note: dict[str, Any] | None = self._load_cache(key, name)
            if note and cache._get_cache_hash(note) == name:
                return note
        return None

    with patch.object(cache.StageCache, "_load", load):
        yield


def _newest_first(folder: Path) -> list[str]:
    # A SHA-256: temporary names end otherwise.
    paths = [path for path in folder.iterdir() if len(path.name) == 64 and path.is_file()]
    return [path.name for path in sorted(paths, key=lambda path: path.stat().st_mtime, reverse=True)]
