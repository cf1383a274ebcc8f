"""One way to read the folders of a set: where in each path the class stands."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chestbench.catalog.folders.words.roles import Role


@dataclass(frozen=True)
class Step:
    """A folder of a path: its name, what it most likely is, and its level in the whole path (0: the top)."""

    name: str
    role: Role
    level: int


@dataclass(frozen=True)
class Place:
    """Where the class stands in a folder's path.

    Attributes:
        label: the class's name as found; None: pictures in this folder have no class.
        level: of the class in the path, -1 without.
        above, below: the other folders that are no parts of a split and no kinds of files.
    """

    label: str | None
    level: int
    above: tuple[Step, ...]
    below: tuple[Step, ...]


@dataclass(frozen=True)
class Reading:
    """One way to read the folders: `places` by folder, and in words why it is taken."""

    places: dict[str, Place]
    why: str

    def counts(self, folders: Mapping[str, int]) -> Counter[str]:
        """Return pictures by class."""
        found: Counter[str] = Counter()
        for folder, place in self.places.items():
            if place.label is not None:
                found[place.label] += folders[folder]
        return found


def place_of(path: Sequence[Step], place: int | None) -> Place:
    """Return the place in which the class is the step number `place` of a path, None for no class."""
    if place is None:
        return Place(None, -1, tuple(path), ())
    return Place(path[place].name, path[place].level, tuple(path[:place]), tuple(path[place + 1 :]))
