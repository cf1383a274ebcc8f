"""results/report.html of studies of every kind: whole, escaped, small, and never saying more than the figures bear."""

import argparse
import base64
import hashlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json, write_json
from chestbench.core.notice import NOTICE
from chestbench.reports.study.page import LARGEST
from stages import report
from tests.conftest import ROOT
from tests.reports.pages import Page, check_whole
from tests.reports.studies import StudyMaker

NASTY = ["정상 <script>alert(1)</script> 'q' \"d\" &", "가" * 200, "x" * 200]
Show = Callable[..., tuple[Page, str]]


@pytest.fixture
def show(tmp_path: Path, make_config, monkeypatch: pytest.MonkeyPatch) -> Show:
    """Return a function that runs the stage in the study at `tmp_path` and returns the page and what is printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(report, "log_report", lambda *_: None)
    shutil.copytree(ROOT / "conf", tmp_path / "conf")
    shutil.copyfile(ROOT / "params.yaml", tmp_path / "params.yaml")

    def run(networks: list[str], **overrides: Any) -> tuple[Page, str]:
        config = make_config({"model.variants": networks, "evaluate.bootstrap": 100, **overrides})
        printed = report.work(config, argparse.Namespace(params=Path("params.yaml")))
        text = Path("results/report.html").read_text(encoding="utf-8")
        assert len(text.encode()) <= LARGEST
        assert str(tmp_path) not in text and "PATIENT-" not in text
        return check_whole(text), printed

    return run


def test_a_study_of_two_networks(tmp_path: Path, show: Show) -> None:
    study = StudyMaker(tmp_path, ["Normal", "COVID"], [40, 20])
    study.add_network("resnet50", skill=0.5)
    study.add_network("resnet101v2", skill=3.0)
    page, printed = show(["resnet50", "resnet101v2"])
    assert page.text.count(NOTICE) >= 1 and "not for diagnosis" in page.text
    order = ["Question", "Data", "Leaderboard", "Networks", "Elsewhere", "Energy and time", "How it was made", "Limits"]
    places = [page.text.index(f" {name} ", 400) for name in order]
    assert places == sorted(places)
    assert "Which of 2 networks best tells Normal from COVID on 72 synthetic CT slices" in page.text
    assert "2 networks × 1 seed × 1 setting, beside 2 baselines" in page.text
    assert "class train val test Normal 40 40 40 COVID 20 20 20 patients" in page.text
    # What somebody asks who has this file alone.
    made = page.text.partition("To make it again")[2]
    assert "In a clone of the study's repository (chestbench;" in made and "The trainings took" in made
    assert "tables tell no age, sex, view or source of the patients" in made.partition("Limits")[2]
    words = made.rpartition(" Words ")[2]
    assert all(f" {word} " in words for word in ("threshold", "macro-", "baselines", "p, Holm", "train, val, test"))
    assert printed.startswith("wrote results/report.html (") and "beside it lie results/models/" in printed
    first = (tmp_path / "results/report.html").read_bytes()
    show(["resnet50", "resnet101v2"])
    assert (tmp_path / "results/report.html").read_bytes() == first
    # The script may run, and nothing else: its hash stands in the policy.
    text = first.decode()
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in text


def test_names_of_data_are_text(tmp_path: Path, show: Show) -> None:
    study = StudyMaker(tmp_path, NASTY, [20, 9, 1], warnings=["Told by <b>borders</b> & more."])
    study.add_network("tiny")
    page, _ = show(["tiny"])
    assert "정상 <script>alert(1)</script> 'q' \"d\" &" in page.text
    assert "Told by <b>borders</b> & more." in page.text and not page.of("b")
    assert len(page.of("script")) == 1
    # A class of one image gives no interval of the mean over classes, and the first sentences say so.
    assert "(too few for an interval) on 30 test images" in page.text
    assert "How well does the network tiny tell 3 classes apart" in page.text


def test_eighteen_networks_and_nine_classes_are_small_enough_to_mail(tmp_path: Path, show: Show) -> None:
    study = StudyMaker(tmp_path, [f"class {number}" for number in range(9)], [12] * 9)
    study.add_network("net_0", skill=2.0)
    names = [f"net_{number}" for number in range(18)]
    for name in names[1:]:
        for folder in ("models", "results/models"):
            shutil.copytree(tmp_path / folder / "net_0", tmp_path / folder / name)
        record = read_json(tmp_path / "metrics/models/net_0.json")
        training = read_json(tmp_path / "models/net_0/training.json")
        write_json(tmp_path / f"metrics/models/{name}.json", {**record, "model": name, "run_key": name})
        write_json(tmp_path / f"models/{name}/training.json", {**training, "model": name, "run_key": name})
    page, _ = show(names)
    assert len([entry for entry in page.of("details") if entry.get("class") == "network"]) == 18
    assert [entry.get("id") for entry in page.of("details") if "open" in entry] == ["network-net_0"]
    assert len(page.of("img")) > 18


def test_too_little_data_is_no_result(tmp_path: Path, show: Show) -> None:
    study = StudyMaker(tmp_path, ["Normal", "COVID"], [6, 4], tiny=["val has 1 group of COVID (3 are needed)"])
    study.add_network("resnet50")
    page, _ = show(["resnet50"])
    before = page.text.partition("Question")[0]
    assert "Warning: TOO LITTLE DATA" in before
    assert "There is too little data for a result" in page.text and "None: these figures are no result." in page.text
    assert "It lies in models/" not in page.text


def test_warnings_come_first_and_temper_the_sentences(tmp_path: Path, show: Show) -> None:
    told = "File properties alone tell the classes: AUC 0.97 [0.95, 0.99], where 0.50 is chance."
    study = StudyMaker(tmp_path, ["Normal", "COVID"], [30, 30], warnings=[told], untested=["Lungs: not tested: few."])
    study.add_network("resnet50", skill=0.0)
    page, _ = show(["resnet50"])
    before = page.text.partition("Question")[0]
    assert f"Warning: {told}" in before and "Lungs: not tested: few." in before
    assert "no network beats the baseline" in before
    assert "as the audit warns, the classes may be told without the lungs or by leaks" in page.text
    assert "None on this evidence: on val the baseline" in page.text and "It lies in models/" not in page.text


def test_a_network_that_beats_the_baselines_on_val_is_taken_with_the_warnings(tmp_path: Path, show: Show) -> None:
    study = StudyMaker(tmp_path, ["Normal", "COVID"], [30, 30], warnings=["Told by borders."])
    study.add_network("resnet50", skill=40.0)
    # A baseline that guesses.
    record = read_json(tmp_path / "metrics/baselines.json")
    for part in ("val", "test"):
        record["logistic_regression"][part] = record["majority"][part]
    write_json(tmp_path / "metrics/baselines.json", record)
    page, _ = show(["resnet50"])
    take = page.text.partition("Which network to take")[2].partition(" Data ")[0]
    assert take.startswith(" resnet50, the only one. The warnings above hold for it")
    assert "It lies in models/resnet50/model.keras" in take and "COVID is called from a probability of" in take


def test_the_first_lines_name_both_working_points_the_trainings_and_the_lead_on_val(tmp_path: Path, show: Show) -> None:
    """What a reader would else find too late, or not."""
    study = StudyMaker(tmp_path, ["Normal", "COVID"], [40, 20])
    study.add_network("resnet50", skill=0.5)
    study.add_network("resnet101v2", skill=3.0)
    record = read_json(tmp_path / "metrics/baselines.json")
    record["logistic_regression"]["val"] = record["majority"]["val"]
    write_json(tmp_path / "metrics/baselines.json", record)
    page, _ = show(["resnet50", "resnet101v2"])
    first = page.text.partition(" Data Set ")[0]
    assert "each image given its likeliest class (COVID: sensitivity" in first
    assert "Called from the threshold that val chose, as chestbench predict does, COVID has sensitivity" in first
    assert "Each was trained for 3 epochs from random weights on pictures of 32 x 32 pixels." in first
    lead = r"The second there, resnet50, has 0\.\d{3} \[0\.\d{3}, 0\.\d{3}\]: a lead of 0\.\d{3}, where one val image"
    assert re.search(lead, first)
    assert "among the calibrated probabilities that chestbench predict prints it is 0." in first
    assert "That a network is needed at all is not shown: the logistic regression cannot be told apart" in first
    assert "seconds" not in first and "groups" not in page.text.partition(" Limits ")[0]
    assert "Each network was trained for 3 epochs" in page.text.rpartition(" Limits The pictures")[2]


def test_a_control_on_shuffled_labels_says_that_nothing_came_out(tmp_path: Path, show: Show) -> None:
    study = StudyMaker(tmp_path, ["Normal", "COVID"], [30, 30])
    study.add_network("resnet50", skill=0.0, random_labels=True)
    page, _ = show(["resnet50"])
    assert "RANDOM-LABEL CONTROL" in page.text.partition("Question")[0]
    assert "Nothing came out, for this is a control" in page.text and "None: these figures are no result." in page.text


def test_a_network_that_was_killed_is_named_first(tmp_path: Path, show: Show) -> None:
    study = StudyMaker(tmp_path, ["Normal", "COVID"], [20, 20])
    for name in ("resnet50", "resnet101", "resnet152"):
        study.add_network(name)
    (tmp_path / "models/resnet101/training.json").unlink()
    record = read_json(tmp_path / "metrics/models/resnet152.json")
    write_json(tmp_path / "metrics/models/resnet152.json", {**record, "data_sha256": "e" * 64})
    page, printed = show(["resnet50", "resnet101", "resnet152", "resnet50v2"])
    first = printed.splitlines()[0]
    assert "resnet101 (it has no finished training)" in first and "resnet50v2 (it has no finished training)" in first
    assert "resnet152 (its figures are of other images than those that are there)" in first
    assert "How well does the network resnet50 tell" in page.text
    # A set that only some were tried on, and no baselines: killed before either.
    study.add_external("hospital_b", ["resnet101"])
    (tmp_path / "metrics/baselines.json").unlink()
    sets = [{"name": "hospital_b", "path": "/srv/b"}]
    page, printed = show(["resnet50", "resnet101"], **{"evaluate.external": sets})
    assert "hospital_b (resnet50 was not tried on it)" in printed and "logistic regression (the baselines" in printed
    assert "No set from elsewhere is in this report" in page.text and "compared with nothing else" in page.text
    shutil.rmtree(tmp_path / "models/resnet50")
    with pytest.raises(ChestbenchError, match="expected at least one network with results, found none"):
        show(["resnet50", "resnet101"])


def test_two_classes_of_which_none_is_looked_for(tmp_path: Path, show: Show) -> None:
    study = StudyMaker(tmp_path, ["bacterial", "viral"], [20, 20])
    study.add_network("resnet50")
    page, _ = show(["resnet50"])
    assert "At the threshold of bacterial" in page.text and "Sensitivity and specificity" not in page.text


def test_sets_from_elsewhere_and_published_figures(tmp_path: Path, show: Show) -> None:
    study = StudyMaker(tmp_path, ["Normal", "COVID"], [20, 20])
    study.add_network("resnet50")
    study.add_external("hospital_b", ["resnet50"])
    published = [
        {"network": "ResNet50", "split": "test", "measure": "accuracy", "value": 0.9884, "source": "Paper <1>"}
    ]
    sets = [{"name": "hospital_b", "path": "/srv/secret/b"}]
    page, _ = show(["resnet50"], **{"dataset.published": published, "evaluate.external": sets})
    elsewhere = page.text.partition(" Elsewhere Sets that nothing was fitted on")[2].partition("Energy and time")[0]
    assert "hospital_b resnet50 24" in elsewhere
    assert "Another hospital <b>; CT; licence: CC BY 4.0" in elsewhere and "healthy is our Normal, COVID" in elsewhere
    assert "none of ours: other (3)" in elsewhere and "2 unreadable; 1 that are, or look like" in elsewhere
    assert "resnet50 there Positive, the class that is looked for: COVID" in elsewhere
    assert "elsewhere it reaches" in page.text and "No set from elsewhere" not in page.text
    assert "Published figures: Paper <1>" in page.text
    assert "ResNet50 test accuracy 0.988 resnet50, test" in page.text and "/srv/secret" not in page.text


def test_subgroups_are_told_where_the_tables_know_them(tmp_path: Path, show: Show) -> None:
    strata = {"sex": ["F", "M"], "age": ["034Y", "61", ""], "source": [f"JOHN DOE {n}" for n in range(200)]}
    study = StudyMaker(tmp_path, ["Normal", "COVID"], [24, 24], strata=strata)
    study.add_network("resnet50")
    page, _ = show(["resnet50"])
    for part in ("sex: F", "sex: M", "age: 18 to 39", "age: 60 to 79", "age: not told"):
        assert part in page.text
    assert "tables tell no age" not in page.text
    # A folder for each patient may be called like the patient.
    assert "JOHN DOE" not in page.text


def test_a_study_without_mistakes_or_heat_maps(tmp_path: Path, show: Show) -> None:
    study = StudyMaker(tmp_path, ["Normal", "COVID"], [12, 12])
    study.add_network("resnet50", skill=40.0)
    (tmp_path / "results/models/resnet50/gradcam.png").unlink()
    page, _ = show(["resnet50"])
    assert "None: every one of 24 test images is called rightly." in page.text and "Where it looks" not in page.text
    assert "1.000 [" in page.text


@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_the_worst_mistakes_are_the_surest_and_both_scales_are_told(
    tmp_path: Path, show: Show, temperature: float
) -> None:
    study = StudyMaker(tmp_path, ["Normal", "COVID"], [40, 40])
    study.add_network("resnet50", skill=0.2)
    path = tmp_path / "metrics/models/resnet50.json"
    write_json(path, {**read_json(path), "temperature": temperature})
    page, _ = show(["resnet50"])
    sure = [float(found) for found in re.findall(r"(\d\.\d\d) sure", page.text)]
    assert len(sure) == 8 and sure == sorted(sure, reverse=True)
    trained = [float(found) for found in re.findall(r"sure \((\d\.\d\d) as trained\);", page.text)]
    scaled = [odds**2 / (1 + odds**2) for odds in (said / (1 - said) for said in trained)]
    assert scaled == pytest.approx(sure, abs=0.02) if temperature == 0.5 else not trained
    assert ("logits divided by 0.5," in page.text) == (temperature == 0.5)
    assert ("calibration changes nothing" in page.text) == (temperature == 1)


def test_a_copy_with_other_bytes_than_published_is_said_first(tmp_path: Path, show: Show) -> None:
    note = "The images are a copy with other bytes than published (MD5 1, published is 2): class Normal: <3> fewer."
    study = StudyMaker(tmp_path, ["Normal", "COVID"], [40, 20], data=[note])
    study.add_network("resnet50")
    source = read_json(Path("data/raw/source.json"))
    write_json(Path("data/raw/source.json"), {**source, "origin": "a file of the user's own (dataset.path): a copy"})
    page, _ = show(["resnet50"])
    assert page.text.index(note) < page.text.index("Question")
    assert page.text.count(note) >= 2, "over the summary, and with the data"
    assert "Where the archive is from a file of the user's own (dataset.path): a copy" in page.text
