"""`chestbench serve`: a real process, asked over HTTP as people and programs ask it."""

import base64
import contextlib
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import requests

from chestbench.__main__ import main
from chestbench.core.files import read_csv
from chestbench.serving import bounds
from tests.conftest import ROOT
from tests.imaging.dicoms import PRIVATE, make_dicom
from tests.serving.browser import Browser
from tests.serving.conftest import NAME
from tests.serving.server import in_json, post, serving

MOST_MB = 64


@pytest.fixture(scope="module")
def address(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on a free port, started as `make serve` starts it; its log must hold no traceback at the end."""
    with serving(study, tmp_path_factory.mktemp("log") / "serve.log") as found:
        yield found


def dicom(pixels: np.ndarray, side: int = 64) -> bytes:
    units = (cv2.resize(pixels, (side, side)).astype(np.int16) * 5 - 1300).astype(np.int16)
    return make_dicom(units, modality="CT", rescale=(1, 0))


@pytest.fixture(scope="module")
def picture_file(study: Path) -> Path:
    """A picture that raw data and the split both hold as they are: 8 bits."""
    for path in sorted((study / "data/split/test/COVID").iterdir()):
        picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        if picture is not None and picture.ndim == 2:
            return path
    raise AssertionError("no grey picture in the test part")


def test_a_png_gives_what_evaluate_wrote(address: str, study: Path, picture_file: Path) -> None:
    rows = read_csv(study / f"results/models/{NAME}/predictions.csv")
    (row,) = [row for row in rows if row["image_id"] == picture_file.stem]
    content = picture_file.read_bytes()
    for status, told in (
        post(address, content, "image/png", "?raw=true"),
        post(address, content, "application/octet-stream", "?raw=true"),
        post(address, in_json(content, raw=True)),
    ):
        assert status == 200
        (answer,) = told["predictions"]
        assert answer["p:COVID"] == pytest.approx(float(row["p:COVID"]), abs=1e-6)
        assert answer.keys() == {"decision", "doubt", "warnings", "p:COVID", "p:non-COVID"}


def test_jpeg_dicom_and_arrays_are_read(address: str, test_picture: np.ndarray) -> None:
    jpeg = cv2.imencode(".jpg", test_picture)[1].tobytes()
    array = io.BytesIO()
    np.save(array, test_picture)
    status, told = post(address, in_json(jpeg, dicom(test_picture), array.getvalue(), heat=True))
    assert status == 200 and len(told["predictions"]) == 3
    for answer in told["predictions"]:
        assert answer["p:COVID"] + answer["p:non-COVID"] == pytest.approx(1)
        assert base64.b64decode(answer["heat"]).startswith(b"\x89PNG")
    status, told = post(address, dicom(test_picture), "application/dicom")
    assert status == 200 and "Hounsfield units" in told["predictions"][0]["warnings"]


def test_the_input_example_is_answered(address: str, study: Path) -> None:
    (example,) = (study / "mlruns").rglob("serving_input_example.json")
    status, told = post(address, example.read_bytes())
    assert status == 200 and len(told["predictions"]) == 1


def refused(address: str, content: bytes, kind: str = "application/json") -> tuple[int, str]:
    status, told = post(address, content, kind)
    assert told.keys() == {"error_code", "message", "notice"}
    return status, told["message"]


def test_what_cannot_be_read_is_400_and_one_sentence(address: str, study: Path, test_picture: np.ndarray) -> None:
    png = cv2.imencode(".png", test_picture)[1].tobytes()
    mr = dicom(test_picture).replace(b"CT", b"MR", 1)
    pages = cv2.imencodemulti(".tiff", [test_picture, test_picture])[1].tobytes()
    colour = io.BytesIO()
    np.save(colour, np.zeros((20, 20, 3), np.uint8))
    cases = [
        (b"text", "image/png", "no picture of a kind that is read"),
        (png[:200], "image/png", "unreadable"),
        (dicom(test_picture)[:600], "application/dicom", "unusable DICOM"),
        (mr, "application/dicom", "magnetic resonance"),
        (pages, "application/octet-stream", "several pages"),
        (b"", "image/png", "received nothing"),
        (in_json(png, b"text"), "application/json", "file 2: expected a picture"),
        (in_json(colour.getvalue()), "application/json", "convert colour to grey first"),
        (in_json(colour.getvalue()[:90]), "application/json", "damaged"),
        (b'{"dataframe_records": [{"file": "not base64!"}]}', "application/json", "not base64"),
        (b'{"dataframe_records": [{"picture": "x"}]}', "application/json", "of this form"),
        (b'{"inputs": {"file": 3}}', "application/json", "expected"),
        (b"{", "application/json", "expected JSON"),
        (b"[" * 100_000, "application/json", "expected JSON"),
        (b"\xff\xfe", "application/json", "expected JSON"),
        (b"[]", "application/json", "expected a JSON object"),
        (b"{}", "application/json", "received none of them; a request looks like"),
        (b'{"inputs": ["x"], "params": {"raw": "yes"}}', "application/json", "params"),
    ]
    for content, kind, words in cases:
        status, sentence = refused(address, content, kind)
        assert status == 400 and words in sentence, (content[:40], status, sentence)
        assert "\n" not in sentence and len(sentence) < 400
        for secret in (*PRIVATE, str(study), "Traceback", "site-packages", ".py"):
            assert secret not in sentence
    assert refused(address, png, "text/csv")[0] == 415
    assert requests.get(f"{address}/invocations", timeout=10).status_code == 405


def test_a_large_request_is_refused_and_a_large_dicom_is_answered(address: str, test_picture: np.ndarray) -> None:
    large = dicom(test_picture, 4550)  # 41 MB
    assert len(large) > 41_000_000
    status, told = post(address, large, "application/dicom")
    assert status == 200 and told["predictions"][0]["p:COVID"] > 0
    status, told = post(address, in_json(large))
    assert status == 200
    too_large = bytes((MOST_MB << 20) + 1)

    def in_pieces() -> Iterator[bytes]:  # without a stated length
        for _ in range(MOST_MB + 2):
            yield bytes(1 << 20)

    for _ in range(5):  # heard out, so that the answer arrives
        assert refused(address, too_large, "image/png")[0] == 413
        answer = requests.post(
            f"{address}/invocations", data=in_pieces(), headers={"Content-Type": "image/png"}, timeout=60
        )
        assert answer.status_code == 413
    assert requests.get(f"{address}/health", timeout=10).status_code == 200


def test_ten_clients_at_once(address: str, picture_file: Path) -> None:
    content = picture_file.read_bytes()
    alone = post(address, content, "image/png")

    def client(number: int) -> list[tuple[int, dict[str, Any]]]:
        return [post(address, content if number % 3 else b"text", "image/png") for _ in range(5)]

    with ThreadPoolExecutor(10) as pool:
        for number, told in enumerate(pool.map(client, range(10))):
            for status, answer in told:
                assert (status, answer) == alone if number % 3 else status == 400


def test_slow_clients_keep_nobody_waiting(address: str, picture_file: Path) -> None:
    host, _, port = address.removeprefix("http://").rpartition(":")
    start = b"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: 9000\r\n\r\n"
    slow = [socket.create_connection((host, int(port)), timeout=60) for _ in range(20)]
    try:
        for one in slow:
            one.sendall(start + b"begun")
        before = time.monotonic()
        assert post(address, picture_file.read_bytes(), "image/png")[0] == 200
        assert time.monotonic() - before < bounds.IDLE
        told = slow[0].recv(4096)
        assert b" 408 " in told and time.monotonic() - before < bounds.SECONDS
        # Cut off in the middle: nobody waits for an answer, and none is computed of the half.
        with socket.create_connection((host, int(port))) as gone:
            gone.sendall(start + b"half")
    finally:
        for one in slow:
            one.close()
    assert post(address, picture_file.read_bytes(), "image/png")[0] == 200


def test_pages_from_elsewhere_are_refused_and_its_own_is_not(address: str, picture_file: Path) -> None:
    def status(**headers: str) -> int:
        own = {"Content-Type": "image/png", **{name.replace("_", "-"): value for name, value in headers.items()}}
        content = picture_file.read_bytes()
        return requests.post(f"{address}/invocations", data=content, headers=own, timeout=60).status_code

    for headers in ({"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {"Origin": "http://localhost:1"},
                    {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site", "Origin": address}):  # fmt: skip
        assert status(**headers) == 403, headers
    for headers in ({"Origin": address}, {"Sec_Fetch_Site": "same-origin"}, {"Sec_Fetch_Site": "none"}):
        assert status(**headers) == 200, headers


def test_head_is_answered_where_get_is(address: str) -> None:
    for path in ("/", "/health", "/about", "/openapi.json"):
        answer = requests.head(address + path, timeout=10)
        assert answer.status_code == 200 and not answer.content
    assert requests.head(f"{address}/invocations", timeout=10).status_code == 405


def test_a_port_has_one_server_from_the_start_and_ipv6_is_answered(study: Path, here: Path, capsys) -> None:
    with socket.socket(socket.AF_INET6) as free:
        try:
            free.bind(("::1", 0))
        except OSError:
            pytest.skip("no IPv6 on this machine")
        port = free.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    command = [sys.executable, "-m", "chestbench", "serve", "--host", "::1", "--port", str(port)]
    process = subprocess.Popen(command, cwd=study, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        until = time.monotonic() + 60
        while True:  # it has the port long before it answers
            with contextlib.suppress(OSError), socket.create_connection(("::1", port)):
                break
            assert time.monotonic() < until
            time.sleep(0.1)
        assert main(["serve", "--host", "::1", "--port", str(port)]) == 1
        assert "expected a free port" in capsys.readouterr().err
        assert process.stdout is not None and f"answers on http://[::1]:{port}/" in process.stdout.readline()
        assert requests.get(f"http://[::1]:{port}/about", timeout=60).status_code == 200
        elsewhere = requests.get(f"http://[::1]:{port}/about", headers={"Host": "elsewhere.example"}, timeout=60)
        assert elsewhere.status_code == 400
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


def test_what_is_served_is_the_training_that_lies_here(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Experiments and earlier commits have newer or older versions under the same name."""
    from chestbench.core.errors import ChestbenchError
    from chestbench.core.files import read_json, write_json
    from chestbench.tracking.fetched import registered_uri
    from chestbench.tracking.naming import registered_name
    from chestbench.tracking.store import connect

    for name in ("DVC_ROOT", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)
    for name in ("models", "mlflow.db"):
        source = study / name
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    training = read_json(tmp_path / f"models/{NAME}/training.json")
    own = registered_uri(NAME, tmp_path)
    store = connect(tmp_path)
    name = registered_name(training["dataset"], NAME)
    (version,) = store.client.search_model_versions(f"name = '{name}'")
    store.client.create_model_version(name, str(version.source), tags={"run_key": "another"}, await_creation_for=0)
    assert registered_uri(NAME, tmp_path) == own
    write_json(tmp_path / f"models/{NAME}/training.json", {**training, "run_key": "not registered"})
    with pytest.raises(ChestbenchError, match=r"found \d of other trainings; run `chestbench sync`"):
        registered_uri(NAME, tmp_path)


def test_what_it_says_of_itself_needs_no_other_server(address: str) -> None:
    page = requests.get(address, timeout=10)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "not for diagnosis" in page.text and "default-src 'none'" in page.headers["content-security-policy"]
    assert "http://" not in page.text and "https://" not in page.text
    told = requests.get(f"{address}/openapi.json", timeout=10).json()
    posted = told["paths"]["/invocations"]["post"]
    assert "image/png" in posted["requestBody"]["content"] and posted["responses"].keys() >= {"200", "400", "413"}
    about = requests.get(f"{address}/about", timeout=10).json()
    assert about["classes"] == ["COVID", "non-COVID"] and about["notice"]
    for path in ("/docs", "/redoc"):
        assert requests.get(address + path, timeout=10).status_code == 404
    other = requests.get(f"{address}/about", headers={"Host": "elsewhere.example"}, timeout=10)
    assert other.status_code == 400 and "COVID" not in other.text


@pytest.mark.parametrize("dark", [False, True])
def test_a_person_drops_a_picture_and_sees_the_answer(
    address: str, picture_file: Path, tmp_path: Path, dark: bool
) -> None:
    shutil.copyfile(picture_file, tmp_path / "picture <b>.png")
    (tmp_path / "text.png").write_text("text", encoding="utf-8")
    browser = Browser(tmp_path / "profile", dark)
    try:
        browser.open(address)
        browser.wait("document.getElementById('what').textContent.includes('synthetic CT')")
        browser.give_files("#files", [tmp_path / "picture <b>.png", tmp_path / "text.png"])
        browser.wait("document.images.length === 1 && document.querySelectorAll('article .warn').length > 0")
        text = browser.value("document.body.innerText")
        assert "picture <b>.png" in text and "ecision" in text and "no picture of a kind that is read" in text
        assert "For research and education, not for diagnosis." in text
        browser.wait("[...document.images].every(image => image.complete && image.naturalWidth === 516)")
        assert browser.value("document.images.length") == 1
        ground = browser.value("getComputedStyle(document.body).backgroundColor")
        assert ground == ("rgb(20, 23, 26)" if dark else "rgb(255, 255, 255)")
    finally:
        browser.close()


def test_mistakes_are_one_line(here: Path, capsys) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["serve", "--port", str(taken.getsockname()[1])]) == 1
    assert "expected a free port" in capsys.readouterr().err
    for arguments, words in (
        (["--port", "70000"], "expected 0 to 65535"),
        (["--most-mb", "0"], "expected 1 or more"),
        (["--model", "other", "--port", "0"], "expected a network of models/"),
        (["--model", "models:/none/1", "--port", "0"], "expected a model that MLflow has"),
    ):
        assert main(["serve", *arguments]) == 1
        told = capsys.readouterr().err
        assert words in told and told.count("\n") == 1, told
