"""What to write where folders give no classes: lines for dataset.labels, from the tables and names that are there."""

import re
from collections import Counter

from chestbench.catalog.layout import may_be_picture
from chestbench.catalog.override import value_line
from chestbench.catalog.tables.columns.blank_rows import blank_in_look
from chestbench.catalog.tables.columns.exclusion_words import has_left_out_column, says_left_out
from chestbench.catalog.tables.columns.look import Look
from chestbench.catalog.tables.looks.class_lists import lines_of_class_lists
from chestbench.catalog.tables.looks.class_readings import Reading, contradictions, read_tables
from chestbench.catalog.tables.looks.code_names import with_names
from chestbench.catalog.tables.looks.folder_column import several_each
from chestbench.catalog.tables.looks.joined_looks import by_patient, with_extras
from chestbench.catalog.tables.looks.name_words import lines_of_names
from chestbench.catalog.tables.looks.people_columns import unnamed_people
from chestbench.catalog.tables.looks.records_beside import records_beside
from chestbench.catalog.tables.looks.table_looks import looks_at
from chestbench.catalog.tables.looks.unread_books import books_in_words, unread_books
from chestbench.catalog.tables.looks.unused_columns import unused_in_words
from chestbench.catalog.tables.reading.headless import table_text_of
from chestbench.catalog.tables.reading.sheets import parted, tables_in
from chestbench.catalog.tables.reading.table import ENDINGS, LAST_ENDING, OTHER_ENDINGS
from chestbench.catalog.tables.reading.table_text import OpenEncodingError, header_of
from chestbench.catalog.tables.splits.part_columns import part_columns
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive

_FORM = re.compile(r"submission|sample_?(answer|solution)|template", re.IGNORECASE)
# So many tables and lines are looked at and shown.
_MOST_TABLES, _MOST_LINES, _MOST_SAID = 20, 8, 2
_MOST_JSON = 20


def suggest_labels(archive: Archive, members: list[str], read: list[str] | None = None) -> list[str]:
    """Return lines that say where the classes may stand, ready to copy; none where nothing is found.

    Tables: the column whose cells name pictures, each column of 2 to 20 different texts (up to 60 where it is called
    like a class), 0/1 columns, and what is called like a patient's id, a split, a sex, an age or a view. Names: where
    nearly all end (or begin) in a few words that come back, a pattern. Each line is followed by what it was seen to
    give, in brackets.

    Args:
        archive: holds the tables.
        members: those that dataset.exclude leaves.
        read: those of them that are read, without masks; all by default.

    Example of a line:
        -S 'dataset.labels={table:"*metadata.csv",id:filename,column:finding,patient:patientid}' (covid 24, normal 24)
    """
    pictures = [member for member in (members if read is None else read) if may_be_picture(member)]
    lines: list[str] = []
    if pictures:
        groups, damaged, of_open = tables_by_header(archive, members)
        of_group = {header: read_tables(archive, tables, members, pictures) for header, tables in groups.items()}
        looks_of = {
            header: _looks(archive, of_group[header], tables, members, pictures) for header, tables in groups.items()
        }
        seen = [look for looks in looks_of.values() for look in looks]
        joined = by_patient(archive, seen, groups, members)
        readings = [one for some in of_group.values() for one in some if not set(one.look.tables) & set(joined.tables)]
        for table, error in of_open.items():
            for encoding in error.encodings:
                readings += read_tables(archive.written_in(encoding), [table], members, pictures)
        looks = {(one.look.tables[0], one.id): one.look for one in readings}
        unclear = {key: several_each(archive, look, pictures) for key, look in looks.items()}
        lines += [
            *damaged,
            *books_in_words(archive, members),
            *(several.text for several in unclear.values() if several),
        ]
        for one in readings:
            if (several := unclear[one.look.tables[0], one.id]) and one.candidate.line:
                lines += several.lines_of(one.candidate.line)
        readings = [one for one in readings if not unclear[one.look.tables[0], one.id]]
        lines += contradictions(readings)[:_MOST_SAID]
        blanks = [blank_in_look(archive, one.look, one.candidate.columns[0]) for one in readings if one.candidate.line]
        lines += [text for text in dict.fromkeys(blanks) if text][:_MOST_SAID]
        doubts = [f"{one.table}: {one.look.doubt}" for one in readings if one.candidate.line and one.look.doubt]
        lines += list(dict.fromkeys(doubts))[:_MOST_SAID]
        lines += joined.lines
        for one in readings:
            if one.candidate.line:
                lines += [
                    *with_extras(one, seen, members),
                    *with_names(archive, one, [table for tables in groups.values() for table in tables]),
                    _shown(one),
                    *_with_people(one),
                ]
        without = {header: tables for header, tables in groups.items() if not any(
            one.candidate.line for one in of_group[header])}  # fmt: skip
        lines += lines_of_class_lists(archive, without, looks_of, members, pictures)
        lines += list(dict.fromkeys(said for reading in readings for said in unused_in_words(reading.look)))
        lines += lines_of_names(pictures)
        lines += records_beside(archive, members, pictures)
    lines += unread_books(archive, members)
    return lines[:_MOST_LINES]


