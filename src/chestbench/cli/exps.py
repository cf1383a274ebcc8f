"""`chestbench exps`: all experiments in one table that fits the terminal.

What is the same in every row is said once above the table; a parameter that differs between rows of one recipe gets a
column of its own, as in a grid.
"""

import argparse
import shutil
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tabulate import tabulate

from chestbench.cli.experiments import Experiment, all_experiments
from chestbench.core.errors import ChestbenchError
from chestbench.core.words import heading
from chestbench.grid.rows import shortened
from chestbench.grid.tried import Setting, all_tried, places_of

# Of lines of text. A table is as wide as the terminal; in a file or a pipe nothing is left out.
WIDEST = 120
NO_BOUND = 10_000
LONGEST_CELL = 16
# Of an experiment's name, where the table has the room: as it is typed behind `dvc exp apply`.
LONGEST_NAME = 64
ROWS = 30
MOST_NAMED = 5
# Told by columns of their own, or of no consequence for the figures.
_NOT_PARAMETERS = (
    "model.",
    "detector.",
    "task",
    "train.recipe",
    "evaluate.external",
    *(f"dataset.{key}" for key in ("name", "title", "watch", "licence", "citation", "published")),
)


def main(arguments: list[str]) -> int:
    """Print the table of the current folder's repository; return 0."""
    description = "All experiments and the results of earlier commits, newest first."
    parser = argparse.ArgumentParser(prog="chestbench exps", description=description)
    parser.add_argument("-n", type=int, default=ROWS, metavar="ROWS", help=f"show so many, 0 for all ({ROWS})")
    shown = parser.parse_args(arguments).n
    if shown < 0:
        raise ChestbenchError(f"-n: expected 0 (all) or more rows, received {shown}")
    experiments = all_experiments(Path.cwd())
    if not experiments:
        print("no experiment with results yet; run `make repro` or `dvc exp run`")
        return 0
    width = shutil.get_terminal_size((NO_BOUND, 24)).columns
    print(table(experiments[:shown] if shown > 0 else experiments, width, all_tried(Path.cwd())))
    if 0 < shown < len(experiments):
        print(f"{len(experiments) - shown} older ones are not shown: `chestbench exps -n 0`")
    print("queued and failed ones: `dvc queue status`; every parameter and measure: `dvc exp show`")
    return 0


def table(experiments: list[Experiment], width: int = WIDEST, tried: Sequence[Setting] = ()) -> str:
    """Return the table as text, in lines of at most `width` columns from 70 on; never wrapped.

    Args:
        experiments: at least one, in the order of the rows.
        width: columns of the terminal. What has no room is left out, parameters first, and named below the table.
        tried: what grids have tried, see `all_tried`.
    """
    columns = {
        "experiment": [shortened(experiment.name, LONGEST_CELL) for experiment in experiments],
        "network": [_cut(_winner(experiment)) for experiment in experiments],
        "data set": [_cut(experiment.params.get("dataset.name")) for experiment in experiments],
        "recipe": [_cut(experiment.params.get("train.recipe")) for experiment in experiments],
        "val": [_figure(experiment.summary.get(_key(experiment, "val"))) for experiment in experiments],
        "grid": [_place(experiment, tried) for experiment in experiments],
        "test [95%]": [_with_interval(experiment.summary.get(_key(experiment, "test"))) for experiment in experiments],
        "AUC": [_figure(experiment.summary.get("test_macro_auc")) for experiment in experiments],
        "of": [_count(experiment) for experiment in experiments],
        "created": [_time(experiment) for experiment in experiments],
    }
    above = _said(experiments)
    if tiny := [experiment.name for experiment in experiments if experiment.summary.get("tiny")]:
        more = f" and {len(tiny) - MOST_NAMED} more" if len(tiny) > MOST_NAMED else ""
        above.append(f"too little data, so no figure is a result: {', '.join(tiny[:MOST_NAMED])}{more}")
    if any(cell != "-" for cell in columns["grid"]):
        above.append("grid: its place on val among the settings tried, of which the best looks better than it is")
        above += _not_done(experiments, tried)
    else:
        del columns["grid"]
    for name in ("data set", "recipe"):
        if len(experiments) > 1 and len(set(columns[name])) == 1:
            above.append(f"{name} of all: {columns.pop(name)[0]}")
    parameters = differing(experiments)
    for key in parameters:
        columns[_short(key, parameters)] = [_cut(experiment.params.get(key)) for experiment in experiments]
    left_out = [name for name in _by_need(columns) if _make_room(columns, name, width)]
    if not left_out:
        names = {**columns, "experiment": [shortened(experiment.name, LONGEST_NAME) for experiment in experiments]}
        columns = names if max(map(len, _text(names).splitlines())) <= width else columns
    below = [f"no room for: {', '.join(reversed(left_out))}"] if left_out else []
    return "\n".join([*_lines(above, width), _text(columns), *_lines(below, width)])


