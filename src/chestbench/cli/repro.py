"""`chestbench repro`: `dvc repro`, with the parameters checked first and dvc.lock written whole or not at all."""

import shlex
import sys
from pathlib import Path

from chestbench.cli.dvc_words import translated
from chestbench.cli.killed_run import mend_git
from chestbench.core.config import load_config
from chestbench.core.dvc_busy import refuse_beside_another
from chestbench.core.errors import ChestbenchError
from chestbench.models.detection import registry as detectors
from chestbench.models.registry import check_names
from chestbench.repository.dvc_files import whole_files
from chestbench.repository.interrupts import stages_end_on_sigint

# DVC's exit status after KeyboardInterrupt.
_INTERRUPTED = 252


def main(arguments: list[str]) -> int:
    """Run `dvc repro ARGUMENTS` in the repository that is the current folder; return its exit status.

    Raises:
        KeyboardInterrupt: Ctrl-C, or SIGINT to this process alone; the stage that worked has been ended by then.
        ChestbenchError: not the root of the repository, or wrong parameters: DVC would remove the old outputs of a
            stage before the stage could refuse them. Or another DVC is at work here.
    """
    require_root()
    if told := refuse_beside_another(Path.cwd()):
        print(told, file=sys.stderr)
    for told in mend_git(Path.cwd()):
        print(told, file=sys.stderr)
    config = load_config(Path("params.yaml"))
    check_names(config.model.variants)
    detectors.check_names(config.detector.variants)
    # Takes a second.
    from dvc.cli import main as dvc

    with whole_files(), translated("repro"), stages_end_on_sigint() as interrupts:
        status = int(dvc(["repro", *arguments]))
    if status == _INTERRUPTED or (status and interrupts.heard):
        raise KeyboardInterrupt
    return status


def require_root() -> None:
    """Refuse any other current folder than the root of the repository."""
    here = Path.cwd()
    if not _is_root(here):
        above = next((folder for folder in here.parents if _is_root(folder)), None)
        there = f"cd {shlex.quote(str(above))}" if above else "cd there"
        raise ChestbenchError(f"{here}: expected the root of the repository, found no dvc.yaml beside .dvc; {there}")


def _is_root(folder: Path) -> bool:
    return (folder / "dvc.yaml").is_file() and (folder / ".dvc").is_dir()
