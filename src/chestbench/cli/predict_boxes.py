"""`chestbench predict --detector NAME PATH ...`: files, folders and archives through a trained detector."""

from contextlib import ExitStack
from pathlib import Path

from chestbench.core.errors import ChestbenchError

SHOWN = 20


def predict_boxes(name: str, paths: list[str], out: Path | None, stack: ExitStack) -> int:
    """Print the boxes, write them where asked, and return 0, or 1 where no picture could be read.

    Args:
        name: of the detector in models/.
        paths: pictures, folders and archives.
        out: folder for boxes.csv, boxes.json and pictures with boxes, replaced as a whole; None: printed alone.
        stack: closes what was opened.
    """
    from chestbench.core.files import atomic_folder
    from chestbench.imaging.decode import prepare_opencv
    from chestbench.serving.detection.answers import answers, write_answers
    from chestbench.serving.detection.found import find_detector
    from chestbench.serving.safety import check_model_file
    from chestbench.serving.sources import opened
    from chestbench.tracking.store import repository_root
    from chestbench.training.device import select_backend

    _check_out(out)
    found = find_detector(name, repository_root())
    files = stack.enter_context(opened(paths, None))
    if not files.sources:
        raise ChestbenchError("PATH: expected pictures, received none; name others")
    print(found.words())
    check_model_file(found.folder / "model.keras")
    select_backend(found.described.backend)
    # Imports keras, which takes its backend from the line above.
    from chestbench.training.detection.predict import load
    from chestbench.training.detection.predict import predict_boxes as ask

    model = load(found.folder / "model.keras")
    prepare_opencv()
    given = list(answers(files.sources, found.described, lambda images: ask(model, images), found.threshold))
    for answer in given[:SHOWN]:
        boxes = answer.problem or f"{len(answer.boxes or ())} boxes"
        print(f"{answer.picture}: {'; '.join([boxes, *answer.marks])}")
    if len(given) > SHOWN:
        print(f"... and {len(given) - SHOWN} more")
    print(found.rule_words())
    if out is not None:
        with atomic_folder(out) as folder:
            count = write_answers(folder, given, found.described.classes)
        print(f"wrote {out}: {count} boxes in boxes.csv and boxes.json, in pixels of the stored pictures, and drawings")
    print("For research and education, not for diagnosis.")
    return 0 if any(answer.boxes is not None for answer in given) else 1


def _check_out(out: Path | None) -> None:
    """Refuse a place whose content would be lost: the folder is replaced as a whole."""
    if out is None or not out.exists():
        return
    if not out.is_dir():
        raise ChestbenchError(f"--out: expected a folder with --detector, received the file {str(out)!r}; name another")
    if any(out.iterdir()) and not (out / "boxes.json").is_file():
        raise ChestbenchError(
            f"--out: expected a folder that is empty or of an earlier answer, received {str(out)!r} with other files, "
            "which would be lost; name another"
        )
