"""The charts of `dvc plots show`, drawn by Vega itself: right order, all figures, nothing empty."""

import json
import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
import yaml

from chestbench.__main__ import main
from tests.conftest import ROOT
from tests.serving.browser import Browser

STEPS = 12  # as text, 10 comes before 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with dvc.yaml's charts and small files of what they draw."""
    root = tmp_path_factory.mktemp("plots")
    whole = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))
    (board,) = [one for one in whole["stages"]["compare"]["plots"] if "metrics/leaderboard.csv" in one]
    # A record is a plot to DVC, for the run cache, and no chart; an empty list in it is a fault to DVC.
    (root / "metrics").mkdir()
    (root / "metrics/catalog.json").write_text('{"leaks": [], "classes": ["a", "b"]}', encoding="utf-8")
    stages = {"all": {"cmd": "true", "plots": ["metrics/catalog.json", board]}}
    (root / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages, "plots": whole["plots"]}), encoding="utf-8")
    run(root, "git", "init", "-q")
    run(root, "dvc", "init", "-q")
    shutil.copytree(ROOT / ".dvc/plots", root / ".dvc/plots", dirs_exist_ok=True)
    shutil.copyfile(ROOT / ".dvc/config", root / ".dvc/config")
    steps = range(1, STEPS + 1)
    losses = [f"net_{n},{split},1,{step},{1 / step + n},{step / STEPS}" for n in (1, 2) for split in ("train", "val")
              for step in steps]  # fmt: skip
    rates = [f"net_1,test,{rate},{rate}" for rate in ("0.0", "5e-05", "0.2", "1.0")]
    found = [f"fcos_{n},test,{rate},{rate / 20},{1 - rate / 20}" for n in (1, 2) for rate in (0.25, 2.0, 10.0)]
    board_rows = ["net_2,0.9,0.8,0.95", "net_1,0.8,0.7,0.9", "majority class,0.5,,"]
    lines = {
        "results/compare/history.csv": ["model,split,epoch,step,loss,accuracy", *losses],
        "results/compare/roc.csv": ["model,split,fpr,tpr", *rates],
        "results/compare/froc.csv": ["model,split,false_per_image,sensitivity,score", *found],
        "results/compare/pr.csv": [
            "class,recall,precision,threshold",
            "a,5e-05,1.0,0.9",
            "a,0.5,0.9,0.5",
            "a,1.0,0.5,0",
        ],
        "results/compare/confusion.csv": ["actual,predicted", *["가나,가나"] * 3, *["b,b"] * 7],
        "results/catalog/class_counts.csv": ["label,kept", "가나,3", "b,7"],
        "metrics/leaderboard.csv": [
            "model,test_balanced_accuracy,test_balanced_accuracy_low,test_balanced_accuracy_high",
            *board_rows,
        ],
    }
    for name, content in lines.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("\n".join([*content, ""]), encoding="utf-8")
    shutil.copyfile(ROOT / "docs/images/report.png", root / "results/compare/leaderboard.png")
    return root


def run(folder: Path, *command: str) -> str:
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(folder), "DVC_NO_ANALYTICS": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def drawn(folder: Path, title: str) -> str:
    """Return a chart as SVG."""
    import vl_convert

    told = json.loads(run(folder, "dvc", "plots", "show", "--json"))["data"][title]
    return unescape(vl_convert.vegalite_to_svg(told[0]["content"]))


FROC = "FROC of the detectors, test"


@pytest.mark.parametrize(
    ("title", "count"),
    [
        ("Loss by step", 4),
        ("Accuracy by step", 4),
        ("ROC of the networks, test (mean over classes)", 1),
        (FROC, 2),
    ],
)
def test_lines_go_from_left_to_right(folder: Path, title: str, count: int) -> None:
    """DVC hands the cells of a CSV over as text: as such, step 10 would stand before step 2."""
    lines = []
    for path in re.findall(r'<path aria-label[^>]*? d="(M[^"]*L[^"]*)"', drawn(folder, title)):
        places = [float(pair.split(",")[0]) for pair in re.findall(r"-?[\d.e-]+,-?[\d.e-]+", path)]
        lines.append(places)
    assert len(lines) == count
    assert all(places == sorted(places) for places in lines)


def test_each_count_and_each_interval_is_there(folder: Path) -> None:
    told = drawn(folder, "Confusion of the chosen network, test")
    counts = re.findall(r"images: (\d+)", told)
    assert sorted(set(counts)) == ["0", "3", "7"] and "가나" in told and "undefined" not in told
    told = drawn(folder, "metrics/leaderboard.csv")
    assert (
        len(re.findall("<path aria-label[^>]*transform", told)) == 3 and len(re.findall("<line aria-label", told)) == 2
    )
    assert told.index(">net_2<") < told.index(">net_1<")  # the order of the leaderboard


def test_the_page_shows_charts_alone(folder: Path, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(["vega"]) == 0
    # As `compare` writes it where there are no detectors: no warning, and no chart on the page.
    froc = folder / "results/compare/froc.csv"
    froc.write_text(froc.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    told = json.loads(run(folder, "dvc", "plots", "show", "--json"))
    assert [fault["name"] for fault in told["errors"]] == ["metrics/catalog.json"] and FROC in told["data"]
    run(folder, "dvc", "plots", "show")
    browser = Browser(tmp_path / "profile")
    try:
        browser.open((folder / "dvc_plots/index.html").as_uri())
        browser.wait("document.querySelectorAll('canvas, svg.marks').length === 7")
        assert browser.value("document.querySelectorAll('.vega-embed').length") == 7
        assert browser.value("document.getElementById('metrics_catalog_json')") is None
        assert browser.value("document.querySelector('[id^=FROC]')") is None
        assert browser.value("document.documentElement.scrollWidth <= innerWidth")
    finally:
        browser.close()
