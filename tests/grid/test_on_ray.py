"""What is refused in a sentence before anything runs: no Ray, none at the address, other versions, no storage."""

import re
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.grid import storage
from chestbench.grid.address import check_answers
from chestbench.grid.events import Plan, Settings
from chestbench.grid.on_ray import Cluster, ray_module, sees
from chestbench.grid.surroundings import refuse_other, surroundings
from chestbench.repository.git import Tree


def test_without_ray_the_line_that_installs_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ChestbenchError, match=r"expected Ray.*requirements-ray\.txt"):
        ray_module()


def test_no_ray_at_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray")
    monkeypatch.setenv("RAY_TMPDIR", "/tmp/no-ray-here")
    with pytest.raises(ChestbenchError, match="expected a Ray that answers"):
        Cluster(Settings(address="auto"))


@pytest.mark.parametrize("form", ["ray://127.0.0.1:{}", "127.0.0.1:{}", "ray://localhost:{}", "ray://[::1]:{}"])
def test_an_address_where_nothing_listens_is_refused_at_once(form: str) -> None:
    """Ray itself tries for minutes."""
    with socket.socket() as held:  # bound, and not listening
        held.bind(("127.0.0.1", 0))
        address = form.format(held.getsockname()[1])
        with pytest.raises(
            ChestbenchError, match=rf"a Ray that answers, received from {re.escape(address)}: .*refused"
        ):
            check_answers(address)


def test_a_grid_asks_the_address_before_ray_does(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray")
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        # Ray's own words, after minutes, are others.
        monkeypatch.setenv("RAY_ADDRESS", f"ray://127.0.0.1:{held.getsockname()[1]}")
        with pytest.raises(ChestbenchError, match="Connection refused"):
            Cluster(Settings())


def test_an_address_that_answers_or_names_no_port_is_left_to_ray() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        check_answers(f"ray://127.0.0.1:{server.getsockname()[1]}")
    check_answers("auto")
    with pytest.raises(ChestbenchError, match="expected a Ray that answers"):
        check_answers("127.0.0.1:99999")


def test_other_versions_are_refused_by_name() -> None:
    here = surroundings()
    refuse_other(here)
    older = replace(here, versions=tuple((name, "1.0" if name == "keras" else found) for name, found in here.versions))
    with pytest.raises(ChestbenchError, match=r"keras 1\.0, received keras 3"):
        refuse_other(older)


class Blind:
    """A cluster with one machine that sees what it is told that it sees."""

    is_own = False

    def __init__(self, seen: list[Path]) -> None:
        self.seen = seen

    def see(self, tokens: list[tuple[str, str]]) -> list[str]:
        assert sees(tokens) and not sees([(path, "another") for path, _ in tokens])
        return (
            [] if all(any(Path(path).is_relative_to(one) for one in self.seen) for path, _ in tokens) else ["10.0.0.7"]
        )


def choice(root: Path, cluster: Any, monkeypatch: pytest.MonkeyPatch, remote: bool) -> storage.Place:
    config = {"core": {}, "cache": {"dir": str(root / "cache")}}
    told = {"core": {"remote": "r"}, "remote": {"r": {"url": "s3://x"}}}
    monkeypatch.setattr(storage, "local_config", lambda _: config)
    monkeypatch.setattr(storage, "remote_config", lambda _: told if remote else {})
    plan = Plan(root, "g", Tree("a" * 40, "a" * 40, [], []), ())
    with storage.chosen(plan, cluster) as place:
        assert not list(root.rglob("grid-token")), "tokens are gone"
        return place


def test_a_shared_disk_a_remote_or_a_refusal_with_the_line_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = choice(tmp_path, Blind([tmp_path]), monkeypatch, remote=True)
    assert not shared.remote and "every machine of the cluster sees" in shared.said
    for seen in ([], [tmp_path / ".dvc"]):  # nothing; the repository but not its cache
        away = choice(tmp_path, Blind(seen), monkeypatch, remote=True)
        assert away.remote["remote"]["r"]["url"] == "s3://x" and "DVC's remote r" in away.said
        assert away.config["remote"] == away.remote["remote"] and away.config["cache"]["dir"] == str(tmp_path / "cache")
    with pytest.raises(ChestbenchError, match=r"10\.0\.0\.7 do.*dvc remote add --default"):
        choice(tmp_path, Blind([]), monkeypatch, remote=False)
