"""README.md of a replication: our figures with intervals and seeds, the paper's beside them, and how ours were made."""

from collections.abc import Iterable
from typing import Any

from markupsafe import Markup

from chestbench.cli.replication import figures
from chestbench.cli.replication.data import COPY
from chestbench.cli.replication.results import Results
from chestbench.core.notice import NOTICE, SYNTHETIC, split_words, tiny_note
from chestbench.core.words import GROUPS, number, positive_words, with_interval
from chestbench.reports import leaderboard_cells
from chestbench.reports.rendering import render, said
from chestbench.reports.templates import board as sentences
from chestbench.reports.templates import replication as templates

_SPLITS = {"test": "Test", "val": "Validation"}


def readme(results: Results, definition: str) -> str:
    """Return the page as Markdown.

    Args:
        results: what was run and what it gave.
        definition: relative path from the page to the replication's file.
    """
    board, found = results.study.board, results.found
    command = results.settings.command(results.name)
    sources = list(dict.fromkeys(row.source for row in found.published))
    return render(
        templates,
        "readme.md.j2",
        title=found.title,
        paper=found.paper.rstrip("."),
        definition=Markup(f"[replications/{results.name}.yaml]({definition})"),
        notice=NOTICE[0].upper() + NOTICE[1:],
        synthetic=SYNTHETIC if board.best["synthetic"] else "",
        tiny=tiny_note(board.best),
        control=said(sentences, "control")[0] if board.control else "",
        differences=[[each.key, each.default, each.value] for each in results.differences],
        copy=results.data.verdict == COPY,
        data=results.data,
        copied=board.data,
        tables=[_table(results, split, sources) for split in figures.splits(results)],
        intervals=_intervals(results),
        not_comparable=found.not_comparable,
        sources=sources,
        external=leaderboard_cells.external(board.external) if board.external else None,
        known=_known(results),
        command=Markup(" ".join(command.replace("`", "'").split())),
        hidden="…/" in command,
        made=_made(results),
    )


def summary(results: Results) -> str:
    """Return the tables as plain lines for a terminal."""
    from chestbench.reports.rendering import terminal_table

    lines = [f"NOT THE REPLICATION ITSELF: {results.not_itself}"] if not results.is_itself else []
    for split in figures.splits(results):
        table = _table(results, split, [])
        lines += [table["title"], terminal_table(table["names"][:-1], [row[:-1] for row in table["rows"]]), ""]
    return "\n".join([*lines, f"data: {results.data.file}"])


def _table(results: Results, split: str, sources: list[str]) -> dict[str, Any]:
    """Return title, headings and rows of one split: networks, their seeds, baselines, then the paper's."""
    measured = figures.measures(results, split)
    columns = [figures.cells(results, split, measure) for measure in measured]
    rows = []
    seeds = results.settings.config.training_seeds
    level = results.study.board.best["bootstrap"]["confidence"]
    for place, row in enumerate(results.study.board.rows):
        cells = [column[place] for column in columns]
        is_network = place < len(results.study.board.networks)
        size = _size(results) if is_network else "-"
        own = f"ours: {row.name}, seed {seeds[0]}" if is_network and row.seeds else f"ours: {row.name}"
        shown = [with_interval({"value": cell.value, "low": cell.low, "high": cell.high}) for cell in cells]
        rows.append([own, size, *("-" if text == "undefined" else text for text in shown), ""])
        if row.seeds:
            over = [_over_seeds(cell) for cell in cells]
            rows.append([f"ours: {row.name}, mean and spread of {len(seeds)} seeds", size, *over, ""])
    rows += _paper(results, split, measured, sources)
    title = f"{_SPLITS[split]}: ours [{level:.0%} interval] beside the paper's"
    return {"title": title, "names": ["network", "size", *map(figures.name_of, measured), "source"], "rows": rows}


def _paper(results: Results, split: str, measured: list[str], sources: list[str]) -> list[list[str]]:
    """Return the paper's rows: one for each network, size and source."""
    found: dict[tuple[Any, ...], dict[str, float]] = {}
    for row in results.found.published:
        if figures.our_split(row.split) == split:
            name = row.network if row.split != "unknown" else f"{row.network} (split not stated)"
            place = (name, row.size, sources.index(row.source) + 1 if row.source in sources else 0)
            found.setdefault(place, {})[figures.our_measure(row.measure)] = row.value
    return [
        [
            f"paper: {name}",
            "-" if size is None else f"{size} px",
            *(number(values.get(measure)) for measure in measured),
            f"({source})" if source else "",
        ]
        for (name, size, source), values in found.items()
    ]


def _over_seeds(cell: figures.Cell) -> str:
    """Return `0.945 ± 0.003 (0.941 to 0.948)`, or `-`."""
    values = figures.defined(cell.seeds)
    if cell.seeds is None or cell.seeds["mean"] is None or cell.seeds["sd"] is None:
        return "-"
    return f"{cell.seeds['mean']:.3f} ± {cell.seeds['sd']:.3f} ({min(values):.3f} to {max(values):.3f})"


def _size(results: Results) -> str:
    """Return the size that networks saw, and the one that it was made of."""
    size, before = results.settings.config.preprocess.size, results.data.size
    if before is None or before == size:
        return f"{size} px"
    return f"{size} px, {'enlarged' if before < size else 'reduced'} from {before}"


def _intervals(results: Results) -> str:
    best = results.study.board.best
    unit, resamples = GROUPS[best["bootstrap"]["unit"]], best["bootstrap"]["resamples"]
    test = f"{best['test']['images']:,} images in {best['test']['groups']:,} groups"
    spread = "; the spread over seeds is a standard deviation and speaks of the training" if best.get("seeds") else ""
    return f"Intervals: {resamples:,} bootstrap resamples of {unit} of the test set ({test}){spread}."


def _known(results: Results) -> Iterable[str]:
    """Return the sentences that stand under every leaderboard, without its own figures of the paper."""
    board = results.study.board
    yield from said(sentences, "first", board)
    yield from said(sentences, "small", board)
    yield positive_words(board.best, board.best["test"])
    yield from leaderboard_cells.remarks(board)
    yield from said(sentences, "audit", board.warnings)
    yield from said(sentences, "audit", board.untested)


def _made(results: Results) -> dict[str, str]:
    config, trainings = results.settings.config, results.trainings
    seconds = sum(training.seconds for training in trainings)
    best = results.study.board.best
    count = f"{len(trainings)} training{'s' if len(trainings) != 1 else ''}"
    return {
        "data": results.data.file,
        "pictures": results.data.pictures,
        "licence and citation": f"{config.dataset.licence}; {config.dataset.citation}",
        "split": f"{'the one of the data set itself; ' if results.data.has_own_split else ''}by {split_words(best)}",
        "networks": ", ".join(config.model.variants),
        "recipe": config.train.recipe,
        "epochs, at most": str(config.train.epochs),
        "seeds": _listed(config.training_seeds),
        "code": "; ".join(_distinct(training.code for training in trainings)),
        "machine": "; ".join(_distinct(training.device for training in trainings)),
        "time": f"{count}, {duration(seconds)} in all",
        "versions": "; ".join(
            _distinct(", ".join(f"{name} {one}" for name, one in each.versions.items()) for each in trainings)
        ),
    }


def duration(seconds: float) -> str:
    """Return a time in the unit that fits it.

    >>> duration(42), duration(600), duration(9000)
    ('42 s', '10 min', '2.5 h')
    """
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _listed(seeds: list[int]) -> str:
    return ", ".join(map(str, seeds))
