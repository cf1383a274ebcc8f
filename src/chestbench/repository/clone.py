"""A clone of the repository in which DVC works on its own: it shares objects and cache, and locks nobody out.

In it lie the files of one tree, its own dvc.lock and metrics/. It stays, so that a command that was killed goes on in
it; the repository's params.yaml, dvc.lock and metrics/ are not touched. Trainings' checkpoints, downloads and MLflow's
store are those of the repository, see `environment`.
"""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import write_text
from chestbench.repository.git import ELSEWHERE, OWN, Tree, git
from chestbench.repository.interrupts import signal_below

_KEPT_EMPTY = ":(glob)metrics/**/.gitkeep"


def prepare(root: Path, folder: Path, tree: Tree) -> None:
    """Make the clone, or bring the one that is there to this tree; results of earlier runs in it stay.

    Args:
        root: of the repository.
        folder: of the clone.
        tree: what is to be run.

    Raises:
        ChestbenchError: Git fails.
        OSError: the disk is full, or cannot be written.
    """
    if not (folder / ".git" / "HEAD").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        kind = git(root, "rev-parse", "--show-object-format", check=False) or "sha1"
        git(folder, "init", "--quiet", f"--object-format={kind}")
    objects = (root / git(root, "rev-parse", "--git-path", "objects")).resolve()
    write_text(folder / ".git/objects/info/alternates", f"{objects.as_posix()}\n")
    shallow = root / git(root, "rev-parse", "--git-path", "shallow")
    if shallow.is_file():  # commits whose parents are not there
        write_text(folder / ".git/shallow", shallow.read_text(encoding="utf-8"))
    # A Git that was killed in here leaves its lock; who comes here holds the lock of the clone.
    (folder / ".git/index.lock").unlink(missing_ok=True)
    git(folder, "update-ref", "--no-deref", "HEAD", tree.commit)
    # Never taken from Git, and kept from one run to the next.
    own = [f":(exclude){name}" for name in OWN]
    git(folder, "restore", f"--source={tree.tree}", "--staged", "--worktree", "--", ".", *own)
    # Folders that stages depend on also where nothing is in them.
    git(folder, "restore", f"--source={tree.tree}", "--staged", "--worktree", "--", _KEPT_EMPTY, check=False)
    # The parameters are composed for this run: they make no commit dirty (`provenance.git_state`).
    git(folder, "restore", f"--source={tree.commit}", "--staged", "--", "params.yaml", check=False)
    _share_cache(root, folder)


def write_params(folder: Path, text: str) -> None:
    """Write the clone's params.yaml, as Git must not call it a change."""
    git(folder, "update-index", "--no-assume-unchanged", "params.yaml", check=False)
    write_text(folder / "params.yaml", text)
    git(folder, "update-index", "--assume-unchanged", "params.yaml", check=False)


def reproduce(root: Path, folder: Path) -> int:
    """Run `chestbench repro` in the clone with the clone's own code, its output shown; return its exit status.

    Ctrl-C ends DVC and its stage too, see `end_soon`, so that nothing goes on unseen.

    Raises:
        KeyboardInterrupt: after DVC has ended.
    """
    process = subprocess.Popen([sys.executable, "-m", "chestbench", "repro"], cwd=folder, env=environment(root, folder))
    try:
        return process.wait()
    except KeyboardInterrupt:
        print("\ninterrupted: DVC and its stage are ended; what was finished is kept", file=sys.stderr, flush=True)
        end_soon(process)
        raise
    finally:
        if process.poll() is None:  # whatever else ends this process ends that one
            process.terminate()
            process.wait()


def end_soon(process: "subprocess.Popen[bytes]", own: float = 5.0, asked: float = 30.0) -> None:
    """End a DVC and its stage that Ctrl-C has reached or not, by a signal to each as late as that does no harm.

    A terminal's Ctrl-C reaches all of them, a `kill -INT` of the process above them none. Another Ctrl-C
    meanwhile shortens the wait.

    Args:
        process: of DVC.
        own: seconds in which they end by themselves, as they do after Ctrl-C in a terminal.
        asked: seconds after that, when each was sent SIGINT; then they are killed, which trainings are made for.
    """
    below: list[psutil.Process] = []
    for seconds, number in ((own, signal.SIGINT), (asked, signal.SIGKILL)):
        with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            process.wait(seconds)
        if process.poll() is not None:
            return
        below = signal_below(process.pid, number)
        process.send_signal(number)
    process.wait()
    # Its stage is nobody's child then, and may still be writing while the system takes it down.
    psutil.wait_procs(below, 10.0)


def environment(root: Path, folder: Path) -> dict[str, str]:
    """Return the variables of commands in the clone: its own code, the repository's checkpoints and MLflow store."""
    unwanted = (*ELSEWHERE, "DVC_EXP_NAME", "DVC_EXP_BASELINE_REV", "DVC_STAGE")
    own = {name: value for name, value in os.environ.items() if name not in unwanted}
    paths = [str(folder / "src"), *filter(None, [own.get("PYTHONPATH")])]
    # Stages are `python -m stages.NAME`: the Python that runs this one.
    programs = [str(Path(sys.executable).parent), *filter(None, [own.get("PATH")])]
    return {
        **own,
        "PYTHONPATH": os.pathsep.join(paths),
        "PATH": os.pathsep.join(programs),
        "DVC_ROOT": str(root),
    }


def _share_cache(root: Path, folder: Path) -> None:
    """Have the clone's DVC use the repository's cache."""
    # Takes a second.
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        with Repo(str(root)) as repo:
            cache, own = repo.cache.local_cache_dir, repo.config.load_one("local")
        with Repo(str(folder)) as repo, repo.config.edit("local") as local:
            # How this machine links and locks files holds for the clone as well.
            for section in ("core", "cache"):
                local[section] = dict(own.get(section, {}))
            local["cache"]["dir"] = cache
    except DvcException as error:
        raise ChestbenchError(
            f"{folder}: expected a repository that DVC can read, received from DVC: {error}"
        ) from None
