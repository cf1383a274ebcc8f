"""The report in a real browser: nothing fails, nothing overflows, tables sort, folded parts are printed."""

import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from stages import report
from tests.reports.studies import StudyMaker
from tests.reports.test_report import NASTY

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: the page is not looked at")
# Asks the page itself, once it is laid out, and leaves the answers in its title.
PROBE = """
const told = {inner: innerWidth, width: document.documentElement.scrollWidth, errors: window.failed || [],
  wide: [...document.querySelectorAll("body *")].filter((part) => !part.closest(".wide, nav ul, svg") &&
    part.getBoundingClientRect().right > innerWidth + 1).map((part) => part.tagName + part.className).slice(0, 9)};
const board = document.querySelector("table.board");
const names = () => [...board.tBodies[0].rows].map((row) => row.cells[0].textContent.trim());
const heads = [...board.tHead.rows[0].cells];
told.start = names();
const click = (text) => heads.find((head) => head.textContent.startsWith(text)).querySelector("button").click();
click("network"); told.by_name = names();
click("network"); told.by_name_again = names();
click("AUC"); told.by_auc = names();
told.sort = heads.find((head) => head.textContent.startsWith("AUC")).getAttribute("aria-sort");
const chart = document.querySelector("svg.chart[data-axes]"), box = chart.getBoundingClientRect();
chart.dispatchEvent(new PointerEvent("pointermove", {clientX: box.left + box.width / 2, clientY: box.top + 20}));
told.tip = document.getElementById("tip").textContent;
const bar = document.querySelector("nav ul"), sheet = document.querySelector(".sheet img");
told.menu = bar.scrollWidth <= bar.clientWidth;
told.sheet = sheet.getBoundingClientRect().width;
told.broken = [...board.querySelectorAll("tbody a")].filter((name) => name.getClientRects().length > 1).length;
told.verdicts = [...board.querySelectorAll(".narrow")].filter((part) => part.getClientRects().length).length;
told.cut = [...document.querySelectorAll("caption span")].filter((part) =>
  part.getClientRects().length && part.getBoundingClientRect().right > innerWidth).length;
told.paper = getComputedStyle(document.body).backgroundColor;
parent.document.title = "PROBE" + JSON.stringify(told) + "PROBE";
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, make_config) -> Path:
    """The report of a study with long names, three networks and a warning."""
    return _made(tmp_path_factory.mktemp("study"), make_config, NASTY, [20, 12, 1])


def _made(root: Path, make_config: Callable, classes: list[str], test: list[int]) -> Path:
    import argparse

    from tests.conftest import ROOT

    study = StudyMaker(root, classes, test, warnings=["Told by borders."], strata={"sex": ["F", "M"]})
    names = ["resnet50", "resnet101v2", "bit_r50x1"]
    for place, name in enumerate(names):
        study.add_network(name, skill=1.0 + place)
    shutil.copytree(ROOT / "conf", root / "conf")
    shutil.copyfile(ROOT / "params.yaml", root / "params.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setattr(report, "log_report", lambda *_: None)
        config = make_config({"model.variants": names, "evaluate.bootstrap": 100})
        report.work(config, argparse.Namespace(params=Path("params.yaml")))
    return root / "results/report.html"


def chromium(page: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Open a page without a window and without a network."""
    profile = page.parent / "profile"
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"]
    offline = ["--host-resolver-rules=MAP * ~NOTFOUND", "--disable-background-networking"]
    done = subprocess.run(
        [*command, *offline, *options, page.as_uri()], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done


def probed(page: Path, width: int, *options: str) -> dict:
    """Return what the page tells of itself at a width in pixels."""
    text = page.read_text(encoding="utf-8")
    # The page's own policy would not let a foreign script run.
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    catch = '<script>window.failed = []; addEventListener("error", (event) => failed.push(event.message));</script>'
    text = text.replace("<style>", f"{catch}<style>", 1).replace("</body>", f"<script>{PROBE}</script></body>")
    # A window is never narrower than 500 pixels, a frame is.
    frame = f'<iframe style="width:{width}px;height:900px;border:0" srcdoc="{html.escape(text)}"></iframe>'
    copy = page.with_name(f"probe{width}.html")
    copy.write_text(f'<!DOCTYPE html><meta charset="utf-8"><title></title>{frame}', encoding="utf-8")
    done = chromium(copy, "--window-size=1600,1000", "--dump-dom", *options)
    return json.loads(html.unescape(done.stdout.split("PROBE")[1]))


@pytest.mark.parametrize("width", [360, 800, 1400])
def test_nothing_overflows_and_nothing_fails(page: Path, width: int) -> None:
    told = probed(page, width)
    assert told["inner"] == width
    assert told["width"] <= width and told["wide"] == [] and told["errors"] == []


def test_on_a_phone_nothing_that_matters_is_out_of_sight(page: Path) -> None:
    """The menu is whole, heat maps keep their letters, names stand in one line, verdicts below them."""
    phone, desk = probed(page, 390), probed(page, 1300)
    assert phone["menu"] and desk["menu"]
    assert phone["sheet"] > 1000 and phone["broken"] == 0 and phone["cut"] == 0
    assert phone["verdicts"] == 3 and desk["verdicts"] == 0


def test_the_leaderboard_sorts_and_curves_tell_their_values(page: Path) -> None:
    told = probed(page, 1200)
    names = told["start"]
    assert told["by_name"] == sorted(names) and told["by_name_again"] == sorted(names, reverse=True)
    assert told["sort"] == "descending" and told["by_auc"] != told["by_name"]
    assert re.search(r"train \d\.\d{3}\nval \d\.\d{3}", told["tip"])


def test_the_page_itself_writes_nothing_to_the_console(page: Path) -> None:
    """Also no violation of its own policy, and nothing that it would have loaded."""
    done = chromium(page, "--enable-logging=stderr", "--v=0", "--window-size=1200,900", "--dump-dom")
    assert "CONSOLE" not in done.stderr
    assert "Leaderboard" in done.stdout


def test_it_is_dark_where_the_reader_wants_it_dark(page: Path) -> None:
    light = probed(page, 700)["paper"]
    dark = probed(page, 700, "--blink-settings=preferredColorScheme=0")["paper"]
    assert light == "rgb(255, 255, 255)" and dark == "rgb(21, 24, 27)"


def test_what_is_folded_is_printed(page: Path) -> None:
    """A PDF of the page has the pages of the folded networks too; without the script as well."""

    def pages(path: Path) -> int:
        target = path.with_suffix(".pdf")
        chromium(path, f"--print-to-pdf={target}", "--no-pdf-header-footer")
        return len(re.findall(rb"/Type\s*/Page[^s]", target.read_bytes()))

    text = page.read_text(encoding="utf-8")
    bare = page.with_name("bare.html")
    bare.write_text(re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL), encoding="utf-8")
    unfolded = page.with_name("unfolded.html")
    unfolded.write_text(text.replace("<details ", "<details open "), encoding="utf-8")
    printed = pages(page)
    assert printed > 6
    assert abs(pages(unfolded) - printed) <= 1 and abs(pages(bare) - printed) <= 1
