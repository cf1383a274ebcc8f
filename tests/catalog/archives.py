"""Archives that the tests of the audit are made of, and the settings that read them."""

from chestbench.core.config import Dataset
from tests.imaging.dicoms import make_dicom
from tests.imaging.pictures import picture, png

SIIM_CLASSES = [
    "Negative for Pneumonia",
    "Typical Appearance",
    "Indeterminate Appearance",
    "Atypical Appearance",
]
SIIM_SETTINGS = {
    "labels": {
        "table": "train_study_level.csv",
        "id": "id",
        "id_pattern": r"^(?P<id>\w+)_study$",
        "member_pattern": r"^train/(?P<id>[^/]+)/",
        "one_hot": SIIM_CLASSES,
    },
    "boxes": {
        "table": "train_image_level.csv",
        "id": "id",
        "id_pattern": r"^(?P<id>\w+)_image$",
        "member_pattern": r"^train/.*/(?P<id>[^/.]+)\.dcm$",
        "column": "boxes",
    },
}


def dataset_of(make_config, **overrides) -> Dataset:
    """Return a data set that reads an archive by its folders, with keys overridden."""
    defaults = {"group_pattern": None, "classes": None, "exclude": [], "given_split": "honour", "expected_counts": {}}
    return make_config({f"dataset.{key}": value for key, value in {**defaults, **overrides}.items()}).dataset


def two_classes(count: int = 4) -> dict[str, bytes]:
    """Return members of the classes a and b, `count` different pictures each."""
    return {
        f"{label}/{number}.png": png(picture(100 * code + number))
        for code, label in enumerate("ab")
        for number in range(count)
    }


def siim_study(number: int) -> str:
    """Return the id of a study as SIIM writes them: twelve hex digits."""
    return f"{number * 7919 + 1:012x}"


def siim_image(number: int, image: int) -> str:
    """Return the id of a study's image."""
    return f"{number * 104729 + image * 17 + 5:012x}"


def siim_members(studies: int = 24) -> dict[str, bytes]:
    """Return an archive in the layout of siim-covid19-detection.

    Study n has class n % 4, patient n // 2 (so each patient has two studies), and one image, every third two. Images
    are 96 x 80 pixels. Every image of a class above 0 has a box. `test/` holds two images without labels.
    """
    members, study_rows, image_rows = {}, [], []
    for number in range(studies):
        study = siim_study(number)
        for image in range(2 if number % 3 == 0 else 1):
            name = siim_image(number, image)
            data = make_dicom(
                picture(7000 + 10 * number + image, 80, 96),
                patient=f"SECRET-PATIENT-{number // 2}",
                study=f"1.2.3.{number}",
            )
            members[f"train/{study}/{number:012x}/{name}.dcm"] = data
            box = {"x": 10.5, "y": 20.25, "width": 30.0, "height": 40.125 + image}
            image_rows.append(f'{name}_image,"{[box]}",opacity 1 10 20 40 60,{study}' if number % 4 else
                              f"{name}_image,,none 1 0 0 1 1,{study}")  # fmt: skip
        study_rows.append(f"{study}_study," + ",".join(str(int(number % 4 == code)) for code in range(4)))
    for number in range(2):
        members[f"test/{number:012x}/{number:012x}/{number:012x}.dcm"] = make_dicom(picture(9000 + number, 80, 96))
    members["train_study_level.csv"] = "\n".join([f"id,{','.join(SIIM_CLASSES)}", *study_rows, ""]).encode()
    members["train_image_level.csv"] = "\n".join(["id,boxes,label,StudyInstanceUID", *image_rows, ""]).encode()
    members["sample_submission.csv"] = b"id,PredictionString\nx,y\n"
    return members
