"""Where a weights file may come from: an own folder or address, the publisher, mirrors; each said, never deciding."""

import logging
from dataclasses import replace

import numpy as np
import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.datasets import download
from chestbench.models.places import without_password
from chestbench.models.published import PublishedWeights
from chestbench.models.registry import get
from chestbench.models.weights import fetch_weights
from tests.models.weights_server import md5, serve

DATA = np.random.default_rng(0).bytes(300_000)
NOWHERE = "http://127.0.0.1:9/weights.h5"


@pytest.fixture(autouse=True)
def surroundings(tmp_path, monkeypatch):
    """Folders of the test's own, and no waiting between attempts."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(download, "sleep", lambda seconds: None)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path / "repository"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("CHESTBENCH_WEIGHTS", raising=False)
    for name in ("home/models", "out", "own"):
        (tmp_path / name).mkdir(parents=True)


def network(url, *mirrors):
    return replace(get("resnet50"), published=lambda: PublishedWeights("weights.h5", url, md5(DATA), mirrors=mirrors))


def test_a_mirror_serves_where_the_publisher_cannot_be_reached(tmp_path, caplog):
    """The result is the same to the last word; the log says what was tried, the note apart which place served."""
    with serve(DATA) as (mirror, _):
        with caplog.at_level(logging.INFO):
            note = fetch_weights(network(NOWHERE, mirror), tmp_path / "out")
        received = note.pop("received_from")
        direct = fetch_weights(network(mirror), tmp_path / "out") | {"source": NOWHERE}
        assert (received, direct.pop("received_from")) == (mirror, mirror)
    assert note == direct
    assert NOWHERE in caplog.text and f"next: {mirror}" in caplog.text and f"received from {mirror}" in caplog.text
    assert (tmp_path / "out" / "weights.h5").read_bytes() == DATA


def test_a_wrong_file_at_a_mirror_is_said_and_the_next_is_tried(tmp_path, caplog):
    with serve(DATA[:-1]) as (wrong, _), serve(DATA) as (right, _), caplog.at_level(logging.INFO):
        note = fetch_weights(network(wrong, right), tmp_path / "out")
    assert note["received_from"] == right
    assert f"received {md5(DATA[:-1])}; it was deleted; next: {right}" in caplog.text
    left = [path for path in (tmp_path / "repository").rglob("*") if path.is_file() and path.suffix != ".lock"]
    assert left == []


def test_no_place_has_it_and_each_is_named(tmp_path):
    with serve(b"something else") as (wrong, _), pytest.raises(ChestbenchError) as caught:
        fetch_weights(network(NOWHERE, wrong), tmp_path / "out")
    message = str(caught.value)
    assert "one of 2 places, received from none" in message and "CHESTBENCH_WEIGHTS" in message
    assert NOWHERE in message and md5(b"something else") in message and "\n" not in message
    assert list((tmp_path / "out").iterdir()) == []


def test_what_came_from_one_place_is_not_gone_on_with_from_another(tmp_path):
    """Of two places with different files under one name, and the first connection cut."""
    with serve(DATA[::-1], cut_first_after=200_000) as (first, _), serve(DATA) as (second, ranges):
        note = fetch_weights(network(first, second), tmp_path / "out")
    assert note["received_from"] == second and ranges == [""]
    assert (tmp_path / "out" / "weights.h5").read_bytes() == DATA


def test_own_address_comes_first_and_its_password_is_not_told(tmp_path, monkeypatch, caplog):
    with serve(DATA) as (url, _):
        base = url.removesuffix("/weights.h5")
        monkeypatch.setenv("CHESTBENCH_WEIGHTS", base.replace("http://", "http://me:secret@") + "/")
        with caplog.at_level(logging.INFO):
            note = fetch_weights(network(NOWHERE), tmp_path / "out")
        assert note["received_from"] == url and note["source"] == NOWHERE
    monkeypatch.setenv("CHESTBENCH_WEIGHTS", "http://me:secret@127.0.0.1:9")
    with pytest.raises(ChestbenchError) as caught, caplog.at_level(logging.INFO):
        fetch_weights(network(NOWHERE), tmp_path / "out")
    assert "secret" not in caplog.text + str(caught.value)


def test_own_folder_comes_first(tmp_path, monkeypatch):
    monkeypatch.setenv("CHESTBENCH_WEIGHTS", str(tmp_path / "own"))
    (tmp_path / "own" / "weights.h5").write_bytes(DATA)
    (tmp_path / "home" / "models" / "weights.h5").write_bytes(b"not looked at")
    note = fetch_weights(network(NOWHERE), tmp_path / "out")
    assert note["received_from"] == str(tmp_path / "own" / "weights.h5")
    assert note["source"] == NOWHERE and (tmp_path / "out" / "weights.h5").read_bytes() == DATA


def test_a_wrong_file_in_the_own_folder_is_refused_and_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("CHESTBENCH_WEIGHTS", str(tmp_path / "own"))
    (tmp_path / "own" / "weights.h5").write_bytes(b"something else")
    with pytest.raises(ChestbenchError, match=md5(b"something else")):
        fetch_weights(network(NOWHERE), tmp_path / "out")
    assert (tmp_path / "own" / "weights.h5").exists()


def test_an_own_folder_without_the_file_is_no_obstacle(tmp_path, monkeypatch):
    monkeypatch.setenv("CHESTBENCH_WEIGHTS", str(tmp_path / "own"))
    with serve(DATA) as (url, _):
        assert fetch_weights(network(url), tmp_path / "out")["received_from"] == url


@pytest.mark.parametrize("value", ["{here}/no/such/folder", "{here}/file.h5", "ftp://host/models", "s3://bucket"])
def test_an_own_place_that_is_none_is_refused(value, tmp_path, monkeypatch):
    (tmp_path / "file.h5").write_bytes(DATA)
    monkeypatch.setenv("CHESTBENCH_WEIGHTS", value.format(here=tmp_path))
    with pytest.raises(ChestbenchError, match=r"CHESTBENCH_WEIGHTS: expected a folder .* or an address"):
        fetch_weights(network(NOWHERE), tmp_path / "out")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://host/x.h5", "https://host/x.h5"),
        ("https://me:s@cret@host/x.h5?sig=1", "https://host/x.h5"),
        ("http://token@host:8/a@b.h5", "http://host:8/a@b.h5"),
    ],
)
def test_addresses_are_shown_without_passwords(address, shown):
    assert without_password(address) == shown
