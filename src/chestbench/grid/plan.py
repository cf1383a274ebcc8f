"""`chestbench grid --plan`: the members of a grid, what of them is cached, and how long the rest may take.

DVC's run cache is asked, nothing runs, and nothing in the repository is written.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chestbench.core.printable import printable
from chestbench.core.progress import duration_in_words, track
from chestbench.grid.cached import Known, asking
from chestbench.grid.estimate import Earlier, earlier_trainings, seconds_of
from chestbench.grid.events import Member, Plan
from chestbench.grid.rows import shortened

# Stages of a member's networks; every other one is a data stage, which runs once for all members that share it.
OF_NETWORKS = ("weights", "train", "evaluate", "transfer", "compare", "report")
# Of its detectors.
OF_DETECTORS = ("weights_boxes", "train_boxes", "evaluate_boxes")
MOST_ROWS = 40
# Of more members it is shown how far the asking is.
MANY = 20
SHORTEST_NAME = 24


@dataclass(frozen=True)
class Planned:
    """One member before it runs.

    Attributes:
        member: which.
        known: what of it is cached.
        seconds: of its trainings as far as they can be told; None where none can.
        untold: networks and detectors that are to be trained and were not trained here before, at this size.
        elsewhere: whether a training was timed on other pictures.
    """

    member: Member
    known: Known
    seconds: float | None
    untold: tuple[str, ...]
    elsewhere: bool

    @property
    def trainings(self) -> list[str]:
        """Networks and detectors that are to be trained."""
        return _trainings(self.known)

    @property
    def data(self) -> list[str]:
        """Data stages that are to run."""
        return [name for name in self.known.to_run if name.partition("@")[0] not in (*OF_NETWORKS, *OF_DETECTORS)]


def look_ahead(plan: Plan) -> list[Planned]:
    """Find out what is cached and how long the rest may take.

    Args:
        plan: of the grid; its members are asked for one after the other, a fifth of a second each.
    """
    with asking(plan.root, plan.tree) as cache:
        earlier = earlier_trainings(cache.cache)
        members: Iterable[Member] = plan.members
        if len(plan.members) > MANY:
            members = track(plan.members, len(plan.members), "asking the cache", "member")
        return [_planned(member, cache.ask(member), earlier) for member in members]


def plan_lines(plan: Plan, planned: Sequence[Planned], width: int) -> list[str]:
    """Return what `--plan` prints of the members.

    Args:
        plan: of the grid.
        planned: see `look_ahead`.
        width: columns of the terminal.
    """
    shown = planned[:MOST_ROWS]
    cells = [("member", "data", "to train", "trainings take")]
    cells += [(printable(each.member.name), _data(each), _networks(each), _takes(each)) for each in shown]
    others = sum(max(len(row[place]) for row in cells) for place in (1, 2, 3)) + 6
    names = [shortened(row[0], max(SHORTEST_NAME, width - others)) for row in cells]
    wide = [max(map(len, names)), *(max(len(row[place]) for row in cells) for place in (1, 2))]
    lines = [
        f"{name:<{wide[0]}}  {row[1]:<{wide[1]}}  {row[2]:<{wide[2]}}  {row[3]}".rstrip()
        for name, row in zip(names, cells, strict=True)
    ]
    if rest := planned[len(shown) :]:
        counts = Counter("cached" if not each.known.to_run else "to run" for each in rest)
        lines.append(f"and {', '.join(f'{count} {words}' for words, count in sorted(counts.items()))}")
    return [*lines, *_below(plan, planned)]


def _below(plan: Plan, planned: Sequence[Planned]) -> list[str]:
    cached = sum(not each.known.to_run for each in planned)
    stages = list(dict.fromkeys(name for each in planned for name in each.data))
    lines = [
        f"{cached} of {len(planned)} come from the cache",
        f"data stages to run, once for all members that share them: {', '.join(stages)}" if stages else "",
    ]
    told = [each.seconds for each in planned if each.seconds]
    if told:
        line = f"trainings one after the other: {duration_in_words(sum(told))} at most"
        if (at_once := plan.settings.parallel or 1) > 1:
            line += f", {duration_in_words(max(max(told), sum(told) / at_once))} with {at_once} at once"
        lines.append(f"{line}, by the clock of the machine that trained them before")
    if any(each.elsewhere for each in planned):
        lines.append("~: timed on other pictures of the same size; more pictures take longer")
    if untold := sorted({name for each in planned for name in each.untold}):
        lines.append(f"no estimate for {', '.join(untold)}: not trained here before at this size")
    return [line for line in lines if line]


def _planned(member: Member, known: Known, earlier: list[Earlier]) -> Planned:
    times = {name: seconds_of(member, name, known.pictures, earlier) for name in _trainings(known)}
    told = [found for found in times.values() if found]
    return Planned(
        member=member,
        known=known,
        seconds=sum(seconds for seconds, _ in told) if told else None,
        untold=tuple(name for name, found in times.items() if found is None),
        elsewhere=any(not same for _, same in told),
    )


def _trainings(known: Known) -> list[str]:
    return [*known.networks(), *known.networks("train_boxes")]


def _data(each: Planned) -> str:
    return f"{len(each.data)} to run" if each.data else "cached"


def _networks(each: Planned) -> str:
    names, detectors = each.trainings, each.known.networks("train_boxes")
    if not names:
        return "-" if each.known.networks("evaluate") or each.known.networks("evaluate_boxes") else "cached"
    if len(names) == 1:
        return names[0]
    kind = "detectors" if len(detectors) == len(names) else "of both kinds" if detectors else "networks"
    return f"{len(names)} {kind}"


def _takes(each: Planned) -> str:
    if not each.trainings:
        return "-"
    if each.seconds is None:
        return "no estimate"
    more = f" and {len(each.untold)} more" if each.untold else ""
    return f"{'~' if each.elsewhere else ''}{duration_in_words(each.seconds)}{more}"
