"""Which of the columns that fit the pictures' names is meant: by its own name, and by how exactly it fits."""

from collections.abc import Sequence
from dataclasses import dataclass

from chestbench.catalog.tables.words.id_words import FILE, NEVER, PERSON, trust_in

# Of what the best column fits, a column fits all with so much; one that is not called a file's is meant from so much.
_ALL, _MOST, _SOME = 0.9, 0.7, 0.3


@dataclass(frozen=True)
class Fit:
    """How a column fits the pictures.

    Attributes:
        name: of the column.
        matched: how many of its different cells mean pictures.
        level: 3 for names with their endings, 2 for names without, 1 for numbers without the zeros before them.
        is_one_each: whether most cells mean one picture each, where ids are those of pictures.
        is_by_picture: whether the ids are those of pictures; else of patients or studies.
    """

    name: str
    matched: int
    level: int
    is_one_each: bool = True
    is_by_picture: bool = True

    @property
    def trust(self) -> int:
        """What its name says, see `trust_in`; of people, where people are meant."""
        trust = trust_in(self.name)
        return FILE if trust == PERSON and not self.is_by_picture else trust


def likeliest(fits: Sequence[Fit]) -> list[int]:
    """Return the places of the columns that may be meant, the likeliest first; several where a person must say which.

    A column is out where another is better called and fits no worse, or fits better and is called no worse; and one
    that counts rows, or says an age or a year, where any other fits.

    Args:
        fits: in the order of the columns.
    """
    most = max((fit.matched for fit in fits), default=0)
    meant = [place for place, fit in enumerate(fits) if fit.matched >= (_SOME if fit.trust == FILE else _MOST) * most]
    if any(fits[place].trust > NEVER for place in meant):
        meant = [place for place in meant if fits[place].trust > NEVER]

    def exactness(fit: Fit) -> tuple[bool, bool, int]:
        return fit.matched >= _ALL * most, fit.is_one_each, fit.level

    def is_out(one: Fit) -> bool:
        mine = one.trust, exactness(one)
        others = ((fits[place].trust, exactness(fits[place])) for place in meant)
        return any(trust >= mine[0] and exact >= mine[1] and (trust, exact) != mine for trust, exact in others)

    left = [place for place in meant if not is_out(fits[place])]
    return sorted(left, key=lambda place: (-fits[place].trust, *(-int(part) for part in exactness(fits[place]))))
