"""`chestbench what`: which stages `dvc repro` would run, and because of which file or parameter.

`dvc status` alone knows of an edit only that the stage `code` has changed; here the fingerprints are made as that stage
would make them, and compared with those of the last run.
"""

import argparse
import hashlib
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chestbench.cli.dvc_words import in_words
from chestbench.core.closure import parsed
from chestbench.core.code import fingerprints
from chestbench.core.errors import ChestbenchError
from chestbench.core.fingerprint import read_fingerprint

if TYPE_CHECKING:
    from dvc.repo import Repo

CODE, FOLDER = "code", "data/code/"
# Stages whose run makes no other run: the fingerprints of `code` are compared here, and `check` writes a constant.
CONSTANT = (CODE, "check")
MOST_REASONS = 4
UNKNOWN = "code (which file is not known: the fingerprint of the last run is not on this machine)"


def main(arguments: list[str]) -> int:
    """Print what would run in the checkout that is the current folder; return 0."""
    description = "Which stages `dvc repro` would run, and because of which file or parameter."
    argparse.ArgumentParser(prog="chestbench what", description=description).parse_args(arguments)
    if not Path("dvc.yaml").is_file() or not Path(".dvc").is_dir():
        raise ChestbenchError(
            f"{Path.cwd()}: expected the root of the repository, found no dvc.yaml beside .dvc; cd there"
        )
    if not Path(FOLDER).is_dir():
        print("Nothing was run in this checkout yet: `dvc repro` runs every stage, or takes it from the cache.")
        return 0
    # Takes a second.
    from dvc.exceptions import DvcException

    try:
        found = what_would_run(Path.cwd())
    except DvcException as error:
        if words := in_words(error):
            raise ChestbenchError(words) from None
        told = next(line for line in (*str(error).splitlines(), type(error).__name__) if line.strip())
        raise ChestbenchError(
            f"expected a pipeline that DVC can read and no other DVC at work, received from DVC: {told}"
        ) from None
    print("\n".join(describe(found)))
    return 0


def what_would_run(root: Path) -> dict[str, list[str]]:
    """Return {stage: reasons} of the stages that `dvc repro` would run, or might, in the order in which it would.

    Args:
        root: a checkout. Nothing in it is changed.
    """
    # Takes a second.
    from dvc.repo import Repo

    logging.getLogger("dvc").setLevel(logging.ERROR)
    with Repo(str(root)) as repo:
        stages = {stage.addressing: stage for stage in _ordered(repo)}
        status = {name: list(_said(entries)) for name, entries in repo.status().items()}
        current, found = fingerprints(root), {}
        outputs: dict[str, str] = {}
        for name, stage in stages.items():
            deps = [_path(root, dep) for dep in stage.deps if hasattr(dep, "fs_path")]
            recorded = {_path(root, dep): dep.hash_info.value for dep in stage.deps if dep.hash_info}
            reasons = [] if name == CODE else status.get(name, [])
            for path in deps:
                if path.startswith(FOLDER) and path in recorded:
                    reasons += _changed_files(repo, root, path, recorded[path], current)
            if not reasons:
                reasons = sorted(
                    {f"if {outputs[out]} gives something else" for dep in deps for out in outputs if _meets(dep, out)}
                )
            if reasons:
                found[name] = reasons
                if name not in CONSTANT:
                    outputs |= {_path(root, out): name for out in stage.outs}
    return found


def describe(found: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the lines of a table of `what_would_run`."""
    if not found:
        return ["Nothing would run: code, parameters and data are as at the last run (comments and docstrings aside)."]
    width = max(map(len, found))
    lines = []
    for name, reasons in found.items():
        shown = list(reasons)
        if len(shown) > MOST_REASONS:
            shown = [*shown[: MOST_REASONS - 1], f"and {len(shown) - MOST_REASONS + 1} more reasons"]
        for position, reason in enumerate(shown):
            lines.append(f"{name if position == 0 else '':{width}}  {reason}")
    return [*lines, "What was run before with the same code, parameters and data comes from the cache."]


def _ordered(repo: "Repo") -> list[Any]:
    """Return the stages, each after those that it reads from."""
    import networkx

    graph = repo.index.graph
    return list(networkx.dfs_postorder_nodes(graph)) if graph else []


def _said(entries: Iterable[Any]) -> Iterable[str]:
    """Yield what DVC says of one stage, in words; not of its fingerprints, which are compared here."""
    for entry in entries:
        if isinstance(entry, str):
            yield entry
            continue
        for kind, changes in entry.items():
            for path, change in changes.items():
                if isinstance(change, Mapping):
                    yield from (f"{key} of {path}: {how}" for key, how in change.items())
                elif not path.startswith(FOLDER):
                    yield f"{'output ' if kind == 'changed outs' else ''}{path}: {change}"


def _changed_files(repo: "Repo", root: Path, path: str, recorded: str, current: Mapping[str, str]) -> list[str]:
    """Return the files by which a fingerprint differs from the one that a stage was run with."""
    now = current.get(path.removeprefix(FOLDER), "")
    if hashlib.md5(now.encode(), usedforsecurity=False).hexdigest() == recorded:
        return []
    for file in (root / path, Path(repo.cache.local.oid_to_path(recorded))):
        if file.is_file() and hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest() == recorded:
            before, after = read_fingerprint(file.read_text(encoding="utf-8")), read_fingerprint(now)
            gone = [f"{name}: no longer reached" for name in before if name not in after]
            new = [f"{name}: newly reached" for name in after if name not in before]
            differ = [name for name in before.keys() & after if before[name] != after[name]]
            return [*sorted(f"{name}: {_change(root / name)}" for name in differ), *new, *gone]
    return [UNKNOWN]


def _change(file: Path) -> str:
    is_broken = file.suffix == ".py" and parsed(file.read_bytes()) is None
    return "changed, and Python cannot read it" if is_broken else "changed"


def _path(root: Path, item: Any) -> str:
    """Return a dependency or output as it stands in dvc.yaml: relative to `root` where it lies there."""
    path = Path(item.fs_path)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def _meets(first: str, second: str) -> bool:
    """Tell whether two paths are the same or one lies in the other."""
    return first == second or first.startswith(f"{second}/") or second.startswith(f"{first}/")
