"""How the networks of a study were trained and how val ranks them, in words and counts that its first lines need."""

from collections.abc import Sequence
from typing import NamedTuple

from chestbench.core.words import Figure
from chestbench.evaluation.leaderboard import REGRESSION, Leaderboard

VAL = "val_balanced_accuracy"


class Lead(NamedTuple):
    """How far the first network on val is before the second.

    Attributes:
        second: name of the second.
        figure: its balanced accuracy on val.
        gap: of the two, 0 or more.
        image: what one val image of `label` counts in balanced accuracy.
        label: the class of which val has the fewest images.
    """

    second: str
    figure: Figure
    gap: float
    image: float
    label: str


def trained_words(board: Leaderboard) -> str:
    """Return how long, from what and on what the networks were trained, such as `for 1 epoch from random weights ...`.

    The longest and the shortest are told where they differ.
    """
    trainings = [record["training"] for record in board.records]
    epochs = span([training["epochs_run"] for training in trainings])
    weights = {"random" if training["weights"] == "none" else "ImageNet" for training in trainings}
    sides = sorted({training["image_size"] for training in trainings})
    shown = " or ".join(f"{side} x {side}" for side in sides)
    return (
        f"for {epochs} epoch{'s' if epochs != '1' else ''} from {' or '.join(sorted(weights))} weights on pictures of "
        f"{shown} pixels"
    )


def seconds_words(board: Leaderboard) -> str:
    """Return how long the trainings took, such as `49 to 101 s`; "" where no clock was read for some."""
    timings = [row.timing for row in board.networks]
    return f"{span([round(timing.seconds) for timing in timings if timing])} s" if all(timings) else ""


def span(values: Sequence[int]) -> str:
    """Return the ends of some numbers.

    >>> span([3, 1, 2]), span([4, 4])
    ('1 to 3', '4')
    """
    low, high = min(values), max(values)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def val_lead(board: Leaderboard) -> Lead | None:
    """Return how far the chosen network is before the second; None with one network or where val has no figure."""
    if len(board.networks) < 2:
        return None
    first, second = (row.figure(VAL) for row in board.networks[:2])
    counts = {name: found.get("images", 0) for name, found in board.best["val"]["per_class"].items()}
    present = {name: int(count) for name, count in counts.items() if count}
    if first["value"] is None or second["value"] is None or not present:
        return None
    label = min(present, key=lambda name: present[name])
    image = 1 / (len(present) * present[label])
    return Lead(board.networks[1].name, second, first["value"] - second["value"], image, label)


def not_before_regression(board: Leaderboard) -> int | None:
    """Return how many networks are no better on val than the logistic regression; None where it was not fitted."""
    regression = next((row.figure(VAL)["value"] for row in board.rows if row.name == REGRESSION), None)
    if regression is None:
        return None
    return sum((row.figure(VAL)["value"] or 0.0) <= regression for row in board.networks)
