"""Optuna's tree-structured Parzen estimator, asked for one setting at a time.

J. Bergstra, R. Bardenet, Y. Bengio, B. Kegl. Algorithms for Hyper-Parameter Optimization. NeurIPS 2011. The first ten
settings are drawn at random, as Optuna does it by default.
"""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict

from chestbench.grid.ranges import Range

if TYPE_CHECKING:
    import optuna

# A proposal that was made before is drawn anew so often; then the first setting that was not tried is taken.
DRAWS = 32


class Trial(TypedDict):
    """One setting that was proposed.

    Attributes:
        values: of each range, as they stand in an override.
        val: what val said of it, higher is better; None where that is not known (yet).
        failed: whether it came to an end without a figure.
    """

    values: list[str]
    val: float | None
    failed: bool


def propose(
    ranges: Sequence[Range], every: Sequence[tuple[str, ...]] | None, trials: Sequence[Trial], seed: int
) -> tuple[str, ...] | None:
    """Return the next setting, one value of each range; None where all there are were proposed.

    It follows from the arguments alone.

    Args:
        ranges: what may be chosen.
        every: all settings there are; None where they cannot be named.
        trials: proposed before, in their order; those without a figure are being tried.
        seed: 0 or more.
    """
    before = {tuple(trial["values"]) for trial in trials}
    if every is not None and before.issuperset(every):
        return None
    distributions = {each.key: each.distribution() for each in ranges}
    values: tuple[str, ...] = ()
    for draw in range(DRAWS):
        # A new study for each draw: one that was asked counts what it gave as being tried.
        study = _study(ranges, trials)
        study.sampler = _sampler(seed, len(trials), draw)
        asked = study.ask(distributions)
        values = tuple(each.written(asked.params[each.key]) for each in ranges)
        if values not in before:
            return values
    return next(each for each in every if each not in before) if every else values


def _study(ranges: Sequence[Range], trials: Sequence[Trial]) -> "optuna.Study":
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize")
    states = optuna.trial.TrialState
    for trial in trials:
        state = states.FAIL if trial["failed"] else states.RUNNING if trial["val"] is None else states.COMPLETE
        params = {each.key: each.read(text) for each, text in zip(ranges, trial["values"], strict=True)}
        distributions = {each.key: each.distribution() for each in ranges}
        study.add_trial(
            optuna.trial.create_trial(state=state, value=trial["val"], params=params, distributions=distributions)
        )
    return study


def _sampler(seed: int, number: int, draw: int) -> "optuna.samplers.TPESampler":
    """Return the sampler of one draw. What is being tried counts as if it were no good (constant liar)."""
    import optuna

    digest = hashlib.sha256(f"{seed} {number} {draw}".encode()).digest()
    return optuna.samplers.TPESampler(seed=int.from_bytes(digest[:4], "big"), constant_liar=True)
