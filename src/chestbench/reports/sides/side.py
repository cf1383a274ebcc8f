"""What is read of one of two studies."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json
from chestbench.measures.predictions import Predictions, read_predictions
from chestbench.measures.record import NetworkRecord
from chestbench.reports.study.reproduced import differing


@dataclass(frozen=True)
class Side:
    """One study.

    Attributes:
        name: as it was asked for.
        commit: that Git knows it by, "" of the workspace.
        parameters: of params.yaml.
        catalog: metrics/catalog.json.
        split: metrics/split.json.
        audit: metrics/audit.json.
        records: metrics/models/NAME.json, in the order of the parameters.
        predictions: on test, of the networks for which DVC has them.
        winner: the chosen network.
        changed: parameters that are others now than those its figures were made with, by dvc.lock.
        tried: how many settings it was chosen among, such as `chosen among 12 settings on val (grid night)`; "" where
            no grid gave it.
    """

    name: str
    commit: str
    parameters: Mapping[str, Any]
    catalog: Mapping[str, Any]
    split: Mapping[str, Any]
    audit: Mapping[str, Any]
    records: Mapping[str, NetworkRecord]
    predictions: Mapping[str, Predictions]
    winner: str
    changed: tuple[str, ...] = ()
    tried: str = ""


def read_side(name: str, commit: str, folder: Path) -> Side:
    """Return the study whose files lie in a folder under their own names.

    Args:
        name: as it was asked for.
        commit: that Git knows it by, "" of the workspace.
        folder: with params.yaml, metrics/ and, where they are known, results/models/NAME/predictions.csv.

    Raises:
        ChestbenchError: it has no network with figures, or not the one that its summary names.
    """
    parameters = yaml.safe_load((folder / "params.yaml").read_text(encoding="utf-8"))
    records: dict[str, NetworkRecord] = {}
    predictions = {}
    for network in parameters["model"]["variants"]:
        path = folder / f"metrics/models/{network}.json"
        if path.is_file():
            records[network] = read_json(path)
            said = folder / f"results/models/{network}/predictions.csv"
            if said.is_file():
                predictions[network] = read_predictions(said, records[network]["classes"])
    winner = read_json(folder / "metrics/summary.json").get("winner")
    if winner is None:
        raise ChestbenchError(
            f"{name}: expected a study of networks for classes, received one of detectors alone, which is not put "
            "beside another; its own report: `make report` there"
        )
    if winner not in records:
        raise ChestbenchError(
            f"{name}: expected the measures of {winner}, which its summary names, found those of "
            f"{', '.join(records) or 'no network'}; run `dvc repro` there"
        )
    known = {part: read_json(folder / f"metrics/{part}.json") for part in ("catalog", "split", "audit")}
    changed = tuple(_changed(folder, parameters, set(records)))
    return Side(
        name, commit, parameters, **known, records=records, predictions=predictions, winner=winner, changed=changed
    )


def _changed(folder: Path, parameters: Mapping[str, Any], networks: set[str]) -> list[str]:
    """Return the parameters whose value at the last run, as DVC noted it, is not that of params.yaml."""
    path = folder / "dvc.lock"
    if not path.is_file():
        return []
    stages = yaml.safe_load(path.read_text(encoding="utf-8")).get("stages") or {}
    found: list[str] = []
    for stage, noted in stages.items():
        name, _, member = stage.partition("@")
        if name in ("train", "evaluate") and member not in networks:  # of an earlier choice of networks
            continue
        for key, value in ((noted.get("params") or {}).get("params.yaml") or {}).items():
            if key != "model":
                found += differing({key: value}, {key: _value(parameters, key)})
    return sorted(set(found))


def _value(parameters: Mapping[str, Any], key: str) -> Any:
    found: Any = parameters
    for part in key.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
