"""One thing that a person wants to know of a data set."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fact:
    """A title with sentences, and a table where numbers are many.

    Attributes:
        title: a word.
        lines: sentences or lists.
        head, rows: of a table below; empty for none.
    """

    title: str
    lines: list[str]
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
