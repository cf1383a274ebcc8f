"""Our figures and the paper's as rows: what table.csv, the README and the chart are made of."""

from collections.abc import Iterable
from dataclasses import dataclass

from chestbench.cli.replication.results import Results
from chestbench.core.files import Row
from chestbench.core.words import MEASURES
from chestbench.evaluation.leaderboard import Entry
from chestbench.evaluation.published import MEASURES as OURS
from chestbench.evaluation.published import SPLITS
from chestbench.measures.record import SeedFigures, over_seeds

COLUMNS = (
    *("whose", "network", "size", "split", "measure", "value", "low", "high"),
    *("seeds", "mean", "sd", "lowest", "highest", "source"),
)
# Shown whatever the paper states: accuracy alone says little where classes are uneven.
ALWAYS = ("macro_auc", "accuracy", "balanced_accuracy")


@dataclass(frozen=True)
class Cell:
    """One figure of ours.

    Attributes:
        row: of the board: a network or a baseline.
        split: `val` or `test`.
        measure: key of the records.
        value: of the first seed, None where it is not defined.
        low: end of its interval.
        high: end of its interval.
        seeds: over the seeds; None where there is one, or the measure is not kept for the others.
    """

    row: Entry
    split: str
    measure: str
    value: float | None
    low: float | None
    high: float | None
    seeds: SeedFigures | None


def our_split(published: str) -> str | None:
    """Return our split that stands beside a published one; None for train, which is not measured."""
    return "test" if published == "test" else SPLITS.get(published)


def our_measure(published: str) -> str:
    """Return the key of our measure that stands beside a published one.

    >>> our_measure("auc"), our_measure("accuracy")
    ('macro_auc', 'accuracy')
    """
    return OURS.get(published, published)


def splits(results: Results) -> list[str]:
    """Return the splits of which a table is shown: test, and val where the paper has figures of it."""
    others = {our_split(row.split) for row in results.found.published}
    return ["test", *(["val"] if "val" in others else [])]


def measures(results: Results, split: str) -> list[str]:
    """Return the measures of a table: the paper's on that split first, then those that are always shown.

    What no network has a figure of (a measure of studies, a name that is not ours) stays: the paper's is shown.
    """
    stated = [our_measure(row.measure) for row in results.found.published if our_split(row.split) == split]
    return list(dict.fromkeys([*stated, *ALWAYS]))


def cells(results: Results, split: str, measure: str) -> list[Cell]:
    """Return our figures of a measure, networks in the order of val and then the baselines."""
    found = []
    for row in results.study.board.rows:
        figure = row.figure(f"{split}_{measure}")
        seeds = over_seeds(row.seeds).get(f"{split}_{measure}") if row.seeds else None
        found.append(Cell(row, split, measure, figure["value"], figure["low"], figure["high"], seeds))
    return found


def name_of(measure: str) -> str:
    """Return what stands over a column."""
    return MEASURES[measure].name if measure in MEASURES else measure.replace("_", " ")


def rows(results: Results) -> Iterable[Row]:
    """Yield the rows of table.csv in `COLUMNS`: ours by split and measure, then the paper's as its file has them."""
    config = results.settings.config
    for split in splits(results):
        for measure in measures(results, split):
            for cell in cells(results, split, measure):
                yield {
                    "whose": "ours",
                    "network": cell.row.name,
                    "size": config.preprocess.size if cell.row in results.study.board.networks else None,
                    "split": split,
                    "measure": measure,
                    "value": cell.value,
                    "low": cell.low,
                    "high": cell.high,
                    **_over_seeds(cell.seeds, config.training_seeds),
                    "source": "this run" if results.is_itself else "this run, which is not the replication itself",
                }
    for each in results.found.published:
        stated = {key: getattr(each, key) for key in ("network", "size", "split", "measure", "value", "source")}
        yield {"whose": "published", **stated}


def defined(found: SeedFigures | None) -> list[float]:
    """Return the values over the seeds that are defined; none where there is one seed."""
    return [value for value in found["values"] if value is not None] if found else []


def _over_seeds(found: SeedFigures | None, seeds: list[int]) -> Row:
    values = defined(found)
    if found is None or not values:
        return {}
    return {
        "seeds": " ".join(map(str, seeds)),
        "mean": found["mean"],
        "sd": found["sd"],
        "lowest": min(values),
        "highest": max(values),
    }
