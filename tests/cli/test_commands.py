"""The console command: what it offers, how fast it says so, and how it fails."""

import subprocess
import sys
import time

import pytest

from chestbench.__main__ import main
from chestbench.cli.commands import COMMANDS
from tests.conftest import ROOT


def test_help_names_every_command_and_imports_none_of_them() -> None:
    code = (
        "import sys; from chestbench.__main__ import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'dvc', 'mlflow', 'tensorflow', 'keras', 'numpy', 'yaml', 'hydra'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT / "src")
    assert done.returncode == 0, done.stderr
    for name, (_, description) in COMMANDS.items():
        assert f"  {name}" in done.stdout and description in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does(name: str, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert name in capsys.readouterr().out


def test_an_unknown_command_names_those_there_are(capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["trian"])
    assert ended.value.code == 2
    assert all(name in capsys.readouterr().err for name in [*COMMANDS][:1])


def test_params_writes_the_default_and_overrides(tmp_path, capsys) -> None:
    output = tmp_path / "params.yaml"
    assert main(["params", "--conf", str(ROOT / "conf"), "--output", str(output)]) == 0
    assert output.read_text() == (ROOT / "params.yaml").read_text()
    assert main(["params", "--conf", str(ROOT / "conf"), "--output", str(output), "model=tiny", "train.epochs=3"]) == 0
    assert "epochs: 3" in output.read_text() and "- tiny\n" in output.read_text()


def test_a_mistake_is_one_line_on_stderr_and_exit_status_1(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["params"]) == 1
    told = capsys.readouterr()
    assert told.err.startswith("chestbench params: error: expected the folder of the configuration, found no")
    assert told.err.count("\n") == 1 and not told.out
    assert main(["params", "--conf", str(ROOT / "conf"), "model=resnet5"]) == 1
    assert "Could not find 'model/resnet5'" in capsys.readouterr().err
    assert not (tmp_path / "params.yaml").exists()
    assert main(["exps"]) == 1
    assert "expected a Git repository" in capsys.readouterr().err
    assert main(["vega"]) == 1
    assert "expected a repository with a .dvc folder" in capsys.readouterr().err


def test_python_m_chestbench_is_the_same() -> None:
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "chestbench", "--version"], capture_output=True, text=True, cwd=ROOT / "src"
    )
    assert done.returncode == 0 and done.stdout.startswith("chestbench "), done.stderr
    assert time.monotonic() - begun < 10
