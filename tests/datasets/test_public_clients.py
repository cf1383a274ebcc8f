"""The six most used public sets: by their own file, through the real client from a local server, to the catalog.

The archives are drawn in the published layouts (tests/catalog/public_sets.py); the real ones were not fetched.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from chestbench.__main__ import main
from chestbench.catalog.audit import build_catalog
from chestbench.core.compose import compose_params
from chestbench.core.config import Dataset, parse_config
from chestbench.core.files import write_json
from chestbench.datasets import base
from tests.catalog.public_sets_expected import PUBLIC
from tests.catalog.test_public_sets import written
from tests.conftest import ROOT
from tests.datasets.archive_server import ArchiveServer
from tests.datasets.kaggle_server import KaggleServer, point_client_at

# Images in all, of each part where the set has a split, and a word of the licence, as the publisher states them.
STATED: dict[str, tuple[int, dict[str, int], str]] = {
    "pneumoniamnist": (5856, {"train": 4708, "val": 524, "test": 624}, "CC BY 4.0"),
    "covid_ct": (746, {"train": 425, "val": 118, "test": 203}, "none stated"),
    "chest_xray_pneumonia": (5840, {"train": 5216, "test": 624}, "CC BY 4.0"),
    "sarscov2_ct": (2482, {}, "CC BY-NC-SA 4.0"),
    "rsna_pneumonia": (26684, {}, "competition's rules"),
    "covid_qu_ex": (33920, {"train": 21715, "val": 5417, "test": 6788}, "Kaggle page"),
}
# The given split of what is drawn.
AS_FOLDER = {name for name in STATED if isinstance(PUBLIC[name].as_folder, dict)}


def composed(folder: Path, name: str, *overrides: str) -> Dataset:
    compose_params(ROOT / "conf", folder / "params.yaml", [f"dataset={name}", *overrides])
    return parse_config(yaml.safe_load((folder / "params.yaml").read_text(encoding="utf-8"))).dataset


@contextmanager
def served(
    name: str, archive: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Any, list[str]]]:
    """Serve an archive where the set's own client will ask for it; yield the server, and what must be overridden."""
    if dataset.source == "url":
        with ArchiveServer(archive) as server:
            digest = hashlib.md5(archive.read_bytes(), usedforsecurity=False).hexdigest()
            place = f"UCSD-AI4H/COVID-CT/archive/{PUBLIC[name].commit}.zip" if PUBLIC[name].commit else f"{name}.npz"
            # Of a drawn archive, at a local address.
            yield server, [f"dataset.url={server.address}/{place}", f"dataset.md5={digest}"]
    else:
        with KaggleServer(archive, str(dataset.handle), version=dataset.version or 1) as server:
            point_client_at(monkeypatch, server)
            yield server, []


@pytest.mark.parametrize("name", STATED)
def test_its_file_says_what_its_publisher_states(tmp_path, name):
    dataset, (total, parts, licence) = composed(tmp_path, name), STATED[name]
    assert sum(dataset.expected_counts.values()) == total
    assert {part: sum(counts.values()) for part, counts in dataset.expected_parts.items()} == parts
    for label, count in dataset.expected_counts.items():
        assert not parts or sum(counts[label] for counts in dataset.expected_parts.values()) == count
    assert licence in dataset.licence and len(dataset.citation) > 20
    assert all(entry.source for entry in dataset.published), "each figure says where it stands"


def test_the_size_of_pneumoniamnist_that_a_published_figure_belongs_to_is_in_its_name(tmp_path):
    dataset = composed(tmp_path, "pneumoniamnist")
    assert all("28 px" in entry.network for entry in dataset.published)
    assert list(dataset.files) == [224, 128, 64, 28], "the first is the default: what the networks see"
    assert all(file.pixels == version and file.md5 for version, file in dataset.files.items())


@pytest.mark.parametrize("name", STATED)
def test_from_the_real_client_to_the_catalog_and_the_look(home, signed_in, tmp_path, monkeypatch, capsys, name):
    expected, raw = PUBLIC[name], tmp_path / "work/data/raw"
    members = expected.members() if name != "pneumoniamnist" else expected.members(side=224)
    archive = written(tmp_path / "published", members, expected.commit)
    raw.mkdir(parents=True)
    with served(name, archive, composed(tmp_path, name), monkeypatch) as (server, overrides):
        dataset = composed(tmp_path, name, *overrides)
        source = base.fetch(dataset, raw)
        assert server.calls("storage"), "the archive came from somewhere else"
    assert (raw / "archive.zip").read_bytes() == archive.read_bytes(), "kept as published"
    assert source["source"] == dataset.source and source["name"] == name and "copy" not in source
    write_json(raw / "source.json", source)

    catalog = build_catalog(raw / "archive.zip", dataset, tmp_path / "catalog.csv")
    kept = {
        label: int((catalog.label[catalog.verdict == 0] == code).sum()) for code, label in enumerate(catalog.classes)
    }
    assert kept == expected.kept
    assert catalog.split_unit == expected.unit

    conf = str(ROOT / "conf")
    assert main(["look", name, "--conf", conf]) == 0, "the archive that was fetched"
    told = capsys.readouterr().out
    assert told.startswith(f"{name}: {len(expected.kept)} classes")
    assert "The publisher states" in told or "the publisher states" in told, "a drawn set has other numbers"
    assert main(["look", name, f"dataset.path={archive}", "--conf", conf]) == 0, "a file of one's own"
    told = capsys.readouterr().out
    assert "the user's own (dataset.path)" in told and f"-S dataset={name} -S dataset.path=" in told.replace(
        " \\\n   ", ""
    )
    assert main(["look", str(archive), f"dataset={name}", "--conf", conf]) == 0, "the same, written the other way"
    assert f"{name}" in capsys.readouterr().out
    if name in AS_FOLDER:
        assert main(["look", str(archive), "--conf", conf]) == 0, "read as a folder without a word"
