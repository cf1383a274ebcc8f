"""What a CLAIM checklist is filled from, and what an answer is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from chestbench.core.config import Config
from chestbench.evaluation.leaderboard import Leaderboard

AUTHORS = "For the authors to fill"
FILLED, PARTLY, LEFT = "filled", "partly", "for the authors"
Record = Mapping[str, Any]


class Answer(NamedTuple):
    """An item's status, its text as lines of Markdown, and what is still for the authors to say."""

    status: str
    lines: Sequence[str] = ()
    rest: str = ""


@dataclass(frozen=True)
class ClaimFacts:
    """What the pipeline knows of the data, the networks and their results.

    Attributes:
        config: the parameters.
        board: the leaderboard, with sets from elsewhere and the audit's warnings.
        external_sets: metrics/external/SET/{model}.json of the best network, one for each set.
        baselines, audit, catalog, split, preprocess, upsample: the files of these names in metrics/.
        source: data/raw/source.json.
    """

    config: Config
    board: Leaderboard
    external_sets: Sequence[Record]
    baselines: Record
    audit: Record
    source: Record
    catalog: Record
    split: Record
    preprocess: Record
    upsample: Record

    @property
    def records(self) -> Sequence[Record]:
        """metrics/models/{model}.json, best on val first."""
        return self.board.records


def filled(*lines: str) -> Answer:
    """Return an answer that leaves nothing open."""
    return Answer(FILLED, lines)


def partly(rest: str, *lines: str) -> Answer:
    """Return an answer of which the authors must say the rest."""
    return Answer(PARTLY, lines, rest)


def left_to_authors(rest: str = "") -> Answer:
    """Return no answer."""
    return Answer(LEFT, (), rest)
