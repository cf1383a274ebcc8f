"""What Git keeps of every experiment: its parameters and its summary, with no network's files read.

`dvc exp show` reads the lock file of every commit, about a second each, and gives a column for each parameter and
measure. Both files read here lie in Git in every commit and in every DVC experiment,
which is a commit under refs/exps/.
"""

import json
import re
import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from chestbench.core.errors import ChestbenchError
from chestbench.repository.parameters import flat

SUMMARY = "metrics/summary.json"
PARAMS, LOCK = "params.yaml", "dvc.lock"
# refs/exps/<2 hex digits>/<38>/<name>; DVC keeps its queue and its working state under other names there.
_EXPERIMENT = re.compile(r"refs/exps/[0-9a-f]{2}/[0-9a-f]{38}/(?P<name>.+)")


@dataclass(frozen=True)
class Experiment:
    """One set of results.

    Attributes:
        name: DVC's name of the experiment, the first digits of a commit, or "workspace".
        created: when it was committed; None for the workspace.
        summary: metrics/summary.json.
        params: params.yaml with dotted keys: `train.epochs`; of the workspace those that the last stage was run with.
    """

    name: str
    created: datetime | None
    summary: dict[str, Any]
    params: dict[str, Any]


def all_experiments(root: Path) -> list[Experiment]:
    """Return the workspace where it differs from its commit, then experiments and commits with results, newest first.

    A commit counts where it changed the summary; the commits after it hold the same results.

    Args:
        root: the repository.

    Raises:
        ChestbenchError: `root` is no Git repository with a commit, or not its root.
    """
    if not _git(root, "rev-parse", "--verify", "--quiet", "HEAD"):
        raise ChestbenchError(f"{root}: expected a Git repository with a commit, found none; run `git commit` first")
    if _git(root, "rev-parse", "--show-prefix").strip():
        raise ChestbenchError(f"{root}: expected the root of the repository, received a folder in it; cd to its root")
    listed = _git(root, "for-each-ref", "--format=%(objectname) %(committerdate:unix) %(refname)", "refs/exps/")
    named = []
    for line in listed.splitlines():
        commit, seconds, ref = line.split(" ", 2)
        match = _EXPERIMENT.fullmatch(ref)
        if match:
            named.append((commit, int(seconds), match["name"]))
    for line in _git(root, "log", "HEAD", "--branches", "--tags", "--format=%H %ct %h", "--", SUMMARY).splitlines():
        commit, seconds, short = line.split()
        named.append((commit, int(seconds), short))
    named.sort(key=lambda entry: -entry[1])
    past = [_committed(root, *entry) for entry in named]
    here = _workspace(root)
    return [*([here] if here else []), *(experiment for experiment in past if experiment)]


def _committed(root: Path, commit: str, seconds: int, name: str) -> Experiment | None:
    summary, params = (_git(root, "show", f"{commit}:{path}") for path in (SUMMARY, PARAMS))
    if not summary or not params:
        return None
    return Experiment(name, datetime.fromtimestamp(seconds), json.loads(summary), flat(yaml.safe_load(params)))


def _workspace(root: Path) -> Experiment | None:
    """Return the results that no commit has, with the parameters that they were made with.

    Those stand in dvc.lock. params.yaml may be ahead of the results: a run that was refused or failed has changed it.
    """
    changed = _git(root, "status", "--porcelain", "--", SUMMARY)
    if not changed or not (root / SUMMARY).is_file():
        return None
    summary, params = json.loads((root / SUMMARY).read_text(encoding="utf-8")), {}
    if (root / LOCK).is_file():
        try:
            stages = yaml.safe_load((root / LOCK).read_text(encoding="utf-8"))["stages"]
        except (yaml.YAMLError, KeyError, TypeError):
            raise ChestbenchError(
                f"{LOCK}: expected DVC's lock file, received something else; `git restore {LOCK}`"
            ) from None
        params = flat(stages.get("compare", {}).get("params", {}).get(PARAMS, {}))
    return Experiment("workspace", None, summary, {"dataset.name": summary.get("dataset"), **params})


def _git(root: Path, *arguments: str) -> str:
    """Return what Git prints, empty where it refuses (a file that a commit has not)."""
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, encoding="utf-8").stdout
