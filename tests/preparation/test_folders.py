from pathlib import Path

import cv2
import numpy as np
import pytest

from chestbench.catalog.audit import build_catalog
from chestbench.catalog.records import CatalogRow, SplitRow, read_rows
from chestbench.core.errors import ChestbenchError
from chestbench.imaging.decode import decode_grey
from chestbench.preparation.folders import NO_MASKS, assign_splits, describe_split, summarise_split, write_split
from tests.catalog.archives import SIIM_SETTINGS, siim_members
from tests.imaging.dicoms import PRIVATE, make_dicom
from tests.imaging.pictures import encode, make_zip, picture, png

SHARES = {"train": 0.7, "val": 0.1, "test": 0.2}


@pytest.fixture
def cataloged(tmp_path: Path, make_config):
    """Return a function members, overrides -> (archive, catalog table)."""

    def run(members: dict[str, bytes], **overrides) -> tuple[Path, Path]:
        archive = make_zip(tmp_path / "archive.zip", members)
        settings = {"group_pattern": None, **overrides}
        build_catalog(
            archive,
            make_config({f"dataset.{key}": value for key, value in settings.items()}).dataset,
            tmp_path / "catalog.csv",
        )
        return archive, tmp_path / "catalog.csv"

    return run


def _members(labels: tuple[str, ...], count: int = 12) -> dict[str, bytes]:
    return {
        f"{label}/{number} x.bin": png(picture(100 * code + number))
        for code, label in enumerate(labels)
        for number in range(count)
    }


def test_original_bytes_land_in_class_folders_named_as_given(cataloged, tmp_path: Path) -> None:
    labels = ("정상 'q'", "Viral Pneumonia")
    members = _members(labels)
    members[f"{labels[0]}/photo.png"] = encode(picture(900), "JPEG")
    archive, catalog = cataloged(members)
    assignment = assign_splits(catalog, SHARES, 1)
    write_split(archive, catalog, assignment, tmp_path / "split", tmp_path / "masks", tmp_path / "split.csv")
    rows = list(read_rows(tmp_path / "split.csv", SplitRow))
    assert [(row.split, row.image_id) for row in rows] == sorted(
        ((row.split, row.image_id) for row in rows), key=lambda pair: (("train", "val", "test").index(pair[0]), pair[1])
    )
    member_of = {row.image_id: row.member for row in read_rows(catalog, CatalogRow)}
    for row in rows:
        assert (tmp_path / "split" / row.path).read_bytes() == members[member_of[row.image_id]]
        assert (
            row.path
            == f"{row.split}/{row.label}/{row.image_id}.{'jpg' if 'photo' in member_of[row.image_id] else 'png'}"
        )
        assert row.label == member_of[row.image_id].split("/")[0]
    assert len([path for path in (tmp_path / "split").rglob("*") if path.is_file()]) == len(rows) == 25
    assert {row.label for row in rows if row.split == "test"} == set(labels)


def test_excluded_images_go_nowhere(cataloged, tmp_path: Path) -> None:
    members = _members(("a", "b"))
    members["a/broken.png"] = b"text"
    members["a/again.png"] = members["a/0 x.bin"]
    archive, catalog = cataloged(members)
    assignment = assign_splits(catalog, SHARES, 1)
    write_split(archive, catalog, assignment, tmp_path / "split", tmp_path / "masks", tmp_path / "split.csv")
    assert len(list(read_rows(tmp_path / "split.csv", SplitRow))) == 24


def test_patients_stay_whole_and_their_names_stay_in_the_catalog(cataloged, tmp_path: Path) -> None:
    members = {
        f"{label}/kim-{label}{number // 3}/{number}.png": png(picture(300 * code + number))
        for code, label in enumerate("ab")
        for number in range(30)
    }
    # The same picture a little brighter in another patient's folder: the two patients belong together.
    members["a/kim-a1/copy.png"] = png((picture(0) * 0.95 + 5).astype(np.uint8))
    archive, catalog = cataloged(members, group_pattern=r"(?P<group>kim-\w+)")
    assignment = assign_splits(catalog, SHARES, 1)
    write_split(archive, catalog, assignment, tmp_path / "split", tmp_path / "masks", tmp_path / "split.csv")
    where: dict[str, set[str]] = {}
    for row in read_rows(tmp_path / "split.csv", SplitRow):
        where.setdefault(row.group, set()).add(row.split)
    assert all(len(splits) == 1 for splits in where.values()) and len(where) == 20
    assert where["g00001"] == where["g00002"], "linked by a look-alike picture"
    text = (tmp_path / "split.csv").read_text(encoding="utf-8")
    assert "kim" not in text
    metrics = summarise_split(assignment, "patient", 1)
    assert sum(metrics["groups"].values()) == 20 and metrics["split_unit"] == "patient" and not metrics["given_split"]
    assert describe_split(metrics).endswith("; by patient")
    mixed = describe_split(summarise_split(assignment, "patient", 1, without_group=2))
    assert mixed.endswith("by patient (2 of 61 images have no patient or study id: grouped by likeness)")


