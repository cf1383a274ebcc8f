"""A pinned address against a local server: every way a download can go."""

import contextlib
import hashlib
import io
import os
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

import pytest

from chestbench.core.config import Dataset
from chestbench.core.errors import ChestbenchError
from chestbench.datasets import base, download, download_watch
from chestbench.datasets.archive import open_archive
from chestbench.datasets.url import shown
from tests.datasets.archive_server import ArchiveServer, downloads, make_archive
from tests.datasets.test_base import described
from tests.datasets.test_nested import npz

COMMIT, OTHER = "598e9b8e86cb8e54179a130c3d990ee97fde5353", "773415a61796f1745bcdc13e91ce768f83635dd5"
PATH = f"/m2dgithub/CT-COV19/archive/{COMMIT}.zip"
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    (tmp_path / "raw").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server(tmp_path):
    with ArchiveServer(make_archive(tmp_path / "published.zip", comment=COMMIT)) as running:
        yield running


def published(address: str, **changes: object) -> Dataset:
    return described(**{"source": "url", "url": address + PATH, "path": None, **changes})


def fetched(tmp_path: Path, server: ArchiveServer, **changes: object) -> dict:
    source = base.fetch(published(server.address, **changes), tmp_path / "raw")
    assert (tmp_path / "raw" / "archive.zip").read_bytes() == server.archive.read_bytes()
    assert downloads() == []
    return source


def refused(tmp_path: Path, address: str, **changes: object) -> str:
    with pytest.raises(ChestbenchError) as error:
        base.fetch(published(address, **changes), tmp_path / "raw")
    assert not list((tmp_path / "raw").iterdir())
    return str(error.value)


def resumed(server: ArchiveServer) -> list[int]:
    """Return the first bytes of all ranges that were asked for; the last piece before a cut may be lost."""
    return [int(seen.range.removeprefix("bytes=").rstrip("-")) for seen in server.calls("storage") if seen.range]


def test_the_archive_arrives_and_its_address_is_recorded(tmp_path, server):
    assert fetched(tmp_path, server)["url"] == server.address + PATH


def test_a_redirect_is_followed(tmp_path, server):
    server.redirect = True
    fetched(tmp_path, server)


def test_what_may_be_secret_in_an_address_is_not_shown():
    assert shown("https://user:word@example.org:8/a/b.zip?token=x#y") == "https://example.org:8/a/b.zip"


@pytest.mark.parametrize("tag", ["strong", "weak"])
def test_a_cut_connection_is_resumed(tmp_path, server, waits, tag):
    server.tag = tag  # with a weak tag the date stands in
    server.cuts = [1_100_000, 1_050_000]
    fetched(tmp_path, server)
    first, second = resumed(server)
    assert 800_000 < first <= 1_100_000 < second <= first + 1_050_000 and waits == [1, 1]


@pytest.mark.parametrize("changes", [{"ranges": False}, {"tag": "none"}, {"chunked": True, "tag": "none"}])
def test_a_server_that_cannot_resume_starts_over(tmp_path, server, waits, changes):
    for name, value in changes.items():
        setattr(server, name, value)
    server.cuts = [1_100_000]
    fetched(tmp_path, server)
    assert len(server.seen) == 2 and len(waits) == 1


def test_a_file_replaced_between_cuts_is_never_mixed(tmp_path, server, monkeypatch):
    server.cuts = [1_100_000]

    def replace(seconds: float) -> None:
        make_archive(server.archive, files=9, size=310_000, comment=COMMIT)

    monkeypatch.setattr(download, "sleep", replace)
    fetched(tmp_path, server)


def test_refusals_in_between_keep_what_is_there(tmp_path, server, waits):
    server.cuts = [1_100_000]
    server.storage_refusals = [0, 503, 429]
    server.retry_after = "7"
    fetched(tmp_path, server)
    assert waits == [1, 7, 7]
    assert resumed(server)[0] > 800_000 and resumed(server) == [resumed(server)[0]] * 3


def test_an_unfinished_file_longer_than_the_archive_is_thrown_away(tmp_path, server, waits):
    server.cuts = [1_100_000]
    server.storage_refusals = [0, 416]
    fetched(tmp_path, server)
    assert len(resumed(server)) == 1 and len(server.seen) == 3


