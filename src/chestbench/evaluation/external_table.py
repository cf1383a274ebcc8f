"""The networks on sets from elsewhere (evaluate.external): the second table, in which the drop is what counts."""

from collections.abc import Sequence
from pathlib import Path

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import Row, read_json
from chestbench.measures.other_records import ExternalRecord
from chestbench.measures.record import NetworkRecord, figure_of

COLUMNS = (
    "set",
    "model",
    "images",
    "groups",
    "classes_compared",
    "classes_absent",
    "images_left_out",
    "own_test_balanced_accuracy",
    "external_balanced_accuracy",
    "external_balanced_accuracy_low",
    "external_balanced_accuracy_high",
    "external_macro_auc",
    "external_macro_auc_low",
    "external_macro_auc_high",
    "drop",
    "drop_low",
    "drop_high",
)


def external_rows(folder: Path, sets: Sequence[str], records: Sequence[NetworkRecord]) -> list[Row]:
    """Return one row in `COLUMNS` for each set and network, networks in the order of the leaderboard.

    Args:
        folder: metrics/external, with NAME/MODEL.json for each.
        sets: names of evaluate.external.
        records: measures per network, best on val first.

    Raises:
        ChestbenchError: one is missing, or is of a network that was trained anew since.
    """
    rows = []
    for name in sets:
        for record in records:
            model = record["model"]
            path = folder / name / f"{model}.json"
            if not path.is_file():
                raise ChestbenchError(
                    f"{path}: expected the measures of {model} on {name}, found none; run `dvc repro`"
                )
            found = read_json(path)
            if found.get("run_key", record["run_key"]) != record["run_key"]:
                raise ChestbenchError(
                    f"{path}: expected the network of metrics/models, received another; run `dvc repro`"
                )
            rows.append(_row(found))
    return rows


def _row(found: ExternalRecord) -> Row:
    test = found["test"]
    row: Row = {
        "set": found["set"],
        "model": found["model"],
        "images": test["images"],
        "groups": test["groups"],
        "classes_compared": ", ".join(found["compared"]) if "compared" in found else None,
        "classes_absent": ", ".join(test["absent_classes"]),
        "images_left_out": sum(found["left_out"].values()),
        **{key: found.get(key) for key in ("own_test_balanced_accuracy", "drop", "drop_low", "drop_high")},
    }
    for measure in ("balanced_accuracy", "macro_auc"):
        figure, name = figure_of(test, measure), f"external_{measure}"
        row |= {name: figure["value"], f"{name}_low": figure["low"], f"{name}_high": figure["high"]}
    return row
