"""A grid as rows of text that fit a page: running members first, then what is news; the rest as counts."""

import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from chestbench.core.printable import printable
from chestbench.core.progress import duration_in_words
from chestbench.core.words import heading
from chestbench.grid.events import OF_NETWORKS, MemberStatus
from chestbench.grid.pace import ENDED, RUNNING, Pace

# As people ask for them: what is at work, what went wrong, what came of it, what is to come.
ORDER = ("running", "data", "failed", "cached", "done", "skipped", "waiting")
SPEED = heading("images_per_second")
HEADINGS = ("member", "state", "stage", "epoch", "val", SPEED, "left", "GPU h", "where")
# The ones that a narrow terminal does without, the first first.
DISPENSABLE = ("where", SPEED, "GPU h", "stage", "left", "epoch")
SHORTEST_NAME = 12
NOTHING = "-"
# Reasons of failed attempts that are shown at once.
MOST_REASONS = 3


class Page(NamedTuple):
    """What is shown.

    Attributes:
        columns: headings.
        rows: cells of each member shown, in their order.
        states: the state of each.
        folded: what the rows leave out, in words; "" for nothing.
        below: the whole grid in a sentence, as lines.
    """

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    states: list[str]
    folded: str
    below: list[str]


def page(name: str, statuses: Sequence[MemberStatus], pace: Pace, gpus: float, width: int, height: int) -> Page:
    """Return the page of a grid.

    Args:
        name: of the grid.
        statuses: of every member, in the order of the grid.
        pace: what was seen of them.
        gpus: GPUs of each member, 0 for none.
        width: columns of the terminal.
        height: lines of the terminal.
    """
    ordered = sorted(statuses, key=_rank)
    last = [
        *(shortened(line, width - 1) for line in _failed_before(ordered)),
        *textwrap.wrap(f"grid {name}, {below(statuses, pace, gpus)}", width - 1),
    ]
    # Besides: the headings, what is folded, and the line of the cursor.
    shown = ordered[: max(1, height - len(last) - 3)]
    headings = {name: ("hours" if name == "GPU h" and not gpus else name) for name in HEADINGS}
    is_mixed = len({each.judged_by for each in statuses}) > 1
    cells = [_cells(each, pace, gpus, is_mixed) for each in shown]
    kept = [name for name in HEADINGS if name in ("member", "state") or any(row[name] != NOTHING for row in cells)]
    for name in DISPENSABLE:
        if name in kept and _width(kept, cells, SHORTEST_NAME) > width:
            kept.remove(name)
    room = width - _width(kept, cells, 0)
    for row in cells:
        row["member"] = shortened(row["member"], max(SHORTEST_NAME, room))
    return Page(
        columns=tuple(headings[name] for name in kept),
        rows=[tuple(row[name] for name in kept) for row in cells],
        states=[each.state for each in shown],
        folded=folded(ordered[len(shown) :]),
        below=last,
    )


def folded(rest: Sequence[MemberStatus]) -> str:
    """Return the counts of members that are not shown: "and 30 waiting, 12 done"."""
    counts = Counter[str](each.state for each in rest)
    told = [f"{counts[state]} {state}" for state in ORDER if counts[state]]
    return f"and {', '.join(told)}" if told else ""


def below(statuses: Sequence[MemberStatus], pace: Pace, gpus: float) -> str:
    """Return the whole grid in a line."""
    counts = Counter[str](each.state for each in statuses)
    parts = [", ".join(f"{counts[state]} {state}" for state in ORDER if counts[state]) or "no member yet"]
    parts += _best(statuses)
    if (left := pace.left_of_all(statuses)) is not None:
        parts.append(f"{duration_in_words(left)} left")
    if hours := pace.hours(statuses, gpus):
        parts.append(f"{_hours(hours)} {'GPU hours' if gpus else 'hours'}")
    return f"{len(statuses)} member{'s' if len(statuses) != 1 else ''}: {'; '.join(parts)}"


