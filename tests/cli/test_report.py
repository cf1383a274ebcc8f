"""`chestbench report`: where things lie, what is opened, and two studies of a real DVC repository side by side."""

import shutil
import subprocess
import sys
import webbrowser
from pathlib import Path

import pytest
import yaml

from chestbench.__main__ import main
from chestbench.core.files import read_json, write_json
from chestbench.grid.events import MemberStatus
from chestbench.grid.tried import note
from tests.conftest import ROOT
from tests.reports.pages import check_whole
from tests.reports.studies import StudyMaker

PIPELINE = {"stages": {"all": {"cmd": "echo", "outs": ["results/models", "data"]}}}
CLASSES = ["Normal", "정상 <b>"]


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a browser would have been asked to open."""
    pages: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda address: bool(pages.append(address)) or True)
    return pages


def write_study(root: Path, skill: float, test: tuple[int, int] = (30, 30), **parameters: object) -> None:
    for folder in ("results", "metrics", "models", "data"):
        shutil.rmtree(root / folder, ignore_errors=True)
    study = StudyMaker(root, CLASSES, test)
    for name in ("resnet50", "tiny"):
        study.add_network(name, skill=skill)
    values = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    values["model"]["variants"] = ["resnet50", "tiny"]
    values["train"] |= parameters
    values["dataset"] |= {"path": f"/home/doctor/mine{skill}", "salt": f"pepper{skill}"}
    (root / "params.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    write_json(root / "metrics/summary.json", {"winner": "resnet50"})


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True).stdout.strip()


def keep(message: str) -> None:
    subprocess.run([sys.executable, "-m", "dvc", "commit", "-q", "-f"], check=True, capture_output=True)
    git("add", "-A")
    git("commit", "-qm", message)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two studies: one in the tag `first`, the other in the experiment `better-one`."""
    root = tmp_path_factory.mktemp("two studies")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        for name in ("GIT_AUTHOR", "GIT_COMMITTER"):
            patch.setenv(f"{name}_NAME", "Test")
            patch.setenv(f"{name}_EMAIL", "test@example.invalid")
        git("init", "-q")
        subprocess.run([sys.executable, "-m", "dvc", "init", "-q"], check=True, capture_output=True)
        Path("dvc.yaml").write_text(yaml.safe_dump(PIPELINE), encoding="utf-8")
        Path(".gitignore").write_text("/results/\n/data/\n/models/\n", encoding="utf-8")
        write_study(root, 0.4)
        keep("first")
        git("tag", "first")
        write_study(root, 4.0, epochs=8)
        keep("second")
        base, here = git("rev-parse", "first"), git("rev-parse", "HEAD")
        git("update-ref", f"refs/exps/{base[:2]}/{base[2:]}/better-one", here)
        git("reset", "-q", "--hard", "first")
        subprocess.run([sys.executable, "-m", "dvc", "checkout", "-q", "-f"], check=True, capture_output=True)
    return root


def test_it_says_where_the_report_lies_and_opens_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], opened: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["report"]) == 1 and "found none; run `make repro`" in capsys.readouterr().err
    (tmp_path / "results/compare").mkdir(parents=True)
    (tmp_path / "results/report.html").write_text("page", encoding="utf-8")
    assert main(["report", "--where"]) == 0 and opened == []
    told = capsys.readouterr().out
    assert told.startswith("report: results/report.html") and "results/compare/" in told and "external" not in told
    assert main(["report"]) == 0 and opened == [(tmp_path / "results/report.html").as_uri()]
    monkeypatch.setattr(webbrowser, "open", lambda address: False)
    assert main(["report"]) == 0 and "no browser could be opened here" in capsys.readouterr().out
    assert main(["report", "one"]) == 1 and "or two, received 1" in capsys.readouterr().err


def test_an_experiment_beside_a_commit_paired(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], opened: list[str]
) -> None:
    monkeypatch.chdir(repository)
    assert main(["report", "first", "better-one"]) == 0
    told = capsys.readouterr().out
    assert "first chose resnet50" in told and "On the same 60 test images the second differs by +" in told
    assert "the second is better (>), corrected for 2 comparisons" in told
    path = repository / "results/report-first-better_one.html"
    assert opened == [path.as_uri()]
    text = path.read_text(encoding="utf-8")
    page = check_whole(text)
    assert "train.epochs 1 8" in page.text and git("rev-parse", "first") in page.text
    for secret in ("doctor", "pepper", str(repository)):
        assert secret not in text
    # What lies in the workspace is the first study.
    assert main(["report", "first", "workspace"]) == 0
    told = capsys.readouterr().out
    assert "Both chose the same training, so there is no difference to speak of." in told and "differs by" not in told
    assert "No parameter differs." in told and "Warning" not in told


