"""What a network is and how it is to be read: model.json, which travels with the registered model."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chestbench.core.notice import NOTICE
from chestbench.core.positive import KEY
from chestbench.imaging.grey import GreyScale
from chestbench.imaging.regions.find import ROIS
from chestbench.serving.checked import names_of, number, one_of, reading

DESCRIPTION, MODEL, ARRAYS = "model.json", "model.keras", "reference.npz"
BACKENDS = ("tensorflow", "jax", "torch")
_ONE = 1 + 1e-6  # a mean of float32
_NEEDED = ("classes", "image_size", "fit", "roi", "modality", "backend")


@dataclass(frozen=True)
class Rule:
    """From which probability a class is called, of a picture or of a patient's mean.

    Attributes:
        thresholds: {class: probability as trained}, None where val gave none.
        bounds: {class: (low, high)}: where the threshold lies when val is drawn anew; None: not known.
    """

    thresholds: Mapping[str, float | None]
    bounds: Mapping[str, tuple[float, float] | None]


@dataclass(frozen=True)
class Description:
    """What model.json says.

    Attributes:
        model, dataset: names.
        classes: in the order of the network's outputs.
        positive: the class that is looked for; None: there is none.
        image_size: side in pixels of what the network takes.
        fit, roi, modality: how pictures are prepared, see `preprocess`.
        scale: how stored values become grey.
        backend: of keras.
        temperature: by which probabilities are calibrated, chosen on val; 1 where none was.
        picture, patient: rules of decision.
        confidence: of the bounds.
        scales: how the grey of the training set's files was read, in words, [] where that is not known.
        smallest: width and height of the smallest training pictures, [] where that is not known.
        tiny: what there was too little of.
        synthetic: whether the training pictures were generated.
        batch_size: pictures in a step, as evaluate has it: batches of another size may differ in the last digit.
        shifts: pixels by which a picture is shifted for the mean that evaluate judged; 0: not at all.
        measured: whether thresholds and temperature are known at all.
    """

    model: str
    dataset: str
    classes: list[str]
    positive: str | None
    image_size: int
    fit: str
    roi: str
    modality: str
    scale: GreyScale
    backend: str
    temperature: float = 1.0
    picture: Rule = dataclasses.field(default_factory=lambda: Rule({}, {}))
    patient: Rule = dataclasses.field(default_factory=lambda: Rule({}, {}))
    confidence: float = 0.95
    scales: list[str] = dataclasses.field(default_factory=list)
    smallest: list[int] = dataclasses.field(default_factory=list)
    tiny: list[str] = dataclasses.field(default_factory=list)
    synthetic: bool = False
    batch_size: int = 32
    shifts: int = 0
    measured: bool = False

    @classmethod
    def from_json(cls, record: Mapping[str, Any], where: str) -> "Description":
        """Return what `describe` wrote.

        Args:
            record: model.json.
            where: the place of the model, for messages.

        Raises:
            ChestbenchError: it lacks what is needed, or holds what cannot be.
        """
        with reading(where, "network", _NEEDED):
            return cls._read(record)

    @classmethod
    def _read(cls, record: Mapping[str, Any]) -> "Description":
        known = cls.of_pictures(record, "network", names_of(record, "classes", 2))
        positive = record.get(KEY)
        if positive is not None and positive not in known.classes:
            raise ValueError("positive is no class")
        return dataclasses.replace(
            known,
            positive=positive,
            # Of nought or below, it would turn every answer into its opposite.
            temperature=number(record.get("temperature", 1.0), "temperature", 1e-6, 1e6),
            picture=_rule(record, "", known.classes),
            patient=_rule(record, "_per_group", known.classes),
            confidence=number(record.get("confidence", 0.95), "confidence", 0.5, 1.0),
            batch_size=int(number(record.get("batch_size", 32), "batch_size", 1, 65536)),
            shifts=int(number(record.get("shifts", 0), "shifts", 0, 32)),
            measured="thresholds" in record,
        )

    @classmethod
    def of_pictures(cls, record: Mapping[str, Any], kind: str, classes: list[str]) -> "Description":
        """Return what is said of the model and of how pictures are prepared for it, which every kind of model has.

        Args:
            record: model.json.
            kind: what a model without a name is called.
            classes: what it tells of.

        Raises:
            KeyError, TypeError, ValueError, AttributeError: it lacks what is needed, or holds what cannot be.
        """
        return cls(
            model=str(record.get("model", kind)),
            dataset=str(record.get("dataset", "")),
            classes=classes,
            positive=None,
            image_size=int(number(record["image_size"], "image_size", 8, 8192)),
            fit=one_of(record["fit"], "fit", ("pad", "stretch")),
            roi=one_of(record["roi"], "roi", tuple(ROIS)),
            modality=str(record["modality"]),
            scale=GreyScale.from_json(record.get("grey")),
            backend=one_of(record["backend"], "backend", BACKENDS),
            tiny=[str(reason) for reason in record.get("tiny", [])],
            synthetic=bool(record.get("synthetic", False)),
            scales=[str(words) for words in record.get("scales", [])],
            smallest=[int(side) for side in record.get("smallest", [])],
        )


def describe(
    training: Mapping[str, Any],
    positive: str | None,
    measured: Mapping[str, Any] | None = None,
    reference: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the content of model.json.

    Args:
        training: training.json.
        positive: the class that is looked for, None where there is none.
        measured: metrics/models/NAME.json; None: not measured yet.
        reference: reference.json beside the results; None: of before it was written.
    """
    described: dict[str, Any] = {
        "classes": training["classes"],
        KEY: positive,
        **describe_training(training),
    }
    for key in ("temperature", "thresholds", "thresholds_per_group"):
        if measured is not None:
            described[key] = measured[key]
    return described | dict(reference or {})


def describe_training(training: Mapping[str, Any]) -> dict[str, Any]:
    """Return what model.json says of every kind of model: of its training, and of how pictures are prepared for it.

    Args:
        training: training.json.
    """
    config = training["config"]
    return {
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


def _rule(record: Mapping[str, Any], unit: str, classes: list[str]) -> Rule:
    thresholds = {name: chosen["threshold"] for name, chosen in record.get(f"thresholds{unit}", {}).items()}
    bounds = record.get(f"threshold_bounds{unit}", {})
    if unknown := {*thresholds, *bounds} - {*classes}:
        raise ValueError(f"threshold of {sorted(unknown)[0]!r}, which is no class")
    return Rule(
        {name: None if value is None else number(value, "threshold", 0, _ONE) for name, value in thresholds.items()},
        {
            name: None if pair is None else (number(pair[0], "bound", 0, _ONE), number(pair[1], "bound", 0, _ONE))
            for name, pair in bounds.items()
        },
    )
