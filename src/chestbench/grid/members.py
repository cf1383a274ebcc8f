"""The members of a grid: what `-S` stands for, composed and checked before any work, each with a name that stays."""

import io
import re
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import sha256_json
from chestbench.core.unique_yaml import load_yaml
from chestbench.grid.events import Member
from chestbench.repository.git import Tree, git_bytes
from chestbench.repository.parameters import check_values, compose
from chestbench.repository.paths import check_paths, with_absolute_paths

PARAMS = "params.yaml"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_LONGEST_READABLE, _HASH = 48, 6


def expand(written: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the overrides of each member, by DVC's own reading of Hydra's sweeps.

    Args:
        written: as after `-S`, such as `model=resnet50,resnet101v2`.

    Raises:
        ChestbenchError: Hydra cannot read one, or it is of another file than params.yaml.

    >>> expand(["model=tiny,small", "seed=1"])
    [('model=tiny', 'seed=1'), ('model=small', 'seed=1')]
    """
    # Takes a second.
    from dvc.exceptions import DvcException
    from dvc.utils.cli_parse import to_path_overrides
    from dvc.utils.hydra import get_hydra_sweeps
    from hydra.errors import HydraException

    try:
        overrides = to_path_overrides(list(written))
        if others := [path for path in overrides if path != PARAMS]:
            raise ChestbenchError(
                f"expected parameters of {PARAMS} after -S, received one of {others[0]}; leave it out"
            )
        sweeps = get_hydra_sweeps({PARAMS: [], **overrides})
    except (DvcException, HydraException) as error:
        told = " ".join(str(error).split())
        raise ChestbenchError(
            f"expected KEY=VALUE after each -S, received {list(written)}; Hydra says: {told}"
        ) from None
    return [tuple(sweep[PARAMS]) for sweep in sweeps]


def grid_name(written: Sequence[str]) -> str:
    """Return the name of a grid that was given none: the same for the same overrides, in whatever order."""
    return f"grid-{sha256_json(sorted(written))[:_HASH]}"


def check_name(name: str) -> str:
    """Return the name of a grid, or refuse it: it becomes a folder, and the beginning of names in Git."""
    if not NAME.fullmatch(name):
        raise ChestbenchError(
            f"--name: expected at most 40 letters, digits, - and _, beginning with a letter or digit, received {name!r}"
        )
    return name


def members_of(grid: str, root: Path, tree: Tree, choices: Sequence[Sequence[str]]) -> tuple[list[Member], list[str]]:
    """Compose and check every member; those that are the same experiment count once.

    Args:
        grid: name of the grid.
        root: of the repository, from which relative paths count.
        tree: what is run, whose conf/ counts.
        choices: overrides of each, see `expand`.

    Returns:
        The members, and what the person must know, a sentence each.

    Raises:
        ChestbenchError: the parameters of one are wrong.
    """
    found: dict[str, Member] = {}
    said: list[str] = []
    told_by = _varying(choices)
    with conf_of(root, tree) as conf:
        for overrides in choices:
            member = _composed(grid, root, conf, overrides, told_by, said)
            same = sha256_json(member.values)
            if same in found:
                said.append(
                    f"{' '.join(overrides) or 'no override'} is the same experiment as {found[same].name}: once"
                )
            else:
                found[same] = member
    return list(found.values()), list(dict.fromkeys(said))


def one_member(grid: str, root: Path, conf: Path, overrides: Sequence[str], told_by: Sequence[str] = ()) -> Member:
    """Compose and check one member, as a search proposes them.

    Args:
        grid: name of the grid.
        root: of the repository.
        conf: see `conf_of`.
        overrides: one value each.
        told_by: keys that its name tells; where there are none, all.

    Raises:
        ChestbenchError: its parameters are wrong.
    """
    return _composed(grid, root, conf, overrides, frozenset(told_by) or _keys(overrides), [])


@contextmanager
def conf_of(root: Path, tree: Tree) -> Iterator[Path]:
    """Yield a copy of the conf/ that is run, in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        archive = git_bytes(root, "archive", "--format=tar", tree.tree, "conf")
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(folder, filter="data")
        yield Path(folder, "conf")


def _composed(
    grid: str, root: Path, conf: Path, overrides: Sequence[str], told_by: frozenset[str], said: list[str]
) -> Member:
    values = _values(conf, overrides)
    absolute = with_absolute_paths(values, root)
    if absolute["evaluate"]["external"] != values["evaluate"]["external"]:
        raise ChestbenchError(
            "evaluate.external: expected absolute paths of sets from elsewhere, as members run in other folders, "
            "received a relative one; write it out"
        )
    path = absolute["dataset"]["path"]
    if path != values["dataset"]["path"]:
        overrides = [*(text for text in overrides if _key(text) != "dataset.path"), f"dataset.path={_quoted(path)}"]
        said.append(f"dataset.path counts from the repository: {path}")
        absolute = _values(conf, overrides)
    check_paths(absolute)
    readable = _readable(overrides, told_by, absolute)
    name = "-".join(filter(None, (grid, readable, sha256_json(sorted(overrides))[:_HASH])))
    return Member(name, tuple(overrides), absolute)


def _values(conf: Path, overrides: Sequence[str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, PARAMS)
        compose(conf, output, list(overrides))
        values: dict[str, Any] = load_yaml(output.read_text(encoding="utf-8"))
    check_values(values)
    return values


def _varying(choices: Sequence[Sequence[str]]) -> frozenset[str]:
    """Return the keys whose overrides are not the same in all members; all, where nothing differs."""
    alike = set.intersection(*(set(overrides) for overrides in choices)) if choices else set()
    every = {text for overrides in choices for text in overrides}
    return _keys(sorted(every - alike)) or _keys(sorted(every))


def _readable(overrides: Sequence[str], told_by: frozenset[str], values: Mapping[str, Any]) -> str:
    """Return what tells a member from the others, as far as Git and DVC take it in a name.

    >>> _readable(["model=tiny", "train.epochs=3", "seed=1"], frozenset({"model", "train.epochs"}), {"model": {}})
    'tiny-epochs-3'
    >>> _readable(["train.learning_rate=1e+30"], frozenset({"train.learning_rate"}), {})
    'learning_rate-1e30'
    """
    parts = []
    for text in overrides:
        key, _, value = text.partition("=")
        key = key.lstrip("+~").strip()
        if key in told_by:
            value = re.sub(r"(?<=\d)e\+(?=\d)", "e", value)  # a plus would become a minus
            is_group = isinstance(values.get(key), Mapping)
            parts.append(value if is_group else f"{key.rpartition('.')[2]}-{value}")
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", "-".join(parts)).replace("..", ".").strip("-.")
    return plain[:_LONGEST_READABLE].strip("-.")


def _keys(overrides: Sequence[str]) -> frozenset[str]:
    return frozenset(map(_key, overrides))


def _key(text: str) -> str:
    return text.partition("=")[0].strip().lstrip("+~")


def _quoted(text: str) -> str:
    """Return a value as Hydra's grammar wants it: in quotes where it is anything but plain."""
    if re.fullmatch(r"[A-Za-z0-9_./-]+", text):
        return text
    escaped = re.sub(r'(\\*)"', r'\1\1\\"', text)
    return f'"{escaped}"'
