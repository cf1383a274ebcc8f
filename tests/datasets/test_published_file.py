"""A download beside its published checksum and size, and files of the user's own in its place."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest

from chestbench.core.config import Dataset
from chestbench.core.errors import ChestbenchError
from chestbench.core.notice import OTHER_BYTES
from chestbench.datasets import base
from tests.datasets.archive_server import ArchiveServer, downloads, make_archive
from tests.datasets.test_base import described
from tests.datasets.test_url import COMMIT, OTHER

PLACE = "/records/10519652/files/mnist_{}.npz?download=1"


def arrays(path: Path, side: int) -> Path:
    """Write MedMNIST's arrays of pictures of `side` pixels."""
    pixels = np.random.default_rng(side).integers(0, 256, (6, side, side), np.uint8)
    labels = (np.arange(6, dtype=np.uint8) % 2)[:, None]
    parts = {f"{part}_{kind}": values for part in ("train", "val", "test")
             for kind, values in (("images", pixels), ("labels", labels))}  # fmt: skip
    np.savez_compressed(path, **parts)
    return path


def md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    (tmp_path / "raw").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def published(tmp_path) -> dict[int, Path]:
    """The files of a set in two sizes, the default first."""
    return {side: arrays(tmp_path / f"mnist_{side}.npz", side) for side in (32, 20)}


def dataset(published: dict[int, Path], address: str = "http://127.0.0.1:9", **changes: object) -> Dataset:
    files = {side: {"url": address + PLACE.format(side), "md5": md5(path), "pixels": side}
             for side, path in published.items()}  # fmt: skip
    return described(**{"source": "url", "path": None, "files": files, **changes})


def refused(tmp_path: Path, wanted: Dataset) -> str:
    with pytest.raises(ChestbenchError) as error:
        base.fetch(wanted, tmp_path / "raw")
    assert not list((tmp_path / "raw").iterdir())
    return str(error.value)


@pytest.mark.parametrize(("version", "side"), [(None, 32), (32, 32), (20, 20)])
def test_the_version_chooses_file_checksum_and_size(tmp_path, published, version, side):
    with ArchiveServer(published[side]) as server:
        source = base.fetch(dataset(published, server.address, version=version), tmp_path / "raw")
    assert (tmp_path / "raw/archive.zip").read_bytes() == published[side].read_bytes(), "exactly as published"
    assert source["version"] == side and source["url"].endswith(f"/mnist_{side}.npz")
    assert source["origin"] == f"downloaded, with the MD5 that is published, {md5(published[side])}"
    assert "copy" not in source


def test_a_version_that_is_not_offered_is_refused_with_those_that_are(published):
    with pytest.raises(ValueError, match=r"as dataset\.version one of 32, 20 \(null: 32.*received 28"):
        dataset(published, version=28)


def test_another_file_than_published_is_refused_with_both_checksums(tmp_path, published):
    other = arrays(tmp_path / "other.npz", 33)
    with ArchiveServer(other) as server:
        message = refused(tmp_path, dataset(published, server.address))
    assert md5(published[32]) in message and md5(other) in message and "of version 32" in message
    assert "-S dataset.path=FILE" in message and downloads() == []


def test_the_file_of_another_version_is_called_by_its_name(tmp_path, published):
    with ArchiveServer(published[20]) as server:
        assert "which is version 20" in refused(tmp_path, dataset(published, server.address))


def test_pictures_of_another_size_are_refused_where_no_checksum_tells(tmp_path, published):
    with ArchiveServer(published[20]) as server:
        files = {32: {"url": server.address + PLACE.format(32), "pixels": 32}}
        message = refused(tmp_path, dataset(published, files=files))
    assert "dataset.version: expected pictures of 32 x 32 pixels, received 20 x 20" in message


def test_half_a_file_that_the_server_calls_whole_is_refused(tmp_path, published):
    half = tmp_path / "half.npz"
    half.write_bytes(published[32].read_bytes()[:-400])
    with ArchiveServer(half) as server:
        message = refused(tmp_path, dataset(published, server.address))
    assert "cut off" in message and downloads() == []


@pytest.mark.parametrize("kind", ["text/html", "application/octet-stream"])
def test_a_web_page_is_called_one_whatever_its_type(tmp_path, published, kind):
    page = tmp_path / "page"
    page.write_bytes(b"\n<!DOCTYPE html><html><body>Sign in</body></html>")
    with ArchiveServer(page, content_type=kind) as server:
        message = refused(tmp_path, dataset(published, server.address))
    assert "received a web page" in message and downloads() == []


@pytest.mark.parametrize("ending", ["tar", "tar.gz", "tgz"])
@pytest.mark.parametrize("checksum", ["md5", "sha256"])
def test_tars_are_kept_as_published_and_compared(tmp_path, ending, checksum):
    packed = tmp_path / f"set.{ending}"
    with tarfile.open(packed, "w" if ending == "tar" else "w:gz") as archive:
        for name in ("a/1.png", "b/2.png"):
            info = tarfile.TarInfo(name)
            info.size = 3
            archive.addfile(info, io.BytesIO(b"one"))
    right = getattr(hashlib, checksum)(packed.read_bytes()).hexdigest()
    with ArchiveServer(packed, content_type="application/gzip") as server:
        wanted = {"source": "url", "path": None, "url": f"{server.address}/set.{ending}"}
        assert base.fetch(described(**wanted, **{checksum: right}), tmp_path / "raw")["bytes"] == packed.stat().st_size
        assert (tmp_path / "raw/archive.zip").read_bytes() == packed.read_bytes()
        (tmp_path / "raw/archive.zip").unlink()
        message = refused(tmp_path, described(**wanted, **{checksum: "0" * len(right)}))
    assert right in message and "0" * len(right) in message


