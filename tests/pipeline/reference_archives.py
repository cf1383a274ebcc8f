"""Small archives in the published layouts of the five reference data sets, filled with drawn pictures."""

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian

from tests.imaging.dicoms import make_dicom

COMMIT = "598e9b8e86cb8e54179a130c3d990ee97fde5353"
RADIOGRAPHY = ("Normal", "COVID", "Lung_Opacity", "Viral Pneumonia")
SIIM = ("Negative for Pneumonia", "Typical Appearance", "Indeterminate Appearance", "Atypical Appearance")
CT_COV19 = ("COV", "Normal", "OtherPneumonia")


def drawn(seed: int, size: int = 96) -> np.ndarray:
    """Return a smooth picture, uint8 (size, size), that looks like no other seed's."""
    coarse = np.random.default_rng(seed).integers(0, 255, (9, 9), dtype=np.uint8)
    return cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)


def encoded(picture: np.ndarray, extension: str = ".png") -> bytes:
    return cv2.imencode(extension, picture)[1].tobytes()


def zipped(path: Path, members: dict[str, bytes], comment: str = "") -> Path:
    """Write the members in their order; `comment` is where `git archive` writes the commit."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.comment = comment.encode()
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def two_folders(path: Path, counts: dict[str, int], first: int = 0) -> Path:
    """A and D: CLASS/picture.png."""
    members = {}
    for place, (label, count) in enumerate(counts.items()):
        members |= {f"{label}/{n}.png": encoded(drawn(first + 1000 * place + n)) for n in range(count)}
    return zipped(path, members)


def radiography(path: Path, per_class: int) -> Path:
    """B: COVID-19_Radiography_Dataset/CLASS/{images,masks}/CLASS-N.png, pictures of 299 px, masks of 256."""
    top = "COVID-19_Radiography_Dataset"
    members = {f"{top}/README.md.txt": b"about the data"}
    for place, label in enumerate(RADIOGRAPHY):
        members[f"{top}/{label}.metadata.xlsx"] = b"a table"
        for n in range(1, per_class + 1):
            mask = np.zeros((256, 256, 3), np.uint8)
            for centre in (80, 176):
                cv2.ellipse(mask, (centre, 128), (36, 80), 0, 0, 360, (255, 255, 255), -1)
            members[f"{top}/{label}/images/{label}-{n}.png"] = encoded(drawn(20_000 + 100 * place + n, 299))
            members[f"{top}/{label}/masks/{label}-{n}.png"] = encoded(mask)
    return zipped(path, members)


def ct_cov19(path: Path) -> Path:
    """E: as GitHub archives the commit: JPEG and PNG, folder numbers begin anew, one class of Val has no folders."""
    top, seed = f"CT-COV19-{COMMIT}", 40_000
    members = {f"{top}/README.md": b"# CT-COV19"}
    for split, folders in (("Train", 3), ("Val", 2), ("Test", 2)):
        for label in CT_COV19:
            for folder in range(1, folders + 1):
                for n in range(4):
                    seed += 1
                    extension = ".jpg" if label == "COV" else ".png"
                    where = f"{label}/" if (split, label) == ("Val", "OtherPneumonia") else f"{label}/{folder}/"
                    members[f"{top}/{split}/{where}{folder}{n}{extension}"] = encoded(drawn(seed), extension)
    return zipped(path, members, COMMIT)


def siim(path: Path, images: list[tuple[str, str, str, bytes, list[dict[str, float]]]]) -> Path:
    """C: train/STUDY/SERIES/IMAGE.dcm with the two label tables, and a test/ without labels.

    Args:
        path: the zip to write.
        images: (study, image, class, DICOM file, boxes) each.
    """
    studies = {study: label for study, _, label, _, _ in images}
    study_rows = [[f"{study}_study", *(int(label == name) for name in SIIM)] for study, label in studies.items()]
    image_rows = []
    for study, image, _, _, boxes in images:
        words = " ".join(f"opacity 1 {b['x']} {b['y']} {b['x'] + b['width']} {b['y'] + b['height']}" for b in boxes)
        image_rows.append([f"{image}_image", str(boxes) if boxes else "", words or "none 1 0 0 1 1", study])
    members = {
        "sample_submission.csv": b"id,PredictionString\n",
        "train_study_level.csv": _table(["id", *SIIM], study_rows),
        "train_image_level.csv": _table(["id", "boxes", "label", "StudyInstanceUID"], image_rows),
        "test/00188a671292/3eb5a506ccf3/3dcdfc352a06.dcm": make_dicom(drawn(1)),
    }
    members |= {f"train/{study}/5{study[1:]}/{image}.dcm": data for study, image, _, data, _ in images}
    return zipped(path, members)


def siim_drawn(studies_per_class: int) -> Iterator[tuple[str, str, str, bytes, list[dict[str, float]]]]:
    """Yield X-rays as SIIM has them: 16 bit, both photometric interpretations, several syntaxes, one or two a study."""
    syntaxes = ("explicit", "implicit", "jpeg_lossless_sv1", "rle")
    for number in range(studies_per_class * len(SIIM)):
        study, patient = f"{number:012x}", f"SECRET-{number // 2}"  # two studies each
        for view in range(1 + (number % 3 == 0)):
            pixels = drawn(60_000 + 10 * number + view, 120).astype(np.uint16) * 16
            inverted = number % 5 == 0
            data = make_dicom(
                np.uint16(4095) - pixels if inverted else pixels,
                patient=patient,
                study=f"1.2.3.{number}",
                photometric="MONOCHROME1" if inverted else "MONOCHROME2",
                bits_stored=12,
                transfer_syntax=syntaxes[number % len(syntaxes)],
            )
            boxes = [{"x": 10.5, "y": 20.0, "width": 30.25, "height": 40.0}] if number % 4 else []
            # A patient has one label here, so that the classes can be split by patient.
            yield study, f"{number:06x}{view:06x}", SIIM[number // 2 % len(SIIM)], data, boxes


def siim_of_real(folder: Path) -> Iterator[tuple[str, str, str, bytes, list[dict[str, float]]]]:
    """Yield the real X-rays of a folder as they are, and turned copies of them as further studies; labels made up."""
    boxes: dict[str, list[dict[str, float]]] = {}
    with open(folder / "boxes.csv", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["x"]:
                box = {side: float(row[side]) for side in ("x", "y", "width", "height")}
                boxes.setdefault(row["patientId"], []).append(box)
    number = 0
    for path in sorted(folder.glob("*-*.dcm")):
        for turn in range(5):
            data = path.read_bytes() if turn == 0 else _turned(path, turn, f"COPY-{number}")
            image = path.stem if turn == 0 else f"{number:012x}"
            drawn_on = [_turned_box(box, turn, *_sides(path)) for box in boxes.get(path.stem, [])]
            yield f"{number:012x}", image, SIIM[number % len(SIIM)], data, drawn_on
            number += 1


def _sides(path: Path) -> tuple[int, int]:
    dataset = dcmread(path, stop_before_pixels=True)
    return dataset.Columns, dataset.Rows


def _turned_box(box: dict[str, float], turn: int, columns: int, rows: int) -> dict[str, float]:
    """Return where a box lies in the picture that `_turned` makes; turn 0: where it was."""
    x, y, width, height = (box[side] for side in ("x", "y", "width", "height"))
    right, below = columns - x - width, rows - y - height
    places = [
        (x, y, width, height),
        (right, y, width, height),
        (x, below, width, height),
        (y, right, height, width),
        (below, x, height, width),
    ]
    return dict(zip(("x", "y", "width", "height"), places[turn], strict=True))


def _turned(path: Path, turn: int, patient: str) -> bytes:
    """Return a DICOM file with the picture flipped or turned, uncompressed, of another patient and study."""
    dataset = dcmread(path)
    pixels = dataset.pixel_array
    pixels = [np.fliplr(pixels), np.flipud(pixels), np.rot90(pixels), np.rot90(pixels, 3)][turn - 1]
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.PatientID, dataset.StudyInstanceUID = patient, f"1.2.3.{patient[5:]}"
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.PixelData = np.ascontiguousarray(pixels).tobytes()
    dataset["PixelData"].VR, dataset["PixelData"].is_undefined_length = "OW", False
    stream = io.BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def _table(header: list[str], rows: list[list]) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([header, *rows])
    return stream.getvalue().encode()
