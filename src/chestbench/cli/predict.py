"""`chestbench predict PATH ...`: files, folders and archives through a trained network."""

import argparse
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from chestbench.cli.quiet import quiet
from chestbench.core.errors import ChestbenchError

if TYPE_CHECKING:
    from chestbench.serving.found import Found

EPILOG = (
    "A decision is left out where a picture is not of the kind that the network learnt from; other warnings stand "
    "beside the answer. docs/reference/predict.md says what each word means, and how often warnings err."
)


def main(arguments: list[str]) -> int:
    """Print the answers, write them where asked, and return 0, or 1 where no picture could be read."""
    parser = argparse.ArgumentParser(
        prog="chestbench predict",
        description="Pictures through a trained network: a probability per class, a decision, doubt and warnings. "
        "For research and education, not for diagnosis.",
        epilog=EPILOG,
    )
    parser.add_argument(
        "paths", nargs="+", metavar="PATH", help="pictures (PNG, JPEG, DICOM, TIFF, ...), folders, .zip, .tar, .npz"
    )
    parser.add_argument(
        "--model",
        metavar="NAME|PATH|models:/...",
        help="a network of models/, a folder with a model, or one that MLflow has registered (default: the one that "
        "`compare` chose)",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write all answers to FILE.csv or FILE.json")
    parser.add_argument("--heat", type=Path, metavar="DIR", help="write a heat map of each picture into DIR")
    parser.add_argument("--raw", action="store_true", help="probabilities as trained, without calibration")
    parser.add_argument(
        "--patients", metavar="PATTERN", help="who is shown, by the path: a regular expression with (?P<patient>...)"
    )
    parser.add_argument(
        "--detector",
        metavar="NAME|models:/...",
        help="a detector of models/, or a registered one, instead: boxes, and with --out DIR files and drawings",
    )
    parsed = parser.parse_args(arguments)
    if parsed.detector is not None:
        return _boxes(parsed)
    if parsed.heat and parsed.heat.exists() and not parsed.heat.is_dir():
        raise ChestbenchError(f"--heat: expected a folder, received the file {str(parsed.heat)!r}; name another")
    with ExitStack() as stack:
        stack.enter_context(quiet())
        return _predict(parsed, stack)


def _boxes(parsed: argparse.Namespace) -> int:
    from chestbench.cli.predict_boxes import predict_boxes

    others = [name for name in ("model", "heat", "raw", "patients") if getattr(parsed, name)]
    if others:
        raise ChestbenchError(
            f"--detector: expected --out alone beside it, received --{' and --'.join(others)}, which networks for "
            "classes have; leave it out"
        )
    with ExitStack() as stack:
        stack.enter_context(quiet())
        return predict_boxes(parsed.detector, parsed.paths, parsed.out, stack)


def _predict(parsed: argparse.Namespace, stack: ExitStack) -> int:
    from rich.console import Console

    from chestbench.serving import tables
    from chestbench.serving.predicting import Prediction, no_folder
    from chestbench.serving.sources import opened

    files = stack.enter_context(opened(parsed.paths, parsed.patients))
    if not files.sources:
        raise ChestbenchError(f"PATH: expected pictures, received none ({_counts(files.left_out)}); name others")
    if parsed.heat:
        try:
            parsed.heat.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise no_folder(parsed.heat, error) from None
    found = _find(parsed.model, stack)
    console = Console(soft_wrap=False, width=None if sys.stdout.isatty() else 160)
    console.print(found.words(), markup=False, highlight=False)
    network = found.load()
    prediction = Prediction(network, parsed.heat)
    first, total = [], 0
    with tables.writing(parsed.out, found.described, parsed.raw, found.words()) as output:
        for row in prediction.rows(files.sources):
            output.add(row)
            total += 1
            if total <= tables.SHOWN:
                first.append(row)
        output.patients = patients = prediction.patient_rows()
    tables.print_all(console, first, total, patients, found.described, parsed.raw)
    lines = [tables.rule_words(found.described), *_summary(prediction.counts, files.left_out)]
    lines += tables.notes(found.described, network.familiar is not None)
    if parsed.out:
        also = tables.patients_file(parsed.out)
        beside = f" and {also}" if patients and parsed.out.suffix.lower() == ".csv" else ""
        lines.append(f"wrote {parsed.out}{beside}")
    if parsed.heat:
        lines.append(f"wrote heat maps to {parsed.heat}: where the network looked, no evidence of a finding")
    for line in [*lines, tables.LAST]:
        console.print(line, markup=False, highlight=False)
    return 0 if prediction.counts["answered"] else 1


def _find(wanted: str | None, stack: ExitStack) -> "Found":
    from chestbench.serving.found import chosen_network, find_network
    from chestbench.tracking.store import repository_root

    root = repository_root()
    if wanted is None:
        return find_network(chosen_network(root), root)
    if wanted.startswith(("models:/", "runs:/")):
        from chestbench.tracking.fetched import fetch_model

        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chestbench-")))
        return find_network(str(fetch_model(wanted, folder, root)), root)
    return find_network(wanted, root)


def _summary(counts: Mapping[str, int], left_out: Mapping[str, int]) -> list[str]:
    lines = []
    marks = {name: count for name, count in counts.items() if name not in ("answered", "unreadable")}
    if counts.get("unreadable"):
        lines.append(f"{counts['unreadable']} of {counts['unreadable'] + counts.get('answered', 0)} cannot be read")
    if marks:
        lines.append("warnings: " + ", ".join(f"{name} {count}" for name, count in sorted(marks.items())))
    if left_out:
        lines.append(f"left out: {_counts(left_out)}")
    return lines


def _counts(left_out: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in left_out.items()) or "nothing there"
