"""The five reference data sets in their published layouts, through the real clients and the real `dvc exp run`."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from chestbench.core.files import sha256_file
from tests.datasets.archive_server import ArchiveServer
from tests.datasets.kaggle_server import KaggleServer, client_environment
from tests.imaging.dicoms import PRIVATE
from tests.pipeline import reference_archives as archives
from tests.pipeline.test_pipeline import ran, rows
from tests.pipeline.workspace import Workspace, clone

pytestmark = [pytest.mark.pipeline, pytest.mark.xdist_group("reference projects")]

TINY = ("train=quick", "train.epochs=1", "evaluate.gradcam_images=0")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return clone(tmp_path_factory.mktemp("reference") / "clone", warm=True)


def exp_run(workspace: Workspace, *overrides: str) -> str:
    workspace.run("git", "checkout", "-q", ".")
    networks = () if "task=detect" in overrides else ("model=simple_cnn",)
    arguments = [item for override in (*networks, *overrides) for item in ("-S", override)]
    return workspace.run("dvc", "exp", "run", *arguments, timeout=2400)  # on a machine that others use


def up_to(stage: str, workspace: Workspace, *overrides: str, check: bool = True) -> str:
    """Compose as `dvc exp run -S` does, and run the first stages only: what comes after is tested elsewhere."""
    workspace.run("git", "checkout", "-q", ".")
    workspace.compose("model=simple_cnn", *TINY, *overrides)
    return workspace.run("dvc", "repro", stage, check=check)


def run_from_kaggle(
    workspace: Workspace,
    archive: Path,
    dataset: str,
    *overrides: str,
    until: str | None = None,
    **described: object,
) -> dict:
    """Run a data set's study with Kaggle's client pointed at a local server; return metrics/catalog.json.

    `described` says what the data set's file leaves open. `until` is the last stage that is wanted: what comes after is
    the same for every data set.
    """
    found = {**yaml.safe_load((workspace.folder / f"conf/dataset/{dataset}.yaml").read_text())["dataset"], **described}
    with KaggleServer(archive, found["handle"], version=found.get("version", 1)) as server:
        workspace.environment.update(client_environment(archive.parent / "client", server.address))
        if until:
            up_to(until, workspace, f"dataset={dataset}", *overrides)
        else:
            exp_run(workspace, f"dataset={dataset}", *TINY, *overrides)
        assert server.calls("storage"), "the archive came from somewhere else"
    source = read(workspace, "data/raw/source.json")
    assert (source["source"], source["handle"], source["bytes"]) == (
        *(found["source"], found["handle"], archive.stat().st_size),
    )
    return read(workspace, "metrics/catalog.json")


def read(workspace: Workspace, path: str) -> dict:
    return json.loads((workspace.folder / path).read_text(encoding="utf-8"))


def kept(catalog: dict) -> dict[str, int]:
    return {label: counts["kept"] for label, counts in catalog["per_class"].items()}


def assert_judged(workspace: Workspace, classes: tuple[str, ...]) -> None:
    """Every image of val and test has a prediction for each class."""
    predictions = rows(workspace.folder / "results/models/simple_cnn/predictions.csv")
    split = rows(workspace.folder / "data/split.csv")
    assert {row["image_id"] for row in predictions} == {row["image_id"] for row in split if row["split"] != "train"}
    assert {f"p:{label}" for label in classes} <= set(predictions[0])


def assert_nothing_personal(workspace: Workspace, words: tuple[str, ...]) -> None:
    """No file but the archive itself holds one of the words, or is a DICOM file; DVC's cache holds the same files."""
    places = ("data", "metrics", "results", "models", "mlruns", "mlflow.db", "dvc.lock", "params.yaml")
    found = [path for place in places for path in (workspace.folder / place, *(workspace.folder / place).rglob("*"))]
    files = [path for path in found if path.is_file() and not path.is_relative_to(workspace.folder / "data/raw")]
    assert len(files) > 50 and workspace.folder / "mlflow.db" in files
    for path in files:
        content = path.read_bytes()
        assert not [word for word in words if word.encode() in content], path.relative_to(workspace.folder)
        assert content[128:132] != b"DICM", path.relative_to(workspace.folder)