def by_val_set(statuses: Sequence[MemberStatus]) -> list[list[list[MemberStatus]]]:
    """Return the members that came to an end, as far as their figures may be compared.

    Returns:
        Of each kind (networks, detectors) its val sets, of each val set its members, the one that val puts first first,
        of equal ones the first of the grid, those without a figure last.
    """
    kinds: dict[str, dict[str, list[MemberStatus]]] = {}
    for each in statuses:
        if each.state in ENDED:
            kinds.setdefault(each.judged_by, {}).setdefault(each.judges, []).append(each)
    return [[sorted(members, key=_place) for members in sets.values()] for sets in kinds.values()]


def shortened(name: str, room: int) -> str:
    """Return a name in at most `room` letters, without its middle: both ends tell members apart.

    >>> shortened("grid-learning_rate=0.001-batch_size=16", 21)
    'grid-learn…ch_size=16'
    """
    if len(name) <= room or room < 3:
        return name
    behind = (room - 1) // 2
    return f"{name[: room - 1 - behind]}…{name[len(name) - behind :]}"


def _place(status: MemberStatus) -> float:
    return 1.0 if status.measure is None else -status.measure


def _best(statuses: Sequence[MemberStatus]) -> list[str]:
    """Return which member is first of each kind; of members that different val sets judged none is."""
    told = []
    for sets in by_val_set(statuses):
        first = sets[0][0]
        named = "val" if first.judged_by == OF_NETWORKS else heading(first.judged_by, short=True)
        if len(sets) > 1:
            told.append(f"none best on {named}, as {len(sets)} different val sets judged them")
        elif first.measure is not None:
            told.append(f"best on {named} {first.measure:.3f} ({printable(first.name)})")
    return told


def _rank(status: MemberStatus) -> tuple[int, str, str, float]:
    is_judged = status.state in ENDED
    return (
        ORDER.index(status.state),
        status.judged_by if is_judged else "",
        status.judges if is_judged else "",
        -(status.measure or 0.0) if is_judged else 0.0,
    )


def _failed_before(statuses: Sequence[MemberStatus]) -> list[str]:
    """Return why attempts failed of members that have another one."""
    again = [each for each in statuses if each.before and each.state not in (*ENDED, "failed")]
    lines = [f"{printable(each.name)} failed before: {printable(each.before)}" for each in again[:MOST_REASONS]]
    return [*lines, *([f"and {len(again) - MOST_REASONS} more failed before"] if len(again) > MOST_REASONS else [])]


def _hours(hours: float) -> str:
    """Return hours with two digits, of which one is not 0.

    >>> _hours(0.001), _hours(1.5)
    ('under 0.01', '1.50')
    """
    return f"{hours:.2f}" if hours >= 0.01 else "under 0.01"


def _cells(status: MemberStatus, pace: Pace, gpus: float, is_mixed: bool) -> dict[str, str]:
    at_work = status.state in RUNNING
    left = pace.left(status)
    place = " ".join(str(part) for part in (status.node, status.device) if part)
    hours = pace.seconds(status) / 3600 * (gpus or 1.0)
    unit = f" {heading(status.judged_by, short=True).removeprefix('val ')}" if is_mixed else ""
    return {
        "member": printable(status.name),
        "state": status.state,
        "stage": printable(status.stage) if at_work and status.stage else NOTHING,
        "epoch": f"{status.epoch}/{status.epochs or '?'}" if at_work and status.epoch else NOTHING,
        "val": NOTHING if status.measure is None else f"{status.measure:.3f}{unit}",
        SPEED: f"{status.images_per_second:.0f}" if at_work and status.images_per_second else NOTHING,
        "left": NOTHING if left is None else duration_in_words(left),
        "GPU h": NOTHING if not hours else f"{hours:.2f}" if hours >= 0.01 else "<0.01",
        "where": printable(place) if at_work and place else NOTHING,
    }


def _width(kept: Sequence[str], cells: Sequence[dict[str, str]], name: int) -> int:
    """Return the columns of the table with names of `name` letters: two blanks between its columns."""
    others = sum(max([len(each), *(len(row[each]) for row in cells)]) for each in kept if each != "member")
    return name + others + 2 * (len(kept) - 1)
