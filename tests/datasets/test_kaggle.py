"""The real Kaggle client against the small local server: every way a download can go."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chestbench.core.config import Dataset
from chestbench.core.errors import ChestbenchError
from chestbench.datasets import base, download, download_watch
from tests.datasets.archive_server import downloads, make_archive
from tests.datasets.kaggle_server import KEY, TOKEN, USERNAME, KaggleServer, client_environment, point_client_at
from tests.datasets.test_base import described

HANDLE = "some-owner/lung-pictures"
PLACE = ".dvc/tmp/downloads/some-owner-lung-pictures-v3"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def server(home, tmp_path, monkeypatch):
    with KaggleServer(make_archive(tmp_path / "published.zip"), HANDLE, version=3) as running:
        point_client_at(monkeypatch, running)
        yield running


def radiographs(**changes: object) -> Dataset:
    return described(**{"source": "kaggle", "handle": HANDLE, "version": 3, "path": None, **changes})


def fetched(tmp_path: Path, **changes: object) -> dict:
    raw = tmp_path / "raw"
    raw.mkdir(exist_ok=True)
    return base.fetch(radiographs(**changes), raw)


def refused(tmp_path: Path, **changes: object) -> str:
    with pytest.raises(ChestbenchError) as error:
        fetched(tmp_path, **changes)
    assert not list((tmp_path / "raw").iterdir())
    assert TOKEN not in str(error.value) and KEY not in str(error.value) and "signature" not in str(error.value)
    return str(error.value)


def test_the_pinned_version_arrives_whole_and_nothing_is_printed(tmp_path, server, signed_in, capsys):
    source = fetched(tmp_path)
    assert (tmp_path / "raw" / "archive.zip").read_bytes() == server.archive.read_bytes()
    assert source["handle"] == HANDLE and source["version"] == 3
    call = server.calls("DownloadDataset")[0]
    assert call.body["datasetVersionNumber"] == 3 and call.authorization == f"Bearer {TOKEN}"
    assert downloads() == []
    output = capsys.readouterr()
    assert output.out == "" and TOKEN not in output.err


def test_verbose_client_settings_do_not_print_the_token(tmp_path, server, signed_in, capsys, monkeypatch):
    from kaggle.api.kaggle_api_extended import KaggleApi

    monkeypatch.setattr(KaggleApi, "args", ["--verbose"])
    fetched(tmp_path)
    output = capsys.readouterr()
    assert TOKEN not in output.out + output.err


@pytest.mark.parametrize("where", ["token file", "variables", "kaggle.json"])
def test_every_place_for_credentials_works(tmp_path, home, server, monkeypatch, where):
    folder = home / ".kaggle"
    folder.mkdir(exist_ok=True)
    if where == "token file":
        (folder / "access_token").write_text(TOKEN + "\n")
    elif where == "variables":
        monkeypatch.setenv("KAGGLE_USERNAME", USERNAME)
        monkeypatch.setenv("KAGGLE_KEY", KEY)
    else:
        (folder / "kaggle.json").write_text(f'{{"username": "{USERNAME}", "key": "{KEY}"}}')
        (folder / "kaggle.json").chmod(0o600)
    assert fetched(tmp_path)["bytes"] == server.archive.stat().st_size


def test_without_credentials_a_public_set_is_served(tmp_path, server):
    server.anonymous = True
    assert fetched(tmp_path)["bytes"] == server.archive.stat().st_size
    assert server.calls("DownloadDataset")[0].authorization is None


def test_without_credentials_a_refusal_names_every_way_to_sign_in(tmp_path, server):
    message = refused(tmp_path)
    for way in ("KAGGLE_API_TOKEN", "~/.kaggle/access_token", "KAGGLE_USERNAME", "KAGGLE_KEY", "~/.kaggle/kaggle.json"):
        assert way in message
    assert "found none" in message and "settings/api" in message and f"{PLACE}/archive.zip" in message
    assert len(server.calls("DownloadDataset")) == 1


@pytest.mark.parametrize("status", [200, 400, 401, 403])
def test_a_wrong_token_is_named_but_not_shown(tmp_path, server, monkeypatch, status):
    server.token_status = status
    monkeypatch.setenv("KAGGLE_API_TOKEN", "KGAT_wrong")
    message = refused(tmp_path)
    assert "valid credentials" in message or "403" in message
    assert "KAGGLE_API_TOKEN" in message and "KGAT_wrong" not in message


def test_a_wrong_key_is_refused_with_its_place(tmp_path, server, monkeypatch):
    monkeypatch.setenv("KAGGLE_USERNAME", USERNAME)
    monkeypatch.setenv("KAGGLE_KEY", "not-the-key")
    message = refused(tmp_path)
    assert "refuses (KAGGLE_USERNAME and KAGGLE_KEY)" in message and "not-the-key" not in message


def test_rules_not_accepted_or_private(tmp_path, server, signed_in):
    server.refusals = [(403, {})]
    message = refused(tmp_path)
    assert "accept the rules" in message and f"datasets/{HANDLE}" in message and "refused with 403" in message


@pytest.mark.parametrize("changes", [{"handle": "some-owner/no-such-set"}, {"version": 99}])
def test_no_such_set_or_version(tmp_path, server, signed_in, changes):
    message = refused(tmp_path, **changes)
    assert "404" in message and "dataset.handle and dataset.version" in message
    assert str(changes.get("handle", "version 99")) in message


def test_too_many_requests_waits_as_long_as_asked(tmp_path, server, signed_in, waits, caplog):
    server.refusals = [(429, {"Retry-After": "7"}), (429, {}), (503, {})]
    fetched(tmp_path)
    assert waits[0] == 7 and waits[1:] == [2, 4]
    assert "429 (too many requests); trying again in 7 s" in caplog.text


def test_too_many_requests_for_ever_ends_in_an_error(tmp_path, server, signed_in, waits):
    server.refusals = [(429, {})] * 50
    assert "429 (too many requests), 6 tries in a row" in refused(tmp_path)
    assert len(waits) == download.TRIES - 1


def test_a_wait_that_is_too_long_is_not_waited(tmp_path, server, signed_in, waits):
    server.refusals = [(429, {"Retry-After": "86400"})]
    assert "asks to wait 86400 s" in refused(tmp_path)
    assert waits == []


def test_a_cut_connection_is_resumed(tmp_path, server, signed_in, waits):
    server.cuts = [1_100_000, 1_050_000]
    fetched(tmp_path)
    assert (tmp_path / "raw" / "archive.zip").read_bytes() == server.archive.read_bytes()
    ranges = [seen.range for seen in server.calls("storage") if seen.range]
    assert len(ranges) == 2 and all(int(text[6:-1]) > 0 for text in ranges)
    assert len(waits) == 2


def test_a_file_replaced_between_cuts_is_never_mixed(tmp_path, server, signed_in, monkeypatch):
    server.cuts = [1_100_000]
    monkeypatch.setattr(download, "sleep", lambda seconds: make_archive(server.archive, files=9, size=310_000))
    fetched(tmp_path)
    assert (tmp_path / "raw" / "archive.zip").read_bytes() == server.archive.read_bytes()


def test_the_text_of_an_error_is_never_kept_as_if_it_were_the_file(tmp_path, server, signed_in, waits):
    server.cuts = [1_100_000]
    # First answer (cut), then: first answer again, the resuming request and the client's second try of it.
    server.storage_refusals = [0, 0, 403, 403]
    fetched(tmp_path)
    assert server.storage_refusals == [] and len(waits) == 2
    assert (tmp_path / "raw" / "archive.zip").read_bytes() == server.archive.read_bytes()


def test_two_processes_do_not_write_into_one_file(tmp_path, server, signed_in):
    server.slow = 0.01
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda folder: base.fetch(radiographs(), folder), folders))
    assert [(folder / "archive.zip").read_bytes() for folder in folders] == [server.archive.read_bytes()] * 2


def test_a_server_without_ranges_starts_over(tmp_path, server, signed_in, waits):
    server.ranges, server.cuts = False, [1_100_000]
    fetched(tmp_path)
    assert (tmp_path / "raw" / "archive.zip").read_bytes() == server.archive.read_bytes()


def test_a_later_run_goes_on_where_an_earlier_one_gave_up(tmp_path, server, signed_in, waits, monkeypatch):
    monkeypatch.setattr(download, "TRIES", 1)
    server.cuts = [1_100_000]
    message = refused(tmp_path)
    kept = sum(path.stat().st_size for path in downloads() if path.suffix == ".partial")
    assert kept > 1_000_000 and f"after the {kept:,} bytes" in message
    fetched(tmp_path)
    assert server.calls("storage")[-1].range == f"bytes={kept}-"
    assert (tmp_path / "raw" / "archive.zip").read_bytes() == server.archive.read_bytes()


def test_a_silent_connection_is_given_up_and_resumed(tmp_path, server, signed_in, waits, monkeypatch):
    monkeypatch.setattr(download, "TIMEOUT_SECONDS", 0.5)
    server.stalls = [30.0]
    fetched(tmp_path)
    assert (tmp_path / "raw" / "archive.zip").read_bytes() == server.archive.read_bytes()
    assert len(waits) == 1


def test_a_server_that_drips_is_cut_off_and_asked_again(tmp_path, server, signed_in, waits, monkeypatch):
    """Also where the client asks anew by itself, over a connection of its own."""
    monkeypatch.setattr(download_watch, "STALL_SECONDS", 1.0)
    server.drips = [True, False, True]
    fetched(tmp_path)
    assert (tmp_path / "raw" / "archive.zip").read_bytes() == server.archive.read_bytes()
    assert waits


def test_kill_and_resume_across_processes(tmp_path, server):
    server.slow = 0.15
    environment = {**os.environ, **client_environment(tmp_path / "site", server.address)}
    environment["PYTHONPATH"] = os.pathsep.join([environment["PYTHONPATH"], str(ROOT / "src"), str(ROOT)])
    environment["DVC_ROOT"] = str(tmp_path / "repository")
    raw = tmp_path / "raw"
    raw.mkdir()
    code = (
        "import sys; from pathlib import Path; from tests.datasets.test_kaggle import radiographs; "
        "from chestbench.datasets import kaggle; kaggle.fetch(radiographs(), Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", code, str(raw)]
    process = subprocess.Popen(command, env=environment)
    partial = tmp_path / "repository/.dvc/tmp/downloads/some-owner-lung-pictures-v3/archive.zip.partial"
    deadline = time.monotonic() + 120
    while not (partial.exists() and partial.stat().st_size > 0):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = partial.stat().st_size
    assert 0 < kept < server.archive.stat().st_size and not list(raw.iterdir())
    server.slow = 0.0
    subprocess.run(command, env=environment, check=True, timeout=120)
    assert server.calls("storage")[-1].range == f"bytes={kept}-"
    assert (raw / "archive.zip").read_bytes() == server.archive.read_bytes()
    assert not partial.parent.exists()


def test_a_finished_download_is_used_after_a_kill_before_the_move(tmp_path, server, signed_in):
    place = Path(".dvc/tmp/downloads/some-owner-lung-pictures-v3")
    place.mkdir(parents=True)
    (place / "archive.zip").write_bytes(server.archive.read_bytes())
    fetched(tmp_path)
    assert server.seen == [] and not place.exists()


def test_a_wrong_checksum_deletes_the_file_and_says_both(tmp_path, server, signed_in):
    message = refused(tmp_path, sha256="0" * 64)
    assert "0" * 64 in message and base.sha256_file(server.archive) in message
    assert downloads() == []
    fetched(tmp_path)


def test_something_that_is_no_zip_is_deleted(tmp_path, server, signed_in):
    server.archive.write_text("<html>Please sign in to the hotel network</html>")
    message = refused(tmp_path)
    assert "received a web page" in message and HANDLE in message and downloads() == []


def test_no_network(tmp_path, home, signed_in, waits, monkeypatch):
    from kagglesdk import kaggle_env

    monkeypatch.setitem(kaggle_env._env_to_endpoint, kaggle_env.KaggleEnv.PROD, "http://127.0.0.1:9")
    message = refused(tmp_path)
    assert "check the network" in message and f"{PLACE}/archive.zip" in message and "ConnectionError" in message
    assert waits == [1, 2, 4]


def test_no_network_and_no_credentials_says_both(tmp_path, home, waits, monkeypatch, caplog):
    caplog.set_level("INFO")
    from kagglesdk import kaggle_env

    monkeypatch.setitem(kaggle_env._env_to_endpoint, kaggle_env.KaggleEnv.PROD, "http://127.0.0.1:9")
    message = refused(tmp_path)
    assert "check the network" in message and "KAGGLE_API_TOKEN" in message
    assert caplog.text.count("no Kaggle credentials found; trying without") == 1


def test_a_full_disk_stays_a_full_disk(tmp_path, server, signed_in, monkeypatch):
    from kaggle.api import kaggle_api_extended

    def full(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kaggle_api_extended.KaggleApi, "_write_resume_marker", full)
    with pytest.raises(OSError, match="No space left"):
        fetched(tmp_path)
