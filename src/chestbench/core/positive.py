"""The class that is looked for: stated in `dataset.positive`, inferred where names leave no doubt, else there is none.

It is decided once, where the classes are first known, and travels as one record: {"class": name or None, "how": HOW}.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple, TypedDict

from chestbench.core.errors import ChestbenchError
from chestbench.core.negation import denied

STATED, INFERRED, NONE = "stated", "inferred", "none"
KEY = "positive"

PositiveRecord = TypedDict("PositiveRecord", {"class": str | None, "how": str})


class Positive(NamedTuple):
    """The class that sensitivity, thresholds and sheets follow.

    Attributes:
        name: of the class, None where there is none: figures are then means over the classes.
        how: `STATED`, `INFERRED` or `NONE`.
    """

    name: str | None
    how: str

    def as_record(self) -> PositiveRecord:
        """Return what JSON files hold of it."""
        return {"class": self.name, "how": self.how}

    def in_words(self) -> str:
        """Return the line that is printed, which says how to set it where it was not stated."""
        if self.how == STATED:
            return f"positive: {self.name} (dataset.positive)"
        if self.how == INFERRED:
            return f"positive: {self.name} (inferred from the names; dataset.positive sets it)"
        return (
            "positive: none (figures are means over the classes; dataset.positive=NAME says which class is looked for)"
        )


NO_POSITIVE = Positive(None, NONE)


def positive_class(classes: Sequence[str], stated: str | None = None) -> Positive:
    """Return which class is the finding.

    >>> positive_class(["CT_COVID", "CT_NonCOVID"])
    Positive(name='CT_COVID', how='inferred')
    >>> positive_class(["Infection", "Normal"], "Normal").name, positive_class(["bacterial", "viral"]).name
    ('Normal', None)

    Args:
        classes: all names, as reports show them.
        stated: dataset.positive. Without it a class is inferred only of two of which exactly one says that nothing is
            there (`negation.says_nothing_is_there`).

    Raises:
        ChestbenchError: `stated` is none of the classes.
    """
    if stated is not None:
        check_stated(classes, stated)
        return Positive(stated, STATED)
    if len(classes) == 2:
        found = denied(classes)
        if found is not None and found[0] != found[1]:
            return Positive(classes[found.index(False)], INFERRED)
    return NO_POSITIVE


def check_stated(classes: Sequence[str], stated: str | None) -> None:
    """Refuse a dataset.positive that is none of the classes.

    Raises:
        ChestbenchError: names the classes, and the one that was perhaps meant.
    """
    if stated is None or stated in classes:
        return
    folded = {name.casefold(): name for name in classes}
    near = get_close_matches(stated.casefold(), folded, n=1)
    todo = f"did you mean dataset.positive={folded[near[0]]!r}?" if near else "correct it, or leave it null"
    shown = ", ".join(repr(name) for name in classes)
    raise ChestbenchError(f"dataset.positive: expected one of the classes {shown}, received {stated!r}; {todo}")


def read_positive(record: Mapping[str, Any]) -> Positive:
    """Return what metrics/catalog.json or metrics/models/NAME.json says of it; none where they say nothing."""
    found = record.get(KEY)
    return Positive(found["class"], found["how"]) if found else NO_POSITIVE
