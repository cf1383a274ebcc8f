"""results/look/index.html and the same in the terminal: how a data set is read, before anything is run.

The page needs nothing else: pictures stand in it, and everything that is put in is escaped. Its words:
templates/look/page.html.j2.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2

from chestbench.catalog.folder_tree import draw_tree
from chestbench.catalog.glance import Glance
from chestbench.catalog.limits import rank_of
from chestbench.catalog.tried import TWO_LABELS, Tried, picture_of
from chestbench.core.files import write_text
from chestbench.core.notice import NOTICE
from chestbench.core.printable import printable
from chestbench.core.wrapping import WIDEST, fill
from chestbench.datasets.archive import Archive
from chestbench.reports.look_fact import Fact
from chestbench.reports.look_pictures import kind_of
from chestbench.reports.rendering import render, terminal_table
from chestbench.reports.templates import look as templates

WIDTH, _MARGIN = WIDEST, 10
_NEXT = "as you mean it: copy the command at the end; if not: docs/start/your-own-data.md"
MOST_EXAMPLES, _LONGEST_SIDE = 24, 256


@dataclass(frozen=True)
class Example:
    """A picture.

    Attributes:
        title: its class.
        detail: kind, size and name.
        data: a JPEG, base64.
    """

    title: str
    detail: str
    data: str


@dataclass(frozen=True)
class Look:
    """What is shown.

    Attributes:
        name: of the data set, as it was asked for.
        headline: how many classes, pictures and files.
        facts: classes, split and patients, see `facts_of`.
        tree: lines, see `draw_tree`.
        left_out: count, reason and an example.
        warnings: sentences.
        details: further facts, see `details_of`.
        refusal: what a run would stop with, "" where it would not.
        is_read: whether the pictures and their classes are read all the same: what stops the run is said of boxes.
        command: its lines.
        advice: a sentence before it.
        scope: how much was read, a sentence.
        examples: pictures.
    """

    name: str
    headline: str
    facts: list[Fact]
    tree: list[str]
    left_out: list[tuple[str, str, str]]
    warnings: list[str]
    refusal: str
    command: list[str]
    advice: str
    scope: str
    details: list[Fact] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    is_read: bool = False


def write_page(path: Path, look: Look) -> None:
    """Write the page, atomically."""
    write_text(path, render(templates, "page.html.j2", look=look, notice=NOTICE))


def in_text(look: Look, width: int = WIDTH) -> str:
    """Return the same for the terminal: plain, at most `width` columns but for what must be copied whole.

    What is asked first stands in the first lines: classes, split, patients, what comes next, what is left out.
    """
    lines = _wrapped("", [f"{look.name}: {look.headline}"], width)
    if look.refusal:
        lines += ["", f"{'' if look.is_read else 'It is not read. '}A run would stop and say:"]
        lines += [f"  {line}".rstrip() for text in look.refusal.splitlines() for line in _kept(printable(text), width)]
    for fact in look.facts:
        lines += _wrapped(fact.title, fact.lines, width)
    if not look.refusal:
        lines += _wrapped("next", [_NEXT], width)
        nothing = ["nothing"] if look.facts else []
        lines += _wrapped("left out", [" ".join(each[:2]) for each in look.left_out] or nothing, width)
    for warning in look.warnings:
        lines += _wrapped("WARNING", [warning], width)
    if look.refusal and look.left_out:
        lines += _wrapped("left out", [" ".join(each[:2]) for each in look.left_out], width)
    for fact in look.details:
        lines += _wrapped(fact.title, fact.lines, width)
        lines += [f"{'':{_MARGIN}}{line}" for line in _table(fact.head, fact.rows, width)]
    lines += ["", *(_cut(line, width) for line in look.tree), "", *_wrapped("", [look.advice], width), *look.command]
    return "\n".join(lines)


def examples_of(found: Glance, archive: Archive) -> list[Example]:
    """Return a picture of each class and kind of file, those that can be used, first those of other classes."""
    plan = found.plan
    usable = [each for each in found.sampled if each.reason in ("", TWO_LABELS) and each.label >= 0]
    first: dict[tuple[int, str, bool], Tried] = {}
    for each in sorted(usable, key=lambda each: rank_of(plan.members[each.place])):
        first.setdefault((each.label, kind_of(each.found), each.is_mask_like), each)
    of_class: dict[int, int] = {}
    turns = []
    for each in first.values():
        of_class[each.label] = of_class.get(each.label, 0) + 1
        turns.append((of_class[each.label], each.label, each))
    examples = []
    for _, label, each in sorted(turns, key=lambda turn: turn[:2])[:MOST_EXAMPLES]:
        picture = picture_of(archive, plan, each, found.choice.scale, _LONGEST_SIDE)
        encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 85])[1]
        size = f"{each.found.width} x {each.found.height}"
        detail = f"{kind_of(each.found)}, {size}, {printable(plan.members[each.place])}"
        title = plan.layout.classes[label] + (" (looks like a mask)" if each.is_mask_like else "")
        examples.append(Example(title, detail, base64.b64encode(encoded.tobytes()).decode()))
    return sorted(examples, key=lambda example: example.title)


def tree_of(archive: Archive) -> list[str]:
    """Return the lines of the folders of a data set, safe to be printed; empty folders are among them."""
    return [printable(line) for line in draw_tree(archive.members, archive.folders)]


def _wrapped(title: str, lines: Sequence[str], width: int) -> list[str]:
    found: list[str] = []
    for place, line in enumerate(lines):
        start = f"{title if place == 0 else '':{_MARGIN}}" if title else ""
        indent = " " * _MARGIN if title else ""
        found += fill(printable(line), width, start, indent) or [start]
    return found


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    if not rows:
        return []
    table = terminal_table([printable(cell) for cell in head], [[printable(cell) for cell in row] for row in rows])
    return [_cut(line, width - _MARGIN) for line in table.splitlines()]


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else f"{line[: width - 3]}..."


def _kept(line: str, width: int) -> list[str]:
    """Return a line of a refusal: whole where it is short or one to set, cut where it draws a tree, else in several."""
    if len(line) <= width - 2 or re.match(r" *(-S |dvc |dataset\.[\w.]+=)", line):
        return [line]
    if line.startswith(("    ", *"├└│")) and "dataset." not in line:
        return [_cut(line, width - 2)]
    indent = line[: len(line) - len(line.lstrip(" "))]
    return fill(line.strip(), width - 2, indent, indent)
