"""The networks side by side, as data: rows of typed cells, and what must be said of them before anybody believes it.

The order is that of val, and the first network is the chosen one; the test figures beside it were read once and choose
nothing. leaderboard_builder makes the model, once; leaderboard_rows writes it as CSV, plots draws it, and reports puts
it into words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chestbench.core.files import Row
from chestbench.measures.record import Figure, NetworkRecord, SeedsRecord

# The last lines: what needs no deep network.
MAJORITY, REGRESSION = "majority class", "logistic regression"
# Of the class that is looked for, where there is one.
OF_POSITIVE = ("sensitivity", "specificity")
# Of a class in test; with fewer a single image moves its sensitivity by more than three points.
FEW_IMAGES = 30


@dataclass(frozen=True)
class Timing:
    """What a clock said of a training: it stands in no result that is kept, see models/NAME/timing.json."""

    seconds: float
    images_per_second: float


@dataclass(frozen=True)
class Comparison:
    """A network or baseline against the chosen network, on test.

    Attributes:
        verdict: `versus.SAME`, `BETTER`, `WORSE` or `UNKNOWN`.
        difference: in balanced accuracy.
        p: of the paired bootstrap over groups, corrected after Holm; None where it cannot be tested.
        mcnemar_p: of McNemar's exact test, corrected likewise.
    """

    verdict: str
    difference: Figure
    p: float | None
    mcnemar_p: float | None


@dataclass(frozen=True)
class Entry:
    """A line of the leaderboard.

    Attributes:
        name: of the network, `REGRESSION` or `MAJORITY`.
        figures: by column, such as `val_macro_auc`, `test_brier`, `test_group_macro_auc` and `test_study_map`; without
            bounds where there is no interval.
        parameters: weights and biases; None for the majority class.
        epochs: that were run; None for baselines.
        timing: of the training, where it was handed in.
        comparison: with the chosen network; None for the chosen one and where nothing was compared.
        seeds: what metrics/models/{model}.json says of trainings with several seeds; None where there was one.
    """

    name: str
    figures: Mapping[str, Figure]
    parameters: int | None = None
    epochs: int | None = None
    timing: Timing | None = None
    comparison: Comparison | None = None
    seeds: SeedsRecord | None = None

    def figure(self, column: str) -> Figure:
        """Return the figure of a column, an undefined one where the row has none."""
        return self.figures.get(column) or Figure(value=None, low=None, high=None)


@dataclass(frozen=True)
class Leaderboard:
    """Everything that a table, a picture or a page of the comparison shows.

    Attributes:
        rows: the networks, best on val first, then the ensembles over seeds likewise, then the baselines: the majority
            class last.
        records: metrics/models/{model}.json of the networks, in the same order.
        published: from `published.beside_ours`.
        external: from `external_table.external_rows`.
        warnings: of metrics/audit.json.
        untested: what the audits could not test, of metrics/audit.json.
        data: what must be known of the images, of metrics/audit.json: that they are a copy, or were enlarged.
    """

    rows: Sequence[Entry]
    records: Sequence[NetworkRecord]
    published: Sequence[Row] = ()
    external: Sequence[Row] = ()
    warnings: Sequence[str] = ()
    untested: Sequence[str] = ()
    data: Sequence[str] = ()

    @property
    def best(self) -> NetworkRecord:
        """The record of the network that val chose."""
        return self.records[0]

    @property
    def networks(self) -> Sequence[Entry]:
        """The rows of the networks, the chosen one first."""
        return self.rows[: len(self.records)]

    @property
    def ensembles(self) -> Sequence[Entry]:
        """The rows of the ensembles over seeds, best on val first; they are compared, and none is chosen."""
        return self.rows[len(self.records) : len(self.rows) - len(self.baselines)]

    @property
    def baselines(self) -> Sequence[Entry]:
        """The rows of what needs no deep network."""
        return self.rows[len(self.records) + sum("ensemble" in record for record in self.records) :]

    @property
    def compared(self) -> Sequence[Entry]:
        """The rows that were compared with the chosen network, baselines among them."""
        return [row for row in self.rows if row.comparison]

    @property
    def control(self) -> bool:
        """Whether any of the networks was trained on shuffled labels."""
        return any(record["training"].get("random_labels") for record in self.records)

    @property
    def sources(self) -> list[str]:
        """Where the published figures stand, each once."""
        return list(dict.fromkeys(str(row["source"]) for row in self.published if row.get("source")))

    @property
    def has_seeds(self) -> bool:
        """Whether any of the networks was trained with several seeds."""
        return any(row.seeds for row in self.rows)

    @property
    def better_ensemble(self) -> Entry | None:
        """The best ensemble on val where it is better there than the chosen network; None where none is."""
        first = next(iter(self.ensembles), None)
        return first if first is not None and _on_val(first) > _on_val(self.rows[0]) else None

    @property
    def has_studies(self) -> bool:
        """Whether the studies of the data set are known: every network then has figures per study."""
        return all("test_study_map" in row.figures for row in self.networks)

    def with_verdict(self, *verdicts: str) -> list[Entry]:
        """Return the networks, without baselines, that have one of these verdicts against the chosen one."""
        return [row for row in self.networks if row.comparison and row.comparison.verdict in verdicts]

    @property
    def regression_verdict(self) -> str | None:
        """The verdict on the logistic regression against the chosen network; None where it was not compared."""
        return next((row.comparison.verdict for row in self.rows if row.name == REGRESSION and row.comparison), None)

    @property
    def not_beaten_on_val(self) -> Entry | None:
        """The best baseline on val where no network is better there; None where one is."""
        first = max(self.baselines, key=_on_val)
        return first if _on_val(first) >= _on_val(self.rows[0]) else None

    @property
    def smallest_class(self) -> tuple[str, int] | None:
        """The class with the fewest images in test, and how many; None where each has FEW_IMAGES or more."""
        counts = {name: found.get("images", 0) for name, found in self.best["test"].get("per_class", {}).items()}
        present = {name: count for name, count in counts.items() if count}
        name = min(present, key=lambda name: present[name], default=None)
        return (name, present[name]) if name is not None and present[name] < FEW_IMAGES else None

    @property
    def may_be_guessing(self) -> bool:
        """Whether the chosen network's interval on test holds what the majority class scores, or there is none."""
        best, chance = (row.figure("test_balanced_accuracy") for row in (self.rows[0], self.rows[-1]))
        if chance["value"] is None or best["value"] is None:
            return False
        return best["low"] is None or best["low"] <= chance["value"]


def _on_val(row: Entry) -> float:
    value = row.figure("val_balanced_accuracy")["value"]
    return -1.0 if value is None else value
