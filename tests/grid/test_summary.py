"""The end of a grid, and how many settings an experiment was chosen among."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from chestbench.grid.ends import NOT_AGAIN
from chestbench.grid.events import MemberStatus
from chestbench.grid.summary import MOST_ROWS, summary_lines
from chestbench.grid.tried import REFS, Place, all_tried, judges_of, note, places_of
from chestbench.repository.git import git

AGAIN = "chestbench grid -S 'train.learning_rate=1e-3,1e-4'"


def member(number: int, rate: str, **values: object) -> MemberStatus:
    name = f"night-learning_rate-{rate}-abc{number:03d}"
    return replace(MemberStatus(name, ("model=small", f"train.learning_rate={rate}"), "done"), **values)  # type: ignore[arg-type]


SOME = [
    member(1, "1e-3", measure=0.71, seconds=30.0),
    member(2, "1e-4", measure=0.84, seconds=600.0),
    member(3, "1e-5", state="failed", attempt=2, last_lines=("Traceback", "", "train: error: \x1b[2Jno memory")),
    member(4, "1e-2", state="skipped", measure=0.8),
]


@pytest.mark.parametrize("width", [60, 100])
def test_members_stand_by_val_and_test_is_nowhere(width: int) -> None:
    lines = summary_lines("night", SOME, width, AGAIN)
    assert [line.split()[0] for line in lines[:4]] == ["member", "1", "2", "3"]
    assert all(len(line) <= width for line in lines[:4])
    text = "\n".join(lines)
    assert lines[1].split()[-3:] == ["0.840", "10", "min"] and lines[2].split()[-2:] == ["0.800", "before"]
    assert "learning_rate" in lines[0] and "small" not in lines[1], "what is the same in all is not told"
    assert "First on val of 4 settings tried, 1 of which failed: night-learning_rate-1e-4-abc002" in " ".join(
        text.split()
    )
    assert "The best of several looks better on val than it is." in " ".join(text.split())
    assert "Test is not shown" in text and "night-learning_rate-1e-5-abc003 failed after 2 attempts:" in text
    assert "  train: error: ?[2Jno memory" in lines and "\x1b" not in text
    assert f"1 failed; the same command goes on with them: {AGAIN}" in lines
    assert any("dvc exp apply night-learning_rate-1e-4-abc002," in line for line in lines)


def test_too_little_data_is_said_beside_the_figures() -> None:
    names = [each.name for each in SOME]
    assert any("TOO LITTLE DATA in 1 of 3 members" in line for line in summary_lines("n", SOME, 100, AGAIN, names[:1]))
    every = [names[0], names[1], names[3]]
    assert any("TOO LITTLE DATA in all members" in line for line in summary_lines("n", SOME, 100, AGAIN, every))
    assert "TOO LITTLE" not in "".join(summary_lines("n", SOME, 100, AGAIN))


def test_equal_figures_one_member_none_and_many_are_told_as_they_are() -> None:
    equal = "\n".join(summary_lines("night", [SOME[1], replace(SOME[0], measure=0.84)], 200, AGAIN))
    assert "(equal: 1 more)" in equal
    alone = "\n".join(summary_lines("night", SOME[:1], 200, AGAIN))
    assert "First on val of 1 setting tried" in alone and "The best of several" not in alone
    nothing = summary_lines("night", [SOME[2]], 100, AGAIN)
    assert not any("dvc exp" in line for line in nothing) and AGAIN in nothing[-1]
    unjudged = "\n".join(summary_lines("night", [replace(SOME[0], measure=None)], 100, AGAIN))
    assert "nothing is chosen" in unjudged
    many = [replace(SOME[0], name=f"night-{number}", measure=number / 100) for number in range(50)]
    assert f"and {50 - MOST_ROWS} more, which val puts behind them" in summary_lines("night", many, 100, AGAIN)
    diverged = summary_lines("night", [replace(SOME[2], last_lines=("train: error: x", NOT_AGAIN))], 100, AGAIN)
    assert diverged[-1] == "1 failed, and would again; give other values, or mend the code"
    left = "\n".join(summary_lines("night", [SOME[0], replace(SOME[1], state="waiting")], 100, AGAIN))
    assert "1 not done" in left


def test_members_of_different_val_sets_are_not_compared() -> None:
    some = [replace(each, judges=judges) for each, judges in zip(SOME, "abca", strict=True)]
    lines = summary_lines("night", some, 100, AGAIN)
    places = [line.split()[:2] for line in lines[1:4]]
    assert places == [["1.1", SOME[3].name], ["1.2", SOME[0].name], ["2.1", SOME[1].name]], "each val set has its first"
    text = " ".join("\n".join(lines).split())
    assert "judged on 2 different val sets" in text and "First on val" not in text and "dvc exp apply NAME" in text
    one = summary_lines("night", [some[0], some[2], some[3]], 100, AGAIN)
    assert f"First on val of 3 settings tried, 1 of which failed: {SOME[3].name}" in " ".join(" ".join(one).split())


def test_networks_and_detectors_are_not_ranked_together() -> None:
    some = [*SOME[:2], replace(SOME[3], state="done", measure=0.9, judged_by="val_map50")]
    text = " ".join("\n".join(summary_lines("night", some, 100, AGAIN)).split())
    assert "abc002, val balanced accuracy 0.840" in text and "abc004, val mAP@0.5 0.900" in text
    assert "dvc exp apply NAME" in text


@pytest.fixture
def root(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "metrics").mkdir()
    return tmp_path


def committed(root: Path, val: float, seed: int = 42) -> str:
    """An experiment's commit; returns its id."""
    (root / "metrics/summary.json").write_text(json.dumps({"val_balanced_accuracy": val, "winner": "small"}))
    (root / "params.yaml").write_text(f"seed: {seed}\nsplit: {{val: 0.1}}\ndataset: {{name: sample}}\nval: {val}\n")
    git(root, "add", "-A")
    git(root, "-c", "user.name=T", "-c", "user.email=t@example.invalid", "commit", "-qm", str(val))
    return git(root, "rev-parse", "HEAD")


