"""`chestbench what` answers in a sentence where there is nothing to compare; its answers are in tests/pipeline."""

import subprocess
from pathlib import Path

import pytest

from chestbench.__main__ import main
from chestbench.cli.what import describe


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for command in ("git init -q", "dvc init -q"):
        subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "dvc.yaml").write_text("stages: {}\n")
    for folder in ("src/chestbench", "stages", "data/code"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_folder_that_is_no_root_is_refused(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["what"]) == 1
    assert "expected the root of the repository" in capsys.readouterr().err


def test_before_the_first_run_one_sentence_is_enough(checkout: Path, capsys) -> None:
    (checkout / "data/code").rmdir()
    assert main(["what"]) == 0
    assert capsys.readouterr().out.count("\n") == 1


@pytest.mark.parametrize("content", ["garbage: [", "garbage: 1", "just words"])
def test_a_broken_pipeline_is_refused_in_a_line(checkout: Path, content: str, capsys) -> None:
    (checkout / "dvc.yaml").write_text(content)
    assert main(["what"]) == 1
    told = capsys.readouterr().err
    assert "expected a pipeline that DVC can read" in told and told.count("\n") == 1


def test_many_reasons_are_counted() -> None:
    lines = describe({"train@tiny": [f"file {number}" for number in range(9)], "compare": ["one"]})
    assert lines[:2] == ["train@tiny  file 0", "            file 1"]
    assert lines[3] == "            and 6 more reasons" and lines[4].startswith("compare     one")


def test_without_a_command_the_commands_are_listed(capsys) -> None:
    assert main([]) == 0
    assert "which stages would run" in capsys.readouterr().out
