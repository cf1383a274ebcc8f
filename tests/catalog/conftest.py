"""What the tests of the audit share."""

from pathlib import Path

import pytest

from chestbench.catalog.audit import build_catalog
from chestbench.catalog.masks import MaskFinder
from chestbench.catalog.plan import Plan, make_plan
from chestbench.catalog.records import CatalogRow, read_rows
from chestbench.catalog.result import Catalog
from chestbench.datasets.archive import open_archive
from tests.catalog.archives import dataset_of
from tests.imaging.pictures import make_zip


@pytest.fixture
def build(tmp_path: Path, make_config):
    """Return a function members, data set overrides -> (Catalog, rows by member)."""

    def run(members: dict[str, bytes], **overrides) -> tuple[Catalog, dict[str, CatalogRow]]:
        archive = make_zip(tmp_path / "archive.zip", members)
        catalog = build_catalog(archive, dataset_of(make_config, **overrides), tmp_path / "catalog.csv")
        return catalog, {row.member: row for row in read_rows(tmp_path / "catalog.csv", CatalogRow)}

    return run


@pytest.fixture
def plan(tmp_path: Path, make_config):
    """Return a function (members as bytes or text, data set overrides) -> Plan: what names and tables tell."""

    def run(members: dict[str, bytes | str], **overrides) -> Plan:
        data = {name: content.encode() if isinstance(content, str) else content for name, content in members.items()}
        dataset = dataset_of(make_config, **overrides)
        with open_archive(make_zip(tmp_path / "names.zip", data)) as archive:
            return make_plan(archive, dataset, MaskFinder(archive.members, dataset.masks))

    return run