def test_a_later_run_goes_on_where_an_earlier_one_gave_up(tmp_path, server, waits, monkeypatch):
    monkeypatch.setattr(download, "TRIES", 1)
    server.cuts = [1_100_000]
    message = refused(tmp_path, server.address)
    kept = next(path.stat().st_size for path in downloads() if path.suffix == ".partial")
    assert kept > 800_000 and f"after the {kept:,} bytes" in message
    fetched(tmp_path, server)
    assert resumed(server) == [kept]


@pytest.mark.parametrize("zeros", [100, 5_000, 600_000])
def test_what_a_power_cut_left_as_zeros_is_asked_for_again(tmp_path, server, waits, monkeypatch, zeros):
    monkeypatch.setattr(download, "TRIES", 1)
    server.cuts = [1_100_000]
    refused(tmp_path, server.address)
    partial = next(path for path in downloads() if path.suffix == ".partial")
    whole = partial.stat().st_size // 4096 * 4096
    partial.write_bytes(partial.read_bytes()[: whole - zeros // 4096 * 4096] + bytes(zeros))
    fetched(tmp_path, server)
    (first,) = resumed(server)
    assert first <= whole - zeros // 4096 * 4096


@pytest.mark.parametrize("note", [b"", b'{"validator": "x', b"[]"])
def test_a_torn_note_beside_an_unfinished_download_starts_it_anew(tmp_path, server, waits, monkeypatch, note):
    monkeypatch.setattr(download, "TRIES", 1)
    server.cuts = [1_100_000]
    refused(tmp_path, server.address)
    next(path for path in downloads() if path.suffix == ".json").write_bytes(note)
    fetched(tmp_path, server)
    assert resumed(server) == []


def test_a_silent_connection_is_given_up_and_resumed(tmp_path, server, waits, monkeypatch):
    monkeypatch.setattr(download, "TIMEOUT_SECONDS", 0.5)
    server.stalls = [30.0]
    fetched(tmp_path, server)
    assert len(waits) == 1


def test_a_server_that_drips_is_cut_off_and_asked_again(tmp_path, server, waits, monkeypatch, caplog):
    """It is never silent for as long as the time-out of a read, and would take six hours."""
    monkeypatch.setattr(download_watch, "STALL_SECONDS", 0.6)
    server.drips = [True]
    fetched(tmp_path, server)
    assert len(waits) == 1 and "less than 256 KiB came in 1 s; trying again" in caplog.text


def test_a_server_that_only_drips_is_given_up(tmp_path, server, waits, monkeypatch):
    monkeypatch.setattr(download_watch, "STALL_SECONDS", 0.3)
    server.drips = [True] * 50
    begun = time.monotonic()
    assert "less than 256 KiB came in 0 s, 6 tries in a row" in refused(tmp_path, server.address)
    assert time.monotonic() - begun < 10


def test_a_server_that_drips_its_headers_is_given_up(tmp_path, waits, monkeypatch):
    monkeypatch.setattr(download_watch, "STALL_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with contextlib.suppress(OSError), connection:
                    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                    while True:
                        connection.sendall(b"x")
                        time.sleep(0.05)

        threading.Thread(target=serve, daemon=True).start()
        assert "6 tries in a row" in refused(tmp_path, f"http://127.0.0.1:{listening.getsockname()[1]}")


def test_another_commit_is_refused_with_both(tmp_path, server):
    make_archive(server.archive, comment=OTHER)
    message = refused(tmp_path, server.address)
    assert COMMIT in message and OTHER in message and downloads() == []


def test_no_commit_in_the_archive_is_refused_unless_a_checksum_pins_it(tmp_path, server):
    make_archive(server.archive)
    assert COMMIT in refused(tmp_path, server.address)
    fetched(tmp_path, server, sha256=base.sha256_file(server.archive))


def test_an_address_without_a_commit_is_not_compared(tmp_path, server):
    base.fetch(published(server.address, url=f"{server.address}/images.zip"), tmp_path / "raw")


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "no such file"), (403, "not given to everybody"), (407, "proxy"), (418, "received 418")],
)
def test_refusals_say_what_to_do(tmp_path, server, status, words):
    server.storage_refusals = [status]
    message = refused(tmp_path, server.address)
    assert words in message and str(status) in message and server.address + PATH in message
    assert "put it at .dvc/tmp/downloads/127.0.0.1-" in message and len(server.seen) == 1


