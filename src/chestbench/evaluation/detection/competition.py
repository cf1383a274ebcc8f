"""A detector as it would have been entered in the competition that its data come from: score and submission.csv.

On our own test split, which was cut from the competition's training data: no figure of its leaderboard.
"""

from collections.abc import Sequence
from pathlib import Path

from chestbench.core.config import Dataset
from chestbench.core.errors import ChestbenchError
from chestbench.core.words import with_interval
from chestbench.evaluation.detection.submission import picture_ids, write_rsna, write_siim
from chestbench.imaging.boxes import Boxes
from chestbench.measures.detection.competition import StudyAnswers, rsna_score, siim_score
from chestbench.measures.detection.record import CompetitionRecord
from chestbench.measures.predictions import read_predictions
from chestbench.preparation.arrays import load_split
from chestbench.preparation.detection.frames import load_frames

NAMES = {"siim": "SIIM-FISABIO-RSNA COVID-19 detection 2021", "rsna": "RSNA Pneumonia Detection 2018"}


def study_answers(processed: Path, predictions: Path, classes: Sequence[str], split: str = "test") -> StudyAnswers:
    """Return what a classifier said of the pictures of a split, in their order.

    Args:
        processed: data/processed.
        predictions: results/models/NAME/predictions.csv.
        classes: of the data set, in their order.
        split: train, val or test.

    Raises:
        ChestbenchError: it was asked of other pictures.
    """
    own, said = load_split(processed, split), read_predictions(predictions, classes, split)
    if said.image_ids != own.image_ids:
        raise ChestbenchError(f"{predictions}: expected predictions of the pictures in {processed}, received others")
    return {
        "studies": own.studies,
        "classes": classes,
        "labels": said.labels,
        "probabilities": said.probabilities,
    }


def enter_competition(
    dataset: Dataset,
    folders: tuple[Path, Path, Path],
    truth: Sequence[Boxes],
    found: Sequence[Boxes],
    threshold: float | None,
    bootstrap: tuple[int, float, int],
    output: Path,
    answers: StudyAnswers | None = None,
    classifier: str | None = None,
) -> CompetitionRecord | None:
    """Score what was found on test as the competition does, and write submission.csv; None where there is none.

    Args:
        dataset: `boxes.submission` names the competition; None or null: nothing is done.
        folders: data/processed, data/boxes and data/catalog.csv.
        truth: boxes of each picture of test.
        found: on each, of every score, in pixels of the arrays.
        threshold: least score of a box that is handed in, chosen on val (rsna alone); None: none could be chosen, and
            nothing is handed in.
        bootstrap: resamples, confidence and seed of the intervals.
        output: submission.csv.
        answers: of a classifier on the same pictures (siim alone); None: no whole score, and no lines of studies.
        classifier: its name.
    """
    form = dataset.boxes.submission if dataset.boxes else None
    if form is None:
        return None
    processed, boxes, catalog = folders
    split, frames = load_split(processed, "test"), load_frames(boxes, "test")
    ids = picture_ids(catalog, split.image_ids, dataset)
    if form == "rsna":
        least = threshold if threshold is not None else 1.0 + 1e-9
        rsna = rsna_score(truth, found, split.groups, least, *bootstrap)
        lines = write_rsna(output, ids, frames, found, least)
        chosen: CompetitionRecord = {
            "name": NAMES[form],
            "score": rsna["score"],
            "note": f"{lines} lines; on our own test split, cut from the competition's training data"
            + ("" if threshold is not None else "; no threshold could be chosen: no box is handed in"),
        }
        return {**chosen, "threshold": threshold} if threshold is not None else chosen
    siim = siim_score(truth, found, split.groups, answers, *bootstrap)
    lines = write_siim(output, ids, frames, found, answers)
    record: CompetitionRecord = {
        "name": NAMES[form],
        "score": siim["score"],
        "average_precision": siim["average_precision"],
        "note": f"{lines} lines; on our own test split, cut from the competition's training data"
        + ("" if answers else "; without a classifier there are no lines of studies, and no whole score"),
    }
    return {**record, "classifier": classifier} if answers and classifier else record


def describe_entry(entry: CompetitionRecord | None, where: Path) -> list[str]:
    """Return what a stage says of an entry: its score and where submission.csv lies; nothing of none."""
    if entry is None:
        return []
    parts = [f"{name} {with_interval(figure)}" for name, figure in entry.get("average_precision", {}).items()]
    precisions = f" (mean of {', '.join(parts)})" if parts else ""
    return [f"{entry['name']}: score {with_interval(entry['score'])}{precisions}; {where}: {entry['note']}"]
