"""`chestbench params` writes what the pipeline accepts, or nothing."""

from pathlib import Path

import pytest

from chestbench.__main__ import main
from tests.conftest import ROOT


def params(output: Path, *overrides: str) -> int:
    return main(["params", "--conf", str(ROOT / "conf"), "--output", str(output), *overrides])


def test_without_overrides_it_writes_the_committed_parameters(tmp_path: Path) -> None:
    assert params(tmp_path / "params.yaml") == 0
    assert (tmp_path / "params.yaml").read_bytes() == (ROOT / "params.yaml").read_bytes()


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("train.epochs=-1", "train.epochs: expected"),
        ("trian.epochs=3", "trian.epochs: unknown key; did you mean train.epochs?"),
        ("dataset.clases=[a,b]", "did you mean dataset.classes?"),
        ("model.variants=['tiny; touch x #']", "model.variants"),
        ("model.variants=[../../tests]", "model.variants"),
        ("dataset=no_such_set", "Hydra says"),
        ("model=tinny", "expected the name of a file in conf/model, received tinny; did you mean tiny?"),
        ("dataset.url='https://me:hunter2@h/x.zip'", "an address without a secret"),
    ],
)
def test_what_would_be_refused_later_is_not_written(
    tmp_path: Path, override: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "params.yaml"
    output.write_text("as it was")
    assert params(output, override) == 1
    text = capsys.readouterr().err
    assert told in text and "hunter2" not in text and "+" not in text.replace("++", "")
    assert output.read_text() == "as it was" and list(tmp_path.iterdir()) == [output]
