"""`chestbench predict` on a study that was really trained: equal to evaluate, and marked where it must be."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from pydicom.data import get_testdata_file

from chestbench.__main__ import main
from chestbench.core.files import read_csv, read_json
from chestbench.measures.calibration import with_temperature
from tests.conftest import ROOT
from tests.imaging.dicoms import PRIVATE, make_dicom
from tests.serving.conftest import NAME

LAST = "For research and education, not for diagnosis."


def answers(path: Path) -> dict[str, dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as stream:
        return {row["picture"]: row for row in csv.DictReader(stream)}


def ask(tmp_path: Path, *arguments: object) -> list[dict[str, Any]]:
    out = tmp_path / "out.json"
    assert main(["predict", *map(str, arguments), "--out", str(out)]) == 0
    told = json.loads(out.read_text(encoding="utf-8"))
    assert told["notice"] == LAST
    return told["pictures"]


def test_raw_files_give_what_evaluate_wrote_to_the_last_digit(here: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "out.csv"
    assert main(["predict", "data/raw/archive.zip", "--raw", "--out", str(out)]) == 0
    assert capsys.readouterr().out.strip().endswith(LAST)
    found = answers(out)
    member = {row["image_id"]: row["member"] for row in read_csv(here / "data/catalog.csv")}
    rows = [row for row in read_csv(here / f"results/models/{NAME}/predictions.csv") if row["split"] == "test"]
    assert len(rows) > 20
    record = read_json(here / f"metrics/models/{NAME}.json")
    threshold = record["thresholds"]["COVID"]["threshold"]
    for row in rows:
        own = found[f"data/raw/archive.zip/{member[row['image_id']]}"]
        assert own["p:COVID"] == row["p:COVID"] and own["p:non-COVID"] == row["p:non-COVID"]
        called = "COVID" if float(row["p:COVID"]) >= threshold else "non-COVID"
        assert own["decision"] in (
            called,
            "" if "negative" in own["warnings"] or "unlike" in own["warnings"] else called,
        )


def test_probabilities_are_calibrated_and_patients_are_means(here: Path, tmp_path: Path) -> None:
    raw, out = tmp_path / "raw.csv", tmp_path / "out.csv"
    assert main(["predict", "data/raw/archive.zip", "--raw", "--out", str(raw)]) == 0
    assert main(["predict", "data/raw/archive.zip", "--model", f"models/{NAME}", "--out", str(out)]) == 0
    as_trained, calibrated = answers(raw), answers(out)
    temperature = read_json(here / f"metrics/models/{NAME}.json")["temperature"]
    means: dict[str, list[list[float]]] = {}
    for name, row in calibrated.items():
        if not row["p:COVID"]:
            assert row["warnings"] and not row["decision"]
            continue
        own = np.array([[float(as_trained[name][f"p:{label}"]) for label in ("COVID", "non-COVID")]])
        shown = [float(row["p:COVID"]), float(row["p:non-COVID"])]
        np.testing.assert_allclose(shown, with_temperature(own, temperature)[0], rtol=1e-7)
        if row["decision"]:
            means.setdefault(row["patient"], []).append(shown)
    patients = read_csv(tmp_path / "out.patients.csv")
    assert {row["patient"] for row in patients} == set(means) and len(means) > 60
    for row in patients:
        own_mean = np.mean(means[row["patient"]], axis=0)
        np.testing.assert_allclose([float(row["p:COVID"]), float(row["p:non-COVID"])], own_mean, rtol=1e-7)
        count = len(means[row["patient"]])
        assert row["picture"] == f"{count} picture{'s' if count > 1 else ''}"


def test_what_the_network_was_not_made_for_is_marked(here: Path, test_picture: np.ndarray, tmp_path: Path) -> None:
    import sklearn

    folder = tmp_path / "mixed"
    folder.mkdir()
    images = Path(sklearn.__file__).parent / "datasets/images"
    shutil.copy(images / "china.jpg", folder / "1 photograph.jpg")
    shutil.copy(get_testdata_file("MR_small.dcm"), folder / "2 mr.dcm")
    cv2.imwrite(str(folder / "3 negative.png"), 255 - test_picture)
    train = sorted((here / "data/split/train/COVID").iterdir())[0]
    copied = cv2.imread(str(train), cv2.IMREAD_GRAYSCALE)
    (folder / "4 copy.jpg").write_bytes(cv2.imencode(".jpg", copied, [cv2.IMWRITE_JPEG_QUALITY, 70])[1])
    pixels = cv2.resize(test_picture, (200, 180)).astype(np.uint16) * 16
    (folder / "5 x-ray.dcm").write_bytes(make_dicom(pixels, bits_stored=12, window=(2048, 4096)))
    tinted = np.dstack([test_picture, test_picture // 2, test_picture // 3])
    cv2.imwrite(str(folder / "6 colour.png"), tinted)
    cv2.imwrite(str(folder / "7 tiny.png"), cv2.resize(test_picture, (12, 12)))
    (folder / "8 torn.png").write_bytes(train.read_bytes()[:300])
    cv2.imwrite(str(folder / "9 fine.png"), test_picture)
    (folder / "notes.txt").write_text("no picture", encoding="utf-8")
    found = ask(tmp_path, folder)
    photograph, mr, negative, copy, xray, colour, tiny, torn, fine = found
    assert {"unlike", "colour"} <= photograph["marks"].keys() and photograph["decision"] is None
    assert photograph["probabilities"] and "magnetic resonance" in mr["problem"] and mr["probabilities"] is None
    assert "negative" in negative["marks"] and negative["decision"] is None
    assert "copy" in copy["marks"] and copy["decision"] in ("COVID", "non-COVID")
    assert "the file holds an X-ray, the network learnt from CT" in xray["marks"]["modality"]
    assert xray["decision"] is None and len(xray["patient"]) == 16
    assert "colour" in colour["marks"]
    assert "too small: 12 x 12" in tiny["problem"] and torn["problem"].startswith("unreadable:")
    assert not fine["marks"] and fine["decision"] in ("COVID", "non-COVID")
    assert not any(secret in json.dumps(found) for secret in PRIVATE)


def test_files_folders_and_archives_give_the_same(here: Path, test_picture: np.ndarray, tmp_path: Path, capsys) -> None:
    folder = tmp_path / "no classes"
    folder.mkdir()
    cv2.imwrite(str(folder / "a.png"), test_picture)
    cv2.imwrite(str(folder / "b.png"), test_picture[:, ::-1])
    (folder / "b_mask.png").write_bytes((folder / "a.png").read_bytes())
    with zipfile.ZipFile(tmp_path / "both.zip", "w") as packed, tarfile.open(tmp_path / "both.tar.gz", "w:gz") as tar:
        for name in ("a.png", "b.png"):
            packed.write(folder / name, f"deep/{name}")
            tar.add(folder / name, name)
    forms = [[folder], [tmp_path / "both.zip"], [tmp_path / "both.tar.gz"], [folder / "a.png", folder / "b.png"]]
    told = [[(row["probabilities"], row["decision"]) for row in ask(tmp_path, *form)] for form in forms]
    assert len(told[0]) == 2 and all(other == told[0] for other in told)
    assert "1 masks or annotations by their names" in capsys.readouterr().out


def test_dicom_patients_pages_and_a_pattern(here: Path, test_picture: np.ndarray, tmp_path: Path) -> None:
    slices = tmp_path / "slices"
    slices.mkdir()
    for number, patient in enumerate(("P1", "P1", "P2")):
        units = (cv2.resize(test_picture, (64, 64)).astype(np.int16) * 5 - 1300 + number).astype(np.int16)
        content = make_dicom(units, modality="CT", rescale=(1, 0), patient=patient)
        (slices / f"{number}.dcm").write_bytes(content)
    found = ask(tmp_path, slices)
    codes = [row["patient"] for row in found]
    assert codes[0] == codes[1] != codes[2] and "P1" not in json.dumps(found)
    cv2.imwritemulti(str(tmp_path / "pages.tif"), [test_picture, test_picture[::-1].copy()])
    pages = ask(tmp_path, tmp_path / "pages.tif")
    assert [row["picture"][-8:] for row in pages] == ["[1 of 2]", "[2 of 2]"]
    cv2.imwrite(str(tmp_path / "ward-7_a.png"), test_picture)
    (named,) = ask(tmp_path, tmp_path / "ward-7_a.png", "--patients", r"(?P<patient>ward-\d+)")
    assert named["patient"] == "ward-7"


def test_the_registered_model_answers_the_same(here: Path, test_picture: np.ndarray, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "one.png"), test_picture)
    by_name = ask(tmp_path, tmp_path / "one.png")
    for model in (f"models:/chestbench-sample-{NAME}/1", here / "models" / NAME / "model.keras"):
        assert ask(tmp_path, tmp_path / "one.png", "--model", model) == by_name


def test_heat_is_written_beside(here: Path, test_picture: np.ndarray, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "one.png"), test_picture)
    ask(tmp_path, tmp_path / "one.png", "--heat", tmp_path / "heat")
    (path,) = (tmp_path / "heat").iterdir()
    drawn = cv2.imread(str(path))
    assert drawn is not None and drawn.shape == (256, 516, 3)


def test_names_of_files_are_neither_obeyed_nor_too_long(
    here: Path, test_picture: np.ndarray, tmp_path: Path, capsys
) -> None:
    content = cv2.imencode(".png", test_picture)[1].tobytes()
    names = ["a\x1b[31m[bold]b.png", "가" * 300 + ".png", "=1+1.png", "한글 'q\".png"]
    with zipfile.ZipFile(tmp_path / "odd.zip", "w") as packed:
        for name in names:
            packed.writestr(name, content)
    found = ask(tmp_path, tmp_path / "odd.zip", "--heat", tmp_path / "heat")
    assert sorted(row["picture"].removeprefix(f"{tmp_path}/odd.zip/") for row in found) == sorted(names)
    told = capsys.readouterr().out
    # The table folds a long path, perhaps before its ending.
    assert "\x1b" not in told and "a?[31m[bold]b" in told
    assert len(list((tmp_path / "heat").iterdir())) == len(names)


def test_an_archive_in_a_folder_is_called_by_its_place(here: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "in").mkdir()
    with zipfile.ZipFile(tmp_path / "in/outside.zip", "w") as packed:
        packed.writestr("../../a.png", b"x")
    assert main(["predict", str(tmp_path / "in")]) == 1
    told = capsys.readouterr().err
    assert f"{tmp_path}/in/outside.zip" in told and "points out of it" in told


@pytest.mark.parametrize("seconds", [0.5, 6.0])
def test_ctrl_c_is_one_line_and_leaves_nothing_half_written(here: Path, tmp_path: Path, seconds: float) -> None:
    # Said when it is ready: a Python that still starts is ended by the system, however long that takes.
    start = (
        "import sys; from chestbench.__main__ import main; import chestbench.cli.commands; print('ready', flush=True)"
    )
    command = [sys.executable, "-c", f"{start}; sys.exit(main())", "predict", "data/raw/archive.zip"]
    process = subprocess.Popen(
        [*command, "--out", str(tmp_path / "a.csv"), "--heat", str(tmp_path / "heat")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdout.readline() == "ready\n"
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=60)[1]
    assert "Traceback" not in told
    if process.returncode != 0:  # done already
        assert process.returncode == 130 and told.endswith("chestbench predict: interrupted\n")
        assert [path.name for path in tmp_path.iterdir() if path.name != "heat"] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], "where there is nothing"),
        ([""], "received an empty text"),
        (["data/masks"], "expected pictures, received"),
        (["data/split/test", "--heat", "/proc/heat"], "expected a folder that can be written to"),
        (["data/split.csv", "--model", "other"], "expected a network of models/ (simple_cnn)"),
        (["data/split.csv", "--model", "data"], "expected model.keras in it"),
        (["data/split.csv", "--model", "models:/none/1"], "expected a model that MLflow has"),
        (["data/split/test", "--out", "answers.xlsx"], "ends in .csv or .json"),
        (["data/split/test", "--patients", "("], "expected a regular expression"),
        (["data/split/test", "--patients", "x"], "(?P<patient>...)"),
        (["data/split/test", "--patients", "(?P<patient>zzz)"], "matches none of"),
        (["data/split/test", "--heat", "data/split.csv"], "expected a folder"),
    ],
)
def test_a_mistake_is_one_line(here: Path, arguments: list[str], words: str, capsys) -> None:
    assert main(["predict", *arguments]) == 1
    told = capsys.readouterr().err
    assert words in told and told.count("\n") == 1 and told.startswith("chestbench predict: error:")
    assert not (here / "answers.xlsx").exists()


def test_a_store_is_not_made_by_asking(study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    for name in ("DVC_ROOT", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    picture = str(sorted((study / "data/split/test/COVID").iterdir())[0])
    assert main(["predict", picture, "--model", "models:/none/1"]) == 1
    assert "expected MLflow's mlflow.db in" in capsys.readouterr().err and list(tmp_path.iterdir()) == []


def test_no_readable_picture_is_exit_status_1(here: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "text.png").write_text("text", encoding="utf-8")
    assert main(["predict", str(tmp_path / "text.png")]) == 1
    assert "1 of 1 cannot be read" in capsys.readouterr().out


def test_measures_of_another_training_are_refused(study: Path, tmp_path: Path, capsys) -> None:
    shutil.copytree(study / "models", tmp_path / "models")
    (tmp_path / "metrics/models").mkdir(parents=True)
    record = read_json(study / f"metrics/models/{NAME}.json") | {"run_key": "another"}
    (tmp_path / f"metrics/models/{NAME}.json").write_text(json.dumps(record), encoding="utf-8")
    picture = str(sorted((study / "data/split/test/COVID").iterdir())[0])
    assert main(["predict", picture, "--model", str(tmp_path / "models" / NAME)]) == 1
    assert "expected the measures of the training" in capsys.readouterr().err
    # One that was never measured answers, and says what is not known.
    (tmp_path / f"metrics/models/{NAME}.json").unlink()
    assert main(["predict", picture, "--model", str(tmp_path / "models" / NAME)]) == 0
    told = capsys.readouterr().out
    assert "It was not evaluated" in told and "likeness is not judged" in told


@pytest.mark.parametrize("content", ["[]", "null", '{"classes": ["a", "b"], "config": []}', "{"])
def test_a_record_of_other_content_is_one_line(study: Path, tmp_path: Path, content: str, capsys) -> None:
    shutil.copytree(study / "models" / NAME, tmp_path / NAME)
    (tmp_path / NAME / "training.json").unlink()
    (tmp_path / NAME / "training.json").write_text(content, encoding="utf-8")
    picture = str(sorted((study / "data/split/test/COVID").iterdir())[0])
    assert main(["predict", picture, "--model", str(tmp_path / NAME)]) == 1
    told = capsys.readouterr().err
    assert "training.json" in told and told.count("\n") == 1


def test_pictures_are_read_as_the_network_takes_them(here: Path, test_picture: np.ndarray) -> None:
    from chestbench.serving.found import find_network
    from chestbench.serving.network import BATCHES_AT_ONCE
    from chestbench.serving.predicting import Prediction
    from chestbench.serving.sources import Source

    content, read = cv2.imencode(".png", test_picture)[1].tobytes(), []

    def reading(number: int) -> Source:
        return Source(f"{number}.png", lambda: read.append(number) or content)

    network = find_network(NAME, here).load()
    most, count = 0, 0
    for _ in Prediction(network).rows([reading(number) for number in range(2000)], workers=2):
        count += 1
        most = max(most, len(read) - count)
    assert count == len(read) == 2000
    # One chunk is answered, one waits, and each worker holds one.
    assert most <= 2 * network.batch * BATCHES_AT_ONCE + 8
