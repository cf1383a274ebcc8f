"""What a detector is and how it is read: its model.json, which travels with the registered model.

As `serving.description` for networks for classes; a detector may have one finding alone, and one threshold for all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chestbench.measures.detection.record import TASK
from chestbench.serving.checked import names_of, number, one_of, reading
from chestbench.serving.description import Description, describe_training

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
        with reading(where, "detector", _NEEDED):
            return cls._read(record)

    @classmethod
    def _read(cls, record: Mapping[str, Any]) -> "DetectorDescription":
        one_of(record["task"], "task", (TASK,))
        pictures = Description.of_pictures(record, "detector", names_of(record, "findings", 1))
        threshold = record["threshold"]
        return cls(
            replace(pictures, measured=bool(record.get("measured", False))),
            None if threshold is None else number(threshold, "threshold", 0, 1),
        )


def describe_detector(
    training: Mapping[str, Any], record: Mapping[str, Any] | None = None, reference: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the content of model.json.

    Args:
        training: training.json.
        record: metrics/detectors/NAME.json; None: not measured yet.
        reference: reference.json beside the results; None: of before it was written.
    """
    return {
        "task": TASK,
        "findings": training["findings"],
        "threshold": record["working_point"]["threshold"] if record else None,
        "measured": record is not None,
        **describe_training(training),
        **(reference or {}),
    }
