"""Files of replications/: every one that ships composes, and a broken one says which key and what was expected."""

from pathlib import Path

import pytest
import yaml

from chestbench.__main__ import main
from chestbench.cli.replication import definition
from chestbench.cli.replication.overview import overview
from chestbench.cli.replication.settings import settle
from chestbench.core.errors import ChestbenchError
from chestbench.evaluation.published import MEASURES
from tests.conftest import ROOT

SHIPPED = definition.names(ROOT / "replications")
GOOD = {
    "title": "A set",
    "paper": "Somebody 2020",
    "dataset": "sample",
    "networks": ["tiny"],
    "recipe": "quick",
    "seeds": [1, 2],
    "not_comparable": "everything",
    "published": [{"network": "Net", "split": "test", "measure": "auc", "value": 0.9, "source": "its README"}],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one good file, `good`."""
    write(tmp_path, "good")
    return tmp_path


def write(folder: Path, name: str, **changed: object) -> None:
    values = {key: value for key, value in {**GOOD, **changed}.items() if value is not None}
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")


def refused(folder: Path, name: str) -> str:
    with pytest.raises(ChestbenchError) as caught:
        definition.read(name, folder, ROOT / "conf")
    return str(caught.value)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_file_composes_to_valid_parameters(name: str) -> None:
    found = definition.read(name, ROOT / "replications", ROOT / "conf")
    asked = [f"{key}={value}" for key, value in found.asks.items()]
    settings = settle(name, found, asked, ROOT, ROOT / "conf")
    config = settings.config
    assert (config.dataset.name, config.model.variants, config.train.recipe) == (
        *(found.dataset, found.networks, found.recipe),
    )
    assert config.training_seeds == found.seeds and not settings.differences
    own = {"accuracy", "balanced_accuracy", "study_map", *MEASURES}
    assert {row.measure for row in found.published} <= own, "a measure that ours could stand beside"


def test_the_promised_ones_ship() -> None:
    assert {"pneumoniamnist-resnets", "covid-ct-scratch"} <= set(SHIPPED)
    assert {name[:11] for name in SHIPPED if name.startswith("reference-")} == {f"reference-{x}" for x in "abcde"}
    paper = definition.parsed(ROOT / "replications/pneumoniamnist-resnets.yaml")
    assert len({(row.network, row.size) for row in paper.published}) == 7 and paper.seeds == [1, 2, 3]


def test_an_unknown_name_is_told_the_near_one(folder: Path) -> None:
    assert "did you mean good?" in refused(folder, "god")
    assert "did you mean good?" in refused(folder, "replications/good.yaml")
    assert "chestbench replicate" in refused(folder, "zzzzzz")
    assert "good" not in refused(folder, "../../etc/passwd")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"title": None}, ("title", "expected a value", "docs/how-to.md")),
        ({"title": "two\nlines"}, ("title", "one line")),
        ({"netwroks": ["tiny"]}, ("netwroks", "did you mean networks?")),
        ({"networks": []}, ("networks", "a list that is not empty")),
        ({"networks": ["tinny"]}, ("networks", "'tinny'", "did you mean tiny?")),
        ({"dataset": "smaple"}, ("dataset", "did you mean sample?")),
        ({"recipe": "scrath"}, ("recipe", "did you mean scratch?")),
        ({"seeds": "1"}, ("seeds", "a list")),
        ({"settings": ["train.epochs"]}, ("settings", "KEY=VALUE")),
        ({"needs": {"hours": -1}}, ("needs.hours", "> 0", "-1")),
        (
            {"published": [{**GOOD["published"][0], "value": 94.4}]},  # type: ignore[index]
            ("published[0].value", "from 0 to 1", "94.4"),
        ),
        (
            {"published": [{**GOOD["published"][0], "split": "tset"}]},  # type: ignore[index]
            ("published[0].split", "did you mean test?"),
        ),
    ],
)
def test_a_broken_file_says_which_key_and_what_was_expected(
    folder: Path, changed: dict, words: tuple[str, ...]
) -> None:
    write(folder, "bad", **changed)
    told = refused(folder, "bad")
    assert "bad.yaml" in told and all(word in told for word in words), told


@pytest.mark.parametrize("text", ["title: [", "- a\n- b\n", "", "title: a\ntitle: b\n", "a: &a [*a]\n"], ids=str)
def test_what_is_no_mapping_is_refused_in_words(folder: Path, text: str) -> None:
    (folder / "bad.yaml").write_text(text, encoding="utf-8")
    assert "bad.yaml" in refused(folder, "bad")


def test_the_list_shows_needs_tables_and_what_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "replications").mkdir()
    (tmp_path / "conf").symlink_to(ROOT / "conf")
    with pytest.raises(ChestbenchError, match="expected a file for each replication"):
        overview()
    write(
        tmp_path / "replications", "good", not_run="not run here: needs a Kaggle account", needs={"account": "Kaggle"}
    )
    write(tmp_path / "replications", "broken", seeds=None)
    text, whole = overview()
    assert not whole and "CANNOT BE READ" in text and "seeds: expected a value" in text
    assert "a Kaggle account, no GPU" in text and "no table: not run here: needs a Kaggle account" in text
    assert main(["replicate"]) == 1 and "expected the root of the repository" in capsys.readouterr().err
