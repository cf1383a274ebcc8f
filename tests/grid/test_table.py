"""The live table: what a terminal of any width shows, and what a pipe gets."""

import io
import re
from dataclasses import replace

import pytest

from chestbench.grid.events import MemberStatus
from chestbench.grid.pace import Pace
from chestbench.grid.rows import by_val_set, page, shortened
from chestbench.grid.table import GridTable


def member(number: int, **values: object) -> MemberStatus:
    return replace(MemberStatus(f"night-small-learning_rate-0.00{number}-abc{number:03d}"), **values)  # type: ignore[arg-type]


RUNNING = {"state": "running", "node": "10.0.0.7", "device": "gpu 2", "stage": "train@small", "epoch": 3, "epochs": 20}
MANY = [
    *(member(number, state="done", measure=0.5 + number / 100, seconds=60.0) for number in range(20)),
    member(20, **RUNNING, images_per_second=412.4, measure=0.61, seconds=30.0),
    member(21, state="failed", last_lines=("Traceback", "train: error: no memory \x1b[31mleft")),
    *(member(number) for number in range(22, 60)),
]


def seen(statuses: list[MemberStatus]) -> Pace:
    pace = Pace()
    pace.see(statuses)
    return pace


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_a_long_grid_is_folded_and_fits_the_width(width: int) -> None:
    shown = page("night", MANY, seen(MANY), 1, width, 16)
    rows = [shown.columns, *shown.rows]
    assert shown.states[:3] == ["running", "failed", "done"], "what is at work first, then what went wrong"
    assert len(shown.rows) + len(shown.below) + 3 == 16
    sizes = [max(len(row[place]) for row in rows) for place in range(len(shown.columns))]
    assert sum(sizes) + 2 * (len(sizes) - 1) <= width
    assert all(len(line) < width for line in shown.below)
    hidden = [int(count) for count in re.findall(r"\d+", shown.folded)]
    assert sum(hidden) + len(shown.rows) == len(MANY)
    assert {"member", "state", "val"} <= set(shown.columns)
    assert ("where" in shown.columns) == (width >= 120)
    assert "38 waiting" in " ".join(shown.below) and "best on val 0.690" in " ".join(shown.below)


def test_done_members_stand_by_val_and_the_first_of_equals_is_the_best() -> None:
    some = [member(1, state="done", measure=0.7), member(2, state="skipped", measure=0.9), member(3, state="done")]
    some += [member(4, state="failed", measure=1.0), member(5, state="done", measure=0.9)]
    [[[best, *_]]] = by_val_set(some)
    assert best.name == some[1].name, "a failed one is no candidate, an earlier one is"
    shown = page("night", some, seen(some), 0, 100, 30)
    assert [row[0] for row in shown.rows if "done" in row] == [some[4].name, some[0].name, some[2].name]
    assert "hours" not in shown.columns or "GPU h" not in shown.columns


def test_time_left_comes_from_the_epochs_and_then_from_the_others() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    first, second, third = member(1), member(2), member(3)
    pace.see([first, second, third])
    assert pace.left_of_all([first, second, third]) is None, "nothing was seen yet"
    first = replace(first, **{**RUNNING, "epoch": 1, "epochs": 5}, seconds=10.0)
    pace.see([first, second, third])
    assert pace.left(first) is None
    now[0] = 4.0
    first = replace(first, epoch=3, seconds=14.0)
    pace.see([first, second, third])
    assert pace.left(first) == pytest.approx(4.0), "two epochs took four seconds, two are left"
    now[0] = 5.0
    assert pace.left(first) == pytest.approx(3.0) and pace.seconds(first) == pytest.approx(15.0)
    assert pace.left_of_all([first, second, third]) is None, "how long a whole member takes is not known"
    first = replace(first, state="done", epoch=0, seconds=20.0)
    second = replace(second, state="running", seconds=5.0)
    pace.see([first, second, third])
    assert pace.left(second) == pytest.approx(15.0)
    assert pace.left_of_all([first, second, third]) == pytest.approx(35.0), "one after the other, as it was so far"
    assert pace.hours([first, second, third], 2) == pytest.approx(25 / 3600 * 2)
    third = replace(third, state="data")
    pace.see([first, second, third])
    now[0] = 105.0
    assert pace.hours([first, third], 2) == pytest.approx(20 / 3600 * 2), "data stages hold no card"


