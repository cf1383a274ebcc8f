"""DVC's YAML files written whole or not at all, and its torn notes passed over."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

from chestbench.core.files import write_bytes
from chestbench.repository.dvc_run_cache import whole_notes


@contextmanager
def whole_files() -> Iterator[None]:
    """Make DVC, in this process, write its YAML files under another name and rename them, and pass over torn notes."""
    from dvc.utils.serialize import _common, _yaml

    plain = _common._dump_data

    def dump(path: Any, data: Any, dumper: Callable[..., Any], fs: Any = None, **options: Any) -> None:
        if fs is not None and getattr(fs, "protocol", "") not in ("local", "file"):
            plain(path, data, dumper, fs=fs, **options)
            return
        text = StringIO()
        dumper(data, text, **options)
        write_bytes(Path(os.fspath(path)), text.getvalue().encode("utf-8"))

    with patch.object(_common, "_dump_data", dump), patch.object(_yaml, "_dump_data", dump), whole_notes():
        yield
