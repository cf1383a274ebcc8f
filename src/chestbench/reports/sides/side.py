"""What is read of one of two studies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json
from chestbench.measures.detection.record import DetectorRecord
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
        winner: the chosen network, "" where there are detectors alone.
        detectors: metrics/detectors/NAME.json, in the order of the parameters.
        detector: the chosen one, "" where there is none.
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
    detectors: Mapping[str, DetectorRecord] = field(default_factory=dict)
    detector: str = ""
    changed: tuple[str, ...] = ()
    tried: str = ""

    @property
    def lead(self) -> Mapping[str, Any]:
        """The record by which the data are described: that of the chosen network, without one of the detector."""
        return self.records[self.winner] if self.winner else self.detectors[self.detector]


def read_side(name: str, commit: str, folder: Path) -> Side:
    """Return the study whose files lie in a folder under their own names.

    Args:
        name: as it was asked for.
        commit: that Git knows it by, "" of the workspace.
        folder: with params.yaml, metrics/ and, where they are known, results/models/NAME/predictions.csv.

    Raises:
        ChestbenchError: it has nothing with figures, or not what its summary names.
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
    summary = read_json(folder / "metrics/summary.json")
    winner, detector = str(summary.get("winner") or ""), str(summary.get("detector") or "")
    # Commits of before there were detectors have no such parameter.
    named = (parameters.get("detector") or {}).get("variants") or []
    files = {name: folder / f"metrics/detectors/{name}.json" for name in named}
    detectors: dict[str, DetectorRecord] = {name: read_json(path) for name, path in files.items() if path.is_file()}
    if not winner and not detector:
        raise ChestbenchError(
            f"{name}: expected a summary that names a network or a detector, found neither; run `dvc repro` there"
        )
    for chosen, kind, known_ones in ((winner, "network", records), (detector, "detector", detectors)):
        if chosen and chosen not in known_ones:
            raise ChestbenchError(
                f"{name}: expected the measures of {chosen}, which its summary names, found those of "
                f"{', '.join(known_ones) or f'no {kind}'}; run `dvc repro` there"
            )
    known = {part: read_json(folder / f"metrics/{part}.json") for part in ("catalog", "split", "audit")}
    changed = tuple(_changed(folder, parameters, {*records, *detectors}))
    return Side(
        name,
        commit,
        parameters,
        **known,
        records=records,
        predictions=predictions,
        winner=winner,
        detectors=detectors,
        detector=detector,
        changed=changed,
    )


def _changed(folder: Path, parameters: Mapping[str, Any], trained: set[str]) -> list[str]:
    """Return the parameters whose value at the last run, as DVC noted it, is not that of params.yaml."""
    path = folder / "dvc.lock"
    if not path.is_file():
        return []
    stages = yaml.safe_load(path.read_text(encoding="utf-8")).get("stages") or {}
    found: list[str] = []
    for stage, noted in stages.items():
        name, _, member = stage.partition("@")
        # Of an earlier choice of networks or detectors.
        if name in ("train", "evaluate", "train_boxes", "evaluate_boxes") and member not in trained:
            continue
        for key, value in ((noted.get("params") or {}).get("params.yaml") or {}).items():
            if key not in ("model", "detector"):
                found += differing({key: value}, {key: _value(parameters, key)})
    return sorted(set(found))


def _value(parameters: Mapping[str, Any], key: str) -> Any:
    found: Any = parameters
    for part in key.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
