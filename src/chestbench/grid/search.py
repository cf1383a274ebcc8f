"""`chestbench grid --search N`: Optuna proposes settings, val judges them, test is never asked.

A proposal follows from the seed, its number, and what is recorded of the others: no state of Optuna is kept. So a
search that was killed goes on with the proposals that it would have made, and one with a larger N adds to them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import DamagedFile, read_json, write_json
from chestbench.grid.ranges import read_ranges, settings_of
from chestbench.grid.tpe import Trial, propose

MOST = 10_000


@dataclass(frozen=True)
class Proposal:
    """One setting to try.

    Attributes:
        number: from 0.
        overrides: all of them, as after -S.
    """

    number: int
    overrides: tuple[str, ...]


class Search:
    """Settings of a search, proposed one after the other or several at once.

    Attributes:
        count: how many settings are to be tried, N.
        record: the JSON file that holds what was proposed and what val said.
    """

    def __init__(self, written: Sequence[str], count: int, record: Path) -> None:
        """Read the ranges; `begin` takes up what is recorded.

        Args:
            written: overrides as after -S, at least one of them a range.
            count: settings to try.
            record: file of the search, written with every proposal and every result.

        Raises:
            ChestbenchError: a wrong number or a wrong range.
        """
        if not 1 <= count <= MOST:
            raise ChestbenchError(f"--search: expected 1 to {MOST} settings to try, received {count}")
        self._fixed, self._ranges = read_ranges(written)
        self.count, self.record, self._seed, self._code = count, record, 0, ""
        self._all = settings_of(self._ranges)
        self._handed: set[int] = set()
        self._trials: list[Trial] = []

    def begin(self, seed: int, code: str) -> None:
        """Take up what an earlier call of the same search has recorded.

        Args:
            seed: of the proposals, 0 or more.
            code: hash of what is run. Figures of other code are not taken over: its settings are tried again.

        Raises:
            ChestbenchError: `record` is of another search, or no record.
        """
        self._seed, self._code = seed, code
        if self.record.is_file():
            self._trials = self._recorded()

    def samples(self) -> list[list[str]]:
        """Return overrides that show, before anything runs, whether every value of every range can be a parameter."""
        plain = [f"{each.key}={each.corners()[0]}" for each in self._ranges]
        varied = [
            [*plain[:place], f"{each.key}={value}", *plain[place + 1 :]]
            for place, each in enumerate(self._ranges)
            for value in each.corners()
        ]
        return [[*self._fixed, *values] for values in {tuple(each): each for each in varied}.values()]

    @property
    def ranges(self) -> list[str]:
        """The ranges in words, one each."""
        return [each.in_words() for each in self._ranges]

    @property
    def possible(self) -> int | None:
        """How many settings there are; None where an interval has more than can be named."""
        return None if self._all is None else len(self._all)

    @property
    def hint(self) -> str:
        """How an interval of any numbers is written as one of whole numbers; "" where there is none."""
        return next((f"whole numbers are {each.as_whole()}" for each in self._ranges if each.as_whole()), "")

    @property
    def keys(self) -> list[str]:
        """The parameters that are searched."""
        return [each.key.lstrip("+") for each in self._ranges]

    @property
    def tried(self) -> int:
        """How many settings were proposed so far, also those that failed."""
        return len(self._trials)

    def ask(self) -> Proposal | None:
        """Return the next setting, those of an earlier call first; None where N are out, or all there are."""
        number = next((each for each in range(self.tried) if each not in self._handed), self.tried)
        if number >= self.count:
            return None
        if number == self.tried:
            values = propose(self._ranges, self._all, self._trials, self._seed)
            if values is None:
                return None
            self._trials.append({"values": list(values), "val": None, "failed": False})
            self._write()
        self._handed.add(number)
        return Proposal(number, self._overrides(self._trials[number]["values"]))

    def tell(self, number: int, val: float | None) -> None:
        """Record what val said of a setting; None or no finite number where it failed."""
        failed = val is None or not math.isfinite(val)
        # Kept as it was told: proposals follow from it to the last digit.
        self._trials[number].update({"val": None if failed else val, "failed": failed})
        self._write()

    def _overrides(self, values: Sequence[str]) -> tuple[str, ...]:
        return (*self._fixed, *(f"{each.key}={value}" for each, value in zip(self._ranges, values, strict=True)))

    def _described(self) -> dict[str, Any]:
        ranges = {
            each.key: list(each.choices) or {"low": each.low, "high": each.high, "whole": each.whole, "log": each.log}
            for each in self._ranges
        }
        return {"seed": self._seed, "fixed": self._fixed, "ranges": ranges}

    def _write(self) -> None:
        self.record.parent.mkdir(parents=True, exist_ok=True)
        write_json(self.record, {**self._described(), "code": self._code, "trials": self._trials})

    def _recorded(self) -> list[Trial]:
        try:
            found = read_json(self.record)
            now, before = self._described(), {key: found[key] for key in ("seed", "fixed", "ranges")}
            trials = [
                Trial(values=list(trial["values"]), val=trial["val"], failed=trial["failed"])
                for trial in found["trials"]
            ]
        except (DamagedFile, KeyError, TypeError, AttributeError):
            raise ChestbenchError(
                f"{self.record}: expected the record of a search, received another file; remove it, and the search "
                "begins anew (what was trained comes from the cache)"
            ) from None
        if different := [key for key in now if now[key] != before[key]]:
            words = "; ".join(f"{key} was {before[key]}, is {now[key]}" for key in different)
            raise ChestbenchError(
                f"{self.record}: expected the search that was begun under this name, received another ({words}); give "
                "the same -S as before, or begin another with --name"
            )
        # Of other code only the settings hold.
        return (
            trials if found.get("code") == self._code else [{**each, "val": None, "failed": False} for each in trials]
        )
