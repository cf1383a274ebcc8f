"""Templates in words: reports/templates/*.j2 hold the sentences, Python the facts.

What a template puts in is escaped by the kind of its file: `.md.j2` for Markdown, `.html.j2` for HTML, `.txt.j2` for
the terminal not at all. A name that a template reads and nobody gave is an error. Jinja is imported where something is
rendered, so that stages that word nothing start without it.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from chestbench.core.words import heading, interval_of, measured, number, with_interval
from chestbench.reports import markdown

if TYPE_CHECKING:
    from jinja2 import Environment


def render(package: ModuleType, name: str, **facts: Any) -> str:
    """Return a template, filled.

    Args:
        package: of `reports.templates`, imported, so that the code of a stage is known to reach its words.
        name: of the file; its ending says how what is put in is escaped.
        facts: what the template reads.

    Raises:
        jinja2.UndefinedError: the template reads a fact that was not given.
    """
    return _environment(name.split(".")[-2]).get_template(f"{_folder(package)}/{name}").render(**facts)


def said(package: ModuleType, name: str, *facts: Any) -> list[str]:
    """Return the sentences of a macro of sentences.txt.j2: plain text, each a line, none where nothing is to be said.

    >>> from chestbench.reports.templates import board
    >>> said(board, "control")[0][:20]
    'RANDOM-LABEL CONTROL'

    Args:
        package: of `reports.templates`, as for `render`.
        name: of the macro.
        facts: its arguments.
    """
    return _said(_folder(package), name, *facts)


def terminal_table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return aligned lines: the names, a rule and the rows; the first column to the left, the others to the right.

    >>> print(terminal_table(["network", "epochs"], [["resnet50", "3"]]))
    network   epochs
    --------  ------
    resnet50       3
    """
    from tabulate import SEPARATING_LINE, DataRow, Line, TableFormat, tabulate

    # The names are the first row: as headers they would have two more blanks each, and the table is wide enough.
    rule, row = Line("", "-", "  ", ""), DataRow("", "  ", "")
    plain = TableFormat(None, rule, None, None, row, row, padding=0, with_header_hide=None)
    sides = ("left", *["right"] * (len(names) - 1))
    return tabulate([names, SEPARATING_LINE, *rows], tablefmt=plain, colalign=sides, disable_numparse=True)


def _folder(package: ModuleType) -> str:
    return package.__name__.rpartition(".")[2]


def _said(folder: str, name: str, *facts: Any) -> list[str]:
    macro = getattr(_environment("txt").get_template(f"{folder}/sentences.txt.j2").module, name)
    return [line for line in macro(*facts).splitlines() if line]


@cache
def _environment(kind: str) -> "Environment":
    """Return what renders templates of a kind: "md", "html" or "txt"."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    def markdown_text(value: Any) -> Markup:
        """Every value but what a macro or a function made as Markdown is escaped, whether a template asks or not."""
        return value if isinstance(value, Markup) else Markup(markdown.escaped(value))

    def markdown_table(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> Markup:
        return Markup("\n".join(markdown.table(names, rows)))

    def markdown_facts(pairs: Mapping[str, Any]) -> Markup:
        return Markup("\n".join(markdown.facts(pairs)))

    environment = Environment(
        loader=PackageLoader("chestbench.reports"),
        undefined=StrictUndefined,
        autoescape=kind != "txt",
        finalize=markdown_text if kind == "md" else None,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"said": _said, "table": markdown_table if kind == "md" else terminal_table}
    environment.globals |= {"facts": markdown_facts, "heading": heading, "interval_of": interval_of}
    environment.globals |= {"measured": measured}
    environment.filters |= {"interval": with_interval, "number": number}
    return environment
