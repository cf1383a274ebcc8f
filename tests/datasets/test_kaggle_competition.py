"""A competition's archive through the real Kaggle client. What it shares with data sets is tested in test_kaggle.py."""

import errno
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from chestbench.core.config import Dataset
from chestbench.core.errors import ChestbenchError
from chestbench.datasets import base
from tests.datasets.archive_server import downloads, make_archive
from tests.datasets.kaggle_server import TOKEN, KaggleServer, point_client_at
from tests.datasets.test_base import described

NAME = "some-chest-competition"
PLACE = Path(f".dvc/tmp/downloads/competition-{NAME}")
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def server(home, tmp_path, monkeypatch):
    with KaggleServer(make_archive(tmp_path / "published.zip"), NAME) as running:
        point_client_at(monkeypatch, running)
        yield running


def competition(**changes: object) -> Dataset:
    return described(**{"source": "kaggle_competition", "handle": NAME, "path": None, **changes})


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    return folder


def refused(raw: Path, **changes: object) -> str:
    with pytest.raises(ChestbenchError) as error:
        base.fetch(competition(**changes), raw)
    assert not list(raw.iterdir())
    assert TOKEN not in str(error.value) and "signature" not in str(error.value)
    return str(error.value)


def test_the_whole_archive_arrives(raw, server, signed_in, capsys):
    source = base.fetch(competition(), raw)
    assert (raw / "archive.zip").read_bytes() == server.archive.read_bytes()
    assert (source["source"], source["handle"], source["version"]) == ("kaggle_competition", NAME, None)
    assert server.calls("DownloadDataFiles")[0].body == {"competitionName": NAME}
    assert downloads() == [] and capsys.readouterr().out == ""


def test_rules_that_are_not_accepted_are_accepted_in_a_browser(raw, server, signed_in):
    server.rules_accepted = False
    message = refused(raw)
    assert "rules are not accepted" in message and "in a browser" in message
    assert f"competitions/{NAME}/rules" in message and "You must accept this competition" in message
    assert str(PLACE / "archive.zip") in message


def test_without_credentials_every_way_to_sign_in_is_named(raw, server):
    message = refused(raw)
    assert "found none" in message and "KAGGLE_API_TOKEN" in message and "settings/api" in message


def test_no_such_competition(raw, server, signed_in):
    message = refused(raw, handle="no-such-competition")
    assert "404" in message and "dataset.handle" in message and "no-such-competition" in message


def test_a_cut_connection_is_resumed(raw, server, signed_in, waits):
    server.cuts = [1_100_000]
    base.fetch(competition(), raw)
    assert (raw / "archive.zip").read_bytes() == server.archive.read_bytes()
    assert len([seen for seen in server.calls("storage") if seen.range]) == 1


def test_a_disk_that_is_too_small_is_refused_before_the_first_byte(raw, server, signed_in, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**12, 10**12, 1_000_000))
    with pytest.raises(OSError, match=r"needs 0\.0 GB more, 0\.0 GB are free") as error:
        base.fetch(competition(), raw)
    assert error.value.errno == errno.ENOSPC
    assert downloads() == []


def test_a_disk_without_room_for_dvcs_copy_is_said(raw, server, signed_in, monkeypatch, caplog):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**12, 10**12, server.archive.stat().st_size + 1))
    base.fetch(competition(), raw)
    assert "cache.type hardlink,symlink" in caplog.text


def test_an_archive_brought_by_hand_needs_no_network(raw, home, tmp_path, waits):
    PLACE.mkdir(parents=True)
    shutil.copyfile(make_archive(tmp_path / "brought.zip"), PLACE / "archive.zip")
    assert base.fetch(competition(), raw)["bytes"] == (tmp_path / "brought.zip").stat().st_size
    assert waits == [] and not PLACE.exists()


def test_a_link_brought_by_hand_is_followed_and_what_it_leads_to_stays(raw, home, tmp_path):
    brought = make_archive(tmp_path / "brought.zip")
    PLACE.mkdir(parents=True)
    (PLACE / "archive.zip").symlink_to(brought)
    base.fetch(competition(), raw)
    assert not (raw / "archive.zip").is_symlink()
    assert (raw / "archive.zip").read_bytes() == brought.read_bytes()


def test_a_broken_archive_brought_by_hand_is_named_and_left(raw, home):
    PLACE.mkdir(parents=True)
    (PLACE / "archive.zip").write_bytes(b"PK\x03\x04 and then nothing")
    message = refused(raw)
    assert "cut off or damaged" in message and f"replace {PLACE / 'archive.zip'}" in message
    assert downloads() == [PLACE / "archive.zip"]
