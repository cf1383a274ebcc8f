"""What evaluate.external may say, and what is refused before any work."""

from pathlib import Path

import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.external.sets import check_sets, describe_set
from tests.conftest import ROOT
from tests.external.sets import elsewhere, write_folder


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the repository, where conf/ is."""
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("DVC_ROOT", raising=False)


def with_sets(make_config, *entries: dict, **more: object):
    return make_config({"evaluate.external": list(entries), **more})


@pytest.mark.parametrize("name", ['it\'s "x" 한국 [1], {a: b}', "$(touch x); a = b #c", "plain"])
def test_a_folder_of_any_name_is_read_as_the_studys_own_would_be(here, make_config, tmp_path: Path, name: str) -> None:
    path = write_folder(tmp_path / name, elsewhere())
    config = with_sets(make_config, {"name": "other", "path": str(path), "group_pattern": r"(?P<group>p\d)"})
    check_sets(config)
    dataset = describe_set(config.evaluate.external[0], config)
    assert (dataset.name, dataset.source, dataset.path, dataset.watch) == ("other", "folder", str(path), str(path))
    assert (dataset.modality, dataset.given_split) == ("CT", "ignore")
    assert dataset.group_pattern == r"(?P<group>p\d)" and dataset.masks is None


def test_a_described_data_set_is_composed_with_its_defaults(here, make_config) -> None:
    config = with_sets(make_config, {"name": "two", "path": "conf/dataset/ct_cov19.yaml"})
    check_sets(config)
    dataset = describe_set(config.evaluate.external[0], config)
    assert (dataset.source, dataset.watch) == ("url", "data/code/download")
    assert dataset.classes == ["COV", "Normal", "OtherPneumonia"] and dataset.published == []
    assert dataset.given_split == "ignore" and "Train|Val|Test" in (dataset.group_pattern or "")


def test_masks_are_looked_for_where_the_study_cuts_by_masks(here, make_config, tmp_path: Path) -> None:
    masks = {"images": "/images/", "masks": "/masks/"}
    entry = {"name": "other", "path": str(write_folder(tmp_path / "x", elsewhere()))}
    config = with_sets(make_config, entry, **{"preprocess.roi": "mask", "dataset.masks": masks})
    assert describe_set(config.evaluate.external[0], config).masks == config.dataset.masks
    assert describe_set(config.evaluate.external[0], with_sets(make_config, entry)).masks is None


def refused(make_config, *entries: dict, **more: object) -> str:
    with pytest.raises(ChestbenchError) as error:
        check_sets(with_sets(make_config, *entries, **more))
    return str(error.value)


def test_what_cannot_be_had_is_refused(here, make_config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = refused(make_config, {"name": "other", "path": "/no/such place"})
    assert nothing.startswith("evaluate.external.other.path: expected a folder") and "'/no/such place'" in nothing
    assert "DVC knows no `~`" in refused(make_config, {"name": "other", "path": "~/no/such"})
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    assert "write the path from the root" in refused(make_config, {"name": "other", "path": "no/such"})
    monkeypatch.delenv("DVC_ROOT")
    (tmp_path / "empty/.hidden").mkdir(parents=True)
    empty = refused(make_config, {"name": "other", "path": str(tmp_path / "empty")})
    assert empty.startswith("evaluate.external.other.path: expected images in folders") and "an empty folder; " in empty
    text = tmp_path / "images.rar"
    text.write_text("no archive")
    assert "evaluate.external.other.path: expected a folder or a .zip" in refused(
        make_config, {"name": "other", "path": str(text)}
    )
    around = refused(make_config, {"name": "other", "path": "."})
    assert "which holds the repository" in around and "dataset.path" not in around


def test_other_yaml_files_are_refused(here, make_config, tmp_path: Path) -> None:
    known = refused(make_config, {"name": "other", "path": "conf/dataset/ct_cov20.yaml"})
    assert "expected a folder, a .zip file or conf/dataset/NAME.yaml" in known and "ct_cov19.yaml" in known
    (tmp_path / "mine.yaml").write_text("dataset: {}")
    assert "conf/dataset/NAME.yaml" in refused(make_config, {"name": "other", "path": str(tmp_path / "mine.yaml")})
    local = refused(make_config, {"name": "other", "path": "conf/dataset/folder.yaml"})
    assert "describes a local folder that DVC would not watch" in local and "PATH-TO-YOUR-IMAGES" in local
    unsaid = refused(make_config, {"name": "other", "path": "conf/dataset/ct_binary.yaml"})
    assert unsaid.startswith("evaluate.external.other (conf/dataset/ct_binary.yaml): ") and "dataset.handle" in unsaid


def test_a_file_that_cannot_be_composed(study: Path, make_config) -> None:
    bad, entry = study / "conf/dataset/bad.yaml", {"name": "other", "path": "conf/dataset/bad.yaml"}
    for text in ("defaults: [_defalts]\ndataset: {name: x}\n", "dataset: {name: ${no.such}}\n", "a: [\n"):
        bad.write_text(f"# @package _global_\n{text}")
        assert "conf/dataset/bad.yaml: expected a file like its neighbours" in refused(make_config, entry)
    bad.write_text("# @package _global_\ndefaults: [_defaults]\ndataset: {nme: x}\n")
    assert "(conf/dataset/bad.yaml): nme: unknown key; did you mean name?" in refused(make_config, entry)


def test_names_differ_and_keys_are_known(make_config) -> None:
    entry = {"name": "other", "path": "/x"}
    for entries, words in (
        ([entry, {**entry, "path": "/y"}], "evaluate.external: expected a list of sets with different names"),
        ([{**entry, "name": "Other Hospital"}], "small letters, digits and _"),
        ([{**entry, "clases": {"a": "b"}}], "evaluate.external[0].clases: unknown key"),
        ([{"name": "other"}], "evaluate.external[0].path: expected a value, received none"),
        ([{**entry, "classes": {}}], "evaluate.external[0].classes"),
        ([{**entry, "group_pattern": "patient"}], r"a part named (?P<group>...)"),
        (["/x"], "evaluate.external[0]: expected a mapping"),
        ("/x", "evaluate.external: expected a list"),
    ):
        with pytest.raises(ChestbenchError) as error:
            make_config({"evaluate.external": entries})
        assert words in str(error.value)


def test_classes_that_are_not_ours_are_refused_where_ours_are_known(here, make_config, tmp_path: Path) -> None:
    entry = {"name": "other", "path": str(write_folder(tmp_path / "x", elsewhere())), "classes": {"covid": "COVD"}}
    found = refused(make_config, entry, **{"dataset.classes": ["COVID", "non-COVID"]})
    assert "evaluate.external.other.classes" in found and "did you mean 'COVID'?" in found
    check_sets(with_sets(make_config, entry))
