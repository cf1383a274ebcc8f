"""The detectors of a study side by side: the order is that of val, and the first is the chosen one.

Test figures were read once and choose nothing. Beside them stands the mean box of train, which looks at no picture.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json
from chestbench.evaluation.leaderboard import Timing
from chestbench.measures.detection.record import DetectorRecord
from chestbench.measures.record import Figure

CHOSEN_ON = "val_map50"


@dataclass(frozen=True)
class DetectorBoard:
    """The detectors of a study.

    Attributes:
        records: metrics/detectors/NAME.json of each, best on val first.
        timings: what a clock said of each training, by name.
        warnings, untested, data: of the audit, as the leaderboard of networks says them.
    """

    records: Sequence[DetectorRecord]
    timings: Mapping[str, Timing]
    warnings: Sequence[str] = ()
    untested: Sequence[str] = ()
    data: Sequence[str] = ()

    @property
    def best(self) -> DetectorRecord:
        """The detector chosen on val."""
        return self.records[0]

    @property
    def not_better_than_place(self) -> list[str]:
        """Detectors of which test does not show that they find more than the mean box of train does."""
        return [record["model"] for record in self.records if not _above_zero(record["difference"]["map50"])]


def read_detectors(folder: Path, names: Sequence[str]) -> list[DetectorRecord]:
    """Read `{name}.json` of each detector, best on val first (mAP@0.5, then mAP@[.5:.95], then name).

    Args:
        folder: metrics/detectors.
        names: detector.variants.

    Raises:
        ChestbenchError: a detector has no record, or they were not judged on the same pictures and boxes.
    """
    records: list[DetectorRecord] = []
    for name in names:
        path = folder / f"{name}.json"
        if not path.is_file():
            raise ChestbenchError(
                f"{path}: expected the measures of {name}, found none; run `dvc repro evaluate_boxes@{name}`"
            )
        records.append(read_json(path))
    if len({(record["data_sha256"], record["boxes_sha256"], *record["findings"]) for record in records}) > 1:
        raise ChestbenchError(
            f"{folder}: expected detectors judged on the same pictures and boxes, received measures of several; run "
            "`dvc repro`"
        )
    return sorted(records, key=_rank)


def _rank(record: DetectorRecord) -> tuple[float, float, str]:
    map50, map50_95 = record["val"]["map50"]["value"], record["val"]["map50_95"]["value"]
    # What is not defined comes last.
    return (*(math.inf if value is None else -value for value in (map50, map50_95)), record["model"])  # type: ignore[return-value]


def _above_zero(difference: Figure) -> bool:
    return difference["low"] is not None and difference["low"] > 0
