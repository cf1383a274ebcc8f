"""Settings of a recipe that mean nothing to a detector: refused, or left and said, so that none goes without a word."""

from typing import Any

from chestbench.core.config import Train
from chestbench.core.errors import ChestbenchError

# Where each has to stand, and why.
_NOTHING = {
    "head_epochs": (0, "body and head of a detector learn together"),
    "cache_features": (False, "boxes need the maps of several scales, and pictures that move"),
    "mix": ("none", "boxes of two pictures in one have no labels by share"),
    "label_smoothing": (0.0, "the focal loss takes its place"),
    "random_labels": (False, "boxes have no labels to shuffle between groups"),
}
# Without these the rest of a recipe means the same. With cached features its epochs and step size are of another
# training, and beside networks of shuffled labels a detector of true ones would be no control.
_CAN_BE_LEFT = ("head_epochs", "mix", "label_smoothing")


def followed(train: Train) -> tuple[Train, dict[str, Any]]:
    """Return what a detector follows of a recipe that networks share (task both), and what it leaves.

    Args:
        train: the recipe.

    Returns:
        The recipe with those settings as they have to stand, and {key: what the recipe said} of each that was changed.
    """
    left = {key: getattr(train, key) for key in _CAN_BE_LEFT if getattr(train, key) != _NOTHING[key][0]}
    changes = {key: _NOTHING[key][0] for key in left}
    return train.model_copy(update=changes), {f"train.{key}": value for key, value in left.items()}


def left_in_words(left: dict[str, Any], name: str) -> str:
    """Return a sentence on what `followed` left.

    >>> left_in_words({"train.head_epochs": 3}, "fcos_tiny")
    'the detector fcos_tiny leaves train.head_epochs 3 to the networks: body and head of a detector learn together'
    """
    keys = ", ".join(f"{key} {_word(value)}" for key, value in left.items())
    whys = "; ".join(str(_NOTHING[key.removeprefix("train.")][1]) for key in left)
    return f"the detector {name} leaves {keys} to the networks: {whys}"


def refuse_meaningless(train: Train, name: str, beside_networks: bool = False) -> None:
    """Raise for the settings of a recipe that a detector cannot follow; `train.dropout` alone has no place and is left.

    Args:
        train: the recipe; with task both, what `followed` gives.
        name: the detector, or several.
        beside_networks: the recipe is for networks too, so that one of detectors alone is no way out.

    Raises:
        ChestbenchError: one line for each, with what to choose.
    """
    instead = (
        "two runs, -S task=classify and -S task=detect, or for both -S train=finetune"
        if beside_networks
        else "-S train=detect"
    )
    lines = [
        f"train.{key}: expected {_word(wanted)} for the detector {name}, as {why}, received "
        f"{_word(getattr(train, key))}; choose {instead}, or -S train.{key}={_word(wanted)}"
        for key, (wanted, why) in _NOTHING.items()
        if getattr(train, key) != wanted
    ]
    if lines:
        raise ChestbenchError("\n".join(lines))


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
