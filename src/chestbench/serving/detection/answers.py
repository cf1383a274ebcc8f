"""What a detector says of pictures: boxes in pixels of the stored picture, as table, JSON and drawings."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chestbench.core.files import write_bytes, write_csv, write_json
from chestbench.core.notice import NOTICE
from chestbench.datasets.archive import UnreadableMember
from chestbench.imaging.boxes import Boxes
from chestbench.measures.familiar import Familiar
from chestbench.serving.description import Description
from chestbench.serving.detection.answer import BoxAnswer, answer_of, drawing, marked, pixels_of
from chestbench.serving.pictures import Prepared, prepare_file
from chestbench.serving.sources import Source

COLUMNS = ("picture", "finding", "score", "x", "y", "width", "height")
AT_ONCE = 32
# uint8 (N, size, size, 1) -> boxes in pixels of it.
Ask = Callable[[NDArray[np.uint8]], list[Boxes]]


def answers(
    sources: Sequence[Source],
    described: Description,
    ask: Ask,
    threshold: float | None,
    familiar: Familiar | None = None,
) -> Iterator[BoxAnswer]:
    """Yield an answer for each picture, in the order of the files.

    Args:
        sources: files.
        described: how the detector's own pictures were prepared.
        ask: the detector.
        threshold: lowest score that counts; None: all do.
        familiar: what the pictures of train and val look like; None: not known.
    """
    waiting = _prepared(sources, described)
    while some := list(islice(waiting, AT_ONCE)):
        shown = [picture for _, picture in some if picture.pixels is not None]
        found = iter(zip(marked(shown, familiar), ask(pixels_of(shown)), strict=True) if shown else [])
        for name, picture in some:
            seen, boxes = (picture, None) if picture.pixels is None else next(found)
            yield answer_of(name, seen, boxes, described, threshold)


def write_answers(
    folder: Path, given: Iterable[BoxAnswer], findings: Sequence[str], answered: Mapping[str, Any] | None = None
) -> int:
    """Write boxes.csv, boxes.json and a drawing of each picture into a folder that is there; return how many boxes.

    In boxes.json `boxes` is null where none are given, for the reason in `problem`; [] is a picture without a box.

    Args:
        folder: where to.
        given: the answers.
        findings: names of the findings, by label.
        answered: what of the detector stands in boxes.json before them: its name, the hash of its file, its threshold.
    """
    rows: list[dict[str, Any]] = []
    pictures: list[dict[str, Any]] = []
    for number, answer in enumerate(given, 1):
        own = None if answer.boxes is None else list(_rows(answer.boxes, findings))
        rows += [{"picture": answer.picture, **row} for row in own or []]
        size = dict(zip(("width", "height"), answer.size or (None, None), strict=True))
        told = {"warnings": answer.marks, "problem": answer.problem or None}
        pictures.append({"picture": answer.picture, **size, "boxes": own, **told})
        if (coded := drawing(answer, findings)) is not None:
            write_bytes(folder / f"{number:05d}_{_stem(answer.picture)}.png", coded)
    write_csv(folder / "boxes.csv", COLUMNS, rows)
    head = {"notice": NOTICE, **(answered or {}), "units": "pixels of the stored picture"}
    write_json(folder / "boxes.json", {**head, "pictures": pictures})
    return len(rows)


def _prepared(sources: Sequence[Source], described: Description) -> Iterator[tuple[str, Prepared]]:
    for source in sources:
        try:
            for picture in prepare_file(source.read(), described):
                page = f" [{picture.frame}]" if picture.frames > 1 else ""
                yield f"{source.name}{page}", picture
        except UnreadableMember as error:
            yield source.name, Prepared(None, problem=f"unreadable: {error.reason}")


def _rows(boxes: Boxes, findings: Sequence[str]) -> Iterator[dict[str, Any]]:
    for corners, label, score in zip(boxes.corners.tolist(), boxes.labels, boxes.scores.tolist(), strict=True):
        x0, y0, x1, y1 = corners
        place = {"x": x0, "y": y0, "width": x1 - x0, "height": y1 - y0}
        yield {
            "finding": findings[label],
            "score": round(score, 6),
            **{key: round(value, 2) for key, value in place.items()},
        }


def _stem(picture: str) -> str:
    stem = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in Path(picture).name)
    # File systems count bytes, of which a letter may have four.
    return stem.encode(errors="replace")[:100].decode(errors="ignore")
