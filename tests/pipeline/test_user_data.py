"""Users' own pictures through the real `dvc exp run`: odd names, mixed formats, given splits, zips as they are."""

import json
import re
import sys

import cv2
import numpy as np
import pytest
import yaml

from tests.datasets.kaggle_server import KaggleServer, client_environment
from tests.pipeline.test_pipeline import ran, rows
from tests.pipeline.workspace import clone

pytestmark = [pytest.mark.pipeline, pytest.mark.xdist_group("user data")]

BRIGHT, DARK = "정상 폐", 'it\'s a "COVID" case'


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return clone(tmp_path_factory.mktemp("user-data") / "clone", warm=True)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Train, val and test folders of two classes, in five formats, four modes and many sizes."""
    folder = tmp_path_factory.mktemp("data") / "my images (1), 한국's"
    rng = np.random.default_rng(0)
    for split, count in (("Train", 14), ("validation", 5), ("TEST", 7)):
        for label, level in ((BRIGHT, 160), (DARK, 60)):
            for index in range(count):
                height, width = rng.integers(60, 140, 2)
                coarse = rng.integers(0, 80, (6, 6), dtype=np.uint8)
                picture = cv2.resize(coarse, (int(width), int(height)), interpolation=cv2.INTER_CUBIC) // 2 + level
                extension = [".png", ".jpg", ".bmp", ".tif", ".webp"][index % 5]
                if index % 4 == 1:
                    picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
                elif index % 4 == 2 and extension == ".png":
                    picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGRA)
                elif index % 4 == 3 and extension in (".png", ".tif"):
                    picture = picture.astype(np.uint16) * 257
                path = folder / split / label / f"slice {index} – a'b.{extension[1:]}"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(cv2.imencode(extension, picture)[1].tobytes())
    (folder / "Train" / BRIGHT / "broken.png").write_bytes(b"not an image")
    return folder


def override(path) -> str:
    """A path as Hydra wants it: quoted, quotes and backslashes escaped."""
    text = str(path).replace("\\", "\\\\").replace("'", "\\'")
    return f"dataset.path='{text}'"


def exp_run(workspace, *overrides: str, check: bool = True) -> str:
    workspace.run("git", "checkout", "-q", ".")
    arguments = [item for override_ in ("model=simple_cnn", *overrides) for item in ("-S", override_)]
    return workspace.run("dvc", "exp", "run", *arguments, check=check)


def test_a_folder_with_odd_names_and_given_splits(workspace, pictures):
    exp_run(workspace, "dataset=folder", override(pictures))
    catalog = json.loads((workspace.folder / "metrics/catalog.json").read_text())
    assert set(catalog["per_class"]) == {BRIGHT, DARK}
    assert catalog["images_kept"] == 52
    split = json.loads((workspace.folder / "metrics/split.json").read_text())
    assert split["given_split"] is True
    assert {name: sum(counts.values()) for name, counts in split["images"].items()} == {
        "train": 28,
        "val": 10,
        "test": 14,
    }
    columns = rows(workspace.folder / "results/models/simple_cnn/predictions.csv")[0].keys()
    assert {f"p:{BRIGHT}", f"p:{DARK}"} <= set(columns)
    assert "images_kept" in (workspace.folder / "metrics/catalog.json").read_text()
    workspace.run("dvc", "metrics", "show")
    workspace.run("dvc", "plots", "show")


def test_new_content_is_noticed_and_unchanged_content_is_not_read_again(workspace, pictures):
    assert "download" not in ran(workspace.run("dvc", "repro"))
    extra = pictures / "Train" / DARK / "one more.png"
    extra.write_bytes(
        cv2.imencode(".png", np.random.default_rng(1).integers(0, 90, (80, 90), dtype=np.uint8))[1].tobytes()
    )
    assert "my images" in workspace.run("dvc", "status")
    output = workspace.run("dvc", "repro", "split")
    assert {"download", "catalog", "split"} <= set(ran(output))
    assert json.loads((workspace.folder / "metrics/catalog.json").read_text())["images_kept"] == 53


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["model.variants=[resnet51]"], "resnet50"),
        (["split.train=0.9"], "sum to 1"),
        (["model.variants=[inception_v3]"], "75"),
        (["preprocess.roi=mask"], "set dataset.masks"),
        (["train=features"], "no published ImageNet weights"),
        (["dataset=folder"], "PATH-TO-YOUR-IMAGES"),
        (["dataset=folder", "dataset.path=/no/such/place"], "/no/such/place"),
    ],
)
def test_wrong_input_stops_before_any_work(workspace, overrides, message):
    compose(workspace, *overrides)
    output = workspace.run(sys.executable, "-m", "stages.check", check=False, PYTHONPATH="src")
    assert workspace.returncode != 0 and message in output and "Traceback" not in output


def test_wrong_input_stops_dvc_before_any_work(workspace):
    output = exp_run(workspace, "train.epochs=-3", check=False)
    assert workspace.returncode != 0 and "train.epochs: expected an integer >= 1, received -3" in output
    assert "Traceback" not in output and set(ran(output)) <= {"code", "check"}


def test_unknown_choices_name_what_there_is(workspace):
    output = exp_run(workspace, "dataset=radiografy", check=False)
    assert workspace.returncode != 0
    assert re.search("radiography", output)


def test_a_real_subset_from_the_zip_as_it_is(workspace, real_data):
    limit = "dataset.limit_per_class={COVID: 60, non-COVID: 60}"
    exp_run(workspace, "dataset=folder", override(real_data / "sars-cov-2-ct.zip"), limit, "train.epochs=1")
    assert found_in(workspace) == {"COVID": 350, "non-COVID": 350}


def test_a_real_subset_through_the_kaggle_path(workspace, real_data, tmp_path):
    counts = {"Normal": 300, "COVID": 300, "Viral Pneumonia": 300}
    described = yaml.safe_load((workspace.folder / "conf/dataset/radiography.yaml").read_text())["dataset"]
    archive = real_data / "covid19-radiography-subset.zip"
    classes = ",".join(f"'{label}'" for label in counts)
    with KaggleServer(archive, described["handle"], version=described["version"]) as server:
        workspace.environment.update(client_environment(tmp_path, server.address))
        compose(workspace, "dataset=radiography", f"dataset.classes=[{classes}]", "train=quick")
        workspace.run("dvc", "repro", "split")
    assert found_in(workspace) == counts


def compose(workspace, *overrides: str) -> None:
    """Do what `dvc exp run -S` does first, without DVC's own seconds."""
    workspace.run("git", "checkout", "-q", ".")
    workspace.compose("model=simple_cnn", *overrides)


def found_in(workspace) -> dict[str, int]:
    """Return how many images of each class the catalog found, and that it had no unit but the image."""
    catalog = json.loads((workspace.folder / "metrics/catalog.json").read_text())
    assert catalog["split_unit"] == "image"
    return {label: counts["found"] for label, counts in catalog["per_class"].items()}
