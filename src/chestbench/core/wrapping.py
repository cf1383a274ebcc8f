"""Text for a terminal: lines of at most its width, and what is to be copied in one piece."""

import re
import shutil
import sys
import textwrap

from chestbench.core.settings_in_text import spans_of

WIDEST, _NARROWEST = 100, 40
_BLANK = "\ue000"  # stands for a blank that no line is broken at
_COMMAND = re.compile(r"\s*(dvc|chestbench|python|make|git|pip) ")


def width_of_terminal() -> int:
    """Return the columns to write: those of the terminal, at most WIDEST, which are taken where there is none."""
    return max(_NARROWEST, min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns))


def fill(text: str, width: int, first: str = "", others: str = "") -> list[str]:
    """Return a line of text as lines of at most `width` columns; longer words, settings and commands stay whole.

    Args:
        text: without a newline.
        width: columns.
        first, others: what the first line, and what those behind it begin with.

    Example:
        >>> fill("two readings; set dataset.exclude=['a b/*', 'c d/*'] or rename", 24, others="  ")
        ['two readings; set', "  dataset.exclude=['a b/*', 'c d/*']", '  or rename']
    """
    if _COMMAND.match(text):
        return [first + text]
    for span in reversed(spans_of(text)):
        whole = text[span.start : span.end].replace(" ", _BLANK)
        text = text[: span.start] + whole + text[span.end :]
    lines = textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=others, break_long_words=False, break_on_hyphens=False
    )
    return [line.replace(_BLANK, " ") for line in lines]


def error_text(head: str, message: str, width: int | None = None) -> str:
    """Return an error for stderr: in lines of a terminal's width, or as it is where a file or a pipe takes it.

    Args:
        head: what it begins with, such as "catalog: error: "; in a file each line does.
        message: one sentence, or several lines: trees, and lines to set, keep their indent.
        width: columns; None: those of the terminal.
    """
    if width is None and not sys.stderr.isatty():
        return "\n".join(head + line for line in message.splitlines() or [""])
    width = width or width_of_terminal()
    lines: list[str] = []
    for line in message.splitlines() or [""]:
        indent = line[: len(line) - len(line.lstrip(" "))]
        start = "  " + indent if lines else head
        lines += fill(line.strip(), width, start, "  " + indent + ("  " if indent else "")) or [start.rstrip()]
    return "\n".join(lines)
