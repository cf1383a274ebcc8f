"""A set with planted leaks is put in through `folder`: every plant is found, next to nothing else is flagged."""

import csv
from pathlib import Path

import pytest

from chestbench.catalog.records import CatalogRow, SplitRow, read_rows
from chestbench.core.files import read_json
from stages import download
from tests.catalog.plants import Planted, write_planted
from tests.stages.data_workspace import STAGES, run_stages

SETTINGS = {"source": "folder", "name": "planted", "exclude": [], "classes": None, "boxes": None}


def _run(tmp_path: Path, monkeypatch, make_config, settings: dict) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(STAGES, "download", download)
    folder = str(tmp_path / "images")
    values = {**SETTINGS, "path": folder, "watch": folder, **settings}
    config = make_config({f"dataset.{key}": value for key, value in values.items()})
    run_stages(config, "download", "catalog", "split")


def _found(tmp_path: Path) -> tuple[dict[frozenset[str], dict], dict[str, str]]:
    """Return the near-duplicates of leaks.csv by their two image ids, and the image id of each member."""
    with open(tmp_path / "results/catalog/leaks.csv", newline="", encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["finding"] == "near-duplicate"]
    ids = {row.member: row.image_id for row in read_rows(tmp_path / "data/catalog.csv", CatalogRow)}
    return {frozenset((row["image_id"], row["other_image_id"])): row for row in rows}, ids


def _flagged_beyond(planted: Planted, found: dict, ids: dict[str, str]) -> float:
    """Return the share of the pictures without a plant that some listed pair flags."""
    ours = {ids[path] for pairs in planted.pairs.values() for pair in pairs for path in pair}
    crossing = {ids[path] for path in ids if any(f"/{patient}/" in path for patient in planted.crossing)}
    # A plant is as near to the other slice of its patient as the two slices are.
    patients = {path.rsplit("/", 1)[0] for pairs in planted.pairs.values() for path, _ in pairs}
    ours |= {ids[path] for path in ids if path.rsplit("/", 1)[0] in patients}
    rest = set(ids.values()) - ours - crossing
    return len({image for pair in found for image in pair} & rest) / len(rest)


@pytest.mark.parametrize("given_split", ["honour", "ignore"])
def test_every_leak_of_a_given_split_is_found(tmp_path: Path, monkeypatch, make_config, given_split: str) -> None:
    planted = write_planted(tmp_path / "images")
    settings = {"group_pattern": r"(?P<group>patient-\d+)", "given_split": given_split}
    _run(tmp_path, monkeypatch, make_config, settings)
    found, ids = _found(tmp_path)
    for kind, pairs in planted.pairs.items():
        for original, plant in pairs:
            row = found[frozenset((ids[original], ids[plant]))]
            assert row["two_patients"] == "yes", (kind, plant)
            assert row["two_labels"] == ("yes" if kind == "flipped" else "")
            assert row["two_splits"] == ("yes" if given_split == "honour" else "")
    assert _flagged_beyond(planted, found, ids) <= 0.01
    leaks, split = read_json(tmp_path / "metrics/catalog.json")["leaks"], read_json(tmp_path / "metrics/split.json")
    assert leaks["near_duplicate_label_conflicts"] >= 5 and leaks["near_duplicate_pairs_of_two_patients"] >= 40
    assert "patient-" not in (tmp_path / "results/catalog/leaks.csv").read_text(encoding="utf-8")
    with open(tmp_path / "results/catalog/leaks.csv", newline="", encoding="utf-8") as stream:
        listed_groups = [
            (row["given_split"], row["other_given_split"])
            for row in csv.DictReader(stream)
            if row["finding"] == "group in two parts"
        ]
    if given_split == "honour":
        assert split["given_split"] and leaks["given_split_groups"] == len(planted.crossing) == 3
        assert split["leaks"]["groups"] == 3
        assert listed_groups == [("train", "test")] * 3
        assert split["leaks"]["near_duplicate_pairs"] == leaks["given_split_near_duplicate_pairs"] >= 40
    else:
        assert split["leaks"] == {"groups": 0, "look_alike_clusters": 0, "near_duplicate_pairs": 0}
        assert {key: count for key, count in leaks.items() if key.startswith("given_") and count} == {}


def test_without_patient_ids_copies_and_neighbours_stay_in_one_split(tmp_path: Path, monkeypatch, make_config) -> None:
    planted = write_planted(tmp_path / "images", has_parts=False)
    _run(tmp_path, monkeypatch, make_config, {"group_pattern": None})
    rows = {row.member: row for row in read_rows(tmp_path / "data/catalog.csv", CatalogRow)}
    split_of = {row.image_id: row.split for row in read_rows(tmp_path / "data/split.csv", SplitRow)}
    for pairs in planted.pairs.values():
        for original, plant in pairs:
            assert rows[original].cluster == rows[plant].cluster
            assert split_of[rows[original].image_id] == split_of[rows[plant].image_id]
    assert read_json(tmp_path / "metrics/split.json")["leaks"]["look_alike_clusters"] == 0
    # Patients of their own are not chained together: but for the plants, a cluster holds one patient's two slices.
    clusters: dict[str, set[str]] = {}
    for member, row in rows.items():
        clusters.setdefault(row.cluster, set()).add(member.split("/")[-1].split("-")[0])
    plants = {plant.split("/")[-1].split("-")[0] for pairs in planted.pairs.values() for _, plant in pairs}
    chained = [patients - plants for patients in clusters.values() if len(patients - plants) > 1]
    assert sum(len(patients) for patients in chained) <= 1


def test_exact_copies_are_counted_across_a_given_split(tmp_path: Path, monkeypatch, make_config) -> None:
    write_planted(tmp_path / "images", patients=80, each=0)
    images = tmp_path / "images"
    data = (images / "train/COVID/patient-000/0.png").read_bytes()
    (images / "test/COVID/patient-900").mkdir(parents=True)
    (images / "test/COVID/patient-900/copy.png").write_bytes(data)
    other = (images / "train/COVID/patient-020/0.png").read_bytes()
    (images / "train/non-COVID/patient-901").mkdir(parents=True)
    (images / "train/non-COVID/patient-901/flipped.png").write_bytes(other)
    _run(tmp_path, monkeypatch, make_config, {"group_pattern": r"(?P<group>patient-\d+)"})
    leaks = read_json(tmp_path / "metrics/catalog.json")["leaks"]
    assert leaks["exact_duplicates"] == leaks["given_split_exact_duplicates"] == 1
    assert leaks["exact_label_conflicts"] == 2
    with open(tmp_path / "results/catalog/leaks.csv", newline="", encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["finding"].startswith("exact")]
    assert [(row["finding"], row["two_labels"], row["two_splits"]) for row in rows] == [
        ("exact label conflict", "yes", ""),
        ("exact duplicate", "", "yes"),
    ]
