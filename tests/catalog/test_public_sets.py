"""Thirteen public sets, rebuilt small, by conf/dataset/NAME.yaml: classes, patients, splits, masks, strata, scales.

The real archives were not fetched: see docs/reference/data-sets.md.
"""

import contextlib
import io
import os
import re
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml
from pydicom import dcmread

from chestbench.catalog.audit import build_catalog
from chestbench.catalog.records import KEPT, SPLITS, CatalogRow, read_rows
from chestbench.catalog.report import summarise
from chestbench.core.compose import compose_params
from chestbench.core.config import Config, parse_config
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json
from chestbench.preparation.folders import assign_splits
from tests.catalog.public_pictures import table
from tests.catalog.public_sets import shenzhen_tb
from tests.catalog.public_sets_expected import PUBLIC, PublicSet
from tests.catalog.public_tables import chexpert
from tests.conftest import ROOT


@dataclass(frozen=True)
class Read:
    """How a set was read."""

    config: Config
    metrics: dict[str, Any]
    kept: list[CatalogRow]
    rows: list[CatalogRow]
    part: dict[str, str]
    is_given: bool


def written(path: Path, members: dict[str, bytes], commit: str = "") -> Path:
    """Write a zip, with the commit where `git archive` writes it."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.comment = commit.encode()
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data)
    return path


def composed(folder: Path, name: str, archive: Path, *overrides: str) -> Config:
    """Compose conf/dataset/NAME.yaml for a local file into folder/params.yaml."""
    source = [f"dataset={name}", f"dataset.path={archive}"]
    compose_params(ROOT / "conf", folder / "params.yaml", [*source, *overrides])
    return parse_config(yaml.safe_load((folder / "params.yaml").read_text(encoding="utf-8")))


def read(folder: Path, name: str, archive: Path, *overrides: str) -> Read:
    """Catalog and split an archive in the current process."""
    folder.mkdir(exist_ok=True)
    config = composed(folder, name, archive, *overrides)
    catalog = build_catalog(archive, config.dataset, folder / "catalog.csv")
    metrics = summarise(catalog, name, {})
    rows = list(read_rows(folder / "catalog.csv", CatalogRow))
    assignment = assign_splits(folder / "catalog.csv", config.split.model_dump(), config.seed)
    part = {
        image.decode(): SPLITS[code]
        for image, code in zip(assignment.image_id.tolist(), assignment.split.tolist(), strict=True)
    }
    return Read(config, metrics, [row for row in rows if row.status == KEPT], rows, part, assignment.is_given)


@pytest.fixture(scope="module")
def read_set(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Read]:
    """Return a function that reads a set by its own file, once."""
    base, known = tmp_path_factory.mktemp("public"), {}

    def run(name: str) -> Read:
        if name not in known:
            archive = written(base / f"{name}.zip", PUBLIC[name].members(), PUBLIC[name].commit)
            known[name] = read(base / name, name, archive)
        return known[name]

    return run


@pytest.fixture(params=PUBLIC)
def case(request: pytest.FixtureRequest, read_set) -> tuple[PublicSet, Read]:
    """A set's expectation, and how it was read."""
    return PUBLIC[request.param], read_set(request.param)


def test_classes_counts_and_what_is_left_out(case: tuple[PublicSet, Read]) -> None:
    expected, found = case
    per_class = {label: counts["kept"] for label, counts in found.metrics["per_class"].items()}
    assert per_class == expected.kept and list(per_class) == list(expected.kept), found.metrics["layout"]
    excluded = Counter()
    for kind, count in found.metrics["excluded"].items():
        excluded[next((known for known in expected.excluded if kind.startswith(known)), kind)] += count
    assert excluded == expected.excluded
    assert sum(bool(row.mask) for row in found.kept) == expected.masks
    for column in ("sex", "age", "view"):
        assert any(getattr(row, column) for row in found.kept) == (column in expected.strata), column


def test_no_person_is_in_two_parts(case: tuple[PublicSet, Read]) -> None:
    expected, found = case
    assert found.metrics["split_unit"] == expected.unit
    parts: dict[str, set[str]] = {}
    for row in found.kept:
        parts.setdefault(f"{row.label} {expected.person_of(row.member)}", set()).add(found.part[row.image_id])
    assert {frozenset(where) for where in parts.values()} == {frozenset([part]) for part in SPLITS}
    assert found.metrics["leaks"]["given_split_groups"] == 0


