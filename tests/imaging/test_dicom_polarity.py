import zipfile
from pathlib import Path

import cv2
import numpy as np

from chestbench.catalog.audit import build_catalog
from chestbench.catalog.report import summarise
from chestbench.imaging.decode import decode_grey
from chestbench.imaging.dicom.polarity import is_negative
from tests.catalog.archives import dataset_of
from tests.imaging.dicoms import make_dicom
from tests.imaging.pictures import make_zip, png


def chest(side: int = 256) -> np.ndarray:
    """A drawing of a frontal X-ray: dark air beside the neck, grey body, dark lungs, bright middle."""
    canvas = np.full((256, 256), 20, np.uint8)
    cv2.ellipse(canvas, (128, 190), (120, 170), 0, 0, 360, 150, -1)
    for x in (75, 181):
        cv2.ellipse(canvas, (x, 130), (38, 75), 0, 0, 360, 60, -1)
    cv2.rectangle(canvas, (112, 30), (144, 255), 220, -1)
    noisy = canvas + np.random.default_rng(1).normal(0, 4, canvas.shape)
    return cv2.resize(np.clip(noisy, 0, 255).astype(np.uint8), (side, side))


def test_a_negative_is_told_from_a_positive() -> None:
    assert is_negative(255 - chest()) and not is_negative(chest())


def test_small_and_featureless_pictures_are_not_judged() -> None:
    assert not is_negative(255 - chest(128))
    assert not is_negative(np.zeros((300, 300), np.uint8))
    assert not is_negative(np.random.default_rng(0).integers(0, 256, (300, 300), np.uint8))


def test_monochrome1_is_inverted_unless_that_makes_a_negative() -> None:
    honest = decode_grey(make_dicom(255 - chest(), photometric="MONOCHROME1"))
    mislabelled = decode_grey(make_dicom(chest(), photometric="MONOCHROME1"))
    for decoded, corrected in ((honest, False), (mislabelled, True)):
        np.testing.assert_array_equal(decoded.pixels[:, :, 0], chest())
        assert decoded.dicom.polarity_corrected is corrected


def test_monochrome2_and_ct_are_shown_as_they_say() -> None:
    negative = 255 - chest()
    decoded = decode_grey(make_dicom(negative))
    np.testing.assert_array_equal(decoded.pixels[:, :, 0], negative)
    units = chest().astype(np.int16) * 4 - 1200
    ct = decode_grey(make_dicom(units, modality="CT", rescale=(1, 0), photometric="MONOCHROME1"))
    assert is_negative(ct.pixels[:, :, 0]) and not ct.dicom.polarity_corrected


def test_the_catalog_counts_headers_that_are_not_followed(tmp_path: Path, make_config, caplog) -> None:
    pictures = [np.clip(chest().astype(int) + 9 * place, 0, 255).astype(np.uint8) for place in range(6)]
    stored = {
        "a/wrong 1.dcm": make_dicom(pictures[0], photometric="MONOCHROME1", patient="P1"),
        "a/wrong 2.dcm": make_dicom(pictures[1], photometric="MONOCHROME1", patient="P2"),
        "a/honest.dcm": make_dicom(255 - pictures[2], photometric="MONOCHROME1", patient="P3"),
        "b/plain 1.dcm": make_dicom(pictures[3], patient="P4"),
        "b/plain 2.dcm": make_dicom(pictures[4], patient="P5"),
        "b/plain.png": png(pictures[5]),
    }
    archive = make_zip(tmp_path / "archive.zip", stored)
    catalog = build_catalog(archive, dataset_of(make_config), tmp_path / "catalog.csv")
    assert catalog.notes["dicom_polarity_corrected"] == 2
    assert summarise(catalog, "test", {})["notes"]["dicom_polarity_corrected"] == 2
    assert "2 DICOM headers call an X-ray a negative (MONOCHROME1) that is none" in caplog.text
    plain = {name: data for name, data in stored.items() if "wrong" not in name}
    catalog = build_catalog(
        make_zip(tmp_path / "archive.zip", plain), dataset_of(make_config), tmp_path / "catalog.csv"
    )
    assert "dicom_polarity_corrected" not in catalog.notes


def test_real_positives_are_never_called_negatives(real_data: Path) -> None:
    caught = judged = 0
    with zipfile.ZipFile(real_data / "covid19-radiography-subset.zip") as archive:
        names = [name for name in sorted(archive.namelist()) if name.endswith(".png")][::9]
        for name in names:
            pixels = decode_grey(archive.read(name)).pixels[:, :, 0]
            assert not is_negative(pixels)
            caught, judged = caught + is_negative(255 - pixels), judged + 1
    assert judged >= 100 and caught / judged > 0.95
