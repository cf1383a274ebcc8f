"""The page of `dvc plots show` loads its library from the repository, and DVC's own only where that is not there."""

import subprocess
import sys
from pathlib import Path

import pytest

from chestbench.__main__ import main
from tests.conftest import ROOT


def test_the_library_has_what_dvcs_pages_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".dvc").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main(["vega"]) == 0
    written = (tmp_path / ".dvc/tmp/vega.js").read_text()
    assert all(f"window.{name}=" in written for name in ("vega", "vegaLite", "vegaEmbed"))
    assert "</script" not in written


def test_dvc_writes_its_page_by_our_template(tmp_path: Path) -> None:
    (tmp_path / "curve.csv").write_text("epoch,loss\n1,0.5\n2,0.25\n")
    (tmp_path / "dvc.yaml").write_text("plots:\n  - loss:\n      x: epoch\n      y: {curve.csv: loss}\n")
    run(tmp_path, "git", "init", "-q")
    run(tmp_path, "dvc", "init", "-q")
    for name in ("config", "plots/page.html"):
        target = tmp_path / ".dvc" / name
        target.parent.mkdir(exist_ok=True)
        target.write_text((ROOT / ".dvc" / name).read_text())
    run(tmp_path, "dvc", "plots", "show")
    page = (tmp_path / "dvc_plots/index.html").read_text()
    local, dvcs = page.index('<script src="../.dvc/tmp/vega.js">'), page.index('<template id="dvc">')
    assert local < dvcs < page.index("vega-embed@") < page.index("</template>") < page.index("vegaEmbed(")
    assert "{scripts}" not in page and "{plot_divs}" not in page


def run(folder: Path, *command: str) -> None:
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(folder), "DVC_NO_ANALYTICS": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
