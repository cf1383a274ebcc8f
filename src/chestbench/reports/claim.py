"""CLAIM.md: the Checklist for AI in Medical Imaging, filled where the pipeline knows the answer.

An item is `filled`, `partly` (the pipeline knows a part, the rest is named) or left to the authors: what only people
can know is never guessed. The answers are written in templates/claim/, the items stand in claim_items.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chestbench.core.config import Config
from chestbench.core.files import atomic_file
from chestbench.core.notice import NOTICE, SYNTHETIC, tiny_note
from chestbench.core.words import positive_words
from chestbench.evaluation.leaderboard import Leaderboard
from chestbench.measures.other_records import BaselinesRecord, ExternalRecord
from chestbench.measures.record import NetworkRecord
from chestbench.reports import leaderboard_cells
from chestbench.reports.card_results import tables
from chestbench.reports.claim_items import ITEMS
from chestbench.reports.leak_words import SHORTCUTS, catalog_rows, split_rows
from chestbench.reports.model_card import partitions
from chestbench.reports.rendering import render
from chestbench.reports.templates import claim as templates

WITH_INTERVAL = ("test_balanced_accuracy", "macro_f1", "macro_auc")
COLUMNS = ("model", "val_balanced_accuracy", *WITH_INTERVAL, "vs_best", "vs_best_p")
# Pairs of classes shown: those most often taken for each other.
CONFUSIONS = 6


@dataclass(frozen=True)
class ClaimFacts:
    """What the pipeline knows of the data, the networks and their results.

    Attributes:
        config: the parameters.
        board: the leaderboard, with sets from elsewhere and the audit's warnings.
        external_sets: metrics/external/SET/{model}.json of the best network, one for each set.
        baselines: metrics/baselines.json.
        audit: metrics/audit.json.
        source: data/raw/source.json.
        catalog: metrics/catalog.json.
        split: metrics/split.json.
        preprocess: metrics/preprocess.json.
        upsample: metrics/upsample.json.
    """

    config: Config
    board: Leaderboard
    external_sets: Sequence[ExternalRecord]
    baselines: BaselinesRecord
    audit: Mapping[str, Any]
    source: Mapping[str, Any]
    catalog: Mapping[str, Any]
    split: Mapping[str, Any]
    preprocess: Mapping[str, Any]
    upsample: Mapping[str, Any]


def write_claim(path: Path, known: ClaimFacts) -> None:
    """Write the checklist atomically: UTF-8, newline ends."""
    with atomic_file(path) as temporary:
        temporary.write_text(claim(known), encoding="utf-8", newline="\n")


def claim(known: ClaimFacts) -> str:
    """Return the checklist as Markdown."""
    board, best = known.board, known.board.best
    answers = render(
        templates,
        "claim.md.j2",
        **vars(known),
        best=best,
        notice=NOTICE,
        synthetic=SYNTHETIC,
        tiny=tiny_note(best),
        positive=positive_words(best, best["test"]),
        sections={items[0][0]: section for section, items in ITEMS.items()},
        items={number: (earlier, title) for items in ITEMS.values() for number, earlier, title in items},
        networks=leaderboard_cells.table(board, COLUMNS, WITH_INTERVAL),
        remarks=leaderboard_cells.remarks(board),
        external=leaderboard_cells.external(board.external),
        tables=tables(best),
        partitions=partitions(known.split, best["classes"], "partition"),
        failures=failures(best),
        seeds=_seeds(board.records),
        catalog_leaks=catalog_rows(known.catalog.get("leaks")),
        split_leaks=split_rows(known.split.get("leaks")),
        shortcuts=SHORTCUTS,
    )
    return answers.rstrip() + "\n"


def failures(record: NetworkRecord) -> list[list[Any]]:
    """Return which classes are taken for which: actual, called, images, of, share; most often first by that share.

    >>> failures({"classes": ["a", "b"], "test": {"confusion": [[9, 1], [2, 2]]}})
    [['b', 'a', 2, 4, '50.0%'], ['a', 'b', 1, 10, '10.0%']]

    Args:
        record: metrics/models/{model}.json.
    """
    classes, rows = record["classes"], []
    for actual, counts in enumerate(record["test"]["confusion"]):
        for predicted, count in enumerate(counts):
            if actual != predicted and count:
                rows.append((count / sum(counts), [classes[actual], classes[predicted], count, sum(counts)]))
    rows.sort(key=lambda row: -row[0])
    return [[*cells, f"{share:.1%}"] for share, cells in rows[:CONFUSIONS]]


def _seeds(records: Sequence[NetworkRecord]) -> list[int]:
    seeds = {record["training"]["seed"] for record in records}
    for record in records:
        if "seeds" in record:
            seeds |= set(record["seeds"]["seeds"])
    return sorted(seeds)
