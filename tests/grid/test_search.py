"""Search: ranges in Hydra's grammar, proposals that follow from seed and record, results of val alone."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.grid.ranges import read_ranges, settings_of
from chestbench.grid.search import Proposal, Search

SPACE = ["model=small", "train.learning_rate=tag(log, interval(1e-5,1e-2))", "train.batch_size=16,32"]


def begun(folder: Path, count: int = 14, written: list[str] = SPACE, seed: int = 42, code: str = "one") -> Search:
    search = Search(written, count, folder / "search.json")
    search.begin(seed, code)
    return search


def asked(search: Search) -> Proposal:
    found = search.ask()
    assert found is not None
    return found


def run(search: Search, val: Callable[[Proposal], float | None], most: int = 99) -> list[Proposal]:
    proposals: list[Proposal] = []
    while len(proposals) < most and (proposal := search.ask()) is not None:
        search.tell(proposal.number, val(proposal))
        proposals.append(proposal)
    return proposals


def rate(proposal: Proposal) -> float:
    return float(proposal.overrides[1].partition("=")[2])


def closeness(proposal: Proposal) -> float:
    """Best at 1e-3."""
    import math

    return 1 - abs(math.log10(rate(proposal)) + 3) / 4


def test_ranges_are_read_as_hydra_has_them() -> None:
    fixed, ranges = read_ranges(
        [
            "seed=3",
            "train.learning_rate=tag(log, interval(1e-5,1e-2))",
            "train.epochs=int(interval(2,9))",
            "train.dropout=range(0,0.5,0.25)",
            "model=choice(small,tiny,small)",
            "balance=none,upsample",
        ]
    )
    rate_, epochs, dropout, model, balance = ranges
    assert fixed == ["seed=3"] and rate_.log and (rate_.low, rate_.high) == (1e-5, 1e-2)
    assert epochs.whole and epochs.corners() == ["2", "4", "9"]
    assert dropout.choices == ("0.0", "0.25") and model.choices == ("small", "tiny") and balance.key == "balance"
    assert settings_of([dropout, model]) == [("0.0", "small"), ("0.0", "tiny"), ("0.25", "small"), ("0.25", "tiny")]
    assert settings_of(ranges) is None
    assert rate_.written(0.00123456789) == "0.00123457" and float(rate_.written(1.00000001e-5)) >= 1e-5


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (["model=small"], "--search: expected a range"),
        ([], "--search: expected a range"),
        (["train.epochs=interval(a,b)"], "Hydra says"),
        (["train.epochs="], "--search: expected a range"),
        (["train.epochs=1,"], "Hydra says"),
        (["train.epochs=choice()"], "Hydra says"),
        (["train.epochs=range(3,3)"], "with a value in it"),
        (["train.epochs=range(1,9,0)"], "with a value in it"),
        (["train.learning_rate=interval(1,1)"], "from the smaller to the greater"),
        (["train.learning_rate=interval(1e-2,1e-5)"], "from the smaller to the greater"),
        (["train.learning_rate=interval(nan,1)"], "finite"),
        (["train.learning_rate=interval(0,inf)"], "finite"),
        (["train.learning_rate=tag(log, interval(0,1))"], "above 0"),
        (["train.learning_rate=tag(lag, interval(1,2))"], "the tag log or none, received lag"),
        (["train.batch_size=tag(log, choice(1,2))"], "on single values"),
        (["model=glob(*)"], "a glob"),
        (["train.epochs=1,2", "train.epochs=3"], "received two"),
        (["seed=1,2"], "pictures of val"),
        (["split.val=0.1,0.2"], "pictures of val"),
        (["dataset=sample,covid_ct"], "pictures of val"),
        (["dataset.limit_per_class=10,20"], "pictures of val"),
        (["nonsense"], "Hydra says"),
    ],
)
def test_a_wrong_range_is_refused_in_a_sentence(written: list[str], words: str, tmp_path: Path) -> None:
    with pytest.raises(ChestbenchError, match=words.replace("(", r"\(")):
        Search(written, 3, tmp_path / "search.json")


@pytest.mark.parametrize("count", [0, -1, 10**9])
def test_a_wrong_number_is_refused(count: int, tmp_path: Path) -> None:
    with pytest.raises(ChestbenchError, match="1 to 10000 settings"):
        Search(SPACE, count, tmp_path / "search.json")


def test_it_finds_the_better_settings(tmp_path: Path) -> None:
    proposals = run(begun(tmp_path, 24), closeness)
    assert len({proposal.overrides for proposal in proposals}) == 24, "none is tried twice"
    first, last = proposals[:10], proposals[14:]
    assert sum(map(closeness, last)) / 10 > sum(map(closeness, first)) / 10 + 0.05
    assert all(proposal.overrides[0] == "model=small" for proposal in proposals)


def test_a_search_that_was_killed_proposes_what_it_would_have(tmp_path: Path) -> None:
    whole = run(begun(tmp_path / "whole"), closeness)
    killed = begun(tmp_path / "killed")
    before = run(killed, closeness, 11)
    lost = asked(killed)  # proposed and never told: killed in its training
    resumed = begun(tmp_path / "killed")
    again = run(resumed, closeness)
    assert again == whole and before == whole[:11] and lost == whole[11]
    assert run(begun(tmp_path / "other", seed=43), closeness) != whole


def test_a_larger_number_adds_to_a_search(tmp_path: Path) -> None:
    few = run(begun(tmp_path, 5), closeness)
    more = run(begun(tmp_path, 8), closeness)
    assert more[:5] == few and len(more) == 8 and more == run(begun(tmp_path / "once", 8), closeness)
    assert len(run(begun(tmp_path, 3), closeness)) == 3


def test_several_at_once_are_different_and_bad_where_another_is_tried(tmp_path: Path) -> None:
    search = begun(tmp_path, 24)
    run(search, closeness, 12)
    together = [asked(search) for _ in range(6)]
    assert len({proposal.overrides for proposal in together}) == 6
    again = begun(tmp_path, 24)
    assert [asked(again) for _ in range(18)][12:] == together, "resumed with the same ones at work"


def test_all_settings_of_a_small_space_are_tried_once(tmp_path: Path) -> None:
    search = begun(tmp_path, 50, ["model=small,tiny", "train.batch_size=8,16,32"])
    assert search.possible == 6
    assert len({proposal.overrides for proposal in run(search, lambda _: 0.5)}) == 6 and search.ask() is None


def test_a_failed_setting_counts_and_is_tried_again_by_the_next_call(tmp_path: Path) -> None:
    search = begun(tmp_path, 4)
    run(search, lambda proposal: None if proposal.number == 1 else float("nan") if proposal.number == 2 else 0.5)
    assert search.tried == 4
    trials = json.loads((tmp_path / "search.json").read_text())["trials"]
    assert [trial["failed"] for trial in trials] == [False, True, True, False]
    assert len(run(begun(tmp_path, 4), lambda _: 0.6)) == 4


def test_figures_of_other_code_are_not_taken_over(tmp_path: Path) -> None:
    before = run(begun(tmp_path, 3), closeness)
    other = begun(tmp_path, 3, code="two")
    assert [asked(other) for _ in range(3)] == before
    assert all(trial["val"] is not None for trial in json.loads((tmp_path / "search.json").read_text())["trials"])
    other.tell(0, 0.25)
    trials = json.loads((tmp_path / "search.json").read_text())["trials"]
    assert [trial["val"] for trial in trials] == [0.25, None, None]


def test_another_search_under_the_same_name_is_refused(tmp_path: Path) -> None:
    run(begun(tmp_path, 2), closeness)
    for written, seed in ((["model=tiny", *SPACE[1:]], 42), ([*SPACE[:2], "train.batch_size=8"], 42), (SPACE, 1)):
        with pytest.raises(ChestbenchError, match="another"):
            begun(tmp_path, 2, written, seed)
    for text in ("", "{}", "[1]", '{"seed": 42, "fixed": [], "ranges": {}, "trials": [1]}'):
        (tmp_path / "search.json").write_text(text)
        with pytest.raises(ChestbenchError, match="record of a search"):
            begun(tmp_path, 2)
