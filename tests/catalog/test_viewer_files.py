"""Pictures of the program on a disc of DICOM files are no pictures of the set."""

import logging

import numpy as np
import pytest

from chestbench.catalog.layout import read_layout
from chestbench.catalog.viewer_files import viewer_files
from tests.imaging.dicoms import make_dicom
from tests.imaging.pictures import picture, png


def _disc(top: str, endings: str = "") -> list[str]:
    return [f"{top}DICOM/PA00000{n}/ST000000/SE000000/IM00000{k}{endings}" for n in range(3) for k in range(3)]


@pytest.mark.parametrize(
    ("others", "found"),
    [
        (["DICOMDIR", "VIEWER/logo.png", "VIEWER/viewer.exe"], ["VIEWER/logo.png"]),
        (["DICOMDIR", "index.html", "splash.jpg", "HTML/res/back.gif"], ["splash.jpg", "HTML/res/back.gif"]),
        (["AUTORUN.INF", "program/run.exe", "program/skins/a.bmp"], ["program/skins/a.bmp"]),
        (["Weasis/resources/x.png"], ["Weasis/resources/x.png"]),
        (["dicomdir", "JPEG/IM000000.jpg"], ["JPEG/IM000000.jpg"]),
        (["logo.png"], ["logo.png"]),
        (["index.html", "splash.png", "bin/v.exe", "bin/x.jpg"], ["splash.png", "bin/x.jpg"]),
        (["scan_1.png"], []),  # may be one of the set
    ],
)
@pytest.mark.parametrize("top", ["", "covid/", "covid/disc 1/"])
@pytest.mark.parametrize("ending", ["", ".dcm"])
def test_a_viewers_pictures_are_found(top: str, ending: str, others: list[str], found: list[str]) -> None:
    members = [*_disc(top, ending), *(top + name for name in others)]
    assert viewer_files(members) == [top + name for name in found]


@pytest.mark.parametrize(
    "members",
    [
        [f"{label}/{n}.png" for label in ("covid", "normal") for n in range(3)] + ["tool.exe", "logo.png", "DICOMDIR"],
        # More pictures than DICOM files: the set's own.
        [*_disc("old/"), "DICOMDIR", *(f"covid/{n}.png" for n in range(12))],
        [*_disc("covid/"), *(f"normal/icon_{n}.png" for n in range(9))],
    ],
)
def test_pictures_of_the_set_are_left_in(members: list[str]) -> None:
    assert viewer_files(members) == []


def test_they_are_counted_by_their_kind(build, caplog: pytest.LogCaptureFixture) -> None:
    files = {}
    for seed, label in enumerate(("tb", "normal")):
        for n, name in enumerate(_disc(f"{label}/")):
            files[name] = make_dicom(
                picture(10 * seed + n).astype(np.uint16) * 16, bits_stored=12, patient=f"{label}{n}"
            )
        files |= {f"{label}/DICOMDIR": b"\0" * 128 + b"DICM", f"{label}/VIEWER/logo.png": png(picture(90 + seed))}
    with caplog.at_level(logging.WARNING):
        catalog, rows = build(files)
    assert len(rows) == 18
    assert catalog.left_out["picture of a viewer"] == 2
    assert "left out: 2 pictures of a viewer (normal/VIEWER/logo.png, tb/VIEWER/logo.png)" in caplog.text


def test_folders_of_a_disc_are_patients() -> None:
    layout = read_layout([*_disc("tb/"), *_disc("normal/")], None, honour_split=True)
    assert len(set(layout.patient)) == 6
    assert layout.source == []