def test_a_file_of_ones_own_with_the_published_bytes_is_said_to_be_that(tmp_path, published):
    wanted = dataset(published, path=str(published[20]))
    base.check_source(wanted)
    source = base.fetch(wanted, tmp_path / "raw")
    assert source["origin"].startswith("a file of the user's own (dataset.path) with the bytes that are published, MD5")
    assert source["version"] == 20 and "copy" not in source and source["source"] == "url"
    assert str(tmp_path) not in json.dumps(source)


def test_a_file_with_other_bytes_is_used_and_called_a_copy(tmp_path, published):
    mine = arrays(tmp_path / "mine.npz", 20)
    mine.write_bytes(published[20].read_bytes()[:-22] + published[20].read_bytes()[-22:-2] + b"\x01\x00!")
    source = base.fetch(dataset(published, path=str(mine)), tmp_path / "raw")
    assert (tmp_path / "raw/archive.zip").read_bytes() == mine.read_bytes()
    found = f"{OTHER_BYTES} (MD5 {md5(mine)}, published of version 20 is {md5(published[20])})"
    assert source["copy"] == found and source["origin"] == f"a file of the user's own (dataset.path): {found}"


def test_a_size_that_is_not_the_version_asked_for_is_refused_before_any_work(tmp_path, published):
    wanted = dataset(published, path=str(published[20]), version=32)
    with pytest.raises(ChestbenchError, match=r"set -S dataset\.version=20, or leave the version out"):
        base.check_source(wanted)
    assert f"received 20 x 20 in '{published[20]}'" in refused(tmp_path, wanted)


def test_a_size_that_nobody_published_is_a_copy(tmp_path, published):
    mine = arrays(tmp_path / "mine.npz", 24)
    source = base.fetch(dataset(published, path=str(mine)), tmp_path / "raw")
    assert "pictures of 24 x 24 pixels, a size that is not published" in source["copy"] and source["version"] is None


def test_a_checksum_of_the_users_own_is_still_a_must(tmp_path, published):
    wanted = dataset(published, path=str(published[20]), sha256="a" * 64)
    assert "a" * 64 in refused(tmp_path, wanted) and published[20].exists()


@pytest.mark.parametrize("source", ["kaggle", "kaggle_competition", "url"])
def test_any_set_is_taken_from_a_file_or_a_folder_without_the_network(tmp_path, source):
    wanted = {"source": source, "handle": "o/n" if source == "kaggle" else "comp", "version": None}
    wanted["url"] = "http://127.0.0.1:9/x.zip" if source == "url" else None
    archive = make_archive(tmp_path / "mine.zip")
    found = base.fetch(described(**wanted, path=str(archive)), tmp_path / "raw")
    assert found["origin"].endswith("no checksum is known here to compare it with") and "copy" not in found
    (tmp_path / "raw/archive.zip").unlink()
    for label in "ab":
        (tmp_path / "mine" / label).mkdir(parents=True)
        (tmp_path / "mine" / label / "1.png").write_bytes(label.encode())
    found = base.fetch(described(**wanted, path=str(tmp_path / "mine")), tmp_path / "raw")
    assert found["origin"].startswith("a folder of the user's own (dataset.path), packed here")


def test_a_commit_is_compared_with_a_file_of_ones_own(tmp_path):
    address = f"https://github.com/o/r/archive/{COMMIT}.zip"
    said = {}
    for name, comment in (("right", COMMIT), ("without", ""), ("wrong", OTHER)):
        archive = make_archive(tmp_path / f"{name}.zip", comment=comment)
        wanted = described(source="url", url=address, path=str(archive))
        if name == "wrong":
            assert COMMIT in (message := refused(tmp_path, wanted)) and OTHER in message
            continue
        said[name] = base.fetch(wanted, tmp_path / "raw")
        (tmp_path / "raw/archive.zip").unlink()
    assert said["right"]["origin"].endswith(f"made by `git archive` of commit {COMMIT}") and "copy" not in said["right"]
    assert said["without"]["copy"].startswith(OTHER_BYTES)


def test_a_path_for_drawn_pictures_is_refused_with_the_line_that_reads_it(tmp_path):
    with pytest.raises(ChestbenchError, match=r"-S dataset=folder -S dataset\.path=/x"):
        base.check_source(described(source="sample", path="/x"))


def test_a_checksum_of_a_kaggle_set_is_compared_too(tmp_path, monkeypatch):
    archive = make_archive(tmp_path / "set.zip")
    monkeypatch.setattr(
        "chestbench.datasets.kaggle.bring", lambda remote, target: target.write_bytes(archive.read_bytes())
    )
    kaggle = {"source": "kaggle", "handle": "o/n", "version": 1, "path": None}
    assert "MD5" in base.fetch(described(**kaggle, md5=md5(archive)), tmp_path / "raw")["origin"]
    (tmp_path / "raw/archive.zip").unlink()
    assert md5(archive) in refused(tmp_path, described(**kaggle, md5="0" * 32))
