"""`chestbench report`: open the study's report; `chestbench report A B`: two studies side by side."""

import argparse
import re
import tempfile
import webbrowser
from dataclasses import replace
from html import escape
from pathlib import Path

from chestbench.cli.revisions import revision
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json, write_text
from chestbench.grid.tried import Place, Setting, all_tried, places_of
from chestbench.reports.sides.page import write_sides
from chestbench.reports.sides.side import read_side
from chestbench.reports.study.page import REPORT
from chestbench.reports.study.places import places

RESULTS = Path("results")
SUMMARY = "metrics/summary.json"
# A copy of the report that says among how many settings it was chosen: the report itself holds nobody who looked at it.
WITH_PLACE, BEGINNING = "report-grid.html", '<section id="summary">'


def main(arguments: list[str]) -> int:
    """Open, compare, or say where things lie; return 0.

    Raises:
        ChestbenchError: there is no report yet, or a study cannot be read.
    """
    parser = argparse.ArgumentParser(
        prog="chestbench report",
        description="Open results/report.html; with two studies (commits, tags, branches, experiments) put them side "
        "by side in one page.",
    )
    parser.add_argument("studies", nargs="*", metavar="STUDY", help="two studies; `workspace` is what lies here")
    parser.add_argument("--output", type=Path, default=None, help="page of two studies (results/report-A-B.html)")
    parser.add_argument("--where", action="store_true", help="only say where the report and the results lie")
    parsed = parser.parse_args(arguments)
    if len(parsed.studies) not in (0, 2):
        raise ChestbenchError(
            f"expected no study (the report of this one) or two, received {len(parsed.studies)}: "
            "chestbench report A B, such as `chestbench report HEAD~1 workspace`"
        )
    path = RESULTS / REPORT
    if not parsed.studies and not path.is_file():
        raise ChestbenchError(f"expected {path}, found none; run `make repro`, which makes it")
    if parsed.studies:
        first, second = parsed.studies
        path = side_by_side(first, second, parsed.output)
    else:
        print("\n".join(places(RESULTS)))
        if found := _places(Path(), all_tried(Path.cwd())):
            print(f"grid: {_words(found)}")
            path = path if parsed.where else _with_places(path, found)
    if not parsed.where:
        _open(path)
    return 0


def _places(folder: Path, tried: list[Setting]) -> list[Place]:
    """Return where the study in a folder stands among what was tried, in each grid that gave it."""
    path = folder / SUMMARY
    return places_of(read_json(path), tried) if path.is_file() else []


def _in_words(places: list[Place]) -> str:
    return "; ".join(place.in_words() for place in places)


def _words(places: list[Place]) -> str:
    is_best = any(place.place == 1 < place.settings for place in places)
    flatters = ": the best of several looks better on val than it is" if is_best else ""
    return f"this study is {_in_words(places)}{flatters}"


def _with_places(path: Path, places: list[Place]) -> Path:
    """Write a copy of the report that says where its study stands, and return where it lies."""
    before, beginning, rest = path.read_text(encoding="utf-8").partition(BEGINNING)
    words = _words(places)
    said = f"<p><strong>{escape(words[0].upper() + words[1:])}.</strong></p>"
    write_text(path.with_name(WITH_PLACE), f"{before}{beginning}\n{said}{rest}")
    return path.with_name(WITH_PLACE)


def side_by_side(first: str, second: str, output: Path | None) -> Path:
    """Write the page of two studies of the repository that is the current folder, and return where it lies.

    Args:
        first: a commit, tag, branch or experiment, or `workspace`.
        second: another.
        output: file to write; None: results/report-FIRST-SECOND.html.

    Raises:
        ChestbenchError: one of them is not there or has no results.
    """
    if not Path(".dvc").is_dir():
        raise ChestbenchError(f"{Path.cwd()}: expected the root of the repository, found no .dvc; cd there")
    with tempfile.TemporaryDirectory() as folder:
        found = [revision(Path.cwd(), name, Path(folder) / side) for side, name in (("a", first), ("b", second))]
        sides, tried = [], all_tried(Path.cwd())
        for each in found:
            side = read_side(each.name, each.commit, each.folder)
            sides.append(replace(side, tried=_in_words(_places(each.folder, tried))))
    plain = "-".join(re.sub(r"[^A-Za-z0-9_.]+", "_", name) for name in (first, second))
    path = output or RESULTS / f"report-{plain}.html"
    print("\n".join([*write_sides(path, *sides), f"wrote {path}"]))
    return path


def _open(path: Path) -> None:
    """Open a page in the browser; where there is none, its place is what was printed."""
    try:
        opened = webbrowser.open(path.resolve().as_uri())
    except (webbrowser.Error, OSError):
        opened = False
    if not opened:
        print(f"no browser could be opened here: open {path} in one")