def test_look_alikes_are_together_where_nobody_is_named(read_set) -> None:
    found = read_set("iq_oth_nccd")
    groups: dict[int, set[str]] = {}
    for row in found.kept:
        number = int(re.search(r"\((\d+)\)", row.member)[1])
        groups.setdefault((row.label, (number - 1) // 4), set()).add(row.group)
    assert len(groups) == 24 and all(len(names) == 1 for names in groups.values())
    assert len({row.group for row in found.kept}) == 24


def test_the_published_split_is_kept(case: tuple[PublicSet, Read]) -> None:
    expected, found = case
    assert Counter(row.given_split for row in found.kept) == expected.given
    assert found.is_given == ("" not in expected.given)
    for row in found.kept:
        if row.given_split and row.given_split != "train":
            assert found.part[row.image_id] == row.given_split
    if "val" not in expected.given and found.is_given:  # carved from train, never from test
        carved = [row for row in found.kept if found.part[row.image_id] == "val"]
        assert carved and {row.given_split for row in carved} == {"train"}


def test_covid_ct_follows_the_lists_that_count(read_set) -> None:
    parts = {row.member.rpartition("/")[2]: row.given_split for row in read_set("covid_ct").kept}
    assert parts["0%0.jpg"] == "train" and parts["8%0.jpg"] == "val" and parts["14%1.jpg"] == "test"


def test_sixteen_bit_tiff_of_one_scanner_has_one_grey_scale(read_set) -> None:
    found, members = read_set("covid_ctset"), PUBLIC["covid_ctset"].members()
    assert {row.scale for row in found.kept} == {"12 of 16 bit"}
    for row in found.kept:  # as bright as drawn, whatever the brightest bone of the person is
        stored = cv2.imdecode(np.frombuffer(members[row.member], np.uint8), cv2.IMREAD_UNCHANGED)
        assert stored.dtype == np.uint16 and row.mean_grey == pytest.approx(
            np.minimum(stored, 4095).mean() / 16.06, abs=1
        )


def test_dicom_of_both_polarities_with_and_without_windows_has_one_grey_scale(read_set) -> None:
    found, members = read_set("vinbigdata"), PUBLIC["vinbigdata"].members()
    assert {row.scale for row in found.kept} == {"percentiles"}
    states = {row.member: dcmread(io.BytesIO(members[row.member])) for row in found.kept}
    assert {member for member, header in states.items() if header.PhotometricInterpretation == "MONOCHROME1"} == {
        row.member for row in found.kept if row.inverted == "yes"
    }
    assert 0 < sum("WindowWidth" in header for header in states.values()) < len(states)
    assert {row.scale for row in read_set("rsna_pneumonia").kept} == {"range"}


@pytest.mark.parametrize("name", PUBLIC)
def test_read_as_a_folder_it_is_the_same_or_refused(tmp_path: Path, name: str) -> None:
    expected = PUBLIC[name]
    archive = written(tmp_path / "set.zip", expected.members(), expected.commit)
    if isinstance(expected.as_folder, str):
        with pytest.raises(ChestbenchError, match=re.escape(expected.as_folder)):
            read(tmp_path / "folder", "folder", archive)
        return
    found = read(tmp_path / "folder", "folder", archive)
    assert {label: counts["kept"] for label, counts in found.metrics["per_class"].items()} == expected.as_folder


def test_chexpert_without_its_top_folder_is_read_alike(tmp_path: Path, read_set) -> None:
    found = read(tmp_path / "set", "chexpert", written(tmp_path / "set.zip", chexpert(top="")))
    whole = read_set("chexpert")
    assert {(row.image_id, row.label, row.given_split, row.sex) for row in found.kept} == {
        (row.image_id, row.label, row.given_split, row.sex) for row in whole.kept
    }


def test_chexperts_uncertain_labels_follow_the_rule(tmp_path: Path, read_set) -> None:
    archive = written(tmp_path / "set.zip", chexpert())
    counted = {}
    for rule in ("exclude", "positive", "negative"):
        found = read(tmp_path / rule, "chexpert", archive, f"dataset.labels.uncertain={rule}")
        counted[rule] = found.metrics["per_class"]["Pleural Effusion"]["kept"]
    assert counted["exclude"] == counted["negative"] == 21 and counted["positive"] == 31


def test_shenzhens_copy_on_kaggle_brings_sex_and_age(tmp_path: Path) -> None:
    pictures = {name.rpartition("/")[2]: data for name, data in shenzhen_tb().items() if name.endswith(".png")}
    rows = [f"{name},{('Male', 'Female')[n % 2]},{20 + n},{('normal', 'PTB')[int(name[-5])]}" for n, name in
            enumerate(pictures)]  # fmt: skip
    members = {f"images/images/{name}": data for name, data in pictures.items()}
    members["shenzhen_metadata.csv"] = table("study_id,sex,age,findings", *rows)
    found = read(
        tmp_path / "set",
        "shenzhen_tb",
        written(tmp_path / "set.zip", members),
        "dataset.labels={pattern:'CHNCXR_\\d+_(?P<label>[01])\\.png$',table:'*shenzhen_metadata.csv',id:study_id,"
        "strata:{sex:sex,age:age}}",
    )
    assert Counter(row.label for row in found.kept) == {"Normal": 30, "Tuberculosis": 30}
    assert Counter(row.sex for row in found.kept) == {"Male": 30, "Female": 30}


def test_rsnas_patients_come_from_a_table_that_is_put_beside(tmp_path: Path) -> None:
    """NIH's patients behind RSNA's pictures: a mapping that RSNA publishes elsewhere, laid beside the tables."""
    members = PUBLIC["rsna_pneumonia"].members()
    names = sorted(name.rpartition("/")[2][:-4] for name in members if "train_images" in name)
    members["nih_patients.csv"] = table("patientId,nih_patient", *(f"{name},{n // 3}" for n, name in enumerate(names)))
    found = read(
        tmp_path / "set",
        "rsna_pneumonia",
        written(tmp_path / "set.zip", members),
        "dataset.labels.table=['*stage_2_train_labels.csv','*nih_patients.csv']",
        "+dataset.labels.patient=nih_patient",
    )
    assert found.metrics["split_unit"] == "patient" and len({row.group for row in found.kept}) == 20


@pytest.mark.parametrize("name", PUBLIC)
def test_from_download_to_audit(tmp_path: Path, name: str) -> None:
    expected = PUBLIC[name]
    composed(tmp_path, name, written(tmp_path / "set.zip", expected.members(), expected.commit))
    for stage in ("download", "catalog", "split", "preprocess", "audit"):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
        command = [sys.executable, "-m", f"stages.{stage}"]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{stage}: {done.stderr[-3000:]}"
    with contextlib.chdir(tmp_path):
        assert read_json(Path("metrics/audit.json"))["shortcuts"]
        counts = read_json(Path("metrics/catalog.json"))["per_class"]
        page = Path("results/audit/audit.html").read_text(encoding="utf-8")
    assert {label: entry["kept"] for label, entry in counts.items()} == expected.kept
    assert all(label in page for label in expected.kept)
