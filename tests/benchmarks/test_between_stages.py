"""The account of a pipeline's time adds up, on lines as DVC and the stages print them."""

from benchmarks.between_stages import account, stamped

LINES = [
    (2.0, "Running stage 'split':"),
    (2.5, "split: wrote data/split"),
    (3.0, "split: done in 0.4 s"),
    (3.75, "Running stage 'evaluate@tiny':"),
    (8.0, "evaluate: test balanced accuracy 0.9 [0.8, 1.0]"),
    (9.0, "evaluate: done in 5.0 s"),
]


def test_stages_pauses_and_the_rest_make_the_whole() -> None:
    found = account(LINES, 10.0)
    assert found.stages == {"split": 1.0, "evaluate@tiny": 5.25}
    assert (found.start, found.pauses, found.end, found.figure) == (2.0, [0.75], 1.0, 8.0)
    assert found.start + sum(found.stages.values()) + sum(found.pauses) + found.end == found.whole


def test_a_run_in_which_nothing_ran() -> None:
    found = account([(0.5, "Stage 'split' didn't change, skipping")], 1.0)
    assert found.stages == {} and found.start is None and found.end is None


def test_lines_come_with_their_moment() -> None:
    lines, whole = stamped(["sh", "-c", "echo first; sleep 0.2; echo second"])
    assert [line for _, line in lines] == ["first", "second"]
    assert 0 <= lines[0][0] < lines[1][0] <= whole