def test_names_and_order_of_files_do_not_matter(cataloged) -> None:
    members = _members(("a", "b"))
    _, catalog = cataloged(members)
    first = assign_splits(catalog, SHARES, 1)
    renamed = {
        f"{member[0]}/{hash(member) % 1000:03d}{place}.png": data
        for place, (member, data) in enumerate(members.items())
    }
    _, catalog = cataloged(renamed)
    second = assign_splits(catalog, SHARES, 1)
    assert dict(zip(first.image_id, first.split, strict=True)) == dict(zip(second.image_id, second.split, strict=True))


def test_a_given_split_is_followed(cataloged) -> None:
    members = {}
    for place, (member, data) in enumerate(_members(("a", "b"), 20).items()):
        members[f"{'test' if place % 5 == 0 else 'train'}/{member}"] = data
    _, catalog = cataloged(members)
    assignment = assign_splits(catalog, SHARES, 1)
    metrics = summarise_split(assignment, "image", 1)
    assert metrics["given_split"] and metrics["images"]["test"] == {"a": 4, "b": 4}
    assert metrics["images"]["val"]["a"] and sum(sum(counts.values()) for counts in metrics["images"].values()) == 40
    assert describe_split(metrics).endswith("by image, as the archive gives it")


def test_a_class_too_small_to_split_is_refused_and_nothing_is_written(cataloged, tmp_path: Path) -> None:
    _, catalog = cataloged({**_members(("a",)), "rare/1.png": png(picture(500)), "rare/2.png": png(picture(501))})
    with pytest.raises(ChestbenchError, match="class 'rare': expected at least 3 groups"):
        assign_splits(catalog, SHARES, 1)


