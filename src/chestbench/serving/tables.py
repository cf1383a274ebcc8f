"""Answers as people and programs read them: a table on the terminal, CSV, JSON."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import atomic_file, write_csv
from chestbench.core.notice import NOTICE, tiny_note
from chestbench.core.printable import printable
from chestbench.measures.calibration import with_temperature
from chestbench.serving.answers import Answer
from chestbench.serving.description import Description
from chestbench.serving.predicting import Row

SHOWN = 40  # rows on the terminal; a file holds all
LAST = f"{NOTICE[0].upper()}{NOTICE[1:]}."
_LEADING = ("picture", "patient", "decision", "doubt", "warnings")


def columns(classes: Sequence[str]) -> list[str]:
    """Return the header of the CSV; probabilities stand under p:CLASS, as in predictions.csv."""
    return [*_LEADING, *(f"p:{name}" for name in classes)]


def cells(row: Row, classes: Sequence[str], raw: bool) -> dict[str, Any]:
    """Return a row of the CSV: nine digits give the probabilities of evaluate back exactly."""
    answer = row.answer
    found = {
        "picture": row.picture,
        "patient": row.patient,
        "decision": row.decision,
        "doubt": answer.doubt if answer and row.decision else "",
        "warnings": row.warnings,
    }
    if answer is not None:
        found |= {f"p:{name}": f"{value:.9g}" for name, value in zip(classes, shown(answer, raw), strict=True)}
    return found


def shown(answer: Answer, raw: bool) -> Iterable[float]:
    """Return the probabilities that are shown, calibrated or as trained."""
    return (float(value) for value in (answer.raw if raw else answer.calibrated))


@contextmanager
def writing(path: Path | None, described: Description, raw: bool, about: str) -> Iterator["Output"]:
    """Yield what takes the rows; the file gets its name when the block ends well.

    Args:
        path: .csv or .json; None: nothing is written.
        described: of the network.
        raw: probabilities as trained.
        about: what was loaded, for the JSON.

    Raises:
        ChestbenchError: another ending, or the place cannot be written to.
    """
    if path is None:
        yield Output(None, described.classes, raw)
        return
    if path.suffix.lower() not in (".csv", ".json") or path.is_dir():
        raise ChestbenchError(
            f"--out: expected a file that ends in .csv or .json, received {str(path)!r}; name another"
        )
    try:
        with atomic_file(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as stream:
            output = Output(stream, described.classes, raw, path.suffix.lower() == ".json")
            output.begin(described, about)
            yield output
            output.end()
    except OSError as error:
        raise ChestbenchError(
            f"--out: expected a file that can be written, received {str(path)!r}: {error.strerror}; name another"
        ) from None
    if output.patients and path.suffix.lower() == ".csv":
        rows = (cells(row, described.classes, raw) for row in output.patients)
        write_csv(patients_file(path), columns(described.classes), rows)


def patients_file(path: Path) -> Path:
    """Return where the CSV of patients stands beside that of pictures."""
    return path.with_name(f"{path.stem}.patients{path.suffix}")


class Output:
    """Takes rows one by one.

    Attributes:
        patients: rows of patients, to be set before the end.
    """

    def __init__(self, stream: IO[str] | None, classes: Sequence[str], raw: bool, as_json: bool = False) -> None:
        self._stream, self._classes, self._raw, self._as_json = stream, classes, raw, as_json
        self._count = 0
        self.patients: list[Row] = []

    def begin(self, described: Description, about: str) -> None:
        """Write what stands before the first row."""
        assert self._stream is not None
        if not self._as_json:
            self._line(columns(self._classes))
            return
        head = {
            "notice": LAST,
            "network": about,
            "classes": described.classes,
            "positive": described.positive,
            "probabilities": "as trained" if self._raw else f"calibrated, temperature {described.temperature:.9g}",
            "thresholds": {
                unit: {"threshold": dict(rule.thresholds), "bounds": dict(rule.bounds)}
                for unit, rule in (("picture", described.picture), ("patient", described.patient))
            },
        }
        text = json.dumps(head, ensure_ascii=False, indent=1)
        self._stream.write(f'{text[:-2]},\n "pictures": [')

    def add(self, row: Row) -> None:
        """Write a row."""
        if self._stream is None:
            return
        if self._as_json:
            self._stream.write(f"{',' if self._count else ''}\n  {self._object(row)}")
        else:
            found = cells(row, self._classes, self._raw)
            self._line([found.get(name, "") for name in columns(self._classes)])
        self._count += 1

    def end(self) -> None:
        """Write what stands behind the last row."""
        if self._stream is not None and self._as_json:
            patients = ",\n  ".join(self._object(row) for row in self.patients)
            self._stream.write(f'\n ],\n "patients": [\n  {patients}\n ]\n}}\n')

    def _line(self, values: Sequence[Any]) -> None:
        import csv

        csv.writer(self._stream, lineterminator="\n").writerow(values)  # type: ignore[arg-type]

    def _object(self, row: Row) -> str:
        found: dict[str, Any] = {
            "picture": row.picture,
            "patient": row.patient or None,
            "decision": row.decision or None,
            "doubt": (row.answer.doubt if row.answer and row.decision else "") or None,
            "marks": row.marks,
            "problem": row.problem or None,
            "probabilities": None,
        }
        if row.answer is not None:
            found["probabilities"] = dict(zip(self._classes, shown(row.answer, self._raw), strict=True))
        return json.dumps(found, ensure_ascii=False)


def rule_words(described: Description) -> str:
    """Return how decisions are made, in a line."""
    name = described.positive
    threshold = described.picture.thresholds.get(name) if name else None
    if name is None or threshold is None:
        return "decision: the class of the highest probability"
    place, two = described.classes.index(name), len(described.classes) == 2

    def calibrated(value: float) -> float:
        pair = [value if index == place else 1 - value for index in range(2)]
        return float(with_temperature([pair], described.temperature)[0][place])  # type: ignore[arg-type]

    at = calibrated if two else float
    words = f"decision: {name} from {at(threshold):.3f} on{'' if two else ' (as trained)'}, chosen on val"
    if bounds := described.picture.bounds.get(name):
        words += (
            f"; in doubt from {at(bounds[0]):.3f} to {at(bounds[1]):.3f} ({described.confidence:.0%} of val drawn anew)"
        )
    return words


def table_of(rows: Sequence[Row], described: Description, raw: bool, title: str) -> Table:
    """Return the table for the terminal."""
    table = Table(title=title, title_justify="left", header_style="bold")
    has_patients = any(row.patient for row in rows)
    table.add_column("picture", overflow="fold")
    if has_patients:
        table.add_column("patient", overflow="fold")
    for name in described.classes:
        table.add_column(_text(name), justify="right")
    table.add_column("decision")
    table.add_column("doubt")
    table.add_column("warnings", overflow="fold")
    for row in rows:
        answer = row.answer
        figures = ["-"] * len(described.classes) if answer is None else [f"{value:.3f}" for value in shown(answer, raw)]
        doubt = answer.doubt if answer and row.decision else ""
        table.add_row(
            _text(row.picture),
            *([_text(row.patient)] if has_patients else []),
            *figures,
            _text(row.decision) or ("none" if answer else "-"),
            doubt,
            _text(row.warnings),
        )
    return table


def _text(words: str) -> Text:
    """Return words of data sets and files: neither rich nor the terminal obeys them."""
    return Text(printable(words))


def notes(described: Description, known: bool) -> list[str]:
    """Return what holds for all answers of a network."""
    found = []
    if described.synthetic:
        found.append(
            "The network learnt from synthetic pictures of no real patient: its answers say nothing of people."
        )
    if described.tiny:
        found.append(tiny_note({"tiny": described.tiny}))
    if not described.measured:
        found.append("It was not evaluated: probabilities are as trained, and no threshold was chosen.")
    if not known:
        found.append("Nothing is kept of its training pictures: likeness is not judged; run `dvc repro` once more.")
    return found


def print_all(console: Console, rows: Sequence[Row], total: int, patients: Sequence[Row], described: Description,
              raw: bool) -> None:  # fmt: skip
    """Print pictures and patients, at most `SHOWN` of each."""
    kind = "as trained" if raw else "calibrated"
    more = f"; {total - len(rows):,} more in the file of --out" if total > len(rows) else ""
    console.print(table_of(rows, described, raw, f"{total:,} pictures, probabilities {kind}{more}"))
    if patients:
        first = patients[:SHOWN]
        more = f"; {len(patients) - SHOWN:,} more in the file of --out" if len(patients) > SHOWN else ""
        title = f"{len(patients):,} patients, means of their pictures{more}"
        console.print(table_of(first, described, raw, title))
