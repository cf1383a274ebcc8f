"""The measuring scripts still run on the code as it is; what they measure is not looked at here."""

import argparse
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks import data_stages, gpu, near_duplicates, paired, phases, regions, training

ROOT = Path(__file__).parents[2]


def test_the_data_stages_are_measured_at_speed(capsys: pytest.CaptureFixture[str]) -> None:
    data_stages.measure_speed(24, 64, 1)
    shown = capsys.readouterr().out
    assert all(f"| {stage} |" in shown for stage in ("bare OpenCV", *data_stages.STAGES))


def test_memory_is_that_of_a_process_of_its_own(tmp_path: Path) -> None:
    data_stages.write_archive(tmp_path / "archive.zip", 8, 64)
    command = [sys.executable, "-m", "benchmarks.data_stages", "--stage", "catalog", "--folder", str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    assert 20 < float(done.stdout) < 4000


def test_regions_are_drawn_and_found() -> None:
    picture = regions.draw_xray(1, 96)
    assert picture.shape == (96, 96, 1)
    assert regions.baseline(picture).any()


def test_near_duplicates_are_measured_and_timed(capsys: pytest.CaptureFixture[str]) -> None:
    pictures = near_duplicates.drawn(6, 1, 64)
    near_duplicates.measure_changes("drawn slices", pictures)
    near_duplicates.measure_drawn(5, 64)
    near_duplicates.measure_scale("drawn slices", near_duplicates.prints(pictures)[1], [50, 200])
    shown = capsys.readouterr().out
    assert all(f"| {change} |" in shown for change in near_duplicates.CHANGES)
    resized = next(line for line in shown.splitlines() if line.startswith("| resized to 50%"))
    assert resized.endswith("| 100.0% | 100.0% (6 of 6) |")
    assert "slices 1 apart (15)" in shown and "| drawn slices | 200 |" in shown


@pytest.mark.parametrize("what", ["feed", "fit", "features"])
def test_training_is_measured(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    settings = {
        "network": "simple_gmp",
        "size": 32,
        "batch_size": 4,
        "repeats": 1,
        "steps": 2,
        "images": 20,
        "optimizer": "flat",
    }
    getattr(training, what)(argparse.Namespace(**settings))
    assert what in capsys.readouterr().out


def test_the_first_step_is_timed() -> None:
    command = [sys.executable, "benchmarks/training.py", "ours", "--network", "simple_gmp", "--size", "32"]
    done = subprocess.run(
        [*command, "--since", repr(time.time())], check=True, capture_output=True, text=True, cwd=ROOT
    )
    assert float(done.stdout.split("first step ")[1]) > 0


def test_the_comparison_of_networks_is_measured(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    paired.measure_speed(200, 3, 100)
    paired.measure_regression(60, 48)
    monkeypatch.setattr(paired, "SETS", paired.SETS[:1])
    paired.measure_coverage(4)
    shown = capsys.readouterr().out
    assert "3 networks on 200 images" in shown and "logistic regression" in shown and "0.7 : 0.3" in shown


@pytest.mark.parametrize("script", sorted(path.name for path in (ROOT / "benchmarks").glob("[!_]*.py")))
def test_every_script_tells_how_it_is_used(script: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{script[:-3]}", "--help"],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert "usage" in done.stdout


def test_the_table_of_a_card_has_what_could_be_measured_and_says_what_could_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    found = gpu.table(
        [
            gpu.Case("simple_gmp", "tensorflow", "float32", 8, 32, 16, 2),
            gpu.Case("no_such_network", "tensorflow", "float32", 8, 32, 16, 2),
            gpu.Case("simple_gmp", "no_such_backend", "float32", 8, 32, 16, 2),
        ]
    )
    (row,) = [line for line in found.splitlines() if line.startswith("| simple_gmp")]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert len(cells) == gpu.HEAD.splitlines()[0].strip("|").count("|") + 1
    assert float(cells[4]) > 0 and float(cells[6].replace(",", "")) > 0 and 0 < float(cells[7].rstrip("%")) <= 100
    assert "no_such_network, tensorflow, batch 8: failed: " in found
    assert "no_such_backend, batch 8: not measured: no_such_backend is not installed" in found
    page = tmp_path / "page.md"
    page.write_text(f"before\n{gpu.BEGIN}\nold\n{gpu.END}\nafter\n")
    gpu.write("new", page)
    gpu.write("newer", page)
    assert page.read_text() == f"before\n{gpu.BEGIN}\nnewer\n{gpu.END}\nafter\n"
    assert gpu.BEGIN in gpu.PAGE.read_text(encoding="utf-8") and gpu.END in gpu.PAGE.read_text(encoding="utf-8")


def test_the_phases_of_a_training_are_timed_and_drawn(tmp_path: Path) -> None:
    picture = tmp_path / "phases.png"
    options = ["--network", "simple_gmp", "--size", "32", "--images", "40", "--epochs", "1", "--picture", str(picture)]
    command = [sys.executable, "-m", "benchmarks.phases", *options]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    seconds = {line.split(":")[0]: float(line.split(": ")[1].split(" s")[0]) for line in done.stdout.splitlines()[2:]}
    assert tuple(seconds) == phases.PHASES and seconds["steps"] >= 0 and seconds["first step"] > 0
    assert picture.stat().st_size > 1000


def test_start_up_is_measured_with_either_optimizer(tmp_path: Path) -> None:
    for optimizer in ("flat", "keras"):
        options = ["--folder", str(tmp_path), "--since", "0", "--network", "tiny", "--size", "32"]
        command = [sys.executable, "benchmarks/training.py", "ours", *options, "--optimizer", optimizer]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        assert done.returncode == 0 and "first step" in done.stdout, done.stderr
