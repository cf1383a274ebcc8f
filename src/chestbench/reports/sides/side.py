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
    winner = read_json(folder / "metrics/summary.json")["winner"]
    if winner not in records:
        raise ChestbenchError(
            f"{name}: expected the measures of {winner}, which its summary names, found those of "
            f"{', '.join(records) or 'no network'}; run `dvc repro` there"
        )
    known = {part: read_json(folder / f"metrics/{part}.json") for part in ("catalog", "split", "audit")}
    return Side(name, commit, parameters, **known, records=records, predictions=predictions, winner=winner)
