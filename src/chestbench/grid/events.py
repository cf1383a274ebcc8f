"""What a grid is asked, and what it says while it runs: plain values, without Ray and without DVC.

`chestbench.grid.run.run_grid(plan, on_change, propose)` runs a `Plan` and returns the last `MemberStatus` of each.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from chestbench.repository.git import Tree

# waiting: for a card. cached: everything that it needs was run before, DVC brings it back. data: for the data stages.
# skipped: came to an end in an earlier run of the same grid, nothing was done.
State = Literal["waiting", "cached", "data", "running", "done", "failed", "skipped"]
Storage = Literal["auto", "disk", "remote"]
# What val says of the chosen network, and of the chosen detector where no network is compared: keys of
# metrics/summary.json. Members that are judged by different ones are not compared.
OF_NETWORKS, OF_DETECTORS = "val_balanced_accuracy", "val_map50"


@dataclass(frozen=True)
class Member:
    """One experiment of a grid.

    Attributes:
        name: of the DVC experiment, the same for the same grid and overrides.
        overrides: as after `dvc exp run -S`, one value each.
        values: of its params.yaml; paths of data are absolute.
        queued: revision of DVC's queue that it was taken from; "" where it was not.
        told: what is shown of it as its settings, in the form of overrides; of one whose overrides tell them: none.
    """

    name: str
    overrides: tuple[str, ...]
    values: Mapping[str, Any] = field(repr=False, compare=False, default_factory=dict)
    queued: str = ""
    told: tuple[str, ...] = field(default=(), compare=False)

    @property
    def networks(self) -> list[str]:
        """Names of the networks that it trains."""
        return list(self.values["model"]["variants"])

    @property
    def detectors(self) -> list[str]:
        """Names of the detectors that it trains."""
        return list(self.values.get("detector", {}).get("variants", []))

    @property
    def judged_by(self) -> str:
        """What val judges it by, a key of metrics/summary.json."""
        return OF_NETWORKS if self.networks or not self.detectors else OF_DETECTORS

    @property
    def epochs(self) -> int:
        """Epochs of each of its trainings, both phases together; early stopping may end one before."""
        train = self.values["train"]
        return int(train["epochs"]) + int(train["head_epochs"])


@dataclass(frozen=True)
class MemberStatus:
    """How far one member is.

    Attributes:
        name: of the member.
        overrides: of the member, or what is shown in their place.
        state: see `State`.
        node: address of the machine that it runs on; "" before it runs.
        device: such as "gpu 3", "cpu"; "" before it runs.
        stage: of dvc.yaml that it is in, such as train@resnet50; "" before the first.
        epoch: finished in the training that goes on; 0 outside of trainings.
        epochs: of that training.
        judged_by: `OF_NETWORKS` or `OF_DETECTORS`.
        judges: hash of what decides which pictures (or boxes) val holds, see `tried.judges_of`; "" where not known.
        measure: that, on val, 0 to 1: after the last epoch, and at the end of the network (or detector) that was chosen
            on val; None before there is one.
        images_per_second: of the last epoch.
        seconds: since it began on a machine, all attempts together; 0 before.
        attempt: which one, from 1; 0 before.
        last_lines: of its output; of a member that failed, what to read.
        before: why the attempt before this one ended; "" where there was none.
        trained: whether a training ran, in whole or in part: it did not all come from the cache.
        commit: of the DVC experiment, once it is in the repository.
    """

    name: str
    overrides: tuple[str, ...] = ()
    state: State = "waiting"
    node: str = ""
    device: str = ""
    stage: str = ""
    epoch: int = 0
    epochs: int = 0
    judged_by: str = OF_NETWORKS
    judges: str = ""
    measure: float | None = None
    images_per_second: float | None = None
    seconds: float = 0.0
    attempt: int = 0
    last_lines: tuple[str, ...] = ()
    before: str = ""
    trained: bool = False
    commit: str = ""


@dataclass(frozen=True)
class Settings:
    """How a grid runs.

    Attributes:
        gpus_per_run: cards of each member; None: 1 where there are any, else 0. A fraction shares a card.
        parallel: members at a time at most; None: as many as cards (or processors) are there.
        retries: further attempts of a member that failed. A machine that dies costs no attempt.
        time_limit: seconds of one attempt; None: none.
        memory_limit: bytes of all processes of a member together; None: none.
        address: of a Ray cluster, `auto` or ray://HOST:PORT; None: RAY_ADDRESS, else one of this process's own.
        storage: how machines get commit, data and cache: `disk` they share, `remote` of DVC; `auto` finds out.
    """

    gpus_per_run: float | None = None
    parallel: int | None = None
    retries: int = 1
    time_limit: float | None = None
    memory_limit: int | None = None
    address: str | None = None
    storage: Storage = "auto"


@dataclass(frozen=True)
class Plan:
    """A grid before it runs.

    Attributes:
        root: of the repository.
        name: of the grid, and the beginning of its members' names.
        tree: what of the repository is run.
        members: in the order in which they begin; empty where all are proposed.
        settings: how.
        said: what the person must know, a sentence each: duplicates, files that are not committed.
    """

    root: Path
    name: str
    tree: Tree
    members: tuple[Member, ...]
    settings: Settings = Settings()
    said: tuple[str, ...] = ()


class Proposer(Protocol):
    """What proposes members while a grid runs, such as a search."""

    def next_member(self) -> Member | None:
        """Return the next member (`grid.members.one_member` makes one), or None: no more until something is told.

        It is asked when there is room for one. A grid ends when nothing runs or waits and this gives None.
        """

    def tell(self, member: Member, measure: float | None) -> None:
        """Take what val says (0 to 1) of a member that came to its end; None: it failed."""


OnChange = Callable[[list[MemberStatus]], None]
