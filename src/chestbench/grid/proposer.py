"""A search as the grid asks it: each proposal becomes a member like any other, composed, checked and named."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from chestbench.core.errors import ChestbenchError
from chestbench.core.words import heading
from chestbench.grid.events import Member, Plan
from chestbench.grid.members import conf_of, one_member
from chestbench.grid.planning import naming_left_out
from chestbench.grid.search import Search
from chestbench.grid.state import code_id, folder_of

RECORD = "search.json"


class SearchMembers:
    """The `Proposer` of a search.

    Attributes:
        search: what proposes.
        refused: settings whose values do not go together, with the reason.
    """

    def __init__(self, search: Search, plan: Plan, conf: Path) -> None:
        """Take a search whose values were all found to be parameters, see `searching`."""
        self.refused: list[str] = []
        self.search, self._plan, self._conf = search, plan, conf
        self._numbers: dict[str, int] = {}

    def next_member(self) -> Member | None:
        """Return the next member; None: no more."""
        while (proposal := self.search.ask()) is not None:
            try:
                member = _member(self._plan, self._conf, proposal.overrides, self.search.keys)
            except ChestbenchError as error:  # each value can be a parameter, these together cannot
                self.refused.append(f"{' '.join(proposal.overrides)}: {error}")
                self.search.tell(proposal.number, None)
                continue
            self._numbers[member.name] = proposal.number
            return member
        return None

    def tell(self, member: Member, measure: float | None) -> None:
        """Take what val says of a member that came to its end; None: it failed."""
        self.search.tell(self._numbers[member.name], measure)


@contextmanager
def searching(plan: Plan, written: Sequence[str], count: int) -> Iterator[SearchMembers]:
    """Yield the proposer of a search, after each end of each range was composed and checked.

    Args:
        plan: of the grid, without members.
        written: as after -S, at least one of them a range.
        count: settings to try.

    Raises:
        ChestbenchError: a wrong range or number, values that are no parameters, or the record is of another search.
    """
    search = Search(written, count, folder_of(plan.root, plan.name) / RECORD)
    with conf_of(plan.root, plan.tree) as conf:
        with naming_left_out(plan.tree):
            checked = [_checked(plan, conf, overrides, search) for overrides in search.samples()]
        if len(kinds := dict.fromkeys(member.judged_by for member in checked)) > 1:
            judges = " and some by ".join(map(heading, kinds))
            raise ChestbenchError(
                f"--search: expected settings that are all judged by one figure, received some that are by {judges}, "
                "which are not compared; search over networks and over detectors (task=detect) one after the other"
            )
        # No range is over it: one for all.
        search.begin(checked[0].values["seed"], code_id(plan.root, plan.tree))
        yield SearchMembers(search, plan, conf)


def _checked(plan: Plan, conf: Path, overrides: Sequence[str], search: Search) -> Member:
    try:
        return _member(plan, conf, overrides, search.keys)
    except ChestbenchError as error:
        hint = f"; {search.hint}" if "an integer" in str(error) and search.hint else ""
        raise ChestbenchError(f"{error}{hint}") from None


def _member(plan: Plan, conf: Path, overrides: Sequence[str], keys: Sequence[str]) -> Member:
    return one_member(plan.name, plan.root, conf, overrides, keys)
