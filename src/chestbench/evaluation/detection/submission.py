"""submission.csv as two competitions want it: what was found on each picture, in pixels of the stored picture.

SIIM-FISABIO-RSNA: `id,PredictionString`; a study's line has each class with its confidence and the box 0 0 1 1, a
picture's has `opacity CONFIDENCE XMIN YMIN XMAX YMAX` for each box and `none CONFIDENCE 0 0 1 1`. RSNA Pneumonia
Detection: `patientId,PredictionString`; a picture's line has `CONFIDENCE X Y WIDTH HEIGHT` for each box from a
threshold on, and nothing where there is none.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from chestbench.catalog.identity import part_of
from chestbench.catalog.records import CatalogRow, read_rows
from chestbench.core.config import Dataset
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import write_csv
from chestbench.imaging.box_frames import Frame, to_stored
from chestbench.imaging.boxes import Boxes
from chestbench.measures.detection.competition import STUDY_CLASSES, StudyAnswers, none_scores, study_class

SUBMISSION = "submission.csv"
WHOLE = "0 0 1 1"


class PictureIds(NamedTuple):
    """The names that a competition has for a picture and its study ("" where no pattern finds one)."""

    picture: str
    study: str


def picture_ids(catalog: Path, image_ids: Sequence[str], dataset: Dataset) -> list[PictureIds]:
    """Return the competition's own ids of pictures, as the patterns of the data set find them in their paths.

    Args:
        catalog: data/catalog.csv.
        image_ids: of the pictures, as in data/processed.
        dataset: boxes.member_pattern finds the picture's id, labels.member_pattern that of its study.

    Raises:
        ChestbenchError: a picture has no id, or two have the same.
    """
    if dataset.boxes is None:
        raise ChestbenchError("dataset.boxes: expected a table of boxes, whose ids a submission has, received null")
    of_picture = re.compile(dataset.boxes.member_pattern)
    labels = dataset.labels.member_pattern if dataset.labels else None
    of_study = re.compile(labels) if labels else None
    wanted = set(image_ids)
    found = {
        row.image_id: PictureIds(
            part_of(of_picture, "id", row.member), part_of(of_study, "id", row.member) if of_study else ""
        )
        for row in read_rows(catalog, CatalogRow)
        if row.image_id in wanted
    }
    ids = [found.get(image_id, PictureIds("", "")) for image_id in image_ids]
    names = {own.picture for own in ids}
    if "" in names or len(names) < len(ids):
        raise ChestbenchError(
            f"{catalog}: expected one id of its own for each of {len(ids)} pictures by dataset.boxes.member_pattern, "
            f"received {len(names - {''})} and {sum(not own.picture for own in ids)} without; correct the pattern"
        )
    return ids


def write_siim(
    path: Path, ids: Sequence[PictureIds], frames: Sequence[Frame], found: Sequence[Boxes], answers: StudyAnswers | None
) -> int:
    """Write the submission of SIIM-FISABIO-RSNA: lines of studies, then of pictures; return how many lines.

    Args:
        path: submission.csv.
        ids: of each picture, N of them.
        frames: where each lies in its array.
        found: boxes of each, in pixels of the array, of every score.
        answers: of a classifier on the same pictures; a study's confidence is the mean over its pictures. None: the
            lines of studies are missing, which the competition does not accept.
    """
    lines = [*_study_lines(ids, answers), *_picture_lines(ids, frames, found)]
    write_csv(path, ["id", "PredictionString"], lines)
    return len(lines)


def write_rsna(
    path: Path, ids: Sequence[PictureIds], frames: Sequence[Frame], found: Sequence[Boxes], threshold: float
) -> int:
    """Write the submission of RSNA Pneumonia Detection, a line for each picture; return how many lines.

    Args:
        path: submission.csv.
        ids: of each picture, N of them.
        frames: where each lies in its array.
        found: boxes of each, in pixels of the array.
        threshold: least score of a box that is handed in.
    """
    lines = []
    for own, frame, boxes in zip(ids, frames, found, strict=True):
        stored = _sorted(to_stored(frame, boxes.take(boxes.scores >= threshold)))
        corners = np.concatenate([stored.corners[:, :2], stored.corners[:, 2:] - stored.corners[:, :2]], axis=1)
        parts = [f"{score:.6g} {_numbers(box)}" for score, box in zip(stored.scores, corners, strict=True)]
        lines.append([own.picture, " ".join(parts)])
    write_csv(path, ["patientId", "PredictionString"], sorted(lines))
    return len(lines)


def _study_lines(ids: Sequence[PictureIds], answers: StudyAnswers | None) -> Iterator[list[str]]:
    if answers is None:
        return
    if missing := sum(not own.study for own in ids):
        raise ChestbenchError(
            f"dataset.labels.member_pattern: expected the study of each of {len(ids)} pictures, found none for "
            f"{missing}; correct it"
        )
    words = [study_class(name) for name in answers["classes"]]
    of_study: dict[str, list[int]] = {}
    for place, own in enumerate(ids):
        of_study.setdefault(own.study, []).append(place)
    for study in sorted(of_study):
        sure = dict(zip(words, answers["probabilities"][of_study[study]].mean(axis=0).tolist(), strict=True))
        parts = [f"{word} {sure[word]:.6g} {WHOLE}" for word in STUDY_CLASSES if word in sure]
        yield [f"{study}_study", " ".join(parts)]


def _picture_lines(ids: Sequence[PictureIds], frames: Sequence[Frame], found: Sequence[Boxes]) -> Iterator[list[str]]:
    lines = []
    for own, frame, boxes, none in zip(ids, frames, found, none_scores(found).tolist(), strict=True):
        stored = _sorted(to_stored(frame, boxes))
        parts = [
            f"opacity {score:.6g} {_numbers(box)}"
            for score, box in zip(stored.scores.tolist(), stored.corners, strict=True)
        ]
        lines.append([f"{own.picture}_image", " ".join([*parts, f"none {none:.6g} {WHOLE}"])])
    yield from sorted(lines)


def _sorted(boxes: Boxes) -> Boxes:
    return boxes.take(np.argsort(-boxes.scores, kind="stable"))


def _numbers(values: np.ndarray) -> str:
    return " ".join(f"{value:.2f}".rstrip("0").rstrip(".") for value in values)
