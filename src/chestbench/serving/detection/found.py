"""Where a detector lies on this machine: a training of the repository, or a folder that MLflow wrote."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json, sha256_file
from chestbench.measures.detection.record import TASK
from chestbench.serving.description import ARRAYS, DESCRIPTION, MODEL
from chestbench.serving.detection.description import DetectorDescription, describe_detector
from chestbench.serving.detection.detector import LoadedDetector
from chestbench.serving.found import TRAINING


@dataclass(frozen=True)
class FoundDetector:
    """A detector that can be loaded.

    Attributes:
        described: what it is, and from which score on its boxes count.
        folder: models/NAME, or the folder with its model.json.
        reference: reference.npz; None: there is none.
    """

    described: DetectorDescription
    folder: Path
    reference: Path | None = None

    def load(self) -> LoadedDetector:
        """Load it; see `LoadedDetector`."""
        return LoadedDetector(self.described, self.folder / MODEL, self.reference)

    def answered(self) -> dict[str, Any]:
        """Return what a file of answers says of it: name, data set, SHA-256 of its file, and its threshold."""
        known = self.described.pictures
        digest = sha256_file(self.folder / MODEL)
        told = {"detector": known.model, "dataset": known.dataset, "synthetic": known.synthetic}
        return {**told, "model_sha256": digest, "threshold": self.described.threshold}

    def words(self) -> str:
        """Return what is loaded, in a line."""
        return f"{self.described.words()}, from {self.folder}, SHA-256 {sha256_file(self.folder / MODEL)[:16]}"


def find_detector(name: str, root: Path) -> FoundDetector:
    """Return the detector models/NAME of a repository.

    Raises:
        ChestbenchError: there is none, it is a network for classes, or its measures are those of another training.
    """
    folder = root / "models" / name
    if "/" in name or not is_detector(folder) or not (folder / MODEL).is_file():
        raise ChestbenchError(
            f"--detector: expected a detector of models/ ({', '.join(detector_names(root)) or 'there is none'}) or "
            f"models:/NAME/VERSION, received {name!r}; name another, or train one: dvc exp run -S task=detect"
        )
    training: dict[str, Any] = read_json(folder / TRAINING)
    record_file = root / "metrics/detectors" / f"{name}.json"
    record = read_json(record_file) if record_file.is_file() else None
    if record is not None and record["run_key"] != training["run_key"]:
        raise ChestbenchError(
            f"{record_file}: expected the measures of the training in {folder}, received those of another; run "
            "`dvc repro`"
        )
    results = root / "results/models" / name
    reference, arrays = results / "reference.json", results / ARRAYS
    has_reference = record is not None and reference.is_file() and arrays.is_file()
    try:
        told = describe_detector(training, record, read_json(reference) if has_reference else None)
    except (KeyError, TypeError) as error:
        raise ChestbenchError(
            f"{folder / TRAINING}: expected the record of a detector's training, received one of other content "
            f"({type(error).__name__}: {error}); run `dvc repro`"
        ) from None
    described = DetectorDescription.from_json(told, str(folder))
    return FoundDetector(described, folder, arrays if has_reference else None)


def registered_detector(folder: Path) -> FoundDetector:
    """Return the detector in a folder that MLflow wrote.

    Raises:
        ChestbenchError: it holds none.
    """
    folder = folder / "data" / "served"
    told = read_json(folder / DESCRIPTION) if (folder / DESCRIPTION).is_file() else None
    if not isinstance(told, Mapping) or told.get("task") != TASK or not (folder / MODEL).is_file():
        raise ChestbenchError(
            "--detector: expected a registered detector, received another model; networks for classes are asked with "
            "`chestbench predict --model`"
        )
    arrays = folder / ARRAYS
    described = DetectorDescription.from_json(told, str(folder))
    return FoundDetector(described, folder, arrays if arrays.is_file() else None)


def is_detector(folder: Path) -> bool:
    """Tell whether a folder holds the training of a detector."""
    training = read_json(folder / TRAINING) if (folder / TRAINING).is_file() else None
    return isinstance(training, dict) and training.get("task") == TASK


def detector_names(root: Path) -> list[str]:
    """Return the trained detectors of models/."""
    found = sorted(path.parent for path in root.glob(f"models/*/{TRAINING}"))
    return [folder.name for folder in found if is_detector(folder) and (folder / MODEL).is_file()]


def chosen_detector(root: Path) -> str | None:
    """Return the detector that `compare` chose on val, or the only one there is; None where neither is so."""
    names, summary = detector_names(root), root / "metrics" / "summary.json"
    chosen = read_json(summary).get("detector") if summary.is_file() else None
    if chosen in names:
        return str(chosen)
    return names[0] if len(names) == 1 else None
