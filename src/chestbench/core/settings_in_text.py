"""What a message says to set or to run, found in its text: to be offered as a command, and never broken in two."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

_KEY = re.compile(r"\bdataset\.[a-z_]+(?:\.[a-z_]+)*=(?=[^\s=])")
_OPTION = re.compile(r"(?<!\S)-S\s+(?=\S)")
_SHELL_WORD = re.compile(r"""(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+""")
_QUOTED = re.compile(r"`[^`\n]+`")
# Words that stand for something to be put in their place: such a line cannot be copied.
_PLACEHOLDER = re.compile(r"\b(FOUND|WANTED|KEY|VALUE|NAME|OWNER|COLUMN|PATTERN)\b")
_CLOSING = {"[": "]", "{": "}", "(": ")"}


@dataclass(frozen=True)
class Span:
    """A part of a text that must stay whole.

    Attributes:
        start, end: where it stands.
        overrides: what it sets, KEY=VALUE without a shell's quotes; empty for another command.
    """

    start: int
    end: int
    overrides: tuple[str, ...] = ()


def lines_to_set(text: str) -> list[tuple[str, ...]]:
    """Return what a message says to set: for each way the overrides that belong together, each way once, in order.

    `-S A -S B` are one way, `dataset.x=1 or dataset.y=2` are two. A line with a placeholder is none.

    Example:
        >>> lines_to_set("set dataset.labels={pattern: '(?P<label>[01])', x: [1, 2]}, or dataset.given_split=ignore.")
        [("dataset.labels={pattern: '(?P<label>[01])', x: [1, 2]}",), ('dataset.given_split=ignore',)]
        >>> lines_to_set("-S 'dataset.labels={table:t.csv}' -S dataset.classes=[a,b] (a 2, b 3)")
        [('dataset.labels={table:t.csv}', 'dataset.classes=[a,b]')]
    """
    found = [span.overrides for span in spans_of(text) if any(each.startswith("dataset.") for each in span.overrides)]
    return [way for way in dict.fromkeys(found) if not any(_PLACEHOLDER.search(each) for each in way)]


def spans_of(text: str) -> list[Span]:
    """Return the settings and commands of a text, in order; none overlaps another."""
    found: list[Span] = []
    for span in sorted(_all_spans(text), key=lambda span: (span.start, -span.end)):
        if found and span.start < found[-1].end:
            continue
        last = found[-1] if found else None
        if last and last.overrides and span.overrides and _are_one(text, last, span):
            found[-1] = Span(last.start, span.end, last.overrides + span.overrides)
        else:
            found.append(span)
    return found


def _are_one(text: str, last: Span, span: Span) -> bool:
    """Tell whether two settings are parts of one command: `-S A -S B`, with nothing but blanks between them."""
    return (
        text.startswith("-S", last.start)
        and text.startswith("-S", span.start)
        and not text[last.end : span.start].strip(" ")
    )


def _all_spans(text: str) -> Iterator[Span]:
    for match in _QUOTED.finditer(text):
        yield Span(match.start(), match.end(), tuple(way for ways in _inside(match.group()[1:-1]) for way in ways))
    for match in _OPTION.finditer(text):
        if _KEY.match(text, match.end()):
            end = _end_of_value(text, text.index("=", match.end()) + 1)
            yield Span(match.start(), end, (text[match.end() : end],))
        elif word := _SHELL_WORD.match(text, match.end()):
            written = word.group().rstrip(";,.)") if word.group()[0] not in "'\"" else word.group().rstrip(";,.")
            yield Span(match.start(), match.end() + len(written), (" ".join(shlex.split(written)),))
    for match in _KEY.finditer(text):
        end = _end_of_value(text, match.end())
        yield Span(match.start(), end, (text[match.start() : end],))


def _inside(command: str) -> list[tuple[str, ...]]:
    """Return what a command in backticks sets."""
    return [span.overrides for span in spans_of(command) if span.overrides]


def _end_of_value(text: str, start: int) -> int:
    """Return where a value ends: behind its brackets or quotes, else before a blank or what ends a clause."""
    waiting: list[str] = []
    quote = ""
    for place in range(start, len(text)):
        letter = text[place]
        if quote:
            quote = "" if letter == quote else quote
            if not quote and not waiting:
                return place + 1
        elif letter in "'\"":
            quote = letter
        elif letter in _CLOSING:
            waiting.append(_CLOSING[letter])
        elif waiting and letter == waiting[-1]:
            waiting.pop()
            if not waiting:
                return place + 1
        elif not waiting and (letter in " ;,\n)" or text[place:] == "."):
            return place
    return len(text)
