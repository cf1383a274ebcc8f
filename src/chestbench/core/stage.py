"""What every stage's command line shares: arguments, parameters, logging, errors and the closing summary."""

import argparse
import errno
import logging
import os
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from chestbench.core.dvc_lock import keep_copy
from chestbench.core.errors import ChestbenchError
from chestbench.core.one_at_a_time import STAGES, one_at_a_time
from chestbench.core.secrets import HidingFormatter, hide
from chestbench.core.wrapping import error_text

# `dvc exp run -S` writes its values into params.yaml before any stage runs, and they stay when it fails.
_STAYS = "{params} still holds this value: run `dvc exp run -S ...` with another, or `make params` for the defaults"
# What the matrices of dvc.yaml are over, in the order in which DVC names a member that is of several.
MEMBERS = ("model", "set", "detector")

logger = logging.getLogger("chestbench.core.stage")


def run_stage(
    work: Callable[[Any, argparse.Namespace], str],
    description: str,
    per_model: bool = False,
    per_set: bool = False,
    per_detector: bool = False,
    reads_parameters: bool = True,
) -> None:
    """Run one stage as a program and exit: 0 when `work` is done, 1 on an error, 130 on Ctrl-C.

    Args:
        work: `work(config, arguments)` does the stage's work in the current folder and returns what it wrote and the
            figures that matter, one or a few lines. `ChestbenchError` and a full disk become a sentence on stderr,
            without a traceback.
        description: the stage file's docstring, shown by `--help`.
        per_model: whether the stage is run once per network, and takes `--model`.
        per_set: whether it is run once per set of evaluate.external, and takes `--set`.
        per_detector: whether it is run once per detector, and takes `--detector`.
        reads_parameters: whether `config` is the `Config` of params.yaml; None otherwise.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--params", type=Path, default=Path("params.yaml"), help="parameters file (params.yaml)")
    if per_model:
        parser.add_argument("--model", help="network, one of model.variants in params.yaml (else as DVC_STAGE says)")
    if per_set:
        parser.add_argument("--set", help="name of a set in evaluate.external of params.yaml (else as DVC_STAGE says)")
    if per_detector:
        parser.add_argument("--detector", help="one of detector.variants in params.yaml (else as DVC_STAGE says)")
    arguments = parser.parse_args()
    stage = Path(sys.argv[0]).stem
    try:
        config = _parameters(arguments.params) if reads_parameters else None
        if per_model or per_set or per_detector:
            name_member(arguments, config, os.environ.get("DVC_STAGE", ""))
    except ChestbenchError as error:
        if stage == "check":
            error = ChestbenchError(f"{error}\n{_STAYS.format(params=arguments.params)}")
        sys.exit(_failed(stage, str(error)))
    runs_of = [getattr(arguments, kind) for kind in MEMBERS if hasattr(arguments, kind)]
    stage += f"@{','.join(runs_of)}" if runs_of else ""
    log_lines(stage)
    keep_copy(Path.cwd())
    started = time.monotonic()
    try:
        with _alone(stage):
            summary = work(config, arguments)
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
        print(f"{stage}: {hide(line)}")
    print(f"{stage}: done in {time.monotonic() - started:.1f} s", flush=True)


def log_lines(stage: str) -> None:
    """Log to stderr in lines that begin with `stage` and show no secret; where logging is set up, nothing changes."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(HidingFormatter(f"{stage}: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for noisy in ("mlflow", "alembic", "matplotlib", "git", "absl"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def name_member(arguments: argparse.Namespace, config: Any, dvc_stage: str) -> None:
    """Set `--model`, `--set` and `--detector` where not given: to the member of the matrix that DVC says it runs.

    Args:
        arguments: with some of the attributes `MEMBERS`, None where not given.
        config: of params.yaml.
        dvc_stage: what DVC sets as DVC_STAGE, such as train@resnet50 or transfer@resnet50-set0.

    Raises:
        ChestbenchError: neither says which.
    """
    missing = [name for name in MEMBERS if getattr(arguments, name, "") is None]
    if not missing:
        return
    # DVC numbers the sets, as they are mappings.
    models = {name: name for name in config.model.variants}
    sets = {f"set{place}": entry.name for place, entry in enumerate(config.evaluate.external)}
    members = {"model": models, "set": sets, "detector": {name: name for name in config.detector.variants}}
    kinds = [name for name in MEMBERS if hasattr(arguments, name)]
    found: dict[str, dict[str, str]] = {"": {}}
    for kind in kinds:
        found = {
            f"{key}-{part}".lstrip("-"): {**chosen, kind: name}
            for key, chosen in found.items()
            for part, name in members[kind].items()
        }
    chosen = found.get(dvc_stage.partition("@")[2])
    if chosen is None:
        expected = " and ".join(f"--{name}" for name in missing)
        raise ChestbenchError(
            f"expected {expected}, or a member of params.yaml in DVC_STAGE, received {dvc_stage!r}; "
            f"there are {', '.join(found) or 'none'}"
        )
    for name in missing:
        setattr(arguments, name, chosen[name])


def _alone(stage: str) -> AbstractContextManager[None]:
    """Keep a second process from the same stage of this folder.

    A DVC that is killed leaves its stage alive. Beside it the rerun would have two processes write the same outputs,
    each removing what the other has, and DVC would note whatever lies there when the first of them ends.
    """
    if not STAGES.parent.parent.is_dir():  # by hand, outside a repository
        return nullcontext()
    return one_at_a_time(STAGES / f"{stage.replace('/', '_')}.lock", stage)


def _parameters(path: Path) -> Any:
    # Takes a quarter of a second, for which stages without parameters do not wait.
    from chestbench.core.config import load_config

    return load_config(path)


def _failed(stage: str, message: str) -> int:
    print(error_text(f"{stage}: error: ", hide(message)), file=sys.stderr, flush=True)
    return 1
