import io
import re
import sys

from chestbench.core import progress


def test_track_yields_every_item(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert list(progress.track(range(5), 5, "work")) == [0, 1, 2, 3, 4]


def test_a_log_gets_lines_with_an_estimate_and_no_redrawing(monkeypatch):
    log = io.StringIO()
    monkeypatch.setattr(sys, "stderr", log)
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
    list(progress.track(range(50), 50, "work"))
    lines = log.getvalue().splitlines()
    assert len(lines) > 1
    assert all(re.fullmatch(r"work: \d+/50 \[\d\d:\d\d<[\d:?]+, .*image/s\]", line) for line in lines), lines


def test_short_work_in_a_log_stays_silent(monkeypatch):
    log = io.StringIO()
    monkeypatch.setattr(sys, "stderr", log)
    list(progress.track(range(5), 5, "work"))
    assert log.getvalue().strip() == ""