def test_parameters_that_changed_after_the_run_are_told(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The figures of the workspace are those of its last run, whatever params.yaml says by now."""
    copy = tmp_path / "copy"
    shutil.copytree(repository, copy)
    monkeypatch.chdir(copy)
    values = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    noted = {"train": dict(values["train"]), "seed": values["seed"], "model": {"variants": ["another"]}}
    lock = yaml.safe_load(Path("dvc.lock").read_text(encoding="utf-8"))
    lock["stages"]["all"]["params"] = {"params.yaml": noted}
    lock["stages"]["train@gone"] = {"cmd": "echo", "params": {"params.yaml": {"seed": -1}}}
    Path("dvc.lock").write_text(yaml.safe_dump(lock), encoding="utf-8")
    assert main(["report", "first", "workspace"]) == 0
    assert "Warning" not in capsys.readouterr().out
    values["train"]["epochs"] = 99
    del values["dataset"]["modality"]
    Path("params.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    assert main(["report", "first", "workspace", "--output", "page.html"]) == 0
    told = capsys.readouterr().out
    assert "workspace has other parameters now than those its figures were made with (train.epochs)" in told
    assert "no such parameter" in check_whole(Path("page.html").read_text(encoding="utf-8")).text


def test_an_empty_name_is_no_study(repository: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.chdir(repository)
    assert main(["report", "", "first"]) == 1
    assert "received an empty text" in capsys.readouterr().err


def test_other_test_images_give_no_difference(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(repository, copy)
    monkeypatch.chdir(copy)
    write_study(copy, 2.0, test=(20, 30))
    assert main(["report", "first", "workspace", "--output", str(tmp_path / "page.html")]) == 0
    told = capsys.readouterr().out
    assert "The test images are not the same" in told and "differs by" not in told
    assert "other test images" in check_whole((tmp_path / "page.html").read_text(encoding="utf-8")).text


def test_without_the_cache_figures_stand_without_a_difference(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(repository, copy)
    shutil.rmtree(copy / ".dvc/cache")
    monkeypatch.chdir(copy)
    assert main(["report", "better-one", "workspace"]) == 0
    told = capsys.readouterr().out
    assert "No difference is given: the predictions of one are not on this machine: those of better-one (dvc" in told


def test_what_is_no_study_is_refused_in_a_sentence(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["report", "a", "b"]) == 1 and "expected the root of the repository" in capsys.readouterr().err
    copy = tmp_path / "copy"
    shutil.copytree(repository, copy)
    monkeypatch.chdir(copy)
    assert main(["report", "nothing-of-this-name", "first"]) == 1
    assert "nothing-of-this-name: expected a commit, tag, branch or experiment" in capsys.readouterr().err
    (copy / "metrics/audit.json").unlink()
    assert main(["report", "first", "workspace"]) == 1
    assert "workspace: expected a study with results, found no metrics/audit.json" in capsys.readouterr().err
    write_json(copy / "metrics/audit.json", {"warnings": []})
    write_json(copy / "metrics/summary.json", {"winner": "resnet152"})
    assert main(["report", "first", "workspace"]) == 1
    assert "expected the measures of resnet152, which its summary names" in capsys.readouterr().err
    assert read_json(copy / "metrics/summary.json")["winner"] == "resnet152"


def test_among_how_many_settings_a_study_was_chosen_is_said(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], opened: list
) -> None:
    """By Git's note of the grid alone: the report is the same bytes whether a grid made it or not."""
    copy = tmp_path / "copy"
    shutil.copytree(repository, copy)
    monkeypatch.chdir(copy)
    report, text = Path("results/report.html"), '<html><section id="summary">\n<p>first</p></section></html>'
    report.write_text(text, encoding="utf-8")
    done = MemberStatus("night-1", state="done", measure=0.9, commit=git("rev-parse", "HEAD"))
    note(copy, "night", [done, MemberStatus("night-2", state="failed")])
    assert main(["report", "--where"]) == 0
    words = "this study is chosen among 2 settings on val (grid night): the best of several looks better on val"
    assert words in capsys.readouterr().out and not Path("results/report-grid.html").exists()
    assert main(["report"]) == 0 and opened[-1].endswith("report-grid.html")
    page = Path("results/report-grid.html").read_text(encoding="utf-8")
    assert "This study is chosen among 2 settings on val (grid night)" in page and report.read_text() == text
    assert main(["report", "first", "workspace", "--output", "page.html"]) == 0
    assert "workspace is chosen among 2 settings on val (grid night)." in Path("page.html").read_text(encoding="utf-8")
    git("update-ref", "-d", "refs/chestbench/tried/night")
    assert main(["report", "--where"]) == 0 and "grid" not in capsys.readouterr().out.splitlines()[-1]
