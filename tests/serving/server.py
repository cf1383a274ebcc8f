"""A server as `make serve` starts it, and how it is asked."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.conftest import ROOT


@contextmanager
def serving(root: Path, log: Path, *arguments: str) -> Iterator[str]:
    """Serve the repository `root` on a free port and yield the address; the log must hold no traceback at the end."""
    environment = {name: value for name, value in os.environ.items() if name not in ("DVC_ROOT", "MLFLOW_TRACKING_URI")}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    with open(log, "w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "chestbench", "serve", "--port", "0", *arguments],
            cwd=root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        assert process.stdout is not None
        first = process.stdout.readline()
        assert "answers on http://127.0.0.1:" in first, first + log.read_text()
        assert process.stdout.readline() == "For research and education, not for diagnosis.\n"
        found = first.partition("answers on ")[2].partition("/ (page)")[0]
        until = time.monotonic() + 60
        while True:
            try:
                assert requests.get(f"{found}/health", timeout=5).status_code == 200
                break
            except requests.ConnectionError:
                assert time.monotonic() < until
                time.sleep(0.1)
        yield found
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert "Traceback" not in log.read_text()


def post(address: str, content: bytes, kind: str = "application/json", query: str = "") -> tuple[int, dict[str, Any]]:
    """Send one request to /invocations; return status and JSON."""
    answer = requests.post(f"{address}/invocations{query}", data=content, headers={"Content-Type": kind}, timeout=120)
    return answer.status_code, answer.json()


def in_json(*files: bytes, **params: bool) -> bytes:
    """Return files as a request of MLflow's protocol."""
    records = [{"file": base64.b64encode(file).decode()} for file in files]
    return json.dumps({"dataframe_records": records, "params": params}).encode()
