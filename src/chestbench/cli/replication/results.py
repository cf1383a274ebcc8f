"""What a replication gave, read from the clone that it was run in: the same board that `compare` and `report` show."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chestbench.cli.replication.data import PUBLISHED, Data, describe
from chestbench.cli.replication.definition import Replication
from chestbench.cli.replication.settings import WHERE_DATA_LIE, Settings
from chestbench.core.files import read_json
from chestbench.evaluation.study import Places, Study, read_study
from chestbench.reports.study.reproduced import Setting
from chestbench.training.records import TIMING_FILE


@dataclass(frozen=True)
class Training:
    """One training: what a clock, a machine and Git said of it."""

    network: str
    seed: int
    seconds: float
    images_per_second: float
    device: str
    versions: Mapping[str, str]
    code: str


@dataclass(frozen=True)
class Results:
    """All that a table of a replication is made of.

    Attributes:
        name: of the replication.
        found: its file.
        settings: the parameters of the run.
        study: the networks side by side.
        data: what they were judged on.
        trainings: every network with every seed, in that order.
    """

    name: str
    found: Replication
    settings: Settings
    study: Study
    data: Data
    trainings: list[Training]

    @property
    def differences(self) -> list[Setting]:
        """Parameters that are not the replication's; where a file lies is none if it is the published one."""
        is_published = self.data.verdict == PUBLISHED
        return [each for each in self.settings.differences if not (is_published and each.key in WHERE_DATA_LIE)]

    @property
    def is_itself(self) -> bool:
        """Whether this is the replication itself, not a shorter, smaller or otherwise other run."""
        return not self.differences

    @property
    def not_itself(self) -> str:
        """What differs, in one line; "" where nothing does."""
        return ", ".join(f"{each.key} {each.value} in place of {each.default}" for each in self.differences)


def read_results(name: str, found: Replication, settings: Settings, clone: Path) -> Results:
    """Read what the stages wrote in the clone.

    Raises:
        ChestbenchError: something is missing or not of the same images.
    """
    metrics, models, config = clone / "metrics", clone / "models", settings.config
    places = Places(metrics, models, clone / "results/models", clone / "results/baselines")
    sets = [entry.name for entry in config.evaluate.external]
    study = read_study(config, places, config.model.variants, sets, read_json(metrics / "baselines.json"))
    data = describe(
        settings.own.dataset,
        config.dataset,
        read_json(clone / "data/raw/source.json"),
        read_json(metrics / "catalog.json"),
        read_json(metrics / "split.json"),
    )
    folders = {
        (network, seed): models / network / (f"seeds/{seed}" if place else "")
        for network in config.model.variants
        for place, seed in enumerate(config.training_seeds)
    }
    trainings = [_training(network, seed, folder) for (network, seed), folder in folders.items()]
    return Results(name, found, settings, study, data, trainings)


def _training(network: str, seed: int, folder: Path) -> Training:
    timing: Mapping[str, Any] = read_json(folder / TIMING_FILE)
    ran: Mapping[str, Any] = read_json(folder / "provenance.json")
    changed = ", with uncommitted changes" if ran.get("git_dirty") == "true" else ""
    code = f"commit {ran['git_revision']}{changed}" if "git_revision" in ran else "no commit"
    return Training(network, seed, timing["seconds"], timing["images_per_second"], ran["device"], ran["versions"], code)
