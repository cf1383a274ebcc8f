"""Tables that say one thing each: pictures and their patients in one, the patients' classes, or the split, in another.

dataset.labels reads several tables together, by the same column of ids or by the patient; here are the lines for it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chestbench.catalog.override import value_line
from chestbench.catalog.tables.columns.look import Look
from chestbench.catalog.tables.looks.class_columns import candidates_of
from chestbench.catalog.tables.looks.class_readings import Reading
from chestbench.catalog.tables.looks.patient_column import patients_in
from chestbench.catalog.tables.looks.table_looks import look_at_people, tables_in_settings
from chestbench.datasets.archive import Archive

_KEYS = ("patient", "study", "split")


@dataclass(frozen=True)
class Joined:
    """What tables say together.

    Attributes:
        lines: for dataset.labels, the likeliest first.
        tables: those whose column of patients is the one that another table gives pictures to: no line joins its
            numbers with pictures' names.
    """

    lines: list[str]
    tables: list[str]


def by_patient(
    archive: Archive, looks: Sequence[Look], groups: dict[tuple[str, ...], list[str]], members: list[str]
) -> Joined:
    """Return the lines that read the classes of patients from one table and their pictures from another.

    Args:
        archive: holds the tables.
        looks: at all tables that name pictures.
        groups: header -> tables.
        members: all names.

    Raises:
        ChestbenchError: a table is damaged or no text.
    """
    lines: list[str] = []
    joined: list[str] = []
    for of_pictures in looks:
        column = of_pictures.extras.get("patient")
        if not column or not _is_certain(of_pictures):
            continue
        places: dict[str, list[int]] = {}
        for place, patient in patients_in(archive, of_pictures, column).items():
            places.setdefault(patient, []).append(place)
        for header, tables in groups.items():
            if column not in header or of_pictures.id in header or set(tables) & set(of_pictures.tables):
                continue
            people = look_at_people(archive, tables, column, _finder(places))
            if people is None or 2 * sum(cell in places for cell in people.ids.column.cells) < len(places):
                continue
            both = tables_in_settings([*of_pictures.tables, *tables], members)
            extras = {**people.extras, **of_pictures.extras}
            look = replace(people, settings={**of_pictures.settings, **both}, extras=extras)
            name = tables[0].rpartition("/")[2]
            for candidate in candidates_of(look):
                if candidate.line:
                    lines.append(f"{candidate.line}{_and(candidate.shown, f'rows of {name}, by the patient')}")
                    joined += tables
    return Joined(list(dict.fromkeys(lines)), joined)


def with_extras(reading: Reading, looks: Iterable[Look], members: list[str]) -> Iterator[str]:
    """Yield the line of a reading with the patient, study or split that tables with the same column of ids say.

    Args:
        reading: whose candidate has a line.
        looks: at all tables that name pictures.
        members: all names.
    """
    look = reading.look
    plain = value_line("dataset.labels", {**look.settings, "column": reading.candidate.columns[0], **look.extras})
    if not _is_certain(look) or not reading.candidate.line.startswith(plain):
        return
    tables, more, notes = list(look.tables), dict[str, Any](), []
    for other in looks:
        says_class = any(column.name == reading.candidate.columns[0] for column in (*other.rest, *other.constant))
        is_alike = (
            not says_class
            and other.id == look.id
            and other.settings.get("id_pattern") == look.settings.get("id_pattern")
        )
        if not is_alike or set(other.tables) & set(tables) or not _is_certain(other):
            continue
        mine = {key: name for key, name in other.extras.items() if key in _KEYS and key not in {**look.extras, **more}}
        if mine:
            more |= mine
            tables += other.tables
            notes.append(f"the {' and '.join(mine)} of {other.tables[0].rpartition('/')[2]}")
    if more:
        settings = {**look.settings, **tables_in_settings(tables, members)}
        line = value_line("dataset.labels", {**settings, "column": reading.candidate.columns[0], **look.extras, **more})
        yield f"{line}{reading.candidate.line[len(plain) :]}{_and(reading.candidate.shown, ', '.join(notes))}"


def _finder(places: dict[str, list[int]]) -> Callable[[str], list[int]]:
    return lambda cell: places.get(cell, [])


def _and(shown: str, more: str) -> str:
    """Return what stands in brackets behind a line, with more in them."""
    return f"{shown.removesuffix(')')}; {more})"


def _is_certain(look: Look) -> bool:
    return look.ids.is_sure and look.ids.is_by_picture and not look.doubt
