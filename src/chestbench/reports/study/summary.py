"""The first lines of a report: warnings, three sentences, and which network to take. Never more than figures bear.

Its words: templates/study/sentences.txt.j2.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from chestbench.core.config import Config
from chestbench.core.notice import split_words, tiny_note
from chestbench.core.positive import read_positive
from chestbench.evaluation import versus
from chestbench.evaluation.leaderboard import REGRESSION, Leaderboard
from chestbench.reports import leaderboard_cells
from chestbench.reports.rendering import said
from chestbench.reports.study.board import smallest_alike
from chestbench.reports.study.seen import clipped
from chestbench.reports.study.told import calibrated_threshold, rule_words, told
from chestbench.reports.study.trained import not_before_regression, seconds_words, trained_words, val_lead
from chestbench.reports.templates import board as board_templates
from chestbench.reports.templates import study as templates
from chestbench.reports.unit_words import units_of

_WARNING = "WARNING: "


class Tried(NamedTuple):
    """How much was tried, of which the chosen network is the best on val.

    Attributes:
        networks: that have figures.
        seeds: trainings of each network.
        settings: of the training; a study has one.
        baselines: beside the networks.
    """

    networks: int
    seeds: int
    settings: int
    baselines: int


class Summary(NamedTuple):
    """What a reader sees first.

    Attributes:
        warnings: what must be known before any figure is believed, the gravest first.
        notes: what is to be known beside them.
        sentences: what was asked, what came out, what it bears.
        take: which network to take and why, as sentences.
        taken: the network that `take` names, None where the figures support none.
        tried: how much was tried.
        trained: how the networks were trained, in words.
        seconds: how long that took, "" where that is not known.
    """

    warnings: list[str]
    notes: list[str]
    sentences: list[str]
    take: list[str]
    taken: str | None
    tried: Tried
    trained: str
    seconds: str


def summarise(config: Config, board: Leaderboard, catalog: Mapping[str, Any], missing: Mapping[str, str]) -> Summary:
    """Return the first lines.

    Args:
        config: the parameters.
        board: the leaderboard.
        catalog: metrics/catalog.json.
        missing: what was asked for and has no figures, with the reason.
    """
    best = board.best
    seeds = len(best["seeds"]["seeds"]) if "seeds" in best else 1
    tried = Tried(len(board.records), seeds, 1, len(board.baselines))
    verdicts = {
        name: [row.name for row in board.with_verdict(verdict)]
        for name, verdict in (
            ("same", versus.SAME),
            ("better", versus.BETTER),
            ("worse", versus.WORSE),
            ("unknown", versus.UNKNOWN),
        )
    }
    positive = read_positive(best).name
    units = units_of(best)
    facts: dict[str, Any] = {
        "board": board,
        "best": best,
        "catalog": catalog,
        "classes": [clipped(name) for name in best["classes"]],
        "title": clipped(config.dataset.title, 120),
        "modality": config.dataset.modality,
        "units": f"invented {units}" if best["synthetic"] else units,
        "trained": trained_words(board),
        "lead": val_lead(board),
        "not_before_regression": not_before_regression(board),
        "told": told,
        "rule_words": rule_words,
        "calibrated_threshold": calibrated_threshold(best, positive) if positive else None,
        "unit": split_words(best),
        "positive": positive,
        "tried": tried,
        "verdicts": verdicts,
        "regression": next((row for row in board.rows if row.name == REGRESSION), None),
        "regression_verdict": board.regression_verdict,
        "tiny": bool(tiny_note(best)),
        "smaller": smallest_alike(board),
        "missing": dict(missing),
    }
    supported = not (facts["tiny"] or board.control or board.not_beaten_on_val)
    return Summary(
        warnings=_warnings(board, missing),
        notes=[*board.untested, *said(board_templates, "small", board)],
        sentences=[" ".join(said(templates, part, facts)) for part in ("asked", "came_out", "bears")],
        take=said(templates, "take", facts),
        taken=best["model"] if supported else None,
        tried=tried,
        trained=facts["trained"],
        seconds=seconds_words(board),
    )


def _warnings(board: Leaderboard, missing: Mapping[str, str]) -> list[str]:
    found = [tiny] if (tiny := tiny_note(board.best)) else []
    found += said(board_templates, "control") if board.control else []
    found += said(templates, "missing", dict(missing))
    found += board.data
    found += [" ".join(warning.split()) for warning in board.warnings]
    told = [*said(board_templates, "first", board), *leaderboard_cells.remarks(board)]
    return [*found, *(line.removeprefix(_WARNING) for line in told if line.startswith(_WARNING))]
