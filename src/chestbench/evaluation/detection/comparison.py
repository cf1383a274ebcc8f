"""The detectors' files in results/compare: their table, and curves of all of them for `dvc plots show`."""

from collections.abc import Iterator
from pathlib import Path

from chestbench.core.files import Row, read_csv, write_csv
from chestbench.evaluation.detection import board_rows
from chestbench.evaluation.detection.board import DetectorBoard

TABLE, FROC = "detectors.csv", "froc.csv"
FROC_COLUMNS = ("model", "split", "false_per_image", "sensitivity", "score")
LOSS_COLUMNS = ("model", "split", "epoch", "step", "loss")
# Tables of networks that `dvc plots show` draws: without rows where there are none.
OF_NETWORKS = {"roc.csv": ("model", "split", "fpr", "tpr"), "confusion.csv": ("actual", "predicted")}


def write_detectors(board: DetectorBoard, results: Path, folder: Path) -> None:
    """Write detectors.csv and froc.csv into a folder that is there.

    Args:
        board: of detectors.
        results: results/models, with NAME/froc.csv of each.
        folder: results/compare.
    """
    write_csv(folder / TABLE, board_rows.columns(board), board_rows.table(board))
    write_csv(folder / FROC, FROC_COLUMNS, (row for record in board.records for row in _froc(record["model"], results)))


def write_none(folder: Path) -> None:
    """Write froc.csv without rows, which `dvc plots show` reads where there are no detectors, too."""
    write_csv(folder / FROC, FROC_COLUMNS, [])


def write_alone(board: DetectorBoard, results: Path, folder: Path) -> None:
    """Write what `dvc plots show` also reads where there are no networks for classes.

    history.csv (without accuracies) and pr.csv, and without rows what networks alone have.

    Args:
        board: of detectors.
        results: results/models, with NAME/steps.csv, history.csv and pr.csv of each.
        folder: results/compare.
    """
    rows = [row for record in board.records for row in _losses(record["model"], results / record["model"])]
    write_csv(folder / "history.csv", (*LOSS_COLUMNS, "accuracy"), ({**row, "accuracy": None} for row in rows))
    pr = read_csv(results / board.best["model"] / "pr.csv")
    columns = {"class": "finding", "recall": "recall", "precision": "precision", "threshold": "score"}
    write_csv(folder / "pr.csv", list(columns), ({new: row[old] for new, old in columns.items()} for row in pr))
    for name, of_networks in OF_NETWORKS.items():
        write_csv(folder / name, of_networks, [])


def _froc(name: str, results: Path) -> Iterator[Row]:
    for row in read_csv(results / name / "froc.csv"):
        yield {"model": name, "split": "test", **{key: row[key] for key in FROC_COLUMNS[2:]}}


def _losses(name: str, folder: Path) -> Iterator[Row]:
    """Yield the loss of train at each step that was noted, and of val at the last step of each epoch."""
    steps, epochs = read_csv(folder / "steps.csv"), read_csv(folder / "history.csv")
    last = {}
    for row in steps:
        last[row["epoch"]] = row["step"]
        yield {"model": name, "split": "train", **{key: row[key] for key in LOSS_COLUMNS[2:]}}
    for number, row in enumerate(epochs, 1):
        if row.get("val_loss") and str(number) in last:
            yield {
                "model": name,
                "split": "val",
                "epoch": number,
                "step": last[str(number)],
                "loss": row["val_loss"],
            }