def test_a_asks_for_a_kaggle_set_before_any_work(workspace):
    output = up_to("catalog", workspace, "dataset=ct_binary", check=False)
    assert workspace.returncode != 0 and "Traceback" not in output
    assert "dataset.handle" in output and "owner/name" in output and "dataset.version" in output
    assert set(ran(output)) <= {"code", "check"}


def test_a_two_classes_at_thirteen_to_one_from_any_set(workspace, tmp_path):
    archive = archives.two_folders(tmp_path / "archive.zip", {"COVID": 60, "non-COVID": 20})
    catalog = run_from_kaggle(
        *(workspace, archive, "ct_binary", "dataset.handle=some-owner/ct-slices", "dataset.version=2"),
        *("dataset.limit_per_class={COVID: 52, non-COVID: 4}", "split={train: 0.5, val: 0.25, test: 0.25}"),
        handle="some-owner/ct-slices",
        version=2,
        until="upsample",
    )
    assert kept(catalog) == {"COVID": 52, "non-COVID": 4}
    upsampled = read(workspace, "metrics/upsample.json")
    assert len(set(upsampled["after"].values())) == 1, "training sees both classes equally often"


def test_b_four_classes_of_x_rays_within_their_masks(workspace, tmp_path):
    archive = archives.radiography(tmp_path / "archive.zip", per_class=12)
    catalog = run_from_kaggle(workspace, archive, "radiography", "preprocess.roi=mask", until="preprocess")
    assert kept(catalog) == dict.fromkeys(archives.RADIOGRAPHY, 12)
    assert set(catalog["expected_counts"]) == set(archives.RADIOGRAPHY), "the publisher's counts are compared"
    assert len(list((workspace.folder / "data/masks").iterdir())) == 48
    preprocess = read(workspace, "metrics/preprocess.json")
    assert preprocess["roi"] == "mask" and sum(preprocess["fallbacks"].values()) == 0


def test_c_dicom_by_study_from_the_competition(workspace, tmp_path):
    images = list(archives.siim_drawn(studies_per_class=8))
    both = "task=both", "detector=fcos_tiny", "preprocess.size=64"
    catalog = run_from_kaggle(workspace, archives.siim(tmp_path / "archive.zip", images), "siim", *both)
    assert kept(catalog) == Counter(label for _, _, label, _, _ in images)
    split = rows(workspace.folder / "data/split.csv")
    assert len({row["study"] for row in split}) == 32 and len({row["group"] for row in split}) == 16
    for unit in ("group", "study"):
        where: dict[str, set[str]] = {}
        for row in split:
            where.setdefault(row[unit], set()).add(row["split"])
        assert all(len(splits) == 1 for splits in where.values()), f"a {unit} crosses splits"
    boxes = rows(workspace.folder / "data/boxes.csv")
    assert len(boxes) == sum(len(drawn) for *_, drawn in images)
    assert {(row["x"], row["width"]) for row in boxes} == {("10.5", "30.25")}
    assert_judged(workspace, archives.SIIM)
    assert "study" in rows(workspace.folder / "results/models/simple_cnn/predictions.csv")[0]
    assert_nothing_personal(workspace, (*PRIVATE, "SECRET-"))
    assert_entered(workspace, [row for row in split if row["split"] == "test"])


def assert_entered(workspace: Workspace, test: list[dict[str, str]]) -> None:
    """The network and the detector together are an entry to SIIM's competition, in its format and scored as it was."""
    folder = workspace.folder / "results/competition/simple_cnn-fcos_tiny"
    entry = json.loads((folder / "score.json").read_text())["competition"]
    assert set(entry["average_precision"]) == {"negative", "typical", "indeterminate", "atypical", "opacity", "none"}
    # Of one patient of a class no interval is given, nor of a score that rests on it.
    opacity = entry["average_precision"]["opacity"]
    assert 0 <= opacity["low"] <= opacity["value"] <= opacity["high"] <= 1
    assert entry["score"]["value"] == pytest.approx(
        sum(figure["value"] for figure in entry["average_precision"].values()) / 6
    )
    lines = {row["id"]: row["PredictionString"] for row in rows(folder / "submission.csv")}
    of_studies = {name for name in lines if name.endswith("_study")}
    assert len(of_studies) == len({row["study"] for row in test})
    assert len(lines) - len(of_studies) == len(test)
    words = r"(negative|typical|indeterminate|atypical) [\d.e-]+ 0 0 1 1"
    assert all(re.fullmatch(rf"{words}( {words})*", lines[name]) for name in of_studies)
    place = r"(opacity [\d.e-]+( [\d.]+){4}|none [\d.e-]+ 0 0 1 1)"
    assert all(re.fullmatch(rf"{place}( {place})*", lines[name]) for name in lines if name not in of_studies)


