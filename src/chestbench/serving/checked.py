"""Values of a description that are checked when it is read, and how one that cannot be used is reported.

A description travels with the model, and may be anybody's.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from chestbench.core.errors import ChestbenchError


@contextmanager
def reading(where: str, kind: str, needed: Sequence[str]) -> Iterator[None]:
    """Say of a description that cannot be read in the block where it lies and what was expected.

    Args:
        where: the place of the model.
        kind: of model, in a word.
        needed: keys that its description must have.

    Raises:
        ChestbenchError: in place of what reading it raised.
    """
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise ChestbenchError(
            f"{where}: expected the description of a {kind} of this project ({', '.join(needed)}), received one that "
            f"cannot be used ({type(error).__name__}: {error}); take a model that `dvc repro` or MLflow wrote"
        ) from None


def names_of(record: Mapping[str, Any], key: str, least: int) -> list[str]:
    """Return the different names that a description lists.

    Raises:
        KeyError: there is no such list.
        ValueError: they are no names, not different, or fewer than `least`, which is 1 or 2.
    """
    names = record[key]
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise ValueError(f"{key} must be a list of names")
    if len(set(names)) != len(names) or len(names) < least:
        raise ValueError(f"{('one', 'two')[least - 1]} or more different {key} are needed")
    return names


def number(value: Any, name: str, least: float, most: float) -> float:
    """Return a number of a description as it is.

    Raises:
        ValueError: it is none, or not within the bounds.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
        raise ValueError(f"{name} must be a number from {least:g} to {most:g}")
    return float(value)


def one_of(value: Any, name: str, known: tuple[str, ...]) -> str:
    """Return a word of a description as it is.

    Raises:
        ValueError: it is not among those known.
    """
    if value not in known:
        raise ValueError(f"{name} must be one of {', '.join(known)}")
    return str(value)
