"""Where a detector lies on this machine, how its pictures are prepared, and from which score on its boxes count."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json, sha256_file
from chestbench.imaging.grey import GreyScale
from chestbench.serving.description import MODEL, Description
from chestbench.serving.found import DETECT, TRAINING


@dataclass(frozen=True)
class FoundDetector:
    """A detector that can be loaded.

    Attributes:
        described: how pictures are prepared for it; `classes` are its findings.
        folder: models/NAME.
        threshold: score from which on a box counts, chosen on val; None: none was chosen, and every box is given.
    """

    described: Description
    folder: Path
    threshold: float | None

    def words(self) -> str:
        """Return what is loaded, in a line."""
        known = self.described
        synthetic = ", synthetic pictures" if known.synthetic else ""
        return (
            f"detector {known.model} of {known.dataset} ({known.modality}{synthetic}; {', '.join(known.classes)}), "
            f"from {self.folder}, SHA-256 {sha256_file(self.folder / MODEL)[:16]}"
        )

    def rule_words(self) -> str:
        """Return which boxes are given, in a sentence."""
        if self.threshold is None:
            return "No threshold was chosen on val (not evaluated, or no box on val was right): every box is given."
        return f"Boxes from score {self.threshold:.3f} on are given, as chosen on val."


def find_detector(name: str, root: Path) -> FoundDetector:
    """Return the detector models/NAME of a repository.

    Raises:
        ChestbenchError: there is none, it is a network for classes, or its measures are those of another training.
    """
    folder = root / "models" / name
    there = [path.parent.name for path in sorted(root.glob(f"models/*/{TRAINING}")) if is_detector(path.parent)]
    if "/" in name or not is_detector(folder) or not (folder / MODEL).is_file():
        raise ChestbenchError(
            f"--detector: expected a detector of models/ ({', '.join(there) or 'there is none'}), received {name!r}; "
            "name another, or train one: dvc exp run -S task=detect"
        )
    training: dict[str, Any] = read_json(folder / TRAINING)
    record_file = root / "metrics/detectors" / f"{name}.json"
    record = read_json(record_file) if record_file.is_file() else None
    if record is not None and record["run_key"] != training["run_key"]:
        raise ChestbenchError(
            f"{record_file}: expected the measures of the training in {folder}, received those of another; run "
            "`dvc repro`"
        )
    config = training["config"]
    described = Description(
        model=name,
        dataset=training["dataset"],
        classes=training["findings"],
        positive=None,
        image_size=training["image_size"],
        fit=config["preprocess.fit"],
        roi=config["preprocess.roi"],
        modality=config["dataset.modality"],
        scale=GreyScale.from_json(training.get("grey")),
        backend=training["backend"],
        tiny=training.get("tiny", []),
        synthetic=training["synthetic"],
    )
    return FoundDetector(described, folder, record["working_point"]["threshold"] if record else None)


def is_detector(folder: Path) -> bool:
    """Tell whether a folder holds the training of a detector."""
    path = folder / TRAINING
    return path.is_file() and read_json(path).get("task") == DETECT
