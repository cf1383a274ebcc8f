"""The grey scale of a set goes from the catalog to the arrays, and beside the model."""

from pathlib import Path

import cv2
import numpy as np

from chestbench.catalog.records import CatalogRow, SplitRow, read_rows
from chestbench.core.files import read_json, write_json
from chestbench.external.known import OwnPictures
from chestbench.imaging.decode import decode_grey
from chestbench.imaging.grey import GreyScale
from tests.external.sets import prepared, write_folder
from tests.imaging.dicoms import make_dicom
from tests.imaging.pictures import make_zip, picture, png
from tests.imaging.tiffs import grey_tiff
from tests.stages.data_workspace import run_stages


def deep_members(count: int = 12) -> dict[str, bytes]:
    """Two classes of 16-bit TIFF of one scale, WhiteIsZero and not, and of plain PNG that use their whole range."""
    members = {}
    for code, label in enumerate(("COVID", "normal")):
        for number in range(count):
            values = (picture(100 * code + number) / 255 * (3000 if number % 2 else 1500)).astype(np.uint16)
            values[:4, :4] = 4095 if number % 4 == 1 else 0
            values = 4095 - values if number % 3 == 0 else values
            members[f"{label}/{number}.tif"] = grey_tiff(values, 16, t262=int(number % 3 != 0))
        members[f"{label}/plain.png"] = png(picture(900 + code))
    return members


def test_the_scale_travels(tmp_path: Path, monkeypatch, make_config) -> None:
    monkeypatch.chdir(tmp_path)
    members = deep_members()
    make_zip(tmp_path / "data/raw/archive.zip", members)
    write_json(tmp_path / "data/raw/source.json", {"name": "deep", "source": "folder"})
    config = make_config({"dataset.group_pattern": None, "dataset.boxes": None, "preprocess.size": 32})
    run_stages(config, "catalog", "split", "preprocess")
    record = read_json(tmp_path / "metrics/catalog.json")["grey"]["scale"]
    assert record["bits"] == 12
    assert read_json(tmp_path / "metrics/split.json")["grey"] == record
    assert read_json(tmp_path / "data/processed/info.json")["grey"] == record
    of_image = {row.image_id: row for row in read_rows(tmp_path / "data/catalog.csv", CatalogRow)}
    scale, seen = GreyScale.from_json(record), set()
    for row in read_rows(tmp_path / "data/split.csv", SplitRow):
        member = of_image[row.image_id].member
        data = (tmp_path / "data/split" / row.path).read_bytes()
        if member.endswith(".png"):
            assert data == members[member]
        else:
            written = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
            assert row.path.endswith(".png") and written.dtype == np.uint8
            np.testing.assert_array_equal(written, decode_grey(members[member], scale).pixels[:, :, 0])
        seen.add(member)
    assert seen == set(members)


def test_a_set_from_elsewhere_follows_the_scale_of_the_training_or_says_that_it_differs(
    tmp_path: Path, monkeypatch, make_config, caplog
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conf").symlink_to(Path(__file__).parents[2] / "conf")
    make_zip(tmp_path / "data/raw/archive.zip", deep_members())
    write_json(tmp_path / "data/raw/source.json", {"name": "deep", "source": "folder"})
    entry = {"name": "other", "path": str(tmp_path / "other"), "classes": {"COVID": "COVID", "normal": "normal"}}
    values = {"dataset.group_pattern": None, "dataset.boxes": None}
    config = make_config({**values, "preprocess.size": 32, "evaluate.external": [entry]})
    run_stages(config, "catalog", "split", "preprocess")
    # Values that need 11 bits are read by the 12 of the training.
    scale = GreyScale.from_json(read_json(tmp_path / "data/processed/info.json")["grey"])
    ours = OwnPictures(Path("data/catalog.csv"), Path("data/split"), Path("data/split.csv"), ["COVID", "normal"], scale)

    def deep(factor: int) -> dict[str, bytes]:
        return {
            f"{label}/{number}.tif": grey_tiff(picture(5000 + 100 * code + number).astype(int) * factor, 16)
            for code, label in enumerate(("COVID", "normal"))
            for number in range(4)
        }

    files = deep(8)
    write_folder(tmp_path / "other", files)
    about, _ = prepared(tmp_path, config, own=ours)
    assert about["grey"]["scale"]["bits"] == 12 and about["grey"]["differs"] == ""
    assert "as the networks were trained" in about["grey"]["decided"]["bits"]
    write_folder(tmp_path / "other", deep(200))
    about, _ = prepared(tmp_path, config, own=ours)
    assert (
        about["grey"]["differs"] == "white of 16-bit files is 65535; the networks learnt from files whose white is 4095"
    )
    for name in files:
        (tmp_path / "other" / name).write_bytes(
            make_dicom(picture(6000 + sorted(files).index(name)), window=(128, 256), patient=name)
        )
    about, _ = prepared(tmp_path, config, own=ours)
    assert about["grey"]["differs"] == "read as DICOM by window; the networks learnt from the whole range of their bits"
    assert "a fall may come from the grey scale" in caplog.text
