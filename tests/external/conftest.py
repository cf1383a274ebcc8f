"""A small study in the current folder, with the configuration beside it."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.external.sets import small_study


@pytest.fixture(scope="session")
def study_folder(tmp_path_factory, make_config) -> Path:
    """The data stages' outputs of a small study, made once; copy before writing."""
    folder = tmp_path_factory.mktemp("study")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        small_study(folder, make_config)
    shutil.copytree(ROOT / "conf", folder / "conf")
    return folder


@pytest.fixture
def study(study_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it as the current folder."""
    folder = tmp_path / "a study 한국"
    shutil.copytree(study_folder, folder)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    return folder
