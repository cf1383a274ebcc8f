"""Whose class is which: the classes of a set from elsewhere, in the words that the networks were trained on."""

from collections.abc import Mapping, Sequence

from chestbench.catalog.folders.words.wording import listed
from chestbench.core.errors import ChestbenchError


def map_classes(
    name: str, theirs: Sequence[str], ours: Sequence[str], wanted: Mapping[str, str] | None
) -> dict[str, str]:
    """Return {their class: our class}, in their order; classes of theirs that are not in it are left out.

    Args:
        name: of the set.
        theirs: class names of the set.
        ours: class names of the networks.
        wanted: `classes` of the entry; None: classes of equal name are the same.

    Raises:
        ChestbenchError: `wanted` names a class that one side does not have, or there is nothing in common.
    """
    key, both = f"evaluate.external.{name}.classes", f"theirs are {listed(list(theirs))}, ours {listed(list(ours))}"
    if wanted is None:
        found = {label: label for label in theirs if label in ours}
        if not found:
            raise ChestbenchError(
                f"{key}: expected classes in common, received none: {both}; say which of theirs is which of ours: "
                f"{_example(theirs, ours)}"
            )
        return found
    strangers = [label for label in wanted if label not in theirs]
    if strangers:
        raise ChestbenchError(
            f"{key}: expected classes of the set before the colon, received {listed(strangers)}: {both}; correct it"
        )
    unknown = [label for label in wanted.values() if label not in ours]
    if unknown:
        raise ChestbenchError(
            f"{key}: expected classes of the networks behind the colon, received {listed(unknown)}: {both}; correct it"
        )
    return {label: wanted[label] for label in theirs if label in wanted}


def _example(theirs: Sequence[str], ours: Sequence[str]) -> str:
    return f"classes: {{{theirs[0]}: {ours[0]}}}, and so on"
