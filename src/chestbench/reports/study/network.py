"""The section of one network: what is drawn and tabulated of it, from the files that its evaluation left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from chestbench.core.config import Evaluate
from chestbench.core.files import Row, read_csv
from chestbench.core.positive import read_positive
from chestbench.core.words import Figure, heading, with_interval
from chestbench.figures.vector.charts import calibration_chart, history_chart, pr_chart, roc_chart
from chestbench.measures.bands import pr_band, roc_band
from chestbench.measures.predictions import Predictions
from chestbench.measures.record import ClassMeasures, NetworkRecord, figure_of
from chestbench.measures.subgroups import Subgroup, subgroups
from chestbench.reports.card_results import Table, Tables, tables
from chestbench.reports.study.mistakes import Mistake, worst
from chestbench.reports.study.pictures import Budget, Picture, from_array, from_file
from chestbench.reports.study.seen import clipped
from chestbench.reports.study.told import told
from chestbench.training.records import TrainingRecord, read_training

# Curves of more classes than these are told by the table alone.
MOST_CLASSES = 9
# With more, the charts are small.
FEW_CLASSES = 3


class Drawn(NamedTuple):
    """A chart with what stands under it."""

    svg: str
    caption: str


class Confusion(NamedTuple):
    """A confusion matrix: for each actual class its images, and of each predicted class images and share."""

    classes: list[str]
    rows: list[tuple[str, int, list[tuple[int, float]]]]


@dataclass(frozen=True)
class NetworkSection:
    """Everything that is shown of one network.

    Attributes:
        record: metrics/models/NAME.json.
        training: of models/NAME.
        histories: how the training went.
        curves: ROC and precision-recall of each class shown.
        curves_left_out: classes that have no curves here.
        calibration: reliability of its probabilities.
        confusion: at the highest probability, per image.
        confusion_groups: likewise, per patient or group; None where each group has one image.
        at_threshold: class -> its `[[TP, FN], [FP, TN]]` at the threshold chosen on val.
        tables: measures.
        groups_per_class: measures of each class per patient or group.
        subgroups: by sex, age, view and source.
        heat: sheet of heat maps; None where none was drawn.
        mistakes: the worst, with their pictures.
        wrong: how many test images are called wrongly.
    """

    record: NetworkRecord
    training: TrainingRecord
    histories: list[Drawn]
    curves: list[Drawn]
    curves_left_out: list[str]
    calibration: Drawn
    confusion: Confusion
    confusion_groups: Confusion | None
    at_threshold: dict[str, list[list[int]]]
    tables: Tables
    groups_per_class: dict[str, ClassMeasures]
    subgroups: list[Subgroup]
    heat: Picture | None
    mistakes: list[tuple[Mistake, Picture]]
    wrong: int

    @property
    def name(self) -> str:
        """What the network is called."""
        return self.record["model"]


class Shown(NamedTuple):
    """What all sections of a study share.

    Attributes:
        models: models/, with NAME/.
        results: results/models, with NAME/.
        images: test image by its id, uint8 (H, W).
        attributes: from `subgroups.read_attributes`, in the order of the predictions.
        settings: the evaluate block of the parameters.
        seed: of the bootstrap.
    """

    models: Path
    results: Path
    images: Mapping[str, Any]
    attributes: Mapping[str, Sequence[str]]
    settings: Evaluate
    seed: int


def section(record: NetworkRecord, said: Predictions, shown: Shown, room: Budget) -> NetworkSection:
    """Return the section of one network.

    Args:
        record: metrics/models/NAME.json.
        said: its predictions on test.
        shown: what all sections share.
        room: bytes for its pictures.
    """
    name, test = record["model"], record["test"]
    folder, classes = shown.results / name, record["classes"]
    training = read_training(shown.models / name)
    curves, left_out = _curves(record, said, folder, shown)
    units = test.get("per_group")
    bootstrap = shown.settings.bootstrap, record["bootstrap"]["confidence"], shown.seed
    found, wrong = worst(said, classes, record["temperature"])
    mistakes = [
        (mistake, from_array(shown.images[mistake.image_id], _told(mistake), room.mistake))
        for mistake in found
        if mistake.image_id in shown.images
    ]
    return NetworkSection(
        record=record,
        training=training,
        histories=_histories(folder, record["training"]["best_epoch"]),
        curves=curves,
        curves_left_out=left_out,
        calibration=_calibration(folder, record),
        confusion=confusion(classes, test["confusion"]),
        confusion_groups=confusion(classes, units["confusion"]) if units and units["units"] < test["images"] else None,
        at_threshold={
            label: table
            for label, found_class in test["per_class"].items()
            if (table := found_class.get("at_threshold", {}).get("confusion")) is not None
        },
        tables=tables(record, told),
        groups_per_class=units["per_class"] if units and units["units"] < test["images"] else {},
        subgroups=subgroups(said, shown.attributes, classes, record["thresholds"], *bootstrap),
        heat=from_file(folder / "gradcam.png", f"Heat maps of {name} on right and wrong answers", room.heat),
        mistakes=mistakes,
        wrong=wrong,
    )


def _told(mistake: Mistake) -> str:
    return f"test image {mistake.image_id}: {mistake.actual}, called {mistake.predicted}"


def confusion(classes: Sequence[str], matrix: Sequence[Sequence[int]]) -> Confusion:
    """Return a matrix with its shares of each actual class.

    >>> confusion(["a", "b"], [[3, 1], [0, 0]]).rows
    [('a', 4, [(3, 0.75), (1, 0.25)]), ('b', 0, [(0, 0.0), (0, 0.0)])]
    """
    rows = []
    for name, counts in zip(classes, matrix, strict=True):
        total = sum(counts)
        rows.append((name, total, [(count, count / total if total else 0.0) for count in counts]))
    return Confusion(list(classes), rows)


def two_by_two(name: str, table: Sequence[Sequence[int]]) -> Confusion:
    """Return a class against the rest, from `[[TP, FN], [FP, TN]]`."""
    return confusion([name, "the rest"], table)


def groups_table(per_class: Mapping[str, ClassMeasures]) -> Table:
    """Return headings and cells of measures per patient or group."""
    names = ("sensitivity", "specificity", "ppv", "npv", "auc")
    return ["class", "judged", *(heading(name) for name in names)], [
        [label, measures["groups"], *(told(figure_of(measures, name)) for name in names)]
        for label, measures in per_class.items()
    ]


def classes_with_curves(record: NetworkRecord) -> tuple[list[str], list[str]]:
    """Return the classes whose curves are shown, and those that have some and are left out.

    Of two classes one says all: the one that is looked for, where there is one.
    """
    test, positive = record["test"], read_positive(record).name
    present = [name for name in record["classes"] if test["per_class"][name].get("images")]
    if len(record["classes"]) == 2:
        return [name for name in present if name == positive] or present[:1], []
    ordered = sorted(present, key=lambda name: name != positive)
    return ordered[:MOST_CLASSES], ordered[MOST_CLASSES:]


def _curves(record: NetworkRecord, said: Predictions, folder: Path, shown: Shown) -> tuple[list[Drawn], list[str]]:
    drawing = shown.settings.bootstrap, record["bootstrap"]["confidence"], shown.seed
    roc, pr = read_csv(folder / "roc.csv"), read_csv(folder / "pr.csv")
    names, left_out = classes_with_curves(record)
    small, areas, precisions = len(names) > FEW_CLASSES, [], []
    for name in names:
        index, measures = record["classes"].index(name), record["test"]["per_class"][name]
        scores, positive, shown_as = said.probabilities[:, index], said.labels == index, clipped(name)
        band = roc_band(scores, positive, said.groups, *drawing)
        if band is not None:
            svg = roc_chart(name, band, _of_class(roc, name), measures["auc"], small)
            areas.append(Drawn(svg, f"ROC, {shown_as} against the rest: AUC {told(measures['auc'])}"))
        band, points = pr_band(scores, positive, said.groups, *drawing), _of_class(pr, name)
        if band is not None and points:
            precision = measures["average_precision"]
            svg = pr_chart(name, band, points, precision, float(np.mean(positive)), small)
            words = f"Precision and recall, {shown_as}: {heading('average_precision')} {told(precision)}"
            precisions.append(Drawn(svg, words))
    return [*areas, *precisions], left_out


def _histories(folder: Path, best: int) -> list[Drawn]:
    epochs, steps = read_csv(folder / "history.csv"), read_csv(folder / "steps.csv")
    passed = _epochs_passed(steps)
    drawn = []
    for measure in ("loss", "accuracy"):
        series = {"train": _column(epochs, measure), "val": _column(epochs, f"val_{measure}")}
        svg = history_chart(measure, series, (passed, _column(steps, measure)), best)
        ends = ", ".join(f"{name} {values[-1]:.3f}" for name, values in series.items() if values)
        drawn.append(Drawn(svg, f"After the last epoch: {ends}"))
    return drawn


def _epochs_passed(steps: Sequence[Row]) -> list[float]:
    """Return how many epochs had passed at each step, with its part of the current one."""
    numbers = [(int(row["epoch"]), int(row["step"])) for row in steps]
    last: dict[int, int] = {}
    for epoch, step in numbers:
        last[epoch] = max(step, last.get(epoch, 0))
    found = []
    for epoch, step in numbers:
        before = last.get(epoch - 1, 0)
        found.append(epoch - 1 + (step - before) / max(last[epoch] - before, 1))
    return found


def _calibration(folder: Path, record: NetworkRecord) -> Drawn:
    rows = [row for row in read_csv(folder / "calibration.csv") if row["split"] == "test"]
    series: dict[str, list[Row]] = {}
    for row in rows:
        as_trained = float(row["temperature"]) == 1
        series.setdefault("as trained" if as_trained else "temperature scaled", []).append(row)
    test = record["test"]
    errors: dict[str, Figure] = {"as trained": test["ece"]}
    if "temperature scaled" in series and "ece_calibrated" in test:
        errors["temperature scaled"] = test["ece_calibrated"]
    words = "; ".join(f"{name} {with_interval(error)}" for name, error in errors.items())
    about = f"Calibration on test: {heading('ece')} {words}"
    return Drawn(calibration_chart(series, about), about)


def _of_class(rows: Sequence[Row], name: str) -> list[Row]:
    return [row for row in rows if row["class"] == name]


def _column(rows: Sequence[Row], name: str) -> list[float]:
    return [float(row[name]) if row.get(name) not in (None, "") else float("nan") for row in rows]
