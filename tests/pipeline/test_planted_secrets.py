"""Secrets and patients' names stand nowhere but where docs/reference/data-sets.md says that names are kept."""

import json
import re
import socket
import sys
import threading
import urllib.request
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from urllib.parse import quote

import pytest
import yaml

from tests.conftest import ROOT
from tests.pipeline.planted_secrets import (
    FILE,
    NAMES,
    SECRETS,
    asking_server,
    basic,
    forms,
    patients_zip,
    search,
)
from tests.pipeline.workspace import Workspace, clone
from tests.tracking.test_server import start_server, stop_server

pytestmark = [pytest.mark.pipeline, pytest.mark.skipif(sys.platform == "win32", reason="process groups")]
CHESTBENCH = [sys.executable, "-m", "chestbench"]
# Where the person put them: the tools' own files, which nothing copies.
PUT_THERE = {".git/config", ".dvc/config.local"}
NAMED = ("data/raw", "data/catalog.csv")
DOCUMENTED = ("data/raw", "data/external_raw/*", "data/catalog.csv", "data/external/*/catalog.csv")


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a server with an archive and MLflow, both behind passwords."""
    folder = tmp_path_factory.mktemp("servers")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        mlflow = probe.getsockname()[1]
    process = start_server(folder, mlflow)
    server = ThreadingHTTPServer(("127.0.0.1", 0), asking_server(patients_zip(folder / "patients.zip"), mlflow))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        stop_server(process)


@pytest.fixture(scope="module")
def planted(servers: int, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str]:
    """A clone in which a small study ran with secrets everywhere, and all that its commands printed."""
    home = tmp_path_factory.mktemp("planted")
    workspace = clone(home / "repository", default_model="tiny")
    password = {name: quote(value, safe="") for name, value in SECRETS.items()}
    (home / ".netrc").write_text(f"machine localhost login planted password {SECRETS['netrc']}\n")
    (home / ".netrc").chmod(0o600)
    (home / ".kaggle").mkdir()
    (home / ".kaggle/kaggle.json").write_text(f'{{"username": "planted", "key": "{SECRETS["kaggle"]}"}}')
    workspace.environment |= {
        "PYTHONPATH": str(workspace.folder / "src"),
        "CHESTBENCH_URL_TOKEN": SECRETS["token"],
        "KAGGLE_KEY": SECRETS["kaggle"],
        "MLFLOW_TRACKING_URI": f"http://planted:{password['mlflow']}@127.0.0.1:{servers}",
    }
    workspace.run("git", "remote", "set-url", "origin", f"https://planted:{password['git']}@h.invalid/x.git")
    remote = f"http://planted:{password['remote']}@127.0.0.1:1/dvc"
    workspace.run("dvc", "remote", "add", "--local", "-d", "planted", remote)
    study = [
        f"dataset.url=http://localhost:{servers}/patients.zip",
        "dataset.labels={table: '*.csv', id: file, patient: patient}",
    ]
    study = ["dataset=folder", "dataset.source=url", "dataset.path=null", "dataset.watch=data/code/download", *study]
    study += ["dataset.name=planted", "dataset.modality=X-ray"]
    said = []
    said.append(workspace.run(*CHESTBENCH, "run", *(part for each in study for part in ("-S", each)), check=False))
    assert workspace.returncode == 0, said[-1][-6000:]
    said.append(workspace.run(*CHESTBENCH, "repro", "-f", "-s", "train"))
    # Nobody listens there: warnings, with the address in them.
    away = workspace.environment["MLFLOW_TRACKING_URI"].replace(str(servers), "1")
    said.append(workspace.run(*CHESTBENCH, "sync", check=False, MLFLOW_TRACKING_URI=away))
    said.append(workspace.run(*CHESTBENCH, "repro", "-f", "-s", "evaluate", check=False, MLFLOW_TRACKING_URI=away))
    said += [workspace.run(*CHESTBENCH, command, check=False) for command in ("sync", "exps", "what")]
    local = {"MLFLOW_TRACKING_URI": ""}
    said.append(workspace.run(*CHESTBENCH, "sync", **local))
    workspace.commit("Results")
    (home / "said.txt").write_text("".join(said))
    return workspace, "".join(said)


def test_no_secret_is_found_anywhere(planted: tuple[Workspace, str]) -> None:
    workspace, said = planted
    found = search(workspace.folder, list(SECRETS.values()))
    assert {name: found[secret] - PUT_THERE for name, secret in SECRETS.items()} == {name: set() for name in SECRETS}
    for secret in SECRETS.values():
        assert not any(form in said.encode() for form in forms(secret))


def test_the_secrets_were_asked_for(planted: tuple[Workspace, str], servers: int) -> None:
    """Else nothing above would have been at stake."""
    workspace, said = planted
    assert (workspace.folder / "data/raw/archive.zip").is_file()
    # Ended and told: the server has the network's runs, and the dead one was warned of.
    request = urllib.request.Request(
        f"http://127.0.0.1:{servers}/api/2.0/mlflow/experiments/get-by-name?experiment_name=planted",
        headers={"Authorization": basic("mlflow")},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.status == 200
    assert "127.0.0.1:1" in said and "***@" in said
    assert search(workspace.folder, [SECRETS["git"]])[SECRETS["git"]] == {".git/config"}


def test_nothing_that_git_keeps_holds_a_path_of_this_machine(planted: tuple[Workspace, str]) -> None:
    """Of what branches and experiments reach: DVC's notes on its own run (DVC_ROOT) are reached by none."""
    workspace, folder = planted[0], str(planted[0].folder)
    reached = {line.split()[0] for line in workspace.run("git", "rev-list", "--objects", "--all").splitlines()}
    assert len(reached) > 100
    found = search(workspace.folder, [folder])[folder]
    assert not {place for place in found if place.startswith("Git ") and place.split()[-1] in reached}


def test_patients_are_named_where_the_docs_say_and_nowhere_else(planted: tuple[Workspace, str]) -> None:
    workspace, said = planted
    found = search(workspace.folder, list(NAMES))
    kept = _cached(workspace, NAMED)
    for name in NAMES:
        elsewhere = {place for place in found[name] if place not in kept and not place.startswith(NAMED)}
        assert not elsewhere, (name, elsewhere)
        assert name not in said, name
    assert {path for path in NAMED if any(place.startswith(path) for place in found[FILE])} == set(NAMED)


def _cached(workspace: Workspace, outputs: tuple[str, ...]) -> set[str]:
    """Return the files of DVC's cache that hold the given outputs."""
    stages = yaml.safe_load((workspace.folder / "dvc.lock").read_text())["stages"].values()
    hashes = [out["md5"] for stage in stages for out in stage.get("outs", []) if out["path"] in outputs]
    paths = {f".dvc/cache/files/md5/{each[:2]}/{each[2:]}" for each in hashes}
    for path in [path for path in paths if path.endswith(".dir")]:
        entries = json.loads((workspace.folder / path).read_text())
        paths |= {f".dvc/cache/files/md5/{each['md5'][:2]}/{each['md5'][2:]}" for each in entries}
    return paths


def test_the_docs_name_these_files() -> None:
    text = (ROOT / "docs/reference/data-sets.md").read_text(encoding="utf-8")
    privacy = text.partition("## Privacy")[2].partition("\n## ")[0]
    told = re.search(r"These hold files or file names as published: (.*?)\. ", privacy.replace("\n", " "))
    assert told and tuple(re.findall(r"`(data/[^`]+)`", told[1])) == DOCUMENTED
