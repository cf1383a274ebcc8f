"""A search as the grid asks it: its proposals are members, composed and checked before anything runs."""

import shutil
from pathlib import Path

import pytest

from chestbench.__main__ import main
from chestbench.core.errors import ChestbenchError
from chestbench.grid.events import Member, Plan
from chestbench.grid.planning import plan_of
from chestbench.grid.proposer import RECORD, searching
from chestbench.grid.state import folder_of
from chestbench.grid.watch import plan_text
from chestbench.repository.git import git
from tests.conftest import ROOT

RATE = "train.learning_rate=tag(log, interval(1e-5,1e-2))"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the configuration of this one, and nothing else."""
    for part in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{part}_NAME", "T")
        monkeypatch.setenv(f"GIT_{part}_EMAIL", "t@example.invalid")
    shutil.copytree(ROOT / "conf", tmp_path / "conf")
    (tmp_path / "dvc.yaml").write_text("stages: {}\n")
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text("")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "Start")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plan(root: Path, *written: str) -> Plan:
    return plan_of(root, written, name="lr", is_search=True, choices=[])


def test_each_proposal_is_a_member_with_a_name_that_stays(root: Path) -> None:
    written = ("model=small", RATE, "train.batch_size=8,16")
    wanted = plan(root, *written)
    members: list[Member] = []
    with searching(wanted, written, 3) as proposer:
        while (member := proposer.next_member()) is not None:
            proposer.tell(member, 0.5)
            members.append(member)
    assert len({member.name for member in members}) == 3
    assert all(member.name.startswith("lr-learning_rate-") and member.networks == ["small"] for member in members)
    rates = [member.values["train"]["learning_rate"] for member in members]
    assert all(1e-5 <= float(rate) <= 1e-2 for rate in rates)
    with searching(plan(root, *written), written, 4) as proposer:
        again = [member for member in iter(proposer.next_member, None) if member is not None]
    assert again[:3] == members and len(again) == 4


def test_settings_whose_values_do_not_go_together_are_passed_over(root: Path) -> None:
    written = ("model=small", "train.cache_features=false,true", "train.mix=none,mixup", "train.augment=none")
    with searching(plan(root, *written), written, 9) as proposer:
        members = [member for member in iter(proposer.next_member, None) if member is not None]
    assert len(members) == 3 and len(proposer.refused) == 1
    assert "train.cache_features=true" in proposer.refused[0] and "train.mix=mixup" in proposer.refused[0]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ((RATE, "task=classify,detect"), "by val balanced accuracy and some by val mAP@0.5, which are not compared"),
        ((RATE, "task=detect", "detector.boxes=[a],[b]"), "decides the boxes of val"),
        ((RATE, "train.nonsense=1,2"), "train.nonsense: unknown key"),
        (("train.epochs=interval(1,5)",), r"an integer >= 1.*; whole numbers are train.epochs=int\(interval\(1,5\)\)"),
        (("train.batch_size=choice(8,many)",), "train.batch_size: expected"),
        (("model=small,no_such_network",), "no_such_network"),
        (("train.dropout=interval(0,2)",), "train.dropout: expected"),
    ],
)
def test_a_range_with_a_value_that_is_no_parameter_is_refused_at_once(
    root: Path, written: tuple[str, ...], words: str
) -> None:
    wanted = plan(root, *written)
    with pytest.raises(ChestbenchError, match=words), searching(wanted, written, 3):
        pass
    assert not (folder_of(root, "lr") / RECORD).exists()


def test_the_plan_of_a_search_says_its_ranges_and_writes_nothing(root: Path) -> None:
    written = (RATE, "train.batch_size=8,16")
    before = sorted(path for path in root.rglob("*"))
    text = plan_text(plan(root, *written), written, 30)
    assert "a search of 30 settings" in text and "nothing is run, nothing is written" in text
    assert "train.learning_rate: a number from 1e-05 to 0.01, by its logarithm" in text
    assert "train.batch_size: 8, 16" in text and sorted(path for path in root.rglob("*")) == before
    few = plan_text(plan(root, *written[1:]), written[1:], 30)
    assert "there are 2 settings, so no more are tried" in few


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--search", "3"], "expected ranges after -S"),
        (["--search", "0", "-S", RATE], "1 to 10000 settings"),
        (["--search", "-1", "-S", RATE], "1 to 10000 settings"),
        (["--search", "3", "--queued", "-S", RATE], "expected ranges after -S alone"),
        (["--search", "3", "-S", "model=small"], "expected a range"),
        (["-S", RATE], "received an interval; --search N"),
        (["-S", "train.epochs=1,2", "--name", ""], "--name: expected"),
        (["-S", "train.epochs=1,2", "--name", "a b"], "--name: expected"),
        (["-S", "train.epochs=1,2", "--name", "../up"], "--name: expected"),
        (["-S", "train.epochs=1,"], "Hydra says"),
        (["-S", "model.variants=[]"], "a list that is not empty"),
        ([], "expected -S"),
    ],
)
def test_what_is_asked_wrongly_is_answered_in_a_sentence(
    root: Path, options: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["grid", *options, "--plan"]) == 1
    told = capsys.readouterr().err
    assert words in told and "Traceback" not in told and not (root / ".dvc/tmp").exists()
