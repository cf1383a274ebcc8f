"""`chestbench grid --search N`: Optuna proposes settings, val judges them, test is never asked.

A proposal follows from the seed, its number, and what is recorded of the others: no state of Optuna is kept. So a
search that was killed goes on with the proposals that it would have made, and one with a larger N adds to them.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json, write_json
from chestbench.grid.ranges import read_ranges, settings_of

if TYPE_CHECKING:
    import optuna

MOST = 10_000
# A proposal that was made before is drawn anew so often; then the first setting that was not tried is taken.
DRAWS = 32


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

    def __init__(self, written: Sequence[str], count: int, seed: int, record: Path) -> None:
        """Read the ranges, and what an earlier call of the same search has recorded.

        Args:
            written: overrides as after -S, at least one of them a range.
            count: settings to try.
            seed: of the proposals, 0 or more.
            record: file of the search, written with every proposal and every result.

        Raises:
            ChestbenchError: a wrong number or range, or `record` is of another search.
        """
        if not 1 <= count <= MOST:
            raise ChestbenchError(f"--search: expected 1 to {MOST} settings to try, received {count}")
        self._fixed, self._ranges = read_ranges(written)
        self.count, self.record, self._seed = count, record, seed
        self._all = settings_of(self._ranges)
        self._handed: set[int] = set()
        self._trials: list[dict[str, Any]] = []
        if record.is_file():
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
    def tried(self) -> int:
        """How many settings were proposed so far, also those that failed."""
        return len(self._trials)

    def ask(self) -> Proposal | None:
        """Return the next setting, those of an earlier call first; None where N are out, or all there are."""
        number = next((each for each in range(self.tried) if each not in self._handed), self.tried)
        if number >= self.count:
            return None
        if number == self.tried:
            values = self._propose(number)
            if values is None:
                return None
            self._trials.append({"values": list(values), "val": None, "failed": False})
            self._write()
        self._handed.add(number)
        return Proposal(number, self._overrides(self._trials[number]["values"]))

    def tell(self, number: int, val: float | None) -> None:
        """Record what val said of a setting; None or no finite number where it failed."""
        failed = val is None or not math.isfinite(val)
        self._trials[number] |= {"val": None if failed else val, "failed": failed}
        self._write()

    def val_of(self, number: int) -> float | None:
        """Return what val said of a setting, None where that is not known."""
        found: float | None = self._trials[number]["val"]
        return found

    def _overrides(self, values: Sequence[str]) -> tuple[str, ...]:
        return (*self._fixed, *(f"{each.key}={value}" for each, value in zip(self._ranges, values, strict=True)))

    def _propose(self, number: int) -> tuple[str, ...] | None:
        """Return values that were not proposed yet, one of each range; None where there are no others."""
        before = {tuple(trial["values"]) for trial in self._trials}
        if self._all is not None and before.issuperset(self._all):
            return None
        study = self._study()
        distributions = {each.key: each.distribution() for each in self._ranges}
        for draw in range(DRAWS):
            study.sampler = _sampler(self._seed, number, draw)
            trial = study.ask(distributions)
            values = tuple(each.written(trial.params[each.key]) for each in self._ranges)
            if values not in before:
                return values
            # Else the draws themselves would count as settings that are being tried.
            study = self._study()
        return next(each for each in self._all if each not in before) if self._all else values

    def _study(self) -> "optuna.Study":
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        study = optuna.create_study(direction="maximize")
        states = optuna.trial.TrialState
        for trial in self._trials:
            state = states.FAIL if trial["failed"] else states.RUNNING if trial["val"] is None else states.COMPLETE
            study.add_trial(
                optuna.trial.create_trial(
                    state=state,
                    value=trial["val"],
                    params={
                        each.key: each.read(text) for each, text in zip(self._ranges, trial["values"], strict=True)
                    },
                    distributions={each.key: each.distribution() for each in self._ranges},
                )
            )
        return study

    def _described(self) -> dict[str, Any]:
        ranges = {
            each.key: list(each.choices) or {"low": each.low, "high": each.high, "whole": each.whole, "log": each.log}
            for each in self._ranges
        }
        return {"seed": self._seed, "fixed": self._fixed, "ranges": ranges}

    def _write(self) -> None:
        self.record.parent.mkdir(parents=True, exist_ok=True)
        write_json(self.record, {**self._described(), "trials": self._trials})

    def _recorded(self) -> list[dict[str, Any]]:
        found = read_json(self.record)
        now, before = self._described(), {key: found.get(key) for key in ("seed", "fixed", "ranges")}
        if different := [key for key in now if now[key] != before[key]]:
            words = "; ".join(f"{key}: {before[key]} then, {now[key]} now" for key in different)
            raise ChestbenchError(
                f"{self.record}: expected the ranges that this search was begun with, received others ({words}); give "
                "the same -S as before, or begin another with --name"
            )
        trials: list[dict[str, Any]] = found["trials"]
        return trials


def _sampler(seed: int, number: int, draw: int) -> "optuna.samplers.TPESampler":
    """Return TPE for one proposal. What is being tried counts as if it had failed to be good (constant liar)."""
    import optuna

    digest = hashlib.sha256(f"{seed} {number} {draw}".encode()).digest()
    return optuna.samplers.TPESampler(seed=int.from_bytes(digest[:4], "big"), constant_liar=True)
