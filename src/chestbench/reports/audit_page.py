"""results/audit/audit.html: what was found, on one page that needs nothing else and can be printed.

Images are named by their id, never by their file. Everything that is put in is escaped. The words:
templates/audit/page.html.j2, whose body is a part of the report.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from markupsafe import Markup

from chestbench.catalog.kinds import advice
from chestbench.catalog.records import LEAKS
from chestbench.catalog.tells import TOLD_BY
from chestbench.core.files import Row, atomic_file, read_csv
from chestbench.core.notice import NOTICE, SYNTHETIC, split_words, tiny_note
from chestbench.core.positive import read_positive
from chestbench.core.words import Figure
from chestbench.figures.vector.charts import Ruler, interval_cell, ruler_cell
from chestbench.reports.leak_words import catalog_rows, split_rows
from chestbench.reports.rendering import render
from chestbench.reports.study.seen import bounds
from chestbench.reports.study.told import looked_for
from chestbench.reports.templates import audit as templates
from chestbench.reports.templates import page
from chestbench.reports.unit_words import unit_of, units_of
from chestbench.shortcuts.auc_words import in_words
from chestbench.shortcuts.file_properties import PROPERTIES
from chestbench.shortcuts.folds import ABOVE

# Its style is put into the page.
STYLE = page
_ROWS = 200
_OF_BITS = re.compile(r"\b(\d+) of (\d+) bit\b")
CHANCE = 0.5
# What is drawn -> what is said of it where it cannot be seen.
PICTURES = {
    "blacked_out.png": "Pictures with the lungs blacked out",
    "class_counts.png": "Images of each class",
    "examples.png": "One image of each class",
    "image_sizes.png": "Sizes of the images",
    "grey_levels.png": "Grey levels of each class",
}


def write_page(
    path: Path, record: Mapping[str, Any], catalog: Mapping[str, Any], split: Mapping[str, Any], found: Path
) -> None:
    """Write the page; charts that lie in its folder are put into it.

    Args:
        path: audit.html.
        record: metrics/audit.json.
        catalog: metrics/catalog.json.
        split: metrics/split.json.
        found: results/catalog, with leaks.csv.
    """
    pictures = {
        name: {"about": about, "uri": f"data:image/png;base64,{base64.b64encode(content).decode('ascii')}"}
        for name, about in PICTURES.items()
        if (path.parent / name).is_file() and (content := (path.parent / name).read_bytes())
    }
    text = render(
        templates,
        "page.html.j2",
        level=2,
        notice=f"{SYNTHETIC}; {NOTICE}" if catalog["synthetic"] else NOTICE,
        tiny=tiny_note(split),
        pictures=pictures,
        **findings(record, catalog, split, read_csv(found / LEAKS)),
    )
    with atomic_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def findings(
    record: Mapping[str, Any], catalog: Mapping[str, Any], split: Mapping[str, Any], leaks: Sequence[Row]
) -> dict[str, Any]:
    """Return what templates/audit/body.html.j2 reads beside `level` and `pictures`.

    Args:
        record: metrics/audit.json.
        catalog: metrics/catalog.json.
        split: metrics/split.json.
        leaks: rows of leaks.csv.
    """
    files = record["shortcuts"]["file_properties"]
    of_split = {**catalog, "images_in_all": catalog["images_kept"]}
    ruler = _ruler([files["auc"], record["shortcuts"]["blacked_out"]["auc"], *files["properties"].values()])
    judged = {} if files["not_judged"] else files["properties"]
    return {
        "audit": record,
        "catalog": catalog,
        "split": split,
        "unit": split_words(of_split),
        "units": units_of(of_split),
        "one_unit": unit_of(of_split),
        "catalog_leaks": catalog_rows(_asked(catalog["leaks"], split["given_split"])),
        "split_leaks": split_rows(split["leaks"]),
        "left_out": [(kind, count, advice(kind)) for kind, count in catalog.get("left_out", {}).items()],
        "without_picture": catalog.get("folders_without_picture", []),
        "leaks": leaks[:_ROWS],
        "listed": len(leaks),
        "properties": PROPERTIES,
        "alike": [words for name, words in PROPERTIES.items() if judged.get(name, {"value": 0})["value"] is None],
        "told": catalog.get("tells_label", {}),
        "bits": _bits,
        "told_by": TOLD_BY,
        "above": ABOVE,
        "in_words": in_words,
        "auc_cell": partial(_auc_cell, ruler),
        "auc_ruler": Markup(ruler_cell(ruler)),
        "positive": looked_for(read_positive(catalog)),
    }


def _asked(leaks: Mapping[str, int] | None, given: bool) -> Mapping[str, int] | None:
    """Return the counts without those of a given split where there is none."""
    if leaks is None or given:
        return leaks
    return {name: count for name, count in leaks.items() if count or not name.startswith("given_split")}


def _bits(scale: str) -> str:
    """Return a grey scale of the catalog in plain words.

    >>> _bits("16 of 16 bit"), _bits("13 of 16 bit"), _bits("8 bit")
    ('16 bit', '16 bit, of which 13 are used', '8 bit')
    """
    return _OF_BITS.sub(lambda found: f"{found[2]} bit" + _used(*found.groups()), scale)


def _used(used: str, stored: str) -> str:
    return "" if used == stored else f", of which {used} are used"


def _ruler(aucs: Sequence[Mapping[str, Any]]) -> Ruler:
    """Return the scale of the drawings: it holds all intervals, chance, which is marked, and what gives a warning."""
    ends = [end for auc in aucs for end in (auc["value"], auc["low"], auc["high"]) if end is not None]
    return Ruler(*bounds([Figure(value=end, low=None, high=None) for end in (*ends, CHANCE, ABOVE)]), CHANCE)


def _auc_cell(ruler: Ruler, auc: Mapping[str, Any], what: str) -> Markup:
    """Return an AUC as a drawing; chance is marked."""
    figure = Figure(value=auc["value"], low=auc["low"], high=auc["high"])
    return Markup(interval_cell(figure, ruler, f"{what}: AUC {in_words(auc)}"))
