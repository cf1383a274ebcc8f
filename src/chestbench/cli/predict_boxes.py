"""`chestbench predict --detector NAME PATH ...`: files, folders and archives through a trained detector."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from chestbench.core.errors import ChestbenchError

if TYPE_CHECKING:
    from chestbench.serving.detection.answer import BoxAnswer
    from chestbench.serving.detection.found import FoundDetector

SHOWN = 20


def predict_boxes(name: str, paths: list[str], out: Path | None, stack: ExitStack) -> int:
    """Print the boxes, write them where asked, and return 0, or 1 where no picture got an answer.

    Args:
        name: of the detector in models/, or models:/NAME/VERSION of a registered one.
        paths: pictures, folders and archives.
        out: folder for boxes.csv, boxes.json and pictures with boxes, replaced as a whole; None: printed alone.
        stack: closes what was opened.
    """
    from chestbench.core.files import atomic_folder
    from chestbench.imaging.decode import prepare_opencv
    from chestbench.serving.detection.answers import answers, write_answers
    from chestbench.serving.detection.described_api import notes
    from chestbench.serving.sources import opened

    _check_out(out)
    found = _find(name, stack)
    files = stack.enter_context(opened(paths, None))
    if not files.sources:
        left_out = ", ".join(f"{count} {what}" for what, count in files.left_out.items()) or "nothing there"
        raise ChestbenchError(f"PATH: expected pictures, received none ({left_out}); name others")
    print(found.words())
    detector, described = found.load(), found.described
    prepare_opencv()
    given = list(answers(files.sources, described.pictures, detector.boxes, described.threshold, detector.familiar))
    for answer in given[:SHOWN]:
        print(f"{answer.picture}: {_told(answer)}")
    if len(given) > SHOWN:
        print(f"... and {len(given) - SHOWN} more")
    refused = [answer for answer in given if answer.boxes is None]
    if refused:
        print(f"no boxes are given for {len(refused)} of {len(given)} pictures")
    print("\n".join([described.rule_words(), *notes(described, detector.familiar is not None)]))
    if out is not None:
        with atomic_folder(out) as folder:
            count = write_answers(folder, given, described.findings, found.answered())
        print(f"wrote {out}: {count} boxes in boxes.csv and boxes.json, in pixels of the stored pictures, and drawings")
    print("For research and education, not for diagnosis.")
    return 0 if len(refused) < len(given) else 1


def _find(name: str, stack: ExitStack) -> "FoundDetector":
    from chestbench.serving.detection.found import find_detector, registered_detector
    from chestbench.tracking.store import repository_root

    root = repository_root()
    if not name.startswith(("models:/", "runs:/")):
        return find_detector(name, root)
    from chestbench.tracking.fetched import fetch_model

    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chestbench-")))
    return registered_detector(fetch_model(name, folder, root, "--detector"))


def _told(answer: "BoxAnswer") -> str:
    """Return boxes, or why there are none, and warnings, in a line."""
    if answer.boxes is None:
        first = f"no boxes: {answer.problem}"
    else:
        first = "1 box" if len(answer.boxes) == 1 else f"{len(answer.boxes)} boxes"
    return "; ".join(dict.fromkeys([first, *(mark for mark in answer.marks if mark not in answer.problem)]))


def _check_out(out: Path | None) -> None:
    """Refuse a place whose content would be lost: the folder is replaced as a whole."""
    if out is None:
        return
    if not out.exists():
        if out.suffix in (".csv", ".json"):
            raise ChestbenchError(
                f"--out: expected a folder with --detector, for boxes.csv, boxes.json and drawings, received the name "
                f"of a file, {str(out)!r}; name a folder"
            )
        return
    if not out.is_dir():
        raise ChestbenchError(f"--out: expected a folder with --detector, received the file {str(out)!r}; name another")
    if any(out.iterdir()) and not (out / "boxes.json").is_file():
        raise ChestbenchError(
            f"--out: expected a folder that is empty or of an earlier answer, received {str(out)!r} with other files, "
            "which would be lost; name another"
        )
