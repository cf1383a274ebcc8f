"""A study's networks side by side, from what the stages before left: what `compare` writes and `report` shows.

Networks without results (a training that was killed, an evaluation that was not run) can be left out with their
reasons: the board is then of the others, and whoever shows it says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chestbench.core.config import Config
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import Row, read_json
from chestbench.evaluation import external_table, leaderboard_builder, published, versus
from chestbench.evaluation.ensemble import FOLDER
from chestbench.evaluation.leaderboard import REGRESSION, Leaderboard, Timing
from chestbench.measures.other_records import BaselinesRecord
from chestbench.measures.predictions import Predictions, read_predictions
from chestbench.measures.record import NetworkRecord
from chestbench.measures.resampled import RESAMPLED, read_resampled
from chestbench.training.records import TIMED_COLUMNS, TIMING_FILE, TRAINING_FILE


@dataclass(frozen=True)
class Places:
    """Where the stages before wrote.

    Attributes:
        metrics: metrics/, with models/NAME.json, baselines.json, audit.json and external/SET/NAME.json.
        models: models/, with NAME/.
        results: results/models, with NAME/.
        baselines: results/baselines.
    """

    metrics: Path
    models: Path
    results: Path
    baselines: Path


@dataclass(frozen=True)
class Study:
    """The networks of a study.

    Attributes:
        board: side by side.
        predictions: on test, by network.
        against: rows of `versus.compare_with_chosen` by name.
        baselines: metrics/baselines.json, None where a study that need not be whole has none.
    """

    board: Leaderboard
    predictions: Mapping[str, Predictions]
    against: Mapping[str, Row]
    baselines: BaselinesRecord | None


def read_study(
    config: Config, places: Places, networks: Sequence[str], sets: Sequence[str], baselines: BaselinesRecord | None
) -> Study:
    """Return the study of these networks.

    Args:
        config: the parameters.
        places: where the stages before wrote.
        networks: those of model.variants that have results.
        sets: names of those sets of evaluate.external that all of them were tried on.
        baselines: metrics/baselines.json; None for a board without the logistic regression.

    Raises:
        ChestbenchError: something of them is missing, or not of the same images.
    """
    records = leaderboard_builder.read_records(places.metrics / "models", networks)
    predictions = {
        record["model"]: read_predictions(places.results / record["model"] / "predictions.csv", record["classes"])
        for record in records
    }
    against = _against_chosen(records, predictions, baselines, places)
    audit: Mapping[str, Any] = read_json(places.metrics / "audit.json")
    board = leaderboard_builder.build(
        records,
        against,
        baselines,
        timings(places.models, networks),
        published=published.beside_ours(config.dataset.published, records),
        external=external_table.external_rows(places.metrics / "external", sets, records),
        warnings=audit["warnings"],
        untested=audit.get("untested", []),
        data=audit.get("data", []),
    )
    return Study(board, predictions, against, baselines)


def timings(models: Path, networks: Sequence[str]) -> dict[str, Timing]:
    """Return what the clock said of each training: it stands in the terminal's table and in the report."""
    times = {name: read_json(models / name / TIMING_FILE) for name in networks}
    return {name: Timing(**{key: timing[key] for key in TIMED_COLUMNS}) for name, timing in times.items()}


def without_results(networks: Sequence[str], places: Places, data_sha256: str) -> dict[str, str]:
    """Return why a network that was asked for cannot be shown, by its name; empty where all have results.

    Args:
        networks: model.variants.
        places: where the stages before wrote.
        data_sha256: of the images, in info.json of data/processed: figures of other images are none of this study.
    """
    found = {name: _missing(name, places, data_sha256) for name in networks}
    return {name: reason for name, reason in found.items() if reason}


def sets_without_results(sets: Sequence[str], places: Places, networks: Sequence[str]) -> dict[str, str]:
    """Return why a set from elsewhere cannot be shown, by its name; empty where all networks were tried on all sets."""
    found = {}
    for name in sets:
        untried = [each for each in networks if not (places.metrics / f"external/{name}/{each}.json").is_file()]
        if untried:
            found[name] = f"{', '.join(untried)} {'was' if len(untried) == 1 else 'were'} not tried on it"
    return found


def _missing(name: str, places: Places, data_sha256: str) -> str:
    if not (places.models / name / TRAINING_FILE).is_file():
        return "it has no finished training"
    record = places.metrics / "models" / f"{name}.json"
    if not record.is_file() or not (places.results / name / "predictions.csv").is_file():
        return "it was trained and not evaluated"
    if read_json(record)["data_sha256"] != data_sha256:
        return "its figures are of other images than those that are there"
    if read_json(record)["run_key"] != read_json(places.models / name / TRAINING_FILE)["run_key"]:
        return "its figures are of another training than the one that is there"
    return ""


def _against_chosen(
    records: Sequence[NetworkRecord],
    predictions: Mapping[str, Predictions],
    baselines: BaselinesRecord | None,
    places: Places,
) -> dict[str, Row]:
    """Return the paired comparison of every other network; ensembles and the regression are families of their own."""
    best = records[0]
    name, chosen, confidence = best["model"], predictions[best["model"]], best["bootstrap"]["confidence"]
    resampled = {record["model"]: read_resampled(places.results / record["model"] / RESAMPLED) for record in records}
    families = [{record["model"]: predictions[record["model"]] for record in records[1:]}]
    together = {}
    for record in records:
        if "ensemble" in record:
            folder, own = places.results / record["model"] / FOLDER, record["ensemble"]["name"]
            resampled[own] = read_resampled(folder / RESAMPLED)
            together[own] = read_predictions(folder / "predictions.csv", record["classes"])
    if together:
        families.append(together)
    if baselines is not None:
        leaderboard_builder.check_baselines(baselines, best)
        resampled[REGRESSION] = read_resampled(places.baselines / RESAMPLED)
        families.append({REGRESSION: read_predictions(places.baselines / "predictions.csv", best["classes"])})
    compared = (versus.compare_with_chosen(name, chosen, family, resampled, confidence) for family in families)
    return {other: row for family in compared for other, row in family.items()}


def check_some(networks: Sequence[str], missing: Mapping[str, str]) -> list[str]:
    """Return the networks that have results.

    Raises:
        ChestbenchError: there is none.
    """
    there = [name for name in networks if name not in missing]
    if not there:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in missing.items())
        raise ChestbenchError(f"expected at least one network with results, found none ({reasons}); run `dvc repro`")
    return there