def test_a_missing_or_foreign_catalog_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ChestbenchError, match="dvc repro"):
        assign_splits(tmp_path / "catalog.csv", SHARES, 1)
    (tmp_path / "catalog.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ChestbenchError, match="expected the columns"):
        assign_splits(tmp_path / "catalog.csv", SHARES, 1)


def test_shares_add_up(cataloged) -> None:
    _, catalog = cataloged(_members(("a", "b"), 30))
    metrics = summarise_split(assign_splits(catalog, SHARES, 3), "image", 3)
    np.testing.assert_allclose(list(metrics["shares"].values()), [0.7, 0.1, 0.2], atol=0.02)


def test_another_archive_than_the_cataloged_one_is_refused(cataloged, tmp_path: Path) -> None:
    _, catalog = cataloged(_members(("a", "b")))
    assignment = assign_splits(catalog, SHARES, 1)
    other = make_zip(tmp_path / "other.zip", {"a/1.png": png(picture(1))})
    with pytest.raises(ChestbenchError, match="missing or damaged"):
        write_split(other, catalog, assignment, tmp_path / "split", tmp_path / "masks", tmp_path / "split.csv")
    assert not (tmp_path / "split").exists() and not (tmp_path / "split.csv").exists()


def _split(cataloged, tmp_path: Path, members: dict[str, bytes], **overrides) -> list[SplitRow]:
    archive, catalog = cataloged(members, **overrides)
    assignment = assign_splits(catalog, SHARES, 1)
    write_split(archive, catalog, assignment, tmp_path / "split", tmp_path / "masks", tmp_path / "split.csv")
    return list(read_rows(tmp_path / "split.csv", SplitRow))


def test_masks_are_copied_beside_under_the_id_of_their_picture(cataloged, tmp_path: Path) -> None:
    members = {
        member.replace("/", "/images/").replace(" x.bin", ".png"): data for member, data in _members(("a", "b")).items()
    }
    masks = {f"a/masks/{number}.png": png(picture(5000 + number)) for number in range(11)}
    masks["a/masks/11.JPEG"], masks["b/masks/3.jpg"] = b"another ending", b"no picture: preprocess will say so"
    settings = {"masks": {"images": "/images/", "masks": "/masks/"}, "exclude": ["*/masks/*"]}
    rows = _split(cataloged, tmp_path, members | masks, **settings)
    member_of = {row.image_id: row.member for row in read_rows(tmp_path / "catalog.csv", CatalogRow)}
    for row in rows:
        member = member_of[row.image_id].replace("/images/", "/masks/")
        expected = masks.get(member, masks.get(member.replace(".png", ".jpg")))
        assert (row.mask != "") == (expected is not None)
        if expected:
            assert row.mask.startswith(row.image_id) and (tmp_path / "masks" / row.mask).read_bytes() == expected
    assert len(list((tmp_path / "masks").iterdir())) == sum(row.mask != "" for row in rows) == 12
    assert {Path(row.mask).suffix for row in rows if row.mask} == {".png", ".jpg"}


def test_a_mask_that_the_zip_damaged_is_left_out_and_told(cataloged, tmp_path: Path, caplog) -> None:
    members = {member.replace("/", "/images/"): data for member, data in _members(("a", "b")).items()}
    members["a/masks/0 x.bin"] = b"the bytes of a mask"
    archive, catalog = cataloged(members, masks={"images": "images", "masks": "masks"}, exclude=["*/masks/*"])
    archive.write_bytes(archive.read_bytes().replace(b"the bytes of a mask", b"THE BYTES OF A MASK"))
    assignment = assign_splits(catalog, SHARES, 1)
    write_split(archive, catalog, assignment, tmp_path / "split", tmp_path / "masks", tmp_path / "split.csv")
    assert {row.mask for row in read_rows(tmp_path / "split.csv", SplitRow)} == {""}
    assert [path.name for path in (tmp_path / "masks").iterdir()] == [NO_MASKS]
    assert "1 masks are damaged" in caplog.text


def test_a_dicom_leaves_as_grey_png_without_its_header(cataloged, tmp_path: Path) -> None:
    members = {
        f"{label}/{number}.dcm": make_dicom(
            picture(60 * code + number), patient=f"P{code}{number}", study=f"1.{number}"
        )
        for code, label in enumerate("ab")
        for number in range(5)
    }
    tall = cv2.resize(picture(1), (512, 4096), interpolation=cv2.INTER_CUBIC)
    members["a/tall.dcm"] = make_dicom(tall, patient="P-TALL", study="1.99")
    rows = _split(cataloged, tmp_path, members)
    member_of = {row.image_id: row.member for row in read_rows(tmp_path / "catalog.csv", CatalogRow)}
    for row in rows:
        assert row.path.endswith(f"{row.image_id}.png")
        data = (tmp_path / "split" / row.path).read_bytes()
        assert not [secret for secret in (*PRIVATE, "P-TALL") if secret.encode() in data]
        written, decoded = decode_grey(data), decode_grey(members[member_of[row.image_id]])
        assert (written.format, written.channels, written.bit_depth) == ("png", 1, 8)
        if member_of[row.image_id] == "a/tall.dcm":
            assert written.pixels.shape == (2048, 256, 1)
            halved = cv2.resize(decoded.pixels, (256, 2048), interpolation=cv2.INTER_AREA)
            np.testing.assert_array_equal(written.pixels[:, :, 0], halved)
        else:
            np.testing.assert_array_equal(written.pixels, decoded.pixels)


def test_no_study_and_no_patient_crosses_splits(cataloged, tmp_path: Path) -> None:
    labels = SIIM_SETTINGS["labels"]
    for seed in range(5):
        archive, catalog = cataloged(siim_members(), labels=labels)
        assignment = assign_splits(catalog, SHARES, seed)
        for codes in (assignment.study, assignment.group):
            crossing = [code for code in set(codes) if len(set(assignment.split[codes == code])) > 1]
            assert not crossing
        assert len(set(assignment.study)) == 24 and set(assignment.split) == {0, 1, 2}
    write_split(archive, catalog, assignment, tmp_path / "split", tmp_path / "masks", tmp_path / "split.csv")
    rows = list(read_rows(tmp_path / "split.csv", SplitRow))
    study_of = {row.image_id: row.study for row in read_rows(catalog, CatalogRow)}
    pairs = {(study_of[row.image_id], row.study) for row in rows}
    assert len(pairs) == 24 and {code for _, code in pairs} == {f"s{number + 1:05d}" for number in range(24)}
    text = (tmp_path / "split.csv").read_text()
    assert not any(study in text for study in study_of.values()), "codes, not hashes of ids"


def test_pictures_without_a_study_have_no_code(cataloged, tmp_path: Path) -> None:
    assert {row.study for row in _split(cataloged, tmp_path, _members(("a", "b")))} == {""}


def test_a_published_split_by_patient_folders(cataloged, tmp_path: Path) -> None:
    """The layout of m2dgithub/CT-COV19; the same folder name in two classes is two patients."""
    labels, members = ("COV", "Normal", "OtherPneumonia"), {}
    for place, split in enumerate(("Train", "Val", "Test")):
        for code, label in enumerate(labels):
            for number in range(4):
                pixels = picture(100 * place + 10 * code + number)
                name = f"CT-COV19-598e/{split}/{label}/P{place}{number // 2}/{number}.jpg"
                members[name] = encode(pixels, "JPEG", quality=95)
    pattern = r"(?:Train|Val|Test)/(?P<group>[^/]+/[^/]+)/[^/]+$"
    archive, catalog = cataloged(members, group_pattern=pattern)
    assignment = assign_splits(catalog, SHARES, 1)
    assert assignment.is_given
    metrics = summarise_split(assignment, "patient", 1)
    assert metrics["images"] == {split: dict.fromkeys(labels, 4) for split in ("train", "val", "test")}
    assert metrics["groups"] == {"train": 6, "val": 6, "test": 6}
    where = {row.image_id: row.member.split("/")[1].lower() for row in read_rows(catalog, CatalogRow)}
    write_split(archive, catalog, assignment, tmp_path / "split", tmp_path / "masks", tmp_path / "split.csv")
    assert all(where[row.image_id] == row.split for row in read_rows(tmp_path / "split.csv", SplitRow))
