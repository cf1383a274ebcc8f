"""Archives whose boxes can be seen: each picture has a bright square on a grey body, and a table says where."""

import io

import cv2
import numpy as np
from PIL import Image

from tests.imaging.dicoms import make_dicom
from tests.imaging.pictures import picture, png

SHADE, MARK = 60, 255  # the darkest of the body; its texture reaches 150
Box = tuple[int, int, int, int]


def marked(seed: int, height: int, width: int, with_box: bool) -> tuple[np.ndarray, Box | None]:
    """Return a picture, uint8 (height, width), and x, y, width, height of the bright square in it."""
    generator = np.random.default_rng(seed)
    pixels = np.zeros((height, width), np.uint8)
    middle = int(width * generator.uniform(0.42, 0.58)), int(height * generator.uniform(0.42, 0.58))
    cv2.ellipse(pixels, middle, (int(0.38 * width), int(0.36 * height)), 0, 0, 360, SHADE, -1)
    texture = picture(seed, height, width).astype(int) * 90 // 255
    pixels = np.where(pixels > 0, pixels + texture, pixels).astype(np.uint8)
    side = int(generator.integers(14, 22))
    box = middle[0] - int(generator.integers(2, 16)), middle[1] - int(generator.integers(2, 16)), side, side
    if not with_box:
        return pixels, None
    pixels[box[1] : box[1] + side, box[0] : box[0] + side] = MARK
    return pixels, box


def plain_members(kind: str = "png", patients: int = 24) -> dict[str, bytes]:
    """Return class folders of one picture a patient, of several sizes, and boxes.csv with `x,y,width,height`.

    Args:
        kind: png, or jpeg: upright and turned by EXIF in turn; boxes are on the picture as it is shown.
        patients: every second has a box.
    """
    members, rows = {}, ["id,x,y,width,height"]
    for number in range(patients):
        with_box = number % 2 == 0
        pixels, box = marked(number, 120 + 20 * (number % 3), 160 - 20 * (number % 4), with_box)
        name = f"p{number:02d}"
        label = "opacity" if with_box else "clear"
        members[f"{label}/patient-{number:02d}/{name}.{kind}"] = png(pixels) if kind == "png" else _jpeg(pixels, number)
        if box:
            rows.append(f"{name},{','.join(map(str, box))}")
    return members | {"boxes.csv": "\n".join([*rows, ""]).encode()}


def _jpeg(shown: np.ndarray, number: int) -> bytes:
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[274] = 6 if number % 4 < 2 else 1
    stored = np.rot90(shown) if number % 4 < 2 else shown  # a reader turns it back by a quarter, clockwise
    Image.fromarray(np.ascontiguousarray(stored)).save(stream, "JPEG", exif=exif, quality=98)
    return stream.getvalue()


def rsna_members(pictures: int = 24) -> dict[str, bytes]:
    """Return an archive in the layout of rsna-pneumonia-detection-challenge, half of the pictures with a box."""
    members, rows = {}, ["patientId,x,y,width,height,Target"]
    for number in range(pictures):
        name = f"{number * 7919 + 3:08x}-0000"
        pixels, box = marked(100 + number, 160, 160, number % 2 == 0)
        members[f"stage_2_train_images/{name}.dcm"] = make_dicom(pixels, patient=name, study=f"1.2.{number}")
        rows.append(f"{name},{','.join(f'{side}.0' for side in box)},1" if box else f"{name},,,,,0")
    blank, _ = marked(999, 160, 160, False)
    members["stage_2_test_images/hidden.dcm"] = make_dicom(blank, patient="hidden")
    members["stage_2_train_labels.csv"] = "\n".join([*rows, ""]).encode()
    members["stage_2_sample_submission.csv"] = b"patientId,PredictionString\nhidden,0.5 0 0 100 100\n"
    return members


SIIM = ("Negative for Pneumonia", "Typical Appearance", "Indeterminate Appearance", "Atypical Appearance")


def siim_members(studies: int = 40) -> dict[str, bytes]:
    """Return an archive in the layout of siim-covid19-detection: a box on each image of a class but the first."""
    members, of_study, of_image = {}, [f"id,{','.join(SIIM)}"], ["id,boxes,label,StudyInstanceUID"]
    for number in range(studies):
        study, image = f"{number * 7919 + 1:012x}", f"{number * 104729 + 5:012x}"
        pixels, box = marked(200 + number, 150, 170, number % 4 > 0)
        members[f"train/{study}/{number:012x}/{image}.dcm"] = make_dicom(
            pixels, patient=f"P{number}", study=f"1.2.3.{number}"
        )
        of_study.append(f"{study}_study," + ",".join(str(int(number % 4 == code)) for code in range(4)))
        listed = f'"{[dict(zip(("x", "y", "width", "height"), map(float, box), strict=True))]}"' if box else ""
        of_image.append(f"{image}_image,{listed},opacity 1 0 0 1 1,{study}")
    members["train_study_level.csv"] = "\n".join([*of_study, ""]).encode()
    members["train_image_level.csv"] = "\n".join([*of_image, ""]).encode()
    return members