def test_results_are_known_again_and_their_place_among_what_was_tried(root: Path) -> None:
    figures = {1: 0.71, 2: 0.84, 4: 0.8}
    statuses = [
        replace(each, commit=committed(root, figures[number]) if number in figures else "")
        for number, each in enumerate(SOME, 1)
    ]
    note(root, "night", [*statuses, replace(SOME[0], name="night-waiting", state="waiting")])
    tried = all_tried(root)
    assert {each.name for each in tried} == {"night-waiting", *(each.name for each in SOME)}
    [found] = places_of({"val_balanced_accuracy": 0.84, "winner": "small"}, tried)
    assert found == Place("night", SOME[1].name, 1, 5, 1)
    assert found.in_words() == "chosen among 5 settings on val (grid night, 1 not done)"
    [third] = places_of({"winner": "small", "val_balanced_accuracy": 0.71}, tried)
    assert third.in_words() == "number 3 on val of 5 settings (grid night, 1 not done)"
    assert places_of({"val_balanced_accuracy": 0.5}, tried) == []


def test_a_later_call_adds_and_another_grid_stays_by_itself(root: Path) -> None:
    first = replace(SOME[0], commit=committed(root, 0.71))
    note(root, "night", [first, SOME[2]])
    again = replace(SOME[2], state="done", measure=0.9, commit=committed(root, 0.9))
    note(root, "night", [again])
    note(root, "day", [replace(first, name="day-1")])
    found = places_of({"val_balanced_accuracy": 0.71, "winner": "small"}, all_tried(root))
    assert found == [Place("night", first.name, 2, 2), Place("day", "day-1", 1, 1)], "both, the larger first"
    note(root, "night", [replace(SOME[2], state="failed")])
    assert len(all_tried(root)) == 3 and git(root, "for-each-ref", REFS).count("\n") == 1


def test_a_grid_that_was_killed_counts_all_its_members(root: Path) -> None:
    values = {each.name: {"seed": 42, "split": {"val": 0.1}, "dataset": {"name": "sample"}} for each in SOME}
    values[SOME[3].name]["seed"] = 7
    waiting = [replace(each, state="waiting", measure=None) for each in SOME]
    note(root, "night", [replace(SOME[0], commit=committed(root, 0.71)), *waiting[1:]], values)
    [found] = places_of({"val_balanced_accuracy": 0.71, "winner": "small"}, all_tried(root))
    assert found == Place("night", SOME[0].name, 1, 3, 2), "of the one on another val nobody is a rival"
    note(root, "night", [replace(SOME[1], commit=committed(root, 0.84)), waiting[2]], values)
    [found] = places_of({"val_balanced_accuracy": 0.71, "winner": "small"}, all_tried(root))
    assert found == Place("night", SOME[0].name, 2, 3, 1), "what was never tried and is asked no more is forgotten"
    note(root, "night", [])
    assert len(all_tried(root)) == 3, "a grid that could not begin changes nothing"


def test_settings_of_another_split_are_no_rivals(root: Path) -> None:
    first = replace(SOME[0], commit=committed(root, 0.71))
    other = replace(SOME[1], commit=committed(root, 0.84, seed=7))
    note(root, "night", [first, other])
    [found] = places_of({"val_balanced_accuracy": 0.71, "winner": "small"}, all_tried(root))
    assert found.in_words() == "the only setting of the grid night"
    assert judges_of({"seed": 1, "train": 1}) == judges_of({"seed": 1, "train": 2}) != judges_of({"seed": 2})


def test_no_repository_no_grid_and_a_strange_note_are_no_error(tmp_path: Path, root: Path) -> None:
    assert all_tried(root) == []
    note(root, "night", [])
    assert all_tried(root) == []
    committed(root, 0.5)
    git(root, "update-ref", f"{REFS}/strange", git(root, "rev-parse", "HEAD:params.yaml"))
    assert all_tried(root) == []
    assert all_tried(Path("/")) == []
