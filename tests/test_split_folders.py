from pathlib import Path

import numpy as np
import pytest

from chestbench.audit.catalog import build_catalog
from chestbench.errors import ChestbenchError
from chestbench.records import CatalogRow, SplitRow, read_rows
from chestbench.split_folders import assign_splits, describe_split, summarise_split, write_split
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
    write_split(archive, catalog, assignment, tmp_path / "split", tmp_path / "split.csv")
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
    write_split(archive, catalog, assignment, tmp_path / "split", tmp_path / "split.csv")
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
    write_split(archive, catalog, assignment, tmp_path / "split", tmp_path / "split.csv")
    where: dict[str, set[str]] = {}
    for row in read_rows(tmp_path / "split.csv", SplitRow):
        where.setdefault(row.group, set()).add(row.split)
    assert all(len(splits) == 1 for splits in where.values()) and len(where) == 20
    assert where["g00001"] == where["g00002"], "linked by a look-alike picture"
    text = (tmp_path / "split.csv").read_text(encoding="utf-8")
    assert "kim" not in text
    metrics = summarise_split(assignment, "patient", 1)
    assert sum(metrics["groups"].values()) == 20 and metrics["split_unit"] == "patient" and not metrics["given_split"]


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
        write_split(other, catalog, assignment, tmp_path / "split", tmp_path / "split.csv")
    assert not (tmp_path / "split").exists() and not (tmp_path / "split.csv").exists()
