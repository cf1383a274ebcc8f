"""How machines get commit, data and cache: a disk that they share with the repository, or DVC's remote."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import write_text
from chestbench.grid.clones import local_config, remote_config
from chestbench.grid.events import Plan
from chestbench.grid.on_ray import Cluster
from chestbench.grid.state import folder_of

_TOKEN = "grid-token"


@dataclass(frozen=True)
class Place:
    """What was chosen.

    Attributes:
        config: .dvc/config.local of clones on the machine of the repository.
        remote: the remote, where machines do not share the disk; {}: they do.
        said: in one line.
    """

    config: Mapping[str, Any]
    remote: Mapping[str, Any]
    said: str


@contextmanager
def chosen(plan: Plan, cluster: Cluster) -> Iterator[Place]:
    """Find out which it is, and yield it.

    Raises:
        ChestbenchError: machines do not see the repository, and no remote is configured.
    """
    config, wanted = local_config(plan.root), plan.settings.storage
    if wanted == "disk" or (wanted == "auto" and cluster.is_own):
        yield Place(config, {}, "storage: the disk of the repository, its cache and its clones below .dvc/tmp/grids")
        return
    blind: list[str] = []
    if wanted == "auto":
        with _tokens(plan, Path(config["cache"]["dir"])) as tokens:
            blind = cluster.see(tokens)
        if not blind:
            yield Place(config, {}, "storage: the disk of the repository, which every machine of the cluster sees")
            return
    remote = remote_config(plan.root)
    if not remote:
        why = f"{', '.join(blind[:3])} do(es) not see {plan.root}" if blind else "--storage remote was asked for"
        raise ChestbenchError(
            f"expected a disk that all machines share, or a default remote of DVC, found neither ({why}); "
            "`dvc remote add --default NAME URL` names one"
        )
    name = remote["core"]["remote"]
    yield Place({**config, **_merged(config, remote)}, remote, f"storage: DVC's remote {name}, commit and code by Ray")


def _merged(config: Mapping[str, Any], remote: Mapping[str, Any]) -> dict[str, Any]:
    """Return the remote's sections beside what the machine's own say of them."""
    return {section: {**config.get(section, {}), **values} for section, values in remote.items()}


@contextmanager
def _tokens(plan: Plan, cache: Path) -> Iterator[list[tuple[str, str]]]:
    """Yield files with a content that only who sees them knows: one in the repository, one in its cache."""
    text = secrets.token_hex(16)
    paths = [folder_of(plan.root, plan.name) / _TOKEN, cache / _TOKEN]
    try:
        for path in paths:
            write_text(path, text)
        yield [(str(path), text) for path in paths]
    finally:
        for path in paths:
            path.unlink(missing_ok=True)
