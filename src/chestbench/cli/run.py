"""`chestbench run`: `dvc exp run`, with what it would compose checked before anything is written, queued or removed."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from chestbench.cli.dvc_words import translated
from chestbench.cli.killed_run import mend_git, noted
from chestbench.cli.repro import require_root
from chestbench.core.dvc_busy import refuse_beside_another
from chestbench.core.errors import ChestbenchError
from chestbench.core.unique_yaml import load_yaml
from chestbench.repository.dvc_files import whole_files
from chestbench.repository.parameters import check_values, compose

PARAMS = "params.yaml"


def main(arguments: list[str]) -> int:
    """Run `dvc exp run ARGUMENTS` in the repository that is the current folder; return its exit status.

    Raises:
        ChestbenchError: not the root of the repository, no Git repository with a commit, no name for DVC's commits,
            wrong parameters in any of a grid's experiments, or another DVC is at work here.
    """
    if {"-h", "--help"} & set(arguments):
        from dvc.cli import parse_args as help_of

        help_of(["exp", "run", "--help"])  # ends the process
    require_root()
    _check_git()
    # Takes a second.
    from dvc.cli import DvcParserError, parse_args
    from dvc.cli import main as dvc

    command = ["exp", "run", *arguments]
    try:
        parsed = parse_args(command)
    except DvcParserError:
        return 254
    if told := refuse_beside_another(Path.cwd()):
        print(told, file=sys.stderr)
    # Before parameters are composed: conf/ itself may lie in Git's stash.
    for told in mend_git(Path.cwd()):
        print(told, file=sys.stderr)
    _check_parameters(parsed.set_param or [], not parsed.no_hydra)
    with whole_files(), translated("run"), noted(Path.cwd()):
        return dvc(command)


def _check_parameters(written: list[str], composes: bool) -> None:
    """Compose each experiment of a grid into a file of its own, and check it."""
    from dvc.exceptions import DvcException
    from dvc.utils.cli_parse import to_path_overrides
    from dvc.utils.hydra import apply_overrides, get_hydra_sweeps, to_hydra_overrides
    from hydra.errors import HydraException

    try:
        overrides = {PARAMS: [], **to_path_overrides(written)}
        is_grid = any(each.is_sweep_override() for each in to_hydra_overrides(overrides[PARAMS]))
        experiments = get_hydra_sweeps(overrides) if is_grid else [overrides]
    except (DvcException, HydraException) as error:
        told = " ".join(str(error).split())
        raise ChestbenchError(f"expected KEY=VALUE after each -S, received {written}; Hydra says: {told}") from None
    for experiment in experiments:
        values = list(experiment[PARAMS])
        with tempfile.TemporaryDirectory() as folder:
            composed = Path(folder) / PARAMS
            if composes:
                compose(Path("conf"), composed, values)
            else:
                composed.write_bytes(Path(PARAMS).read_bytes())
                apply_overrides(composed, values)
            check_values(load_yaml(composed.read_text(encoding="utf-8")))


def _check_git() -> None:
    """Refuse what DVC, which keeps experiments as commits, would end with an unexpected error for."""

    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], capture_output=True, text=True, encoding="utf-8").stdout.strip()

    if not git("rev-parse", "--git-dir"):
        raise ChestbenchError(
            f"{Path.cwd()}: expected a Git repository, as DVC keeps experiments as commits, found none; take a clone, "
            "or make one here: `git init && git add -A && git commit -m Start`"
        )
    if not git("rev-parse", "--verify", "--quiet", "HEAD"):
        raise ChestbenchError(
            f"{Path.cwd()}: expected a Git repository with a commit, found none; `git add -A && git commit -m Start`"
        )
    # `git var` would guess a name from the machine's, which DVC does not.
    parts = [(part, f"GIT_COMMITTER_{part.upper()}") for part in ("name", "email")]
    if not all(os.environ.get(variable) or git("config", f"user.{part}") for part, variable in parts):
        raise ChestbenchError(
            "expected a name for DVC's commits, found none; `git config user.name NAME` and "
            "`git config user.email ADDRESS`"
        )
    if git("status", "--porcelain", "--", "dvc.yaml"):
        print("chestbench run: no commit holds the changes of dvc.yaml, and DVC can lose them", file=sys.stderr)