def differing(experiments: list[Experiment]) -> list[str]:
    """Return the parameters that differ between experiments of one recipe and data set, in the order of params.yaml.

    Recipe and data set each set a dozen parameters; their names say them. A parameter that an older commit has not
    does not differ.
    """
    alike: dict[tuple, list[dict[str, Any]]] = {}
    for experiment in experiments:
        row = experiment.params
        alike.setdefault((row.get("train.recipe"), row.get("dataset.name")), []).append(row)
    order = dict.fromkeys(key for experiment in experiments for key in experiment.params)
    return [
        key
        for key in order
        if not key.startswith(_NOT_PARAMETERS)
        and any(len({str(row[key]) for row in rows if key in row}) > 1 for rows in alike.values())
    ]


def _short(key: str, parameters: list[str]) -> str:
    """Return the last part of the key where that is enough: `roi`, but `train.batch_size` beside evaluate's."""
    name = key.rpartition(".")[2]
    return name if sum(other.rpartition(".")[2] == name for other in parameters) == 1 else key


def _by_need(columns: dict[str, list[str]]) -> list[str]:
    """The headings, the one that can best be done without first."""
    fixed = ["AUC", "of", "recipe", "created", "data set", "grid", "val", "test [95%]", "network", "experiment"]
    parameters = [name for name in columns if name not in fixed]
    return [*reversed(parameters), *(name for name in fixed[:6] if name in columns)]


def _make_room(columns: dict[str, list[str]], name: str, width: int) -> bool:
    """Remove the column if the table is too wide; return whether it was removed."""
    too_wide = max(map(len, _text(columns).splitlines())) > width
    if too_wide:
        del columns[name]
    return too_wide


def _lines(parts: list[str], width: int) -> list[str]:
    return textwrap.wrap("; ".join(parts), min(width, WIDEST))


def _place(experiment: Experiment, tried: Sequence[Setting]) -> str:
    places = places_of(experiment.summary, tried)
    told = [f"{place.place} of {place.settings}, {shortened(place.grid, LONGEST_CELL)}" for place in places]
    return "; ".join(told) or "-"


def _not_done(experiments: Sequence[Experiment], tried: Sequence[Setting]) -> list[str]:
    """Return which of the grids that are shown have members that are not done."""
    places = [place for experiment in experiments for place in places_of(experiment.summary, tried)]
    open_ones = {place.grid: sum(each.is_open for each in tried if each.grid == place.grid) for place in places}
    return [f"not done of grid {grid}: {count}" for grid, count in open_ones.items() if count]


def _has_network(experiment: Experiment) -> bool:
    """Tell whether an experiment's figures are of a network for classes, not of a detector."""
    return "detector" not in experiment.summary or "winner" in experiment.summary


def _key(experiment: Experiment, split: str) -> str:
    return f"{split}_{'balanced_accuracy' if _has_network(experiment) else 'map50'}"


def _count(experiment: Experiment) -> str:
    return str(experiment.summary.get("networks" if _has_network(experiment) else "detectors", "-"))


def _said(experiments: Sequence[Experiment]) -> list[str]:
    """Return what val and test are, which figures of different kinds do not share."""
    networks = f"{heading('balanced_accuracy')} of the chosen network"
    detectors = f"{heading('map50')} of the chosen detector"
    kinds = {_has_network(experiment) for experiment in experiments}
    if kinds == {True, False}:
        told = f"{networks}, in rows of detectors {detectors} (not to be compared)"
    else:
        told = networks if kinds == {True} else detectors
    return [f"val, test: {told}; of: how many it was chosen from"]


def _winner(experiment: Experiment) -> str:
    variants = experiment.params.get("model.variants") or experiment.params.get("detector.variants") or ["-"]
    return str(experiment.summary.get("winner") or experiment.summary.get("detector") or variants[0])


def _text(columns: dict[str, list[str]]) -> str:
    return tabulate(columns, headers="keys", tablefmt="simple", disable_numparse=True)


def _cut(value: Any) -> str:
    text = "-" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"


def _figure(value: Any) -> str:
    value = value.get("value") if isinstance(value, dict) else value
    return "-" if value is None else f"{value:.3f}"


def _with_interval(measure: Any) -> str:
    if not isinstance(measure, dict) or measure.get("low") is None or measure.get("high") is None:
        return _figure(measure)
    return f"{_figure(measure)} [{measure['low']:.3f}, {measure['high']:.3f}]"


def _time(experiment: Experiment) -> str:
    return f"{experiment.created:%y-%m-%d %H:%M}" if experiment.created else "-"
