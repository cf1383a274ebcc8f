"""How a member ended, by its last lines: with which words, and whether another attempt could end otherwise.

Whatever a machine may have done (a kill, memory, a disk, a network, a limit, a defect without a sentence) can end
otherwise. Two things cannot, and they alone are not tried again: a training that diverged, and a value of a parameter
that a stage refused.
"""

import re
from collections.abc import Sequence

NOT_AGAIN = "not tried again: with these values and this code it would end the same"
# What `run_stage` writes of an error, one line or several with the same beginning.
_OF_STAGE = re.compile(r"(?P<stage>[a-z_]+(?:@\S+)?): error: (?P<said>.*)")
_DIVERGED = re.compile(r"\btraining diverged\b")
_REFUSED = re.compile(r"(?P<key>(?:balance|detector|evaluate|model|preprocess|split|train)(?:\.\w+)*): expected ")
# Another machine may have what this one lacks.
_OF_MACHINES = ("train.backend", "train.devices", "train.deterministic", "evaluate.external")
# DVC's own end, after its stage had said why: nobody killed it.
_FAILED_STAGE = re.compile(r"DVC ended with \d+")
# Which tells that, and not why.
_OF_DVC = re.compile(
    r"DVC ended with \d+|ERROR: failed to reproduce|Having any troubles|\[?https://|To track the changes"
)


def ends_the_same(lines: Sequence[str]) -> bool:
    """Tell whether another attempt is sure to end the same; False wherever it is not known.

    >>> ends_the_same(["train@small: error: small: training diverged in epoch 2: expected ...", "DVC ended with 255"])
    True
    >>> ends_the_same(["train@small: error: no space left on the disk", "DVC ended with 255"])
    False

    Args:
        lines: the last ones of the output, and how it ended.
    """
    if not lines or not _FAILED_STAGE.fullmatch(lines[-1]):
        return False
    return any(_is_of_values(found["said"]) for found in map(_OF_STAGE.match, lines) if found)


def reason_in(lines: Sequence[str]) -> str:
    """Return the line that says why: the first that a stage wrote of its error, else the last; "" where there is none.

    >>> reason_in(["epoch 1", "train@small: error: no space left", "ERROR: failed to reproduce", "DVC ended with 255"])
    'train@small: error: no space left'
    """
    told = [line.strip() for line in lines if line.strip()]
    said = [line for line in told if not _OF_DVC.match(line)] or told
    return next((line for line in said if _OF_STAGE.match(line)), said[-1] if said else "")


def _is_of_values(said: str) -> bool:
    refused = _REFUSED.match(said)
    return bool(_DIVERGED.search(said) or (refused and refused["key"] not in _OF_MACHINES))
