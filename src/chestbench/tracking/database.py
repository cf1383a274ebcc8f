"""The local MLflow database: made whole or not at all, and set aside where it is not.

MLflow makes its tables one by one in the file itself. A process that dies in between leaves a file that every later
connection refuses ("table ... already exists"). Here they are made under another name, which is renamed at the end.
"""

import itertools
import logging
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

logger = logging.getLogger(__name__)

DATABASE = "mlflow.db"
# Seconds without a change after which nobody is taken to be at work on a file any more.
STILL_WRITTEN = 10.0
_BESIDE = ("", "-journal", "-wal", "-shm")


def ensure_whole(database: Path, make: Callable[[Path], None]) -> None:
    """Leave at `database` a whole MLflow database: the one that is there, else a new one.

    A half-made one, and a file that is no database, are renamed to DATABASE.damaged-N. Nothing is lost by that: what
    the repository holds is sent anew by the next `chestbench sync`. Call it while no other process makes the tables.

    Args:
        database: the file.
        make: makes the tables in the file it is given, which does not exist yet.
    """
    if database.exists() and not _becomes_whole(database):
        names = (database.with_name(f"{database.name}.damaged-{number}") for number in itertools.count(1))
        aside = next(path for path in names if not path.exists())
        for ending in _BESIDE:
            if (part := database.with_name(database.name + ending)).exists():
                os.replace(part, aside.with_name(aside.name + ending))
        logger.warning(
            "%s was not made to its end (a process died meanwhile); it is set aside as %s and made anew; "
            "`chestbench sync` brings back what the repository holds",
            database.name,
            aside.name,
        )
    if database.exists():
        return
    unfinished = database.with_name(f".{database.name}.partial")
    for ending in _BESIDE:
        unfinished.with_name(unfinished.name + ending).unlink(missing_ok=True)
    database.parent.mkdir(parents=True, exist_ok=True)
    make(unfinished)
    with open(unfinished, "rb") as stream:
        os.fsync(stream.fileno())
    os.replace(unfinished, database)


def _becomes_whole(database: Path) -> bool:
    """Tell whether a file is whole, or becomes so while another process (`mlflow ui`) is seen to write it."""
    while not is_whole(database):
        written = max(
            path.stat().st_mtime for end in _BESIDE if (path := database.with_name(database.name + end)).exists()
        )
        if not 0 <= time.time() - written < STILL_WRITTEN:
            return False
        time.sleep(0.5)
    return True


def is_whole(database: Path) -> bool:
    """Tell whether MLflow finished making the tables of a file: they have a version, and the default experiment.

    A database of an older MLflow counts as whole: its experiments are there, and MLflow says itself how to upgrade it.
    """
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as opened:
            version = opened.execute("SELECT count(*) FROM alembic_version").fetchone()[0]
            experiments = opened.execute("SELECT count(*) FROM experiments").fetchone()[0]
    except sqlite3.OperationalError as error:
        # Busy is not broken.
        return "locked" in str(error)
    except sqlite3.DatabaseError:
        return False
    return bool(version and experiments)
