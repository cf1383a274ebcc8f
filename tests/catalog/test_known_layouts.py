"""Layouts that exist, each read as a person would read it, or refused with the readings shown (known_layouts.py)."""

import re

import pytest

from chestbench.catalog.folders.copies.mask_names import find_masks
from chestbench.catalog.layout import Layout, read_layout
from chestbench.core.errors import ChestbenchError
from tests.catalog.known_layouts import ALL
from tests.catalog.layout_notation import Known, members_of


def plain(text: str) -> str:
    return re.sub(r"[\" ]", "", text)


def read(known: Known) -> tuple[Layout, int]:
    members = members_of(known.tree)
    masks = find_masks(members).members
    return read_layout([member for member in members if member not in masks], None, True), len(masks)


@pytest.mark.parametrize("known", [k for k in ALL.values() if k.classes], ids=[n for n, k in ALL.items() if k.classes])
def test_a_layout_is_read_as_a_person_reads_it(known: Known) -> None:
    layout, masks = read(known)
    sources = ", ".join(sorted(set(layout.source)))
    found = (", ".join(layout.classes), layout.is_split, sources, len(set(layout.patient) - {""}), masks)
    assert found == (known.classes, known.split, known.sources, known.patients, known.masks)


STOPS = {name: known for name, known in ALL.items() if not known.classes}


@pytest.mark.parametrize("known", STOPS.values(), ids=STOPS)
def test_a_layout_that_has_no_one_reading_is_refused_with_what_chooses(known: Known) -> None:
    with pytest.raises(ChestbenchError) as error:
        read(known)
    text = plain(str(error.value))
    for words in known.stops.split(" | "):
        assert plain(words) in text
    lines = str(error.value).splitlines()
    assert len(lines) <= 26, "the error fits a screen"
