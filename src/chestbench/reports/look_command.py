"""The commands that a look ends with, to be copied: one that runs, or those that look again."""

import re
import shlex
from collections.abc import Sequence

WIDTH = 100
_KEY = re.compile(r"\bdataset\.[a-z_]+(?:\.[a-z_]+)*=(?=[^\s=])")
# -S and a word that begins in quotes, as a shell takes it; several side by side.
_OVERRIDE = r"""-S (?:'[^']*'|"(?:[^"\\]|\\.)*")+"""
_BESIDE = re.compile(rf"{_OVERRIDE}(?: {_OVERRIDE})*")
_CLOSING = {"[": "]", "{": "}", "(": ")"}


def run_lines(overrides: Sequence[str]) -> list[str]:
    """Return the lines of `dvc exp run` with overrides, each behind `-S`."""
    return _broken(["dvc exp run", *(f"-S {quoted(override)}" for override in overrides)])


def look_lines(written: str, overrides: Sequence[str], refusal: str) -> list[str]:
    """Return the lines of `chestbench look` with what a refusal says may be set: one command for each; none for none.

    Overrides that stand side by side, each behind its -S, belong together and make one command.

    Args:
        written: PATH as it was written.
        overrides: those of this look.
        refusal: what a run would stop with.

    Example:
        >>> look_lines("mine", [], "two readings; dataset.classes=[a,b] or dataset.exclude=['x/*']; choose")
        ['chestbench look mine dataset.classes=[a,b]', 'chestbench look mine "dataset.exclude=[\\'x/*\\']"']
    """
    lines = []
    for together in groups_to_set(refusal):
        if set(together) <= set(overrides):
            continue
        keys = {line.split("=", 1)[0] for line in together}
        others = [override for override in overrides if override.split("=", 1)[0] not in keys]
        lines += _broken(["chestbench look", quoted(written), *map(quoted, [*others, *together])])
    return lines


def groups_to_set(text: str) -> list[list[str]]:
    """Return what a message says to set, in its order: overrides that stand side by side behind -S are one group.

    Example:
        >>> groups_to_set("-S 'dataset.labels={id:a}' -S 'dataset.classes=[x,y]' (x 3) or dataset.given_split=ignore")
        [['dataset.labels={id:a}', 'dataset.classes=[x,y]'], ['dataset.given_split=ignore']]
    """
    found = []
    for match in _BESIDE.finditer(text):
        words = [word for word in shlex.split(match[0]) if word != "-S"]
        if all(map(_KEY.match, words)):
            found.append((match.start(), words))
    rest = _BESIDE.sub(lambda match: " " * len(match[0]), text)
    found += [(rest.index(line), [line]) for line in lines_to_set(rest)]
    groups = [group for _, group in sorted(found)]
    return [group for place, group in enumerate(groups) if group not in groups[:place]]


def lines_to_set(text: str) -> list[str]:
    """Return what a message says to set, such as `dataset.exclude=['*/masks/*']`, each once, in its order.

    Example:
        >>> lines_to_set("set dataset.labels={pattern: '(?P<label>[01])', x: [1, 2]}, or dataset.given_split=ignore.")
        ["dataset.labels={pattern: '(?P<label>[01])', x: [1, 2]}", 'dataset.given_split=ignore']
    """
    found = [text[match.start() : _end_of_value(text, match.end())] for match in _KEY.finditer(text)]
    return list(dict.fromkeys(found))


def quoted(text: str) -> str:
    """Return text for a shell: in double quotes where it has single ones, so that people can read it."""
    if re.fullmatch(r"[\w@%+=:,./\[\]{}~-]+", text, re.ASCII) and not re.search(r"[{}]|^~", text):
        return text
    if "'" in text and not re.search(r'["$`!]', text):
        return '"' + text.replace("\\", "\\\\") + '"'
    return shlex.quote(text)


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


def _broken(parts: Sequence[str]) -> list[str]:
    """Return a command in one line, or in lines that a shell joins again."""
    line = " ".join(parts)
    if len(line) <= WIDTH:
        return [line]
    lines = [f"{parts[0]} \\", *(f"    {part} \\" for part in parts[1:-1])]
    return [*lines, f"    {parts[-1]}"]
