"""The commands that a look ends with, to be copied: one that runs, or those that look again."""

import re
import shlex
from collections.abc import Sequence

from chestbench.core.settings_in_text import lines_to_set

WIDTH = 100


def trained_with(recipe: str) -> str:
    """Return what the command trains with, and what else to choose."""
    if recipe != "quick":
        return (
            f"This trains with the recipe `{recipe}`, which this set is meant for; -S train=quick shows in minutes on "
            "a CPU that all goes through."
        )
    return (
        "This trains with the recipe `quick`, minutes on a CPU, and shows that all goes through; for results add "
        "-S train=features (CPU) or -S train=finetune (GPU)."
    )


def run_lines(overrides: Sequence[str]) -> list[str]:
    """Return the lines of `dvc exp run` with overrides, each behind `-S`."""
    return _broken(["dvc exp run", *(f"-S {quoted(override)}" for override in overrides)])


def look_lines(written: str, overrides: Sequence[str], refusal: str) -> list[str]:
    """Return the lines of `chestbench look` with what a refusal says may be set: a command for each way, whole.

    Args:
        written: PATH as it was written.
        overrides: those of this look.
        refusal: what a run would stop with; where it names no line to set, the command looks again as before.

    Example:
        >>> look_lines("mine", [], "two readings; dataset.classes=[a,b] or dataset.exclude=['x/*']; choose")
        ['chestbench look mine dataset.classes=[a,b]', 'chestbench look mine "dataset.exclude=[\'x/*\']"']
        >>> look_lines("mine", ["dataset.frames=each"], "no file can be read; mend them")
        ['chestbench look mine dataset.frames=each']
    """
    lines = []
    for way in ways_of(overrides, refusal) or [()]:
        keys = {line.split("=", 1)[0] for line in way}
        others = [override for override in overrides if override.split("=", 1)[0] not in keys]
        lines += _broken(["chestbench look", quoted(written), *map(quoted, [*others, *way])])
    return lines


def ways_of(overrides: Sequence[str], refusal: str) -> list[tuple[str, ...]]:
    """Return what a refusal says may be set, beyond what is set already."""
    return [way for way in lines_to_set(refusal) if not set(way) <= set(overrides)]


def quoted(text: str) -> str:
    """Return text for a shell: in double quotes where it has single ones, so that people can read it."""
    if re.fullmatch(r"[\w@%+=:,./\[\]{}~-]+", text, re.ASCII) and not re.search(r"[{}]|^~", text):
        return text
    if "'" in text and not re.search(r'["$`!]', text):
        return '"' + text.replace("\\", "\\\\") + '"'
    return shlex.quote(text)


def _broken(parts: Sequence[str]) -> list[str]:
    """Return a command in one line, or in lines that a shell joins again."""
    line = " ".join(parts)
    if len(line) <= WIDTH:
        return [line]
    lines = [f"{parts[0]} \\", *(f"    {part} \\" for part in parts[1:-1])]
    return [*lines, f"    {parts[-1]}"]
