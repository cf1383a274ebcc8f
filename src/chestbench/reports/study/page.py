"""results/report.html: the page, put together and written.

Everything that is put in is escaped. Pictures, style and script stand in the file, and its policy lets a browser load
nothing else; without the script it says the same. The same inputs give the same bytes: no date, no commit of its own,
the trainings' are told as they were recorded.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from chestbench.core.config import Config
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import Row, write_text
from chestbench.core.notice import NOTICE, SYNTHETIC, tiny_note
from chestbench.core.positive import read_positive
from chestbench.core.words import foundation
from chestbench.evaluation.study import Study
from chestbench.figures.vector.charts import Ruler, interval_cell, share_cell
from chestbench.measures.other_records import ExternalRecord
from chestbench.reports import leaderboard_cells
from chestbench.reports.audit_page import findings
from chestbench.reports.model_card import FITS, partitions
from chestbench.reports.rendering import render
from chestbench.reports.study.board import board_table, external_table
from chestbench.reports.study.data_pictures import DATA_PICTURES, data_pictures
from chestbench.reports.study.mistakes import MOST
from chestbench.reports.study.network import NetworkSection, Shown, groups_table, section, two_by_two
from chestbench.reports.study.pictures import Budget, budget
from chestbench.reports.study.reproduced import Reproduced
from chestbench.reports.study.seen import bounds, clipped
from chestbench.reports.study.summary import Summary, summarise
from chestbench.reports.study.told import (
    EXACT,
    calibrated_threshold,
    coded,
    is_exact,
    positive_sentence,
    rule_words,
    told,
)
from chestbench.reports.study.trained import not_before_regression, span
from chestbench.reports.templates import page as page_templates
from chestbench.reports.templates import study as templates

REPORT = "report.html"
LARGEST = 8_000_000
# Shares of the bytes for pictures that are tried until the page is small enough.
SHARES = (1.0, 0.6, 0.3, 0.1)


@dataclass(frozen=True)
class StudyFacts:
    """What a report is made from.

    Attributes:
        config: the parameters.
        study: the networks that have results.
        missing: networks, sets and baselines that have none, with the reason.
        shown: what the sections of all networks share.
        results: results/, with catalog/, audit/, preprocess/ and upsample/.
        catalog: metrics/catalog.json.
        split: metrics/split.json.
        preprocess: metrics/preprocess.json.
        upsample: metrics/upsample.json.
        audit: metrics/audit.json.
        source: data/raw/source.json.
        leaks: rows of results/catalog/leaks.csv.
        reproduced: how to make the study again.
        external_sets: metrics/external/SET/NAME.json of the chosen network, one for each set.
        boxes: the detectors' part as HTML; None where there are none.
    """

    config: Config
    study: Study
    missing: Mapping[str, str]
    shown: Shown
    results: Path
    catalog: Mapping[str, Any]
    split: Mapping[str, Any]
    preprocess: Mapping[str, Any]
    upsample: Mapping[str, Any]
    audit: Mapping[str, Any]
    source: Mapping[str, Any]
    leaks: list[Row]
    reproduced: Reproduced
    external_sets: Sequence[ExternalRecord] = ()
    boxes: Markup | None = None


def write_report(path: Path, known: StudyFacts) -> Summary:
    """Write the report; return its first lines.

    Raises:
        ChestbenchError: it would be too large to mail even with the smallest pictures.
    """
    board = known.study.board
    first = summarise(known.config, board, known.catalog, known.missing)
    for share in SHARES:
        room = budget(len(board.records), len(DATA_PICTURES), MOST, share)
        text = _page(known, first, room)
        if len(text.encode("utf-8")) <= LARGEST:
            write_text(path, text)
            return first
    raise ChestbenchError(
        f"{path}: expected a report of at most {LARGEST:,} bytes, received one of {len(text.encode('utf-8')):,} with "
        "the smallest pictures; compare fewer networks at a time (model.variants)"
    )


def _page(known: StudyFacts, first: Summary, room: Budget) -> str:
    board, config = known.study.board, known.config
    sections = [
        section(record, known.study.predictions[record["model"]], known.shown, room) for record in board.records
    ]
    script, epochs = _static("script.js"), [part.training["epochs_run"] for part in sections]
    return render(
        templates,
        "report.html.j2",
        config=config,
        board=board,
        best=board.best,
        first=first,
        title=clipped(config.dataset.title, 160),
        notice=f"{SYNTHETIC}; {NOTICE}" if known.catalog["synthetic"] else NOTICE,
        tiny=tiny_note(board.best),
        foundation=foundation(board.best),
        positive_words=positive_sentence(board.best, board.best["test"]),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii"),
        table_of=board_table(board),
        family=len(board.compared),
        regression_compared=board.regression_verdict is not None,
        regression_place=not_before_regression(board),
        remarks=leaderboard_cells.remarks(board),
        published=_published(known.study.board.published),
        external=external_table(board.external),
        external_sets=[(found, positive_sentence(found, found["test"])) for found in known.external_sets],
        external_cells=leaderboard_cells.external(board.external)[0],
        sections=sections,
        cost=[_cost(part) for part in sections],
        partitions=_by_class(*partitions(known.split, board.best["classes"], "part")),
        level=3,
        pictures=data_pictures(known.results, config.preprocess.roi, span(epochs), room),
        fit=FITS[config.preprocess.fit],
        preprocess=known.preprocess,
        upsample=known.upsample,
        source=known.source,
        reproduced=known.reproduced,
        boxes=known.boxes,
        revisions=_revisions(sections),
        versions=_versions(sections),
        svg=_Svg(board.best["test"]["balanced_accuracy"], sections),
        clip=clipped,
        positive_name=read_positive(board.best).name,
        level_words=f"{board.best['bootstrap']['confidence']:.0%}",
        figure_words=told,
        coded=coded,
        exact=EXACT,
        is_exact=is_exact,
        rule_words=rule_words,
        calibrated_threshold=calibrated_threshold,
        devices=list(dict.fromkeys(part.training.get("device", "not known") for part in sections)),
        two_by_two=two_by_two,
        groups_table=groups_table,
        **findings(known.audit, known.catalog, known.split, known.leaks),
    )


class _Svg:
    """Drawings that the template asks for: what figures.vector makes, marked as safe."""

    def __init__(self, figure: Any, sections: list[NetworkSection]) -> None:
        measured = [figure, *(part.record["balanced_accuracy"] for each in sections for part in each.subgroups)]
        self._ruler = Ruler(*bounds(measured))

    def interval(self, figure: Any, about: str, style: str = "s1") -> Markup:
        return Markup(interval_cell(figure, self._ruler, about, style))

    def share(self, share: float, about: str) -> Markup:
        return Markup(share_cell(share, about))

    def chart(self, svg: str) -> Markup:
        return Markup(svg)


def _by_class(heads: list[str], rows: list[list[Any]]) -> tuple[list[str], list[list[Any]]]:
    """Return the table of the split with a line for each class: nine long names do not fit side by side."""
    return ["class", *(row[0] for row in rows)], [list(line) for line in zip(heads, *rows, strict=True)][1:]


def _published(rows: Any) -> list[tuple[list[str], str]]:
    """Return the cells of each published figure, and ours with it as a drawing."""
    cells = leaderboard_cells.published(rows)[1]
    figures = [{"value": row["ours"], "low": row["ours_low"], "high": row["ours_high"]} for row in rows]
    told = [{"value": row["published"], "low": None, "high": None} for row in rows]
    ruler = Ruler(*bounds([*figures, *told]))  # type: ignore[list-item]
    return [
        (
            cell,
            interval_cell(figure, ruler._replace(mark=row["published"]), f"ours {cell[-1]}, published {cell[3]}")  # type: ignore[arg-type]
            if row["our_network"]
            else "",
        )
        for row, cell, figure in zip(rows, cells, figures, strict=True)
    ]


def _cost(part: NetworkSection) -> dict[str, Any]:
    """Return what a clock and the chips' counters said of one training; None where nothing was measured."""
    training = part.training
    energy: Mapping[str, Any] = training.get("energy") or {}
    joules = {chip: energy.get(f"{chip}_joules") for chip in ("cpu", "gpu")}
    measured = [value for value in joules.values() if value is not None]
    return {
        "name": part.name,
        "device": training.get("device", "not known"),
        "seconds": training.get("seconds"),
        "first": training.get("first_step_seconds"),
        "rate": training.get("images_per_second"),
        **joules,
        "kwh": sum(measured) / 3.6e6 if measured else None,
        "whole": energy.get("whole", True),
    }


def _revisions(sections: list[NetworkSection]) -> dict[str, list[str]]:
    """Return the Git revisions that the networks were trained at, each with the networks of it."""
    found: dict[str, list[str]] = {}
    for part in sections:
        revision = part.training.get("git_revision") or "not known"
        changed = ", with changes that are not in it" if part.training.get("git_dirty") == "true" else ""
        found.setdefault(f"{revision}{changed}", []).append(part.name)
    return found


def _versions(sections: list[NetworkSection]) -> dict[str, list[str]]:
    """Return {package: its versions}, one for each that ran."""
    found: dict[str, list[str]] = {}
    for part in sections:
        for name, version in part.training.get("versions", {}).items():
            if version not in found.setdefault(name, []):
                found[name].append(version)
    return found


def _static(name: str) -> str:
    folder = Path(str(page_templates.__file__)).parent
    return (folder / name).read_text(encoding="utf-8")
