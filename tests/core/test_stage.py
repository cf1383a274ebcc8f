import argparse
import errno
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from chestbench.core.errors import ChestbenchError
from chestbench.core.stage import name_member, run_stage
from tests.conftest import ROOT

STAGES = sorted(path.stem for path in (ROOT / "stages").glob("*.py") if path.stem != "__init__")


def run(monkeypatch, capsys, work, *arguments, per_model=False):
    monkeypatch.setattr(sys, "argv", ["demo.py", "--params", str(ROOT / "params.yaml"), *arguments])
    code = 0
    try:
        run_stage(work, "what it does", per_model)
    except SystemExit as stop:
        code = stop.code
    return code, *capsys.readouterr()


def test_the_summary_is_printed_under_the_stage_name(monkeypatch, capsys):
    code, out, _ = run(monkeypatch, capsys, lambda config, arguments: "wrote a\nand b")
    assert code == 0
    assert out.splitlines()[:2] == ["demo: wrote a", "demo: and b"]
    assert "demo: done in" in out


def test_a_user_error_is_one_line_without_traceback(monkeypatch, capsys):
    def work(config, arguments):
        raise ChestbenchError("expected x, received y; do z")

    code, _, err = run(monkeypatch, capsys, work)
    assert (code, err) == (1, "demo: error: expected x, received y; do z\n")


def test_a_full_disk_is_told_and_other_os_errors_are_not_hidden(monkeypatch, capsys):
    def full(config, arguments):
        raise OSError(errno.ENOSPC, "No space left on device", "data/split")

    code, _, err = run(monkeypatch, capsys, full)
    assert code == 1
    assert "no space left on the disk" in err

    def broken(config, arguments):
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        run(monkeypatch, capsys, broken)


def test_a_missing_input_and_a_read_only_place_are_told(monkeypatch, capsys):
    def too_early(config, arguments):
        Path("data/no/such/file.csv").read_text()

    code, _, err = run(monkeypatch, capsys, too_early)
    assert code == 1
    assert "data/no/such/file.csv: expected the output of an earlier stage, found none; run `dvc repro`" in err

    def read_only(config, arguments):
        raise OSError(errno.EROFS, "Read-only file system", "data/raw")

    code, _, err = run(monkeypatch, capsys, read_only)
    assert code == 1
    assert "data/raw: expected a place that can be written, received: Read-only file system" in err


def test_ctrl_c_exits_with_130(monkeypatch, capsys):
    def interrupted(config, arguments):
        raise KeyboardInterrupt

    code, _, err = run(monkeypatch, capsys, interrupted)
    assert code == 130
    assert "run the same command again" in err


def test_a_model_stage_wants_its_model(monkeypatch, capsys):
    monkeypatch.setenv("DVC_STAGE", "train@resnet50; touch x")
    code, _, err = run(monkeypatch, capsys, lambda config, arguments: "", per_model=True)
    assert code == 1
    assert "expected --model" in err and "there are resnet50, resnet50v2" in err


@pytest.mark.parametrize(
    ("stage", "kinds", "expected"),
    [
        ("train@tiny", {"model": None}, {"model": "tiny"}),
        ("external@set1", {"set": None}, {"set": "there"}),
        ("transfer@small-set0", {"model": None, "set": None}, {"model": "small", "set": "here"}),
        ("transfer@small-set0", {"model": "tiny", "set": None}, {"model": "tiny", "set": "here"}),
        ("", {"model": "tiny"}, {"model": "tiny"}),
        ("train_boxes@fcos_tiny", {"detector": None}, {"detector": "fcos_tiny"}),
    ],
)
def test_dvc_says_which_member_of_a_matrix_runs(make_config, stage, kinds, expected):
    sets = [{"name": name, "path": name} for name in ("here", "there")]
    detectors = {"task": "both", "detector.variants": ["fcos_small", "fcos_tiny"], "detector.boxes": ["drawn"]}
    config = make_config({"model.variants": ["tiny", "small"], "evaluate.external": sets, **detectors})
    arguments = argparse.Namespace(**kinds)
    name_member(arguments, config, stage)
    assert vars(arguments) == expected


def test_no_parameter_stands_in_a_command():
    """A shell would read it, also where it was never checked (`dvc repro -s`)."""
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    assert {stage["cmd"] for stage in stages.values()} == {f"python -m stages.{name}" for name in stages}


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_has_help(stage):
    done = subprocess.run([sys.executable, "-m", f"stages.{stage}", "--help"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"usage: {stage}.py")
    assert f"{stage}: " in done.stdout
