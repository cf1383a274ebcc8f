"""`chestbench repro`: `dvc repro`, with the parameters checked first and dvc.lock written whole or not at all."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

from chestbench.cli.dvc_run_cache import whole_notes
from chestbench.cli.dvc_words import translated
from chestbench.cli.killed_run import mend_git
from chestbench.core.config import load_config
from chestbench.core.dvc_busy import refuse_beside_another
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import write_bytes
from chestbench.models.registry import check_names


def main(arguments: list[str]) -> int:
    """Run `dvc repro ARGUMENTS` in the repository that is the current folder; return its exit status.

    Raises:
        ChestbenchError: not the root of the repository, or wrong parameters: DVC would remove the old outputs of a
            stage before the stage could refuse them. Or another DVC is at work here.
    """
    require_root()
    if told := refuse_beside_another(Path.cwd()):
        print(told, file=sys.stderr)
    for told in mend_git(Path.cwd()):
        print(told, file=sys.stderr)
    check_names(load_config(Path("params.yaml")).model.variants)
    # Takes a second.
    from dvc.cli import main as dvc

    with whole_files(), translated("repro"):
        return dvc(["repro", *arguments])


def require_root() -> None:
    """Refuse any other current folder than the root of the repository."""
    if not Path("dvc.yaml").is_file() or not Path(".dvc").is_dir():
        raise ChestbenchError(
            f"{Path.cwd()}: expected the root of the repository, found no dvc.yaml beside .dvc; cd there"
        )


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
