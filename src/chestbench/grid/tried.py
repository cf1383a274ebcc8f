"""How many settings an experiment was chosen among: noted in Git beside the experiments, in no output of a stage.

An output that held it would differ by who looked at it. A ref for each grid, `refs/chestbench/tried/NAME`, names a blob
with what became of its members; whoever shows an experiment (`chestbench exps`, `chestbench report`) looks there.
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import sha256_json
from chestbench.grid.events import OF_NETWORKS, MemberStatus
from chestbench.grid.ranges import BOXES, JUDGES
from chestbench.repository.git import git

REFS, SUMMARY, PARAMS = "refs/chestbench/tried", "metrics/summary.json", "params.yaml"


@dataclass(frozen=True)
class Setting:
    """One member of a grid.

    Attributes:
        grid: name of the grid.
        name: of the member and its experiment.
        val: what val says of it; None where it failed or is not done.
        summary: hash of its metrics/summary.json, by which its results are known again; "" where there is none.
        judges: hash of the parameters that decide which pictures val holds; "" where they are not known.
        commit: of its experiment; "" where there is none.
        is_open: whether it came to no end yet: the grid goes on, or was killed.
        judged_by: what `val` is, see `MemberStatus`.
    """

    grid: str
    name: str
    val: float | None
    summary: str = ""
    judges: str = ""
    commit: str = ""
    is_open: bool = False
    judged_by: str = OF_NETWORKS


@dataclass(frozen=True)
class Place:
    """Where an experiment stands among what was tried.

    Attributes:
        grid: name of the grid.
        name: of the experiment.
        place: on val, from 1; equal ones share the first of their places.
        settings: of the grid that the same val judges, also those that failed and those that are not done.
        not_done: how many of them are not done.
    """

    grid: str
    name: str
    place: int
    settings: int
    not_done: int = 0

    def in_words(self) -> str:
        """Return it as a sentence's part.

        >>> Place("night", "night-small-1", 1, 12).in_words()
        'chosen among 12 settings on val (grid night)'
        >>> Place("night", "night-small-1", 2, 4, 1).in_words()
        'number 2 on val of 4 settings (grid night, 1 not done)'
        """
        grid = f"{self.grid}, {self.not_done} not done" if self.not_done else self.grid
        if self.settings == 1:
            return f"the only setting of the grid {grid}"
        if self.place == 1:
            return f"chosen among {self.settings} settings on val (grid {grid})"
        return f"number {self.place} on val of {self.settings} settings (grid {grid})"


def note(
    root: Path, grid: str, statuses: Sequence[MemberStatus], values: Mapping[str, Mapping[str, Any]] | None = None
) -> None:
    """Note what became of the members of a grid; those of earlier calls of a grid of that name that ended stay.

    Args:
        root: of the repository.
        grid: its name.
        statuses: of all members, also of those that are not done: a grid that is killed later has them all the same.
        values: {member: its params.yaml}, as far as they are known.
    """
    if not statuses:
        return
    earlier = {each.name: each for each in _read(root, f"{REFS}/{grid}", grid)}
    known = {name: each for name, each in earlier.items() if not each.is_open}
    for status in statuses:
        before = known.get(status.name)
        if status.state in ("done", "skipped") and status.commit:
            if before is None or before.commit != status.commit:
                known[status.name] = _of_commit(root, grid, status)
        elif before is None or before.val is None:
            judges = judges_of(values[status.name]) if values and status.name in values else ""
            is_open = status.state != "failed"
            known[status.name] = Setting(
                grid, status.name, None, judges=judges, is_open=is_open, judged_by=status.judged_by
            )
    entries = {
        name: {key: value for key, value in asdict(each).items() if key not in ("grid", "name")}
        for name, each in known.items()
    }
    blob = _blob(root, json.dumps(entries, indent=1, sort_keys=True) + "\n")
    git(root, "update-ref", f"{REFS}/{grid}", blob)


def all_tried(root: Path) -> list[Setting]:
    """Return the members of every grid of the repository; none where it is no Git repository."""
    refs = git(root, "for-each-ref", "--format=%(refname)", f"{REFS}/", check=False).split()
    return [setting for ref in refs for setting in _read(root, ref, ref.removeprefix(f"{REFS}/"))]


def places_of(summary: Mapping[str, Any], tried: Sequence[Setting]) -> list[Place]:
    """Return where results stand among what was tried, in each grid that gave them, the one of most settings first.

    Args:
        summary: metrics/summary.json of an experiment, a commit or the workspace.
        tried: see `all_tried`.
    """
    digest = sha256_json(summary)
    places: dict[str, Place] = {}
    for own in (each for each in tried if each.summary == digest and each.val is not None):
        rivals = [
            each
            for each in tried
            if (each.grid, each.judged_by) == (own.grid, own.judged_by) and each.judges in (own.judges, "")
        ]
        before = sum(each.val > own.val for each in rivals if each.val is not None and own.val is not None)
        not_done = sum(each.is_open for each in rivals)
        places.setdefault(own.grid, Place(own.grid, own.name, before + 1, len(rivals), not_done))
    return sorted(places.values(), key=lambda each: (-each.settings, each.grid))


def judges_of(values: Mapping[str, Any]) -> str:
    """Return a hash of the parameters that decide which pictures val holds, and of detectors which boxes."""
    deciding = {key: values.get(key) for key in JUDGES}
    if not (values.get("model") or {}).get("variants", True):
        deciding[BOXES] = (values.get("detector") or {}).get("boxes")
    return sha256_json(deciding)


def tiny_ones(root: Path, statuses: Sequence[MemberStatus]) -> list[str]:
    """Return the names of members that had too little data for a result, by the summary of each experiment.

    Args:
        root: of the repository.
        statuses: of members; those without an experiment are passed over.
    """
    return [each.name for each in statuses if each.commit and _summary(root, each.commit).get("tiny")]


def _summary(root: Path, commit: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(git(root, "show", f"{commit}:{SUMMARY}"))
    return found


def _of_commit(root: Path, grid: str, status: MemberStatus) -> Setting:
    summary = _summary(root, status.commit)
    values = yaml.safe_load(git(root, "show", f"{status.commit}:{PARAMS}"))
    return Setting(
        grid,
        status.name,
        status.measure,
        sha256_json(summary),
        judges_of(values),
        status.commit,
        judged_by=status.judged_by,
    )


def _read(root: Path, ref: str, grid: str) -> list[Setting]:
    try:
        entries = json.loads(git(root, "cat-file", "blob", ref, check=False) or "{}")
        return [
            Setting(
                grid,
                name,
                each["val"],
                each["summary"],
                each["judges"],
                # Not in a note of an earlier version, which had none but ended members.
                each.get("commit", ""),
                each.get("is_open", False),
                each.get("judged_by", OF_NETWORKS),
            )
            for name, each in entries.items()
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []  # of a later version, or somebody else's


def _blob(root: Path, text: str) -> str:
    done = subprocess.run(
        ["git", "hash-object", "-w", "--stdin"], cwd=root, input=text, capture_output=True, encoding="utf-8"
    )
    if done.returncode:
        raise ChestbenchError(f"{root}: expected a Git repository that can be written, received: {done.stderr.strip()}")
    return done.stdout.strip()