def _looks(
    archive: Archive, readings: list[Reading], tables: list[str], members: list[str], pictures: list[str]
) -> list[Look]:
    """Return the looks at tables of one header, each once; without a class too."""
    if not readings:
        return looks_at(archive, tables, members, pictures)
    return list({id(one.look): one.look for one in readings}.values())


def _with_people(one: Reading) -> list[str]:
    """Return the line with the patient too, where a column without a name may say who it is."""
    column = None if "patient" in one.look.extras or one.candidate.is_hot else unnamed_people(one.look.rest)
    if column is None or column.name in one.candidate.columns:
        return []
    settings = {**one.look.settings, "column": one.candidate.columns[0], **one.look.extras, "patient": column.name}
    line = value_line("dataset.labels", settings)
    return [f"{line} (the same, if {column.name!r} says the patient: {len(column.cells):,})"]


def _shown(reading: Reading) -> str:
    note = f" (the split is {reading.look.split_note})" if reading.look.split_note else ""
    return f"{reading.candidate.line}{reading.candidate.shown}{note}"


def with_suggestions(error: str, archive: Archive, members: list[str], read: list[str] | None = None) -> str:
    """Return an error about folders without classes, with the lines of `suggest_labels` below it."""
    lines = suggest_labels(archive, members, read)
    if not lines:
        return error
    return "\n  ".join(
        [f"{error}; where the classes do not stand in folders, one of these lines may say them:", *lines]
    )


def tables_by_header(
    archive: Archive, members: list[str]
) -> tuple[dict[tuple[str, ...], list[str]], list[str], dict[str, OpenEncodingError]]:
    """Return the first tables by their header, those at the top of the archive first.

    Also what cannot be read, in sentences; and of that, the tables whose encoding is open.
    """
    named = [member for member in members if member.lower().endswith((*ENDINGS, LAST_ENDING))]
    # A file of JSON beside each picture is no table.
    others = [member for member in members if member.lower().endswith(OTHER_ENDINGS)]
    named += [member for member, count in zip(others, _beside(others), strict=True) if count <= _MOST_JSON]
    # Kaggle's form to hand answers in: its labels are dummies.
    named = [member for member in named if not _FORM.search(member.rpartition("/")[2])]
    groups: dict[tuple[str, ...], list[str]] = {}
    damaged: list[str] = []
    of_open: dict[str, OpenEncodingError] = {}
    for member in sorted(named, key=_rank)[:_MOST_TABLES]:
        try:
            headers = {table: _header_of(archive, table) for table in tables_in(archive, member)}
        except ChestbenchError as error:
            # JSON holds much else than tables, and a workbook that cannot be read is named on its own.
            if isinstance(error, OpenEncodingError):
                of_open[member] = error
            if not member.lower().endswith(OTHER_ENDINGS):
                damaged.append(f"{member} cannot be read: {error}")
            continue
        # Lists of a split, or of what was left out: see split_files.py and exclusions.py.
        for table, header in headers.items():
            name = parted(table)[1] or member.rpartition("/")[2].rpartition(".")[0]
            if not part_columns(header) and (not says_left_out(name) or has_left_out_column(header)):
                groups.setdefault(tuple(header), []).append(table)
    return groups, damaged, of_open


def _header_of(archive: Archive, table: str) -> list[str]:
    return header_of(table_text_of(archive, table, "dataset.labels.table", is_used=False)[0], [])[1]


def _rank(member: str) -> tuple[bool, int, str]:
    return member.lower().endswith(OTHER_ENDINGS), member.count("/"), member


def _beside(members: list[str]) -> list[int]:
    """Return for each member how many of the same ending lie in its folder."""
    keys = [(member.rpartition("/")[0], member.rpartition(".")[2].lower()) for member in members]
    counts = Counter(keys)
    return [counts[key] for key in keys]
