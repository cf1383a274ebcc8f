"""How many settings an experiment was chosen among: noted in Git beside the experiments, in no output of a stage.

An output that held it would differ by who looked at it. A ref for each grid, `refs/chestbench/tried/NAME`, names a blob
with what became of its members; whoever shows an experiment (`chestbench exps`, `chestbench report`) looks there.
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import sha256_json
from chestbench.grid.events import MemberStatus
from chestbench.grid.ranges import JUDGES
from chestbench.repository.git import git

REFS, SUMMARY, PARAMS = "refs/chestbench/tried", "metrics/summary.json", "params.yaml"


@dataclass(frozen=True)
class Setting:
    """One member of a grid that came to an end.

    Attributes:
        grid: name of the grid.
        name: of the member and its experiment.
        val: balanced accuracy on val; None where it failed.
        summary: hash of its metrics/summary.json, by which its results are known again; "" where it failed.
        judges: hash of the parameters that decide which pictures val holds; "" where it failed.
    """

    grid: str
    name: str
    val: float | None
    summary: str = ""
    judges: str = ""


@dataclass(frozen=True)
class Place:
    """Where an experiment stands among what was tried.

    Attributes:
        grid: name of the grid.
        name: of the experiment.
        place: on val, from 1; equal ones share the first of their places.
        settings: that were tried and that the same val would have judged, also those that failed.
    """

    grid: str
    name: str
    place: int
    settings: int

    def in_words(self) -> str:
        """Return it as a sentence's part.

        >>> Place("night", "night-small-1", 1, 12).in_words()
        'chosen among 12 settings on val (grid night)'
        """
        if self.settings == 1:
            return f"the only setting of the grid {self.grid}"
        if self.place == 1:
            return f"chosen among {self.settings} settings on val (grid {self.grid})"
        return f"number {self.place} on val of {self.settings} settings (grid {self.grid})"


def note(root: Path, grid: str, statuses: Sequence[MemberStatus]) -> None:
    """Note what became of the members of a grid; those of earlier calls of a grid of that name stay.

    Args:
        root: of the repository.
        grid: its name.
        statuses: of all members; those that came to no end are left out.
    """
    known = {each.name: each for each in _read(root, f"{REFS}/{grid}", grid)}
    for status in statuses:
        if status.state in ("done", "skipped") and status.commit:
            known[status.name] = _of_commit(root, grid, status)
        elif status.state == "failed" and status.name not in known:
            known[status.name] = Setting(grid, status.name, None)
    if not known:
        return
    entries = {name: {"val": each.val, "summary": each.summary, "judges": each.judges} for name, each in known.items()}
    blob = _blob(root, json.dumps(entries, indent=1, sort_keys=True) + "\n")
    git(root, "update-ref", f"{REFS}/{grid}", blob)


def all_tried(root: Path) -> list[Setting]:
    """Return the members of every grid of the repository; none where it is no Git repository."""
    refs = git(root, "for-each-ref", "--format=%(refname)", f"{REFS}/", check=False).split()
    return [setting for ref in refs for setting in _read(root, ref, ref.removeprefix(f"{REFS}/"))]


def place_of(summary: Mapping[str, Any], tried: Sequence[Setting]) -> Place | None:
    """Return where results stand among what was tried, in the grid that tried most; None where no grid gave them.

    Args:
        summary: metrics/summary.json of an experiment, a commit or the workspace.
        tried: see `all_tried`.
    """
    digest = sha256_json(summary)
    places = []
    for own in (each for each in tried if each.summary == digest and each.val is not None):
        rivals = [each for each in tried if each.grid == own.grid and each.judges in (own.judges, "")]
        before = sum(each.val > own.val for each in rivals if each.val is not None and own.val is not None)
        places.append(Place(own.grid, own.name, before + 1, len(rivals)))
    return max(places, key=lambda each: each.settings, default=None)


def judges_of(values: Mapping[str, Any]) -> str:
    """Return a hash of the parameters that decide which pictures val holds."""
    return sha256_json({key: values.get(key) for key in JUDGES})


def _of_commit(root: Path, grid: str, status: MemberStatus) -> Setting:
    summary = json.loads(git(root, "show", f"{status.commit}:{SUMMARY}"))
    values = yaml.safe_load(git(root, "show", f"{status.commit}:{PARAMS}"))
    return Setting(grid, status.name, status.measure, sha256_json(summary), judges_of(values))


def _read(root: Path, ref: str, grid: str) -> list[Setting]:
    try:
        entries = json.loads(git(root, "cat-file", "blob", ref, check=False) or "{}")
        return [Setting(grid, name, each["val"], each["summary"], each["judges"]) for name, each in entries.items()]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []  # of a later version, or somebody else's


def _blob(root: Path, text: str) -> str:
    done = subprocess.run(
        ["git", "hash-object", "-w", "--stdin"], cwd=root, input=text, capture_output=True, encoding="utf-8"
    )
    if done.returncode:
        raise ChestbenchError(f"{root}: expected a Git repository that can be written, received: {done.stderr.strip()}")
    return done.stdout.strip()
