"""The pictures of the data in a report, with captions that say what this study did, not all that could be done."""

from pathlib import Path

from chestbench.reports.audit_page import PICTURES
from chestbench.reports.study.pictures import Budget, Picture, from_file

# Of the stages before, by the folder below results/ that they lie in, with what is said of each.
DATA_PICTURES = {
    "catalog/contact_sheet.png": "Pictures of each class, as the archive holds them",
    **{f"audit/{name}": about for name, about in PICTURES.items()},
    "preprocess/stages.png": "From the file, on the left, to what the networks get, on the right; between them the "
    "regions that can be cut out, of which {roi} is used",
    "preprocess/contours.png": "The region of interest that was found, outlined",
    "upsample/augmented.png": "Pictures as training sees them, changed at random anew in each epoch",
}
# Of a study that cuts nothing off.
WITHOUT_REGION = {
    "preprocess/stages.png": "From the file, on the left, to what the networks get, on the right; body and lungs, "
    "between, are what preprocess.roi could cut out, and are not used here",
    "preprocess/contours.png": "Pictures of training, whole: no region of interest is cut out (preprocess.roi none)",
}


def data_pictures(results: Path, roi: str, epochs: str, room: Budget) -> dict[str, Picture]:
    """Return the pictures that are there, by their file's name.

    Args:
        results: results/, with catalog/, audit/, preprocess/ and upsample/.
        roi: preprocess.roi.
        epochs: that the networks were trained for, such as `1` or `3 to 20`.
        room: bytes for each.
    """
    abouts = DATA_PICTURES | (WITHOUT_REGION if roi == "none" else {})
    trained = f"{epochs} epoch{'s' if epochs != '1' else ''}"
    abouts["upsample/augmented.png"] += f"; the networks were trained for {trained}, however many are shown"
    found = {}
    for name, about in abouts.items():
        picture = from_file(results / name, about.replace("{roi}", roi), room.data)
        if picture is not None:
            found[Path(name).name] = picture
    return found
