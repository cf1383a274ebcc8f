"""The catalog stage, and what holds for all data stages: the same bytes in every run and folder, and a light start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json
from stages import check
from tests.conftest import ROOT
from tests.stages.data_workspace import LABELS, STAGES, all_bytes, run_stages, write_raw


def test_the_stage_writes_what_dvc_expects(tmp_path: Path, monkeypatch, make_config) -> None:
    monkeypatch.chdir(tmp_path)
    write_raw(tmp_path)
    (summary,) = run_stages(make_config(), "catalog")
    assert "48 images of 2 classes kept; 2 excluded (1 not an image, 1 exact duplicate)" in summary
    assert "24 groups" in summary
    for path in (
        "data/catalog.csv",
        "data/boxes.csv",
        "metrics/catalog.json",
        "results/catalog/contact_sheet.png",
        "results/catalog/class_counts.csv",
    ):
        assert (tmp_path / path).is_file()
    assert read_json(tmp_path / "metrics/catalog.json")["split_unit"] == "patient"
    assert not list(tmp_path.rglob("*.partial"))


def test_the_class_that_is_looked_for_is_said_and_written(tmp_path: Path, monkeypatch, make_config) -> None:
    monkeypatch.chdir(tmp_path)
    write_raw(tmp_path)
    (summary,) = run_stages(make_config(), "catalog")
    found = {"class": "COVID", "how": "inferred"}
    assert read_json(tmp_path / "metrics/catalog.json")["positive"] == found
    assert "positive: COVID (inferred from the names; dataset.positive sets it)" in summary
    (summary,) = run_stages(make_config({"dataset.positive": LABELS[1]}), "catalog")
    assert read_json(tmp_path / "metrics/catalog.json")["positive"] == {"class": LABELS[1], "how": "stated"}
    assert f"positive: {LABELS[1]} (dataset.positive)" in summary


def test_a_positive_that_is_no_class_is_refused_before_any_picture_is_read(
    tmp_path: Path, monkeypatch, make_config
) -> None:
    monkeypatch.chdir(tmp_path)
    write_raw(tmp_path)
    monkeypatch.setattr("chestbench.catalog.audit.see_all", lambda *_: pytest.fail("a picture was read"))
    with pytest.raises(ChestbenchError, match=r"dataset.positive: expected one of .*did you mean .*'COVID'"):
        run_stages(make_config({"dataset.positive": "covid"}), "catalog")
    monkeypatch.setitem(STAGES, "check", check)
    values = {"dataset.classes": list(LABELS), "dataset.positive": "Covid"}
    with pytest.raises(ChestbenchError, match=r"did you mean .*'COVID'"):
        run_stages(make_config(values), "check")


def test_two_runs_in_two_folders_give_the_same_bytes(tmp_path: Path, monkeypatch, make_config) -> None:
    found = []
    for name in ("first", "second folder"):
        folder = tmp_path / name
        folder.mkdir()
        monkeypatch.chdir(folder)
        write_raw(folder)
        run_stages(make_config(), *STAGES)
        found.append(all_bytes(folder))
    run_stages(make_config(), *STAGES)
    found.append(all_bytes(tmp_path / "second folder"))
    assert found[0].keys() == found[1].keys() and len(found[0]) > 60
    assert [path for path in found[0] if not found[0][path] == found[1][path] == found[2][path]] == []


@pytest.mark.parametrize("stage", [*STAGES, "audit"])
def test_help_and_no_heavy_imports(stage: str) -> None:
    code = (
        f"import sys; sys.argv = ['{stage}']; import stages.{stage}; "
        "heavy = {'tensorflow', 'keras', 'mlflow', 'pandas', 'sklearn', 'matplotlib', 'scipy'} & set(sys.modules); "
        "sys.exit(str(heavy) if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    shown = subprocess.run(
        [sys.executable, "-m", f"stages.{stage}", "--help"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert "--params" in shown.stdout and f"{stage}:" in shown.stdout


def test_by_hand_a_bad_archive_is_one_line_and_exit_1(tmp_path: Path, default_parameters: dict) -> None:
    write_raw(tmp_path)
    archive = tmp_path / "data/raw/archive.zip"
    archive.write_bytes(archive.read_bytes()[:2000])
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(default_parameters), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "stages.catalog"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 1 and "catalog: error:" in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "data/catalog.csv").exists()
