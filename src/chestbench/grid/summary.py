"""The end of a grid: its members by val, what failed and with which words, and how to go on.

Test figures are not in it. Whoever reads them here would choose by them; they stand in the report of what was chosen.
"""

import shlex
from collections.abc import Sequence

from chestbench.core.printable import printable
from chestbench.core.progress import duration_in_words
from chestbench.core.words import heading
from chestbench.core.wrapping import fill
from chestbench.grid.ends import NOT_AGAIN
from chestbench.grid.events import OF_NETWORKS, MemberStatus
from chestbench.grid.pace import ENDED
from chestbench.grid.rows import by_val_set, shortened

MOST_ROWS = 30
SHORTEST_NAME, LONGEST_CELL = 24, 18
MOST_LAST_LINES = 12


def summary_lines(
    grid: str, statuses: Sequence[MemberStatus], width: int, again: str, tiny: Sequence[str] = ()
) -> list[str]:
    """Return what a grid prints at its end.

    Args:
        grid: its name.
        statuses: of all members.
        width: columns of the terminal.
        again: the command that runs the same grid again.
        tiny: names of members that had too little data for a result, see `tried.tiny_ones`.
    """
    ended = [each for each in statuses if each.state in ENDED]
    failed = [each for each in statuses if each.state == "failed"]
    open_ones = [each for each in statuses if each.state not in ENDED and each.state != "failed"]
    lines: list[str] = []
    # Networks and detectors are judged by different figures: each kind has its table.
    kinds = by_val_set(statuses)
    first, chosen = "NAME", 0
    for sets in kinds:
        kind = sets[0][0].judged_by
        lines += [*([""] if lines else []), *_table(sets, width)]
        lines += ["", *_chosen(sets, sum(each.judged_by == kind for each in failed), width)]
        if len(sets) == 1:
            first, chosen = sets[0][0].name, chosen + 1
    if tiny:
        whose = "all members" if len(tiny) == len(ended) else f"{len(tiny)} of {len(ended)} members"
        lines += [
            "",
            *fill(f"TOO LITTLE DATA in {whose}: no figure of theirs is a result (dataset.allow_tiny).", width),
        ]
    for status in failed:
        lines += ["", *_of_failed(status)]
    lines.append("")
    if failed or open_ones:
        left = [f"{len(failed)} failed" if failed else "", f"{len(open_ones)} not done" if open_ones else ""]
        if not open_ones and all(each.last_lines[-1:] == (NOT_AGAIN,) for each in failed):
            lines.append(f"{left[0]}, and would again; give other values, or mend the code")
        else:
            lines.append(f"{', '.join(filter(None, left))}; the same command goes on with them: {again}")
    if ended:
        best = shlex.quote(first) if len(kinds) == chosen == 1 else "NAME"
        lines += [
            "all of them:       chestbench exps, or dvc exp show",
            f"the one you chose: dvc exp apply {best}, then make report: there is what test says of it",
            f"to keep as branch: dvc exp branch {best} BRANCH",
        ]
    return lines


def _table(sets: Sequence[Sequence[MemberStatus]], width: int) -> list[str]:
    """Return members by val, with the overrides that are not the same in all; a place is one on a val set."""
    ended = [each for members in sets for each in members]
    places = [
        f"{number}.{place}" if len(sets) > 1 else str(place)
        for number, members in enumerate(sets, 1)
        for place in range(1, len(members) + 1)
    ]
    shown = ended[:MOST_ROWS]
    keys = _varying(shown)
    # Which figure that is stands below.
    of_val = "val" if shown[0].judged_by == OF_NETWORKS else heading(shown[0].judged_by, short=True)
    heads = ["", "member", *(key.rpartition(".")[2] for key in keys), of_val, "took"]
    rows = [
        [
            place,
            printable(each.name),
            *(shortened(printable(_values(each).get(key, "-")), LONGEST_CELL) for key in keys),
            "-" if each.measure is None else f"{each.measure:.3f}",
            "before" if each.state == "skipped" else duration_in_words(each.seconds),
        ]
        for place, each in zip(places, shown, strict=False)
    ]
    while len(heads) > 4 and _width(heads, rows, SHORTEST_NAME) > width:
        # The member's name tells it too.
        del heads[-3]
        for row in rows:
            del row[-3]
    room = max(SHORTEST_NAME, width - _width(heads, rows, 0))
    for row in rows:
        row[1] = shortened(row[1], room)
    wide = [max(len(row[place]) for row in [heads, *rows]) for place in range(len(heads))]
    lines = ["  ".join(map(str.ljust, row, wide)).rstrip() for row in [heads, *rows]]
    if len(ended) > len(shown):
        behind = ", which val puts behind them" if len(sets) == 1 else ""
        lines.append(f"and {len(ended) - len(shown)} more{behind}")
    return lines


def _chosen(sets: Sequence[Sequence[MemberStatus]], failed: int, width: int) -> list[str]:
    ended = sets[0]
    if all(members[0].measure is None for members in sets):
        return fill("val judged none of them: nothing is chosen", width)
    if len(sets) > 1:
        return fill(
            f"{heading(ended[0].judged_by)}. The members were judged on {len(sets)} different val sets (data set, "
            "split or seed differ): figures of different ones are not to be compared, and none is chosen; 2.1 is the "
            "first on the second. Test is not shown: it measures what was chosen, and chooses nothing.",
            width,
        )
    tried = len(ended) + failed
    equal = sum(each.measure == ended[0].measure for each in ended) - 1
    text = f"First on val of {tried} setting{'s' if tried != 1 else ''} tried"
    text += f", {failed} of which failed: " if failed else ": "
    text += f"{printable(ended[0].name)}, {heading(ended[0].judged_by)} {ended[0].measure:.3f}"
    text += f" (equal: {equal} more)" if equal else ""
    text += ". " if tried == 1 else ". The best of several looks better on val than it is. "
    return fill(f"{text}Test is not shown: it measures what was chosen, and chooses nothing.", width)


def _of_failed(status: MemberStatus) -> list[str]:
    tries = f" after {status.attempt} attempts" if status.attempt > 1 else ""
    lines = [line.rstrip() for line in status.last_lines if line.strip()][-MOST_LAST_LINES:]
    return [
        f"{printable(status.name)} failed{tries}:",
        *(f"  {printable(line)}" for line in lines or ["it said nothing"]),
    ]


def _varying(statuses: Sequence[MemberStatus]) -> list[str]:
    """Return the keys of overrides that differ between members."""
    keys = list(dict.fromkeys(key for each in statuses for key in _values(each)))
    return [key for key in keys if len({_values(each).get(key) for each in statuses}) > 1]


def _values(status: MemberStatus) -> dict[str, str]:
    pairs = (text.partition("=") for text in status.overrides)
    return {key.strip().lstrip("+~"): value for key, _, value in pairs}


def _width(heads: Sequence[str], rows: Sequence[Sequence[str]], name: int) -> int:
    sizes = [max(len(row[place]) for row in [heads, *rows]) for place in range(len(heads)) if place != 1]
    return name + sum(sizes) + 2 * (len(heads) - 1)
