"""A first connection that is killed costs nothing: the database is whole, or made anew."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chestbench.tracking import database
from chestbench.tracking.database import DATABASE, ensure_whole, is_whole
from chestbench.tracking.store import connect

CONNECT = (
    "import sys; from pathlib import Path; from chestbench.tracking.store import connect; connect(Path(sys.argv[1]))"
)


def half_made(path: Path, *statements: str) -> None:
    with sqlite3.connect(path) as opened:
        for statement in statements:
            opened.execute(statement)
    os.utime(path, (1, 1))


@pytest.fixture(autouse=True)
def own_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.mark.parametrize(
    "statements",
    [
        (),
        ("CREATE TABLE experiments (experiment_id INTEGER)",),
        ("CREATE TABLE experiments (experiment_id INTEGER)", "CREATE TABLE alembic_version (version_num TEXT)"),
        (
            "CREATE TABLE experiments (experiment_id INTEGER)",
            "CREATE TABLE alembic_version (version_num TEXT)",
            "INSERT INTO alembic_version VALUES ('dc11669786a5')",
        ),
    ],
)
def test_a_half_made_database_is_set_aside_and_made_anew(
    tmp_path: Path, statements: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    half_made(tmp_path / DATABASE, *statements)
    before = (tmp_path / DATABASE).read_bytes()
    store = connect(tmp_path)
    assert [found.name for found in store.client.search_experiments()] == ["Default"]
    assert (tmp_path / f"{DATABASE}.damaged-1").read_bytes() == before
    assert "damaged-1" in caplog.text and "chestbench sync" in caplog.text


def test_what_is_no_database_is_set_aside_under_a_free_name(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / DATABASE).write_bytes(b"not a database, of %d" % number * 300)
        os.utime(tmp_path / DATABASE, (1, 1))
        ensure_whole(tmp_path / DATABASE, lambda path: half_made(path))
    assert (tmp_path / f"{DATABASE}.damaged-2").read_bytes().endswith(b"of 2")


def test_a_whole_database_stays_and_its_experiments_with_it(tmp_path: Path) -> None:
    connect(tmp_path).experiment("mine")
    assert is_whole(tmp_path / DATABASE)
    assert {found.name for found in connect(tmp_path).client.search_experiments()} == {"Default", "mine"}
    assert not list(tmp_path.glob("*damaged*")) and not list(tmp_path.glob(".*partial*"))


def test_a_database_that_another_process_is_making_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = iter([False, False, True])
    monkeypatch.setattr(database, "is_whole", lambda path: next(looks))
    (tmp_path / DATABASE).touch()
    ensure_whole(tmp_path / DATABASE, lambda path: pytest.fail("it is there"))
    assert (tmp_path / DATABASE).exists()


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_a_random_moment_of_the_first_connection(tmp_path: Path, seed: int) -> None:
    """The time to the first table is several seconds of imports: the kill waits for the file and falls after it."""
    process = subprocess.Popen([sys.executable, "-c", CONNECT, str(tmp_path)])
    deadline = time.monotonic() + 120
    while not any(tmp_path.glob("*mlflow.db*")) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(random.Random(seed).uniform(0, 3))
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert connect(tmp_path).client.search_experiments()[0].name == "Default"
    assert not list(tmp_path.glob("*damaged*")), "a file that carries the final name is whole"
