"""calibration.csv and thresholds.csv of one network: what the reliability diagram and the thresholds rest on."""

import numpy as np
from numpy.typing import NDArray

from chestbench.core.files import Row
from chestbench.measures.calibration import reliability_rows, with_temperature
from chestbench.measures.metrics import AT_THRESHOLD
from chestbench.measures.record import NetworkRecord, figure_of, split_of

CALIBRATION_COLUMNS = ("split", "temperature", "low", "high", "images", "confidence", "accuracy")
THRESHOLD_COLUMNS = (
    "unit",
    "split",
    "class",
    "rule",
    "threshold",
    "tp",
    "fn",
    "fp",
    "tn",
    *(f"{name}{end}" for name in AT_THRESHOLD for end in ("", "_low", "_high")),
)


def calibration_rows(
    split: str, labels: NDArray[np.integer], probabilities: NDArray[np.floating], temperature: float
) -> list[Row]:
    """Return one row per bin that holds images, as the network says (temperature 1) and after temperature scaling.

    Args:
        split: val or test.
        labels: class index per image, (N,).
        probabilities: (N, C).
        temperature: fitted on val; where it is 1, there are only the first rows.
    """
    rows = []
    for scale in dict.fromkeys((1.0, temperature)):
        found = reliability_rows(labels, with_temperature(probabilities, scale))
        rows += [{"split": split, "temperature": scale, **row} for row in found]
    return rows


def threshold_rows(record: NetworkRecord) -> list[Row]:
    """Return one row per unit (image, group), split and class: threshold, 2x2 counts and measures with bounds."""
    rows = []
    for unit, thresholds in (("image", record["thresholds"]), ("group", record["thresholds_per_group"])):
        for split in ("val", "test"):
            whole = split_of(record, split)
            measured = whole if unit == "image" else whole["per_group"]
            for name, chosen in thresholds.items():
                found = measured["per_class"][name]["at_threshold"]
                row: Row = {"unit": unit, "split": split, "class": name, **chosen}
                if found["confusion"] is not None:
                    (row["tp"], row["fn"]), (row["fp"], row["tn"]) = found["confusion"]
                for measure in AT_THRESHOLD:
                    figure = figure_of(found, measure)
                    row |= {
                        measure: figure["value"],
                        f"{measure}_low": figure["low"],
                        f"{measure}_high": figure["high"],
                    }
                rows.append(row)
    return rows