def test_d_two_folders_of_ct(workspace, tmp_path):
    counts = {"Infected": 20, "Not_Infected": 22}
    archive = archives.two_folders(tmp_path / "archive.zip", counts, 500)
    assert kept(run_from_kaggle(workspace, archive, "covid19_ct_image", until="upsample")) == counts
    after = read(workspace, "metrics/upsample.json")["after"]
    assert set(after) == set(counts) and len(set(after.values())) == 1


@pytest.fixture(scope="module")
def commit_archive(tmp_path_factory):
    return archives.ct_cov19(tmp_path_factory.mktemp("commit") / "CT-COV19.zip")


def test_e_three_classes_at_a_commit_with_their_own_split(workspace, commit_archive):
    with ArchiveServer(commit_archive, chunked=True, tag="weak") as server:
        address = f"{server.address}/m2dgithub/CT-COV19/archive/{archives.COMMIT}.zip"
        exp_run(workspace, "dataset=ct_cov19", *TINY, f"dataset.url={address}", "preprocess.roi=body")
    assert read(workspace, "data/raw/source.json")["url"] == address
    assert kept(read(workspace, "metrics/catalog.json")) == dict.fromkeys(archives.CT_COV19, 28)
    split = read(workspace, "metrics/split.json")
    assert split["given_split"] is True
    assert {name: sum(counts.values()) for name, counts in split["images"].items()} == {
        "train": 36,
        "val": 24,
        "test": 24,
    }
    groups = {row["group"] for row in rows(workspace.folder / "data/catalog.csv")}
    assert {"Train/COV/1", "Test/COV/1", "Val/Normal/2"} <= groups
    assert_judged(workspace, archives.CT_COV19)


def test_e_from_a_file_on_a_machine_without_network(workspace, commit_archive):
    local = ("dataset=ct_cov19", "dataset.source=folder", f"dataset.path={commit_archive}")
    up_to("catalog", workspace, *local)
    assert read(workspace, "data/raw/source.json")["source"] == "folder"
    assert kept(read(workspace, "metrics/catalog.json")) == dict.fromkeys(archives.CT_COV19, 28)


def test_another_archive_than_the_commit_is_refused_with_both(workspace, commit_archive, tmp_path):
    other = archives.zipped(tmp_path / "other.zip", {"a/1.png": b"1", "b/2.png": b"2"}, comment="7" * 40)
    local = ("dataset=ct_cov19", "dataset.source=folder", f"dataset.path={other}")
    output = up_to("catalog", workspace, *local, check=False)
    assert workspace.returncode != 0 and archives.COMMIT in output and "7" * 40 in output and "Traceback" not in output


def test_real_x_rays_in_siims_layout(workspace, tmp_path, real_data):
    images = list(archives.siim_of_real(real_data / "dicom"))
    archive = archives.siim(tmp_path / "archive.zip", images)
    # The checksum also tells DVC that this is another archive than the drawn one of the same competition.
    checksum = f"dataset.sha256={sha256_file(archive)}"
    given = "task=detect", "detector=fcos_tiny", "dataset.allow_tiny=true", "preprocess.size=64", checksum
    catalog = run_from_kaggle(workspace, archive, "siim", *given)
    assert kept(catalog) == Counter(label for _, _, label, _, _ in images)
    split = rows(workspace.folder / "data/split.csv")
    assert len(split) == 25 and len({row["study"] for row in split}) == 25
    assert len(rows(workspace.folder / "data/boxes.csv")) == sum(len(boxes) for *_, boxes in images) > 0
    processed = [rows(workspace.folder / f"data/processed/{name}.csv") for name in ("train", "val", "test")]
    assert {row["image_id"] for part in processed for row in part} == {row["image_id"] for row in split}
    record = read(workspace, "metrics/detectors/fcos_tiny.json")
    assert record["test"]["images"] == sum(row["split"] == "test" for row in split) and record["tiny"]
    assert (workspace.folder / "results/models/fcos_tiny/submission.csv").is_file()