def test_a_pipe_gets_a_line_for_each_change_and_no_control_code() -> None:
    stream = io.StringIO()
    one, two = member(1, name="a\x1b[2Jb"), member(2)
    with GridTable("night\r", None, stream) as table:
        table.update([one, two])
        one = replace(one, **RUNNING)
        table.update([one, two])
        table.update([replace(one, epoch=4), two])
        two = replace(two, state="failed", seconds=3.0, last_lines=("Traceback", "error: \x1b[31mred", " "))
        table.update([replace(one, state="done", measure=0.8125, seconds=200.0), two])
    lines = stream.getvalue().splitlines()
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", stream.getvalue().replace("\n", ""))
    assert [line.split(": ", 1)[1] for line in lines] == [
        "a?[2Jb running on 10.0.0.7 gpu 2",
        "a?[2Jb done val 0.812 after 3 min",
        f"{two.name} failed after 3 s (error: ?[31mred)",
        "2 members: 1 failed, 1 done; best on val 0.812 (a?[2Jb); 0.06 GPU hours",
    ]


def test_a_terminal_is_redrawn_and_keeps_the_last_state(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for name, value in {"TERM": "xterm", "COLUMNS": "90", "LINES": "12"}.items():
        monkeypatch.setenv(name, value)
    stream = Terminal()
    with GridTable("night", 1, stream) as table:
        table.update(MANY)
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", stream.getvalue())
    last = plain[plain.rindex("member ") :]
    assert "\x1b[" in stream.getvalue() and "running" in last and re.search(r"and \d+ done, 38 waiting", last)
    assert "train: error" not in last, "words of a failed member stand in the summary"
    assert all(len(line) <= 90 for line in last.splitlines())


def test_detectors_are_judged_by_their_own_figure_and_apart() -> None:
    box = {"judged_by": "val_map50"}
    some = [member(1, state="done", measure=0.7), member(2, state="done", measure=0.9, **box)]
    told = " ".join(page("night", some, seen(some), 0, 120, 30).below)
    assert "best on val 0.700" in told and "best on val mAP@0.5 0.900" in told
    cells = [row[2] for row in page("night", some, seen(some), 0, 120, 30).rows]
    assert cells == ["0.700 bal.acc", "0.900 mAP@0.5"]


def test_members_of_different_val_sets_have_no_best_and_stand_apart() -> None:
    some = [member(1, state="done", measure=0.7, judges="b"), member(2, state="done", measure=0.8, judges="a")]
    some += [member(3, state="skipped", measure=0.9, judges="b"), member(4, judges="c")]
    shown = page("night", some, seen(some), 0, 120, 30)
    told = " ".join(shown.below)
    assert "none best on val, as 2 different val sets judged them" in told and "0.9" not in told
    assert [row[0] for row in shown.rows if "done" in row] == [some[1].name, some[0].name]
    assert "best on val 0.900" in " ".join(page("night", some[::2], seen(some[::2]), 0, 120, 30).below)


def test_why_an_attempt_failed_is_shown_while_it_is_tried_again() -> None:
    stream = io.StringIO()
    again = member(1, state="waiting", attempt=1, before="train: error: no space")
    with GridTable("night", None, stream) as table:
        table.update([member(1, **RUNNING)])
        table.update([again])
    assert "waiting for another attempt (train: error: no space)" in stream.getvalue()
    assert "failed before: train: error: no space" in " ".join(page("night", [again], seen([again]), 0, 120, 30).below)


def test_an_earlier_call_tells_how_long_members_take() -> None:
    some = [member(1, state="skipped", seconds=60.0, trained=True), member(2)]
    assert seen(some).left_of_all(some) == pytest.approx(60.0)
    cached = [member(1, state="skipped", seconds=2.0), member(2)]
    assert seen(cached).left_of_all(cached) is None, "what came from the cache tells nothing"
    assert "hours" not in " ".join(page("night", [member(2)], seen([member(2)]), 0, 120, 30).below)


def test_both_ends_of_a_name_stay() -> None:
    assert shortened("abcdefghij", 10) == "abcdefghij"
    assert shortened("abcdefghij", 7) == "abc…hij" and len(shortened("abcdefghij", 6)) == 6
