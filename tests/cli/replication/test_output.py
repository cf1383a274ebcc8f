"""What is said of the data, and what may take the place of a table that is there."""

import json
from pathlib import Path

import pytest

from chestbench.cli.replicate import main
from chestbench.cli.replication import output
from chestbench.cli.replication.data import COPY, DRAWN, PUBLISHED, UNKNOWN, describe
from chestbench.core.config import Config
from chestbench.core.errors import ChestbenchError
from tests.cli.replication.test_settings import settled

SUM, MD5, COMMIT = "a" * 64, "b" * 32, "c" * 40
SOURCE = {"name": "x", "source": "url", "version": None, "sha256": SUM, "bytes": 1234}
SPLIT = {"images": {"train": {"ill": 20, "well": 10}, "test": {"ill": 4, "well": 3}}}


def dataset(make_config, **values: object):
    config: Config = make_config({f"dataset.{key}": value for key, value in values.items()})
    return config.dataset


def url(make_config, **values: object):
    return dataset(make_config, **{"source": "url", "url": "https://host/x.zip", "name": "x", **values})


def test_the_published_file_is_told_by_its_checksum_or_commit_wherever_it_lies(make_config) -> None:
    own = url(make_config, sha256=SUM)
    for used in (own, url(make_config, sha256=SUM, path="/data/x.zip")):
        found = describe(own, used, SOURCE, {}, SPLIT)
        assert found.verdict == PUBLISHED and "the published file" in found.file and SUM in found.file
    files = {28: {"url": "https://host/28.npz", "md5": MD5}, 64: {"url": "https://host/64.npz", "md5": "d" * 32}}
    own = url(make_config, url=None, files=files, version=28)
    source = {
        **SOURCE,
        "origin": f"a file of the user's own (dataset.path) with the bytes that are published, MD5 {MD5}",
    }
    used = url(make_config, url=None, files=files, version=28, path="/data/x.npz")
    assert describe(own, used, source, {}, SPLIT).verdict == PUBLISHED
    other_version = url(make_config, url=None, files=files, version=64)
    assert describe(other_version, used, source, {}, SPLIT).verdict == COPY
    address = f"https://host/{COMMIT}.zip"
    own = url(make_config, url=address)
    assert describe(own, own, {**SOURCE, "url": address}, {}, SPLIT).verdict == PUBLISHED
    used = url(make_config, url=address, path="/data/x.zip")
    made = f"a file of the user's own (dataset.path), made by `git archive` of commit {COMMIT}"
    assert describe(own, used, {**SOURCE, "url": address, "origin": made}, {}, SPLIT).verdict == PUBLISHED
    assert describe(own, used, {**SOURCE, "url": address, "origin": "no checksum"}, {}, SPLIT).verdict == COPY


def test_a_copy_is_called_one(make_config) -> None:
    own = url(make_config, md5=MD5)
    told = {"origin": f"other bytes than published, MD5 x, published is {MD5}", "copy": "other bytes than published"}
    found = describe(own, url(make_config, md5=MD5, path="/data/x.zip"), {**SOURCE, **told}, {}, SPLIT)
    assert found.verdict == COPY and "other bytes than published" in found.file and SUM in found.file
    without = url(make_config)
    assert describe(without, url(make_config, path="/data/x.zip"), SOURCE, {}, SPLIT).verdict == COPY
    other_set = describe(
        own, url(make_config, name="y", title="Another", md5=MD5), {**SOURCE, "origin": MD5}, {}, SPLIT
    )
    assert other_set.verdict == COPY and other_set.file.startswith("Another, in place of")


def test_without_a_checksum_it_says_that_nobody_can_tell_and_drawn_pictures_are_drawn(make_config) -> None:
    own = url(make_config)
    found = describe(own, own, SOURCE, {}, SPLIT)
    assert found.verdict == UNKNOWN and "no checksum that is known here" in found.file and SUM in found.file
    sample = dataset(make_config)
    assert describe(sample, sample, SOURCE, {}, SPLIT).verdict == DRAWN


def test_pictures_are_counted_and_told_where_they_are_others_than_the_publisher_states(make_config) -> None:
    catalog = {"differs": ["class well: 826 fewer"], "sizes": {"width": {"min": 28, "median": 28.0, "max": 28}}}
    found = describe(url(make_config), url(make_config), SOURCE, catalog, SPLIT)
    assert found.pictures.startswith("train 30 (20 ill, 10 well); test 7 (4 ill, 3 well)")
    assert found.pictures.endswith("NOT AS PUBLISHED: class well: 826 fewer") and found.size == 28


def test_another_run_does_not_replace_the_replication_itself(tmp_path: Path) -> None:
    itself, shorter = settled(), settled("train.epochs=1")
    output.check(tmp_path / "new", "a-set", shorter)

    def there(**said: object) -> None:
        (tmp_path / "README.md").write_text("x")
        (tmp_path / "metrics.json").write_text(json.dumps({"replication": said}))

    there(differences={}, given=[])
    output.check(tmp_path, "a-set", itself)
    with pytest.raises(ChestbenchError, match=r"train.epochs.* --out replications/a-set-other"):
        output.check(tmp_path, "a-set", shorter)
    there(differences={}, given=["train.epochs=1"])  # it was found to be itself: another path of the same file
    output.check(tmp_path, "a-set", shorter)
    there(differences={"train.epochs": ["4", "2"]}, given=["train.epochs=2"])
    output.check(tmp_path, "a-set", shorter)
    (tmp_path / "file").touch()
    with pytest.raises(ChestbenchError, match="--out: expected a folder, received the file"):
        output.check(tmp_path / "file", "a-set", itself)


def test_a_full_disk_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".dvc").mkdir()
    (tmp_path / "dvc.yaml").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ChestbenchError, match="expected NAME before -S"):
        main(["-S", "train.epochs=1"])
    from chestbench.cli.replication import definition

    def full(*_unused: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(definition, "read", full)
    with pytest.raises(ChestbenchError, match=r"no space left on the disk.*nothing is lost"):
        main(["a-set"])
