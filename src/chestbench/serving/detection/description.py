"""What a detector is and how it is read: its model.json, which travels with the registered model.

As `serving.description` for networks for classes; a detector may have one finding alone, and one threshold for all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chestbench.core.errors import ChestbenchError
from chestbench.core.notice import NOTICE
from chestbench.imaging.grey import GreyScale
from chestbench.imaging.regions.find import ROIS
from chestbench.measures.detection.record import TASK
from chestbench.serving.description import BACKENDS, Description, number, one_of

_NEEDED = ("task", "findings", "threshold", "image_size", "fit", "roi", "modality", "backend")


@dataclass(frozen=True)
class DetectorDescription:
    """What model.json of a detector says.

    Attributes:
        pictures: how pictures are prepared for it; `classes` are its findings, in the order of its scores.
        threshold: score from which on a box counts, chosen on val; None: none was chosen, and every box is given.
    """

    pictures: Description
    threshold: float | None

    @property
    def findings(self) -> list[str]:
        """Names of the findings, by label."""
        return self.pictures.classes

    def words(self) -> str:
        """Return what it is, in a phrase."""
        known = self.pictures
        synthetic = ", synthetic pictures" if known.synthetic else ""
        findings = ", ".join(self.findings)
        return f"detector {known.model} of {known.dataset} ({known.modality}{synthetic}; {findings})"

    def rule_words(self) -> str:
        """Return which boxes are given, in a sentence."""
        if self.threshold is None:
            return "No threshold was chosen on val (not evaluated, or no box on val was right): every box is given."
        return f"Boxes from score {self.threshold:.3f} on are given, as chosen on val."

    @classmethod
    def from_json(cls, record: Mapping[str, Any], where: str) -> "DetectorDescription":
        """Return what `describe_detector` wrote.

        Args:
            record: model.json.
            where: the place of the detector, for messages.

        Raises:
            ChestbenchError: it lacks what is needed, or holds what cannot be.
        """
        try:
            return cls._read(record)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ChestbenchError(
                f"{where}: expected the description of a detector of this project ({', '.join(_NEEDED)}), received one "
                f"that cannot be used ({type(error).__name__}: {error}); take one that `dvc repro` or MLflow wrote"
            ) from None

    @classmethod
    def _read(cls, record: Mapping[str, Any]) -> "DetectorDescription":
        one_of(record["task"], "task", (TASK,))
        findings, threshold = record["findings"], record["threshold"]
        if not isinstance(findings, list) or not findings or len(set(findings)) != len(findings):
            raise ValueError("findings must be a list of different names")
        if not all(isinstance(name, str) and name for name in findings):
            raise ValueError("findings must be a list of names")
        pictures = Description(
            model=str(record.get("model", "detector")),
            dataset=str(record.get("dataset", "")),
            classes=findings,
            positive=None,
            image_size=int(number(record["image_size"], "image_size", 8, 8192)),
            fit=one_of(record["fit"], "fit", ("pad", "stretch")),
            roi=one_of(record["roi"], "roi", tuple(ROIS)),
            modality=str(record["modality"]),
            scale=GreyScale.from_json(record.get("grey")),
            backend=one_of(record["backend"], "backend", BACKENDS),
            tiny=[str(reason) for reason in record.get("tiny", [])],
            synthetic=bool(record.get("synthetic", False)),
            measured=bool(record.get("measured", False)),
        )
        return cls(pictures, None if threshold is None else number(threshold, "threshold", 0, 1))


def describe_detector(training: Mapping[str, Any], record: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the content of model.json.

    Args:
        training: training.json.
        record: metrics/detectors/NAME.json; None: not measured yet.
    """
    config = training["config"]
    return {
        "task": TASK,
        "findings": training["findings"],
        "threshold": record["working_point"]["threshold"] if record else None,
        "measured": record is not None,
        "tiny": training.get("tiny", []),
        "image_size": training["image_size"],
        "fit": config["preprocess.fit"],
        "roi": config["preprocess.roi"],
        "modality": config["dataset.modality"],
        "grey": training.get("grey"),
        "backend": training["backend"],
        "dataset": training["dataset"],
        "model": training["model"],
        "synthetic": training["synthetic"],
        "notice": NOTICE,
    }
