"""The stages that members have in common, run once before them on the machine that the grid was started on.

Data, and nothing that a network decides: each member then finds them in its dvc.lock and in the cache.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import atomic_folder, sha256_json, write_bytes, write_text
from chestbench.grid.clones import Source, one_of, prepare
from chestbench.grid.events import Member
from chestbench.grid.member_run import Task
from chestbench.grid.output import Output
from chestbench.grid.process import Group
from chestbench.grid.state import CLONES
from chestbench.grid.worker import RUN, machine
from chestbench.repository.clone import environment
from chestbench.repository.git import git

COMMON = ("download", "catalog", "split", "preprocess", "audit", "upsample", "baselines")
OF_SETS = ("external_download", "external")
# With members of a matrix: of `detector.boxes`, of networks, of detectors.
BOXES, OF_NETWORKS, OF_DETECTORS = "boxes", "weights", "weights_boxes"
_SECONDS_BETWEEN_LOOKS = 0.2
Files = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class Data:
    """One configuration of the data, as far as stages read it.

    Attributes:
        key: the same for members that have it in common.
        values: of params.yaml, with the networks and detectors of all these members.
        targets: of `dvc repro`.
    """

    key: str
    values: Mapping[str, Any]
    targets: tuple[str, ...]


class Failed(ChestbenchError):
    """The data stages did not come to their end; `lines` are the last of their output."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("the data stages failed: " + " / ".join(self.lines[-3:]))


def pipeline(root: Path, tree: str) -> Mapping[str, Any]:
    """Return the stages of dvc.yaml as it is run."""
    found: Mapping[str, Any] = yaml.safe_load(git(root, "show", f"{tree}:dvc.yaml"))["stages"]
    return found


def data_key(member: Member, stages: Mapping[str, Any]) -> str:
    """Return what members that have all their data in common share."""
    names = [name for name in (*COMMON, *OF_SETS, BOXES, OF_NETWORKS, OF_DETECTORS) if name in stages]
    keys = {key for name in names for key in _parameters(stages[name])}
    values: dict[str, Any] = {key: _value(member.values, key) for key in sorted(keys)}
    return sha256_json([values, member.values["evaluate"]["external"], _boxes(member), member.queued])


def training_keys(member: Member, stages: Mapping[str, Any]) -> frozenset[str]:
    """Return one for each training of a member: two members that share one do not run at the same time."""
    data, found = data_key(member, stages), set[str]()
    for stage, names in (("train", member.networks), ("train_boxes", member.detectors)):
        keys = _parameters(stages[stage]) if stage in stages else list(member.values)
        values = [_value(member.values, key) for key in sorted(keys)]
        found |= {sha256_json([data, values, name]) for name in names}
    return frozenset(found)


def data_of(members: Iterable[Member], stages: Mapping[str, Any]) -> Data:
    """Return the data of members that share a key."""
    members = list(members)
    first = members[0].values
    networks = list(dict.fromkeys(name for member in members for name in member.networks))
    detectors = list(dict.fromkeys(name for member in members for name in member.detectors))
    names = [*COMMON, *(OF_SETS if first["evaluate"]["external"] else ())]
    targets = [name for name in names if name in stages]
    for stage, each in ((BOXES, _boxes(members[0])), (OF_NETWORKS, networks), (OF_DETECTORS, detectors)):
        targets += [f"{stage}@{name}" for name in each] if stage in stages else []
    values = {**first, "model": {**first["model"], "variants": networks}}
    if "detector" in first:
        values["detector"] = {**first["detector"], "variants": detectors}
    return Data(data_key(members[0], stages), values, tuple(targets))


def run_data(
    root: Path,
    source: Source,
    data: Data,
    noted: Path,
    push: bool,
    report: Callable[[str], None],
    stop: threading.Event,
) -> Files:
    """Run the data stages, and return what they wrote that Git tracks: dvc.lock, which names the rest, and records.

    Args:
        root: of the repository.
        source: of clones.
        data: what is run.
        noted: folder with what an earlier run of the same data returned.
        push: whether DVC's remote gets it.
        report: called with each stage that begins.
        stop: ends it.

    Raises:
        Failed: DVC ended with an error.
        ChestbenchError: it was stopped.
    """
    if not data.targets:
        return ()
    source = replace(source, files=_read(noted))
    with one_of(root / CLONES / machine()) as (folder, lock):
        prepare(folder, source)
        write_text(folder / "params.yaml", yaml.safe_dump(dict(data.values), sort_keys=False, allow_unicode=True))
        commands = [["repro", *data.targets], *([["push", "--with-deps", *data.targets]] if push else [])]
        Task(commands, str(root)).write(folder)
        path = folder / ".dvc/tmp/grid-output.txt"
        group, output = Group(RUN, folder, environment(root, folder), path, [lock]), Output(path)
        try:
            while (ended := group.poll()) is None:
                report(output.read().stage)
                if stop.wait(_SECONDS_BETWEEN_LOOKS):
                    raise ChestbenchError("the data stages were interrupted; the same command goes on")
        finally:
            group.end()
        output.read()
        if ended:
            raise Failed(output.last_lines())
        git(folder, "add", "--intent-to-add", "--", "dvc.lock", "metrics")
        changed = git(folder, "diff", "--name-only", "-z", "HEAD", "--", "dvc.lock", "metrics").split("\0")
        found = tuple((name, (folder / name).read_bytes()) for name in changed if (folder / name).is_file())
        with atomic_folder(noted) as temporary:
            for name, content in found:
                write_bytes(temporary / name, content)
        return found


def _boxes(member: Member) -> list[str]:
    return list(member.values.get("detector", {}).get("boxes", []))


def _read(noted: Path) -> Files:
    paths = sorted(path for path in noted.rglob("*") if path.is_file())
    return tuple((path.relative_to(noted).as_posix(), path.read_bytes()) for path in paths)


def _parameters(stage: Mapping[str, Any]) -> list[str]:
    """Return the keys of params.yaml that a stage of dvc.yaml names; "" stands for all."""
    found = []
    for entry in stage.get("params", []):
        for keys in [[entry]] if isinstance(entry, str) else [value or [""] for value in entry.values()]:
            found += ["" if key == "params.yaml:" else key for key in keys]
    return found


def _value(values: Mapping[str, Any], key: str) -> Any:
    found: Any = values
    for part in filter(None, key.split(".")):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
