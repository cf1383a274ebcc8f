"""The ablation: what it trains once, what it never opens, and the arithmetic of its table."""

import csv
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import ablation
from tests.evaluation.workspace import write_processed


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A folder after the data stages, without its test set."""
    write_processed(tmp_path, per_class=8)
    np.save(tmp_path / "data/train_indices.npy", np.arange(36))
    for path in (tmp_path / "data/processed").glob("test.*"):
        path.unlink()
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, study: Path, *more: str) -> None:
    words = ["--study", f"drawn={study}", "--out", str(study / "out"), "--network", "simple_gmp", "--epochs", "1"]
    monkeypatch.setattr(sys, "argv", ["ablation.py", *words, "--settings", "plain", "ema: 0.99", *more])
    ablation.main()


def test_it_judges_on_val_alone_and_trains_nothing_twice(study: Path, monkeypatch, capsys) -> None:
    run(monkeypatch, study, "--seeds", "1", "2")
    cells = {path.name: path.stat().st_mtime_ns for path in (study / "out/cells").iterdir()}
    assert len(cells) == 2 * 4
    shown = capsys.readouterr().out
    assert "4 settings tried, 2 seeds, simple_gmp, 1 epochs; val images: 20 of drawn" in shown
    with open(study / "out/ablation.csv", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    names = ["plain", ablation.SHIFTED, ablation.ENSEMBLE, "ema: 0.99"]
    assert list(dict.fromkeys(row["setting"] for row in rows)) == names
    assert all(row["difference"] == "" for row in rows if row["setting"] == "plain")
    run(monkeypatch, study, "--seeds", "1", "2")
    assert {path.name: path.stat().st_mtime_ns for path in (study / "out/cells").iterdir()} == cells
    assert capsys.readouterr().out.partition("balanced_accuracy")[2] == shown.partition("balanced_accuracy")[2]
    # A third seed is trained beside them; no time, no table.
    with pytest.raises(SystemExit):
        run(monkeypatch, study, "--seeds", "3", "--minutes", "-1")
    assert len(list((study / "out/cells").iterdir())) == 8


def test_means_and_differences() -> None:
    plain = np.tile(np.array([[0.5], [0.7], [0.6]]), 1 + ablation.DRAWS)
    assert ablation.over_seeds(plain[:, 0]) == pytest.approx((0.6, 4.302653 * 0.1 / 3**0.5), rel=1e-5)
    # Each seed gains as much: whatever is drawn, the difference stays.
    gained = ablation.differences(plain + 0.1, plain)
    np.testing.assert_allclose(gained, 0.1)
    assert ablation.bounds(gained) == pytest.approx((0.1, 0.1))
    # One seed gains all: the draws of seeds have a share in the interval.
    drawn = ablation.differences(plain + np.array([[0.3], [0.0], [0.0]]), plain)
    assert drawn[0] == pytest.approx(0.1) and ablation.bounds(drawn) == pytest.approx((0.0, 0.3))
    # An ensemble is one network against the mean of the seeds.
    together = ablation.differences(np.full((1, 1 + ablation.DRAWS), 0.8), plain)
    assert together[0] == pytest.approx(0.2) and ablation.over_seeds(np.array([0.8])) == (0.8, None)
