"""Settings of a recipe that mean nothing to a detector: refused, so that none is left out without a word."""

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


def refuse_meaningless(train: Train, name: str) -> None:
    """Raise for the settings of a recipe that a detector cannot follow; `train.dropout` alone has no place and is left.

    Raises:
        ChestbenchError: one line for each, with what to choose.
    """
    lines = [
        f"train.{key}: expected {_word(wanted)} for the detector {name}, as {why}, received "
        f"{_word(getattr(train, key))}; choose -S train=detect, or -S train.{key}={_word(wanted)}"
        for key, (wanted, why) in _NOTHING.items()
        if getattr(train, key) != wanted
    ]
    if lines:
        raise ChestbenchError("\n".join(lines))


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