def test_a_web_page_is_refused_at_once(tmp_path, server):
    server.content_type = "text/html; charset=utf-8"
    assert "received a web page" in refused(tmp_path, server.address) and downloads() == []


def test_something_that_is_no_zip_is_deleted(tmp_path, server):
    server.archive.write_text("Rate limit exceeded")
    message = refused(tmp_path, server.address)
    assert "zip archive" in message and "127.0.0.1" in message
    assert downloads() == []


def test_no_network_names_the_way_by_hand(tmp_path, waits):
    message = refused(tmp_path, "http://127.0.0.1:9")
    assert "check the network" in message and "ConnectionError" in message and "archive.zip" in message
    assert waits == [1, 2, 4]


def test_a_proxy_that_is_not_there_is_named(tmp_path, waits, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert "ProxyError" in (message := refused(tmp_path, "http://example.invalid")) and "HTTPS_PROXY" in message


def test_an_archive_from_this_machine_is_compared_with_the_commit(tmp_path):
    right, wrong = make_archive(tmp_path / "a.zip", comment=COMMIT), make_archive(tmp_path / "b.zip", comment=OTHER)
    address = f"https://github.com{PATH}"
    local = described(source="folder", path=str(right), url=address, watch="src/chestbench/datasets/folder.py")
    base.check_source(local)
    assert base.fetch(local, tmp_path / "raw")["url"] == address
    with pytest.raises(ChestbenchError, match=OTHER):
        base.fetch(described(source="folder", path=str(wrong), url=address), tmp_path / "raw")


def test_kill_and_resume_across_processes(tmp_path, server):
    server.slow = 0.15
    environment = {**os.environ, "DVC_ROOT": str(tmp_path / "repository")}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    code = (
        "import sys; from pathlib import Path; from tests.datasets.test_url import published; "
        "from chestbench.datasets import url; url.fetch(published(sys.argv[1]), Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", code, server.address, str(tmp_path / "raw")]
    process = subprocess.Popen(command, env=environment)
    waiting = tmp_path / "repository/.dvc/tmp/downloads"
    deadline = time.monotonic() + 120
    while not (partial := next(waiting.glob("*/archive.zip.partial"), None)) or not partial.stat().st_size:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = partial.stat().st_size
    assert 0 < kept < server.archive.stat().st_size and not list((tmp_path / "raw").iterdir())
    server.slow = 0.0
    subprocess.run(command, env=environment, check=True, timeout=120)
    assert server.calls("storage")[-1].range == f"bytes={kept}-"
    assert (tmp_path / "raw" / "archive.zip").read_bytes() == server.archive.read_bytes()


def test_a_tar_and_an_npz_are_kept_as_they_are_published(tmp_path):
    stream = io.BytesIO()
    with tarfile.open(
        fileobj=stream, mode="w:gz", pax_headers={"comment": COMMIT}, format=tarfile.PAX_FORMAT
    ) as packed:
        info = tarfile.TarInfo(f"CT-COV19-{COMMIT}/a/1.png")
        info.size = 3
        packed.addfile(info, io.BytesIO(b"one"))
    (tmp_path / "published.tar.gz").write_bytes(stream.getvalue())
    with ArchiveServer(tmp_path / "published.tar.gz") as server:
        source = fetched(tmp_path, server)
        assert source["sha256"] == hashlib.sha256(stream.getvalue()).hexdigest()
        (tmp_path / "raw" / "archive.zip").unlink()
        other = server.address + PATH.replace(COMMIT, OTHER)
        assert "received one of" in refused(tmp_path, server.address, url=other)
    (tmp_path / "mnist.npz").write_bytes(npz())
    with ArchiveServer(tmp_path / "mnist.npz") as server:
        fetched(tmp_path, server, url=f"{server.address}/records/1/files/pneumoniamnist.npz?download=1")
    with open_archive(tmp_path / "raw" / "archive.zip") as archive:
        assert archive.members[0] == "test/0/00001.png"
