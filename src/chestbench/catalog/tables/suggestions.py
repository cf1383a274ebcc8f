"""What to write where folders give no classes: lines for dataset.labels, from the tables and names that are there."""

import logging
import re
from collections import Counter

from chestbench.catalog.layout import may_be_picture
from chestbench.catalog.override import value_line
from chestbench.catalog.tables.class_columns import label_lines
from chestbench.catalog.tables.label_extras import is_patient_column
from chestbench.catalog.tables.picture_index import stem_of
from chestbench.catalog.tables.table import ENDINGS, LAST_ENDING
from chestbench.catalog.tables.table_looks import look_at
from chestbench.catalog.tables.table_text import header_of, text_of
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive

logger = logging.getLogger(__name__)

_SPLIT_COLUMN = re.compile(r"split|set|fold|part|usage|phase|group|type", re.IGNORECASE)
_FORM = re.compile(r"submission|sample_?(answer|solution)|template", re.IGNORECASE)
_SPREADSHEETS = (".xlsx", ".xls", ".ods")
# So many tables and lines are looked at and shown.
_MOST_TABLES, _MOST_LINES = 20, 8
# Classes in names: from 2 to so many, each in so many pictures, together in nearly all.
_MOST_CLASSES, _FEWEST, _NEARLY = 12, 2, 0.95


def suggest_labels(archive: Archive, members: list[str]) -> list[str]:
    """Return lines that say where the classes may stand, ready to copy; none where nothing is found.

    Tables: the column whose cells name pictures, each column of 2 to 20 different texts (up to 60 where it is called
    like a class), 0/1 columns, and what is called like a patient's id, a split, a sex, an age or a view. Names: where
    nearly all end (or begin) in a few words that come back, a pattern. Each line is followed by what it was seen to
    give, in brackets.

    Args:
        archive: holds the tables.
        members: those that dataset.exclude leaves.

    Example of a line:
        -S 'dataset.labels={table:"*metadata.csv",id:filename,column:finding,patient:patientid}' (covid 24, normal 24)
    """
    pictures = [member for member in members if may_be_picture(member)]
    lines: list[str] = []
    if pictures:
        groups, damaged = tables_by_header(archive, members)
        lines += damaged
        for tables in groups.values():
            look = look_at(archive, tables, members, pictures)
            lines += label_lines(look) if look else []
        lines += _by_names(pictures)
    sheets = [member for member in members if member.lower().endswith(_SPREADSHEETS)]
    if sheets:
        lines.append(f"{sheets[0]} may hold the classes: save it as CSV (UTF-8) beside the pictures")
    return lines[:_MOST_LINES]


def with_suggestions(error: str, archive: Archive, members: list[str]) -> str:
    """Return an error about folders without classes, with the lines of `suggest_labels` below it."""
    lines = suggest_labels(archive, members)
    if not lines:
        return error
    return "\n  ".join(
        [f"{error}; where the classes do not stand in folders, one of these lines may say them:", *lines]
    )


def tables_by_header(archive: Archive, members: list[str]) -> tuple[dict[tuple[str, ...], list[str]], list[str]]:
    """Return the first tables by their header, those at the top of the archive first; and what cannot be read."""
    named = [member for member in members if member.lower().endswith((*ENDINGS, LAST_ENDING))]
    # Kaggle's form to hand answers in: its labels are dummies.
    named = [member for member in named if not _FORM.search(member.rpartition("/")[2])]
    groups: dict[tuple[str, ...], list[str]] = {}
    damaged = []
    for member in sorted(named, key=lambda name: (name.count("/"), name))[:_MOST_TABLES]:
        try:
            header = header_of(text_of(archive, member, "dataset.labels.table", is_used=False), [])[1]
        except ChestbenchError as error:
            damaged.append(f"{member} cannot be read: {error}")
            continue
        groups.setdefault(tuple(header), []).append(member)
    return groups, damaged


def point_out_tables(archive: Archive, members: list[str], pattern: str | None, wanted: tuple[str, ...]) -> list[str]:
    """Warn of tables that name the pictures and have a column of patients, or of a split, that nothing uses.

    Args:
        archive: holds the tables.
        members: those that dataset.exclude leaves.
        pattern: dataset.labels.pattern, to stay in the line; None: folders say the class.
        wanted: "patient" and "split", as far as nothing else says them.

    Returns:
        The warnings.
    """
    said: list[str] = []
    pictures = [member for member in members if may_be_picture(member)]
    for header, tables in tables_by_header(archive, members)[0].items():
        if not wanted or not any(is_patient_column(name) or _SPLIT_COLUMN.search(name) for name in header):
            continue
        look = look_at(archive, tables, members, pictures)
        found = {key: look.extras[key] for key in wanted if key in look.extras} if look else {}
        if look and found:
            columns = " and ".join(f"the {key} ({column!r})" for key, column in found.items())
            line = value_line("dataset.labels", {**({"pattern": pattern} if pattern else {}), **look.settings, **found})
            said.append(f"{tables[0].rpartition('/')[2]} names the pictures and seems to say {columns}, unused: {line}")
            logger.warning("%s", said[-1])
    return said


def _by_names(pictures: list[str]) -> list[str]:
    """Return a pattern where nearly all names end, or begin, in a few words that come back."""
    stems = [stem_of(picture.rpartition("/")[2]) for picture in pictures]
    lines = []
    # The label is the last word: after _, -, a blank or a dot; or the word that the name begins with.
    shapes = (
        (re.compile(r"[_\-. ]([A-Za-z]+|\d)$"), "[_. -](?P<label>{})\\.[^./]+$"),
        (re.compile(r"^([A-Za-z]+)(?=[^A-Za-z])"), "(?:^|/)(?P<label>{})[^A-Za-z/][^/]*$"),
    )
    for shape, pattern in shapes:
        found = Counter(match[1] for stem in stems if (match := shape.search(stem)))
        common = {word: count for word, count in found.items() if count >= _FEWEST}
        if 2 <= len(common) <= _MOST_CLASSES and sum(common.values()) >= _NEARLY * len(stems):
            words = sorted(common)
            one = f"[{''.join(words)}]" if all(len(word) == 1 for word in words) else "|".join(words)
            shown = ", ".join(f"{word} {common[word]}" for word in words)
            lines.append(f"{value_line('dataset.labels', pattern.format(one))} ({shown}, by the pictures' names)")
    return lines
