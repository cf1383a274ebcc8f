"""What every stage's command line shares: arguments, parameters, logging, errors and the closing summary."""

import argparse
import errno
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chestbench.core.errors import ChestbenchError

# `dvc exp run -S` writes its values into params.yaml before any stage runs, and they stay when it fails.
_STAYS = "{params} still holds this value: run `dvc exp run -S ...` with another, or `make params` for the defaults"

logger = logging.getLogger("chestbench.core.stage")


def run_stage(
    work: Callable[[Any, argparse.Namespace], str],
    description: str,
    per_model: bool = False,
    per_set: bool = False,
    reads_parameters: bool = True,
) -> None:
    """Run one stage as a program and exit: 0 when `work` is done, 1 on an error, 130 on Ctrl-C.

    Args:
        work: `work(config, arguments)` does the stage's work in the current folder and returns what it wrote and the
            figures that matter, one or a few lines. `ChestbenchError` and a full disk become one line on stderr without
            a traceback.
        description: the stage file's docstring, shown by `--help`.
        per_model: whether the stage is run once per network, and takes `--model`.
        per_set: whether it is run once per set of evaluate.external, and takes `--set`.
        reads_parameters: whether `config` is the `Config` of params.yaml; None otherwise.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--params", type=Path, default=Path("params.yaml"), help="parameters file (params.yaml)")
    if per_model:
        parser.add_argument("--model", required=True, help="network, one of model.variants in params.yaml")
    if per_set:
        parser.add_argument("--set", required=True, help="name of a set in evaluate.external of params.yaml")
    arguments = parser.parse_args()
    runs_of = [*([arguments.model] if per_model else []), *([arguments.set] if per_set else [])]
    stage = Path(sys.argv[0]).stem + (f"@{','.join(runs_of)}" if runs_of else "")
    logging.basicConfig(level=logging.INFO, format=f"{stage}: %(message)s", stream=sys.stderr)
    for noisy in ("mlflow", "alembic", "matplotlib", "git", "absl"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    started = time.monotonic()
    try:
        summary = work(_parameters(arguments.params) if reads_parameters else None, arguments)
    except ChestbenchError as error:
        if stage == "check":
            error = ChestbenchError(f"{error}\n{_STAYS.format(params=arguments.params)}")
        sys.exit(_failed(stage, str(error)))
    except FileNotFoundError as error:
        if error.filename is None or Path(error.filename).is_absolute():
            raise
        sys.exit(
            _failed(stage, f"{error.filename}: expected the output of an earlier stage, found none; run `dvc repro`")
        )
    except OSError as error:
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            sys.exit(
                _failed(stage, f"{error.filename}: expected a place that can be written, received: {error.strerror}")
            )
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        sys.exit(
            _failed(
                stage,
                f"no space left on the disk ({error}); free some and run the same command again, nothing is lost",
            )
        )
    except KeyboardInterrupt:
        _failed(stage, "interrupted; run the same command again to go on")
        sys.exit(130)
    for line in summary.splitlines():
        print(f"{stage}: {line}")
    print(f"{stage}: done in {time.monotonic() - started:.1f} s", flush=True)


def _parameters(path: Path) -> Any:
    # Takes a quarter of a second, for which stages without parameters do not wait.
    from chestbench.core.config import load_config

    return load_config(path)


def _failed(stage: str, message: str) -> int:
    print("\n".join(f"{stage}: error: {line}" for line in message.splitlines()), file=sys.stderr, flush=True)
    return 1
