"""One look, from what was asked for to what is shown."""

import contextlib
import logging
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chestbench.catalog.glance import glance
from chestbench.catalog.kinds import advice, words
from chestbench.core.config import Config
from chestbench.core.errors import ChestbenchError
from chestbench.core.printable import printable
from chestbench.datasets.archive import Archive, open_archive
from chestbench.datasets.member_names import BAD_NAME, HIDDEN_FOLDER
from chestbench.datasets.opened import OpenedFolder, open_any
from chestbench.reports.look import Look, examples_of, tree_of
from chestbench.reports.look_box_stops import BoxesLook
from chestbench.reports.look_command import look_lines, trained_with, ways_of
from chestbench.reports.look_counts import count_used
from chestbench.reports.look_fact import Fact
from chestbench.reports.look_facts import details_of, facts_of
from chestbench.reports.look_published import counts_beside, origin_of
from chestbench.reports.look_warnings import left_out_of, warnings_of

_MODALITY = " Where you know it, add -S dataset.modality=CT or -S dataset.modality=X-ray: lungs are looked for by it."
_REFUSED = "Set what makes it read as you mean it, and look again; several may be set at once:"
_NOTHING_TO_SET = (
    "No line is known that mends this: change the data as it says (a folder per class; or a table of labels, see "
    "docs/how-to.md), and look again:"
)


@dataclass(frozen=True)
class Asked:
    """What is to be looked at.

    Attributes:
        name: what it is called in the headline; no path.
        path: a folder or an archive.
        is_fetched: whether `path` is the archive that an earlier `download` brought.
        config: all parameters.
        run: the lines of the command that runs it.
        written: PATH as it was written.
        overrides: those that came with it.
    """

    name: str
    path: Path
    is_fetched: bool
    config: Config
    run: list[str]
    written: str
    overrides: list[str]


def look_at(asked: Asked) -> Look:
    """Look at a data set.

    Returns:
        What is shown; where a run would stop, with its words as `refusal`.

    Raises:
        ChestbenchError: there is nothing at the path, or what is there cannot be opened.
    """
    dataset = asked.config.dataset
    with _warnings() as told, _opened(asked) as archive:
        told.clear()  # what opening warns of is told in `_notes`, without the path of the folder
        origin = origin_of(asked.path, dataset, asked.is_fetched)
        boxes = BoxesLook(archive, asked.config)
        try:
            found = glance(archive, dataset)
        except ChestbenchError as error:
            return _refused(asked, archive, told, boxes.stops or str(error))
        boxes.place(found)
        stops = found.stops or boxes.stops
        classes = found.plan.layout.classes
        used = count_used(found, dataset.limit_per_class)
        usable = sum(not each.reason for each in found.sampled)
        scope = (
            f"Names were read of all files, and {len(found.sampled):,} files, chosen by hash: {usable:,} can be used."
        )
        if not found.is_whole:
            scope += " Time was up for more."
        return Look(
            name=printable(asked.name),
            headline=f"{len(classes)} classes, {used.in_words()}; {_files(asked, archive)}",
            facts=[
                *facts_of(found, asked.config, used),
                *boxes.facts,
                *([Fact("archive", [origin])] if origin else []),
            ],
            tree=tree_of(archive),
            left_out=[(count, reason, printable(example)) for count, reason, example in left_out_of(found, used)],
            warnings=[
                *told,
                *_notes(archive),
                *(f"{text[0].upper()}{text[1:]}" for text in counts_beside(found, dataset, used)),
                *warnings_of(found, asked.config, used),
                *boxes.unused,
            ],
            refusal=stops,
            command=look_lines(asked.written, asked.overrides, "\n".join([stops, *boxes.ways])) if stops else asked.run,
            advice=(boxes.advice if boxes.stops and not found.stops else _advice(asked, stops))
            if stops
            else trained_with(asked.config.train.recipe) + (_MODALITY if dataset.modality == "unknown" else ""),
            scope=scope,
            details=details_of(found, asked.config, used),
            examples=examples_of(found, archive),
            is_read=not found.stops,
        )


def _advice(asked: Asked, why: str) -> str:
    return _REFUSED if ways_of(asked.overrides, why) else _NOTHING_TO_SET


def _opened(asked: Asked) -> Archive:
    return open_archive(asked.path) if asked.is_fetched else open_any(asked.path, asked.config.dataset)


def _refused(asked: Asked, archive: Archive, told: list[str], why: str) -> Look:
    return Look(
        name=printable(asked.name),
        headline=_files(asked, archive),
        facts=[],
        tree=tree_of(archive),
        left_out=[],
        warnings=[*told, *_notes(archive)],
        refusal=why,
        command=look_lines(asked.written, asked.overrides, why),
        advice=_advice(asked, why),
        scope="Names were read of all files; no picture was.",
    )


def _files(asked: Asked, archive: Archive) -> str:
    """Return the number of files, their bytes and their endings."""
    if asked.path.suffix.lower() == ".npz":
        return f"arrays of {len(archive.members):,} pictures, {_bytes(archive.size)}"
    endings = Counter(_ending(member) for member in archive.members)
    kinds = ", ".join(f"{count:,} {ending}" for ending, count in endings.most_common(5))
    more = f", {len(endings) - 5} other kinds" if len(endings) > 5 else ""
    return f"{len(archive.members):,} files, {_bytes(archive.size)} ({kinds}{more})"


def _ending(member: str) -> str:
    name, dot, ending = member.rpartition("/")[2].rpartition(".")
    return f".{ending.lower()}" if name and dot and len(ending) <= 8 and not ending.isdigit() else "without an ending"


def _bytes(count: int) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"


# Left out of a run as well, which does not stop at them.
_NAMED_ONLY = (HIDDEN_FOLDER, "password", "copy in an inner archive", "archive")


def _notes(archive: Archive) -> list[str]:
    """Return what is peculiar to a folder that is read where it lies."""
    if not isinstance(archive, OpenedFolder):
        return []
    told = []
    for kind, names in archive.left_out.items():
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        shown = f"{', '.join(map(printable, names[:5]))}{more}"
        if kind == BAD_NAME:
            stops = "; a run stops at what is no UTF-8" if any(re.search("%[89A-F]", name) for name in names) else ""
            told.append(f"{words(kind, len(names))} left out: {shown}: {advice(kind)}{stops}")
            continue
        if kind in _NAMED_ONLY:
            told.append(f"{words(kind, len(names))} left out: {shown}: {advice(kind)}")
            continue
        what = "links that are not followed" if kind == "link" else f"of the kind {kind!r}, which are not opened"
        told.append(
            f"{len(names)} {what}, and what they lead to is missing: {shown}; "
            "put files and folders in their place (a run stops at what is neither a file, a folder nor a link to one)"
        )
    if archive.unopened:
        told.append(f"{len(archive.unopened)} archives in the folder are too large to be opened for a look: a run does")
    return told


@contextlib.contextmanager
def _warnings() -> Iterator[list[str]]:
    """Yield a list that receives what the code of the data stages warns of, instead of the terminal."""
    found: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if (text := record.getMessage()) not in found:
                found.append(text)

    logger, handler = logging.getLogger("chestbench"), Collect(logging.WARNING)
    logger.addHandler(handler)
    try:
        yield found
    finally:
        logger.removeHandler(handler)
