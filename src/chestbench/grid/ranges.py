"""What a search may choose from: ranges in Hydra's own sweep grammar, as after `dvc exp run -S`.

`interval(1e-5,1e-2)` is any number between, `tag(log, interval(...))` spreads it evenly over its powers of ten,
`int(interval(1,9))` takes whole numbers; `range(0,1,0.1)`, `choice(a,b)` and plain lists `a,b` name each value.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chestbench.core.errors import ChestbenchError

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

LOG = "log"
EXAMPLE = "-S 'train.learning_rate=tag(log, interval(1e-5,1e-2))'"
# What decides which pictures are in val: figures on other pictures cannot choose between settings.
JUDGES = ("dataset", "split", "seed")
# Of detectors: which boxes there are to be found.
BOXES = "detector.boxes"
# Significant digits of a proposed number: as many as a person would read, and what is run is what is recorded.
DIGITS = 6


@dataclass(frozen=True)
class Range:
    """What one parameter may be.

    Attributes:
        key: as before the `=` of an override.
        choices: each value as it stands in an override; empty for an interval.
        low: least value of an interval.
        high: greatest value of an interval.
        whole: whether an interval holds whole numbers only.
        log: whether an interval is searched by its logarithm.
    """

    key: str
    choices: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    whole: bool = False
    log: bool = False

    def in_words(self) -> str:
        """Return it for people.

        >>> Range("train.epochs", low=1, high=9, whole=True).in_words()
        'train.epochs: a whole number from 1 to 9'
        """
        if self.choices:
            return f"{self.key}: {', '.join(self.choices)}"
        kind = "a whole number" if self.whole else "a number"
        return f"{self.key}: {kind} from {self.low:g} to {self.high:g}{', by its logarithm' if self.log else ''}"

    def as_whole(self) -> str:
        """Return how its interval is written for whole numbers; "" where it has them, or is none."""
        return "" if self.choices or self.whole else f"{self.key}=int(interval({self.low:g},{self.high:g}))"

    def distribution(self) -> "BaseDistribution":
        """Return it as Optuna has it."""
        from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

        if self.choices:
            return CategoricalDistribution(self.choices)
        if self.whole:
            return IntDistribution(int(self.low), int(self.high), log=self.log)
        return FloatDistribution(self.low, self.high, log=self.log)

    def written(self, value: Any) -> str:
        """Return a value of it as it stands in an override, of a number `DIGITS` digits."""
        if self.choices or self.whole:
            return str(value)
        # Rounding leads out of no interval.
        text = f"{value:.{DIGITS}g}"
        return text if self.low <= float(text) <= self.high else repr(float(value))

    def read(self, text: str) -> Any:
        """Return the value for Optuna of what `written` gave."""
        return text if self.choices else int(text) if self.whole else float(text)

    def corners(self) -> list[str]:
        """Return values that show whether every value can be a parameter: each choice; both ends and one between."""
        if self.choices:
            return list(self.choices)
        between = self.low + 0.382 * (self.high - self.low)
        return [self.written(int(each) if self.whole else each) for each in (self.low, between, self.high)]


def settings_of(ranges: Sequence[Range]) -> list[tuple[str, ...]] | None:
    """Return every setting there is, in the order of the ranges; None where an interval has more than can be named."""
    values = [
        each.choices or (tuple(map(str, range(int(each.low), int(each.high) + 1))) if each.whole else None)
        for each in ranges
    ]
    if any(each is None for each in values) or math.prod(len(each) for each in values if each) > 100_000:
        return None
    return list(itertools.product(*(each for each in values if each)))


def read_ranges(written: Sequence[str]) -> tuple[list[str], list[Range]]:
    """Divide overrides into those with one value and the ranges.

    Args:
        written: as after -S.

    Raises:
        ChestbenchError: no override, or no range at all; a key twice; an interval that holds nothing; a range over
            what decides the pictures that judge.
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    fixed, ranges = [], []
    for text in written:
        try:
            override = OverridesParser.create().parse_override(text)
        except (HydraException, OmegaConfBaseException) as error:
            told = " ".join(str(error).split("\n")[0].split())
            raise ChestbenchError(
                f"expected KEY=VALUE or a range after -S, received {text!r}; Hydra says: {told}"
            ) from None
        if override.is_sweep_override():
            ranges.append(_range(override, text))
        else:
            fixed.append(text)
    _check(fixed, ranges)
    return fixed, ranges


def _check(fixed: Sequence[str], ranges: Sequence[Range]) -> None:
    keys = [each.key.lstrip("+") for each in ranges]
    for key in (*keys, *(text.split("=")[0].lstrip("+~") for text in fixed)):
        if [*keys, *(text.split("=")[0].lstrip("+~") for text in fixed)].count(key) > 1:
            raise ChestbenchError(f"-S {key}: expected one value or range of it, received two; leave one out")
    for key in keys:
        if key.split(".")[0].split("@")[0] in JUDGES or key == BOXES:
            decided = "boxes" if key == BOXES else "pictures"
            raise ChestbenchError(
                f"-S {key}: expected a range over how networks are trained, received one over what decides the "
                f"{decided} of val, which could not judge between its values; give it one value, or leave --search out"
            )
    if not ranges:
        raise ChestbenchError(f"--search: expected a range after an -S, received none; such as {EXAMPLE}")


def _range(override: Any, text: str) -> Range:
    """Return the range of a parsed override that is a sweep."""
    from hydra.core.override_parser.types import ChoiceSweep, Glob, IntervalSweep, RangeSweep

    key, sweep = override.get_key_element(), override.value()
    if isinstance(sweep, Glob):
        raise ChestbenchError(f"-S {text}: expected names, received a glob, which DVC does not read; write choice(a,b)")
    if others := sorted(set(sweep.tags) - {LOG}):
        raise ChestbenchError(f"-S {text}: expected the tag {LOG} or none, received {', '.join(others)}")
    if isinstance(sweep, IntervalSweep):
        return _interval(key, text, sweep.start, sweep.end, LOG in sweep.tags)
    if LOG in sweep.tags:
        raise ChestbenchError(f"-S {text}: expected the tag {LOG} on an interval, received it on single values")
    if isinstance(sweep, ChoiceSweep):
        found = [_text(each) for each in sweep.list]
    else:
        assert isinstance(sweep, RangeSweep)
        _finite(text, sweep.start, sweep.stop, sweep.step)
        found = [_text(each) for each in sweep.range()] if sweep.step else []
    if not found:
        raise ChestbenchError(f"-S {text}: expected a range with a value in it, received one with none")
    return Range(key, choices=tuple(dict.fromkeys(found)))


def _interval(key: str, text: str, low: Any, high: Any, log: bool) -> Range:
    _finite(text, low, high)
    if not low < high:
        raise ChestbenchError(f"-S {text}: expected an interval from the smaller to the greater number")
    if log and low <= 0:
        raise ChestbenchError(f"-S {text}: expected an interval above 0, whose logarithm there is, received {low:g}")
    whole = isinstance(low, int) and isinstance(high, int)
    return Range(key, low=float(low), high=float(high), whole=whole, log=log)


def _text(value: Any) -> str:
    """Return a value as it stands in an override."""
    from hydra.core.override_parser.types import Override

    return str(value).lower() if isinstance(value, bool) else str(Override._get_value_element_as_str(value))


def _finite(text: str, *numbers: Any) -> None:
    if not all(isinstance(each, (int, float)) and math.isfinite(each) for each in numbers):
        raise ChestbenchError(f"-S {text}: expected finite numbers")
