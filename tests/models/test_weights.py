"""ImageNet files: downloaded or brought, always checked; errors say what to do."""

import hashlib
import logging
from dataclasses import replace

import keras
import numpy as np
import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.datasets import download
from chestbench.models import bit
from chestbench.models.build import build
from chestbench.models.parts import backbone_layers
from chestbench.models.published import PublishedWeights, library_constants
from chestbench.models.registry import get
from chestbench.models.weights import fetch_weights
from tests.models.weights_server import md5, serve, write_legacy_h5

DATA = np.random.default_rng(0).bytes(1_500_000)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A keras home of the test's own, and no waiting between attempts."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(download, "sleep", lambda seconds: None)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path / "repository"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("CHESTBENCH_WEIGHTS", raising=False)
    (tmp_path / "home" / "models").mkdir(parents=True)
    (tmp_path / "out").mkdir()
    return tmp_path / "home"


def network(url: str, checksum: str):
    return replace(get("resnet50"), published=lambda: PublishedWeights("weights.h5", url, checksum))


def test_download_is_verified_and_noted(tmp_path):
    with serve(DATA) as (url, _):
        note = fetch_weights(network(url, md5(DATA)), tmp_path / "out")
    assert (tmp_path / "out" / "weights.h5").read_bytes() == DATA
    assert note["sha256"] == hashlib.sha256(DATA).hexdigest()
    assert (note["weights"], note["file"], note["source"]) == ("imagenet", "weights.h5", url)
    assert (note["md5"], note["verified"]) == (md5(DATA), "MD5 as published")


def waiting(tmp_path):
    """Return what is left of downloads, locks left out."""
    return [path for path in (tmp_path / "repository").rglob("*") if path.is_file() and path.suffix != ".lock"]


def first_byte(asked: str) -> int:
    """Return the start of a Range header; the last piece before a cut may be lost, it is 256 KiB at most."""
    return int(asked.removeprefix("bytes=").removesuffix("-"))


def test_cut_connection_goes_on_where_it_ended(tmp_path):
    with serve(DATA, cut_first_after=1_000_000) as (url, ranges):
        fetch_weights(network(url, md5(DATA)), tmp_path / "out")
    assert len(ranges) == 2 and ranges[0] == ""
    assert 700_000 < first_byte(ranges[1]) <= 1_000_000
    assert (tmp_path / "out" / "weights.h5").read_bytes() == DATA
    assert waiting(tmp_path) == []


def test_a_later_run_goes_on_where_an_earlier_one_gave_up(tmp_path, monkeypatch):
    monkeypatch.setattr(download, "TRIES", 1)
    with serve(DATA, cut_first_after=1_000_000) as (url, ranges):
        with pytest.raises(ChestbenchError, match=r"it goes on after the [\d,]+ bytes that are here"):
            fetch_weights(network(url, md5(DATA)), tmp_path / "out")
        assert list((tmp_path / "out").iterdir()) == []
        fetch_weights(network(url, md5(DATA)), tmp_path / "out")
    assert first_byte(ranges[1]) > 700_000
    assert (tmp_path / "out" / "weights.h5").read_bytes() == DATA


def test_wrong_download_is_refused_and_deleted(tmp_path):
    with serve(DATA) as (url, _), pytest.raises(ChestbenchError) as caught:
        fetch_weights(network(url, "0" * 32), tmp_path / "out")
    assert "0" * 32 in str(caught.value) and md5(DATA) in str(caught.value)
    assert list((tmp_path / "out").iterdir()) == [] == waiting(tmp_path)


def test_no_network_says_how_to_bring_the_file_or_do_without(tmp_path, home):
    with pytest.raises(ChestbenchError) as caught:
        fetch_weights(network("http://127.0.0.1:9/weights.h5", "0" * 32), tmp_path / "out")
    message = str(caught.value)
    assert str(home / "models" / "weights.h5") in message
    assert "-S train=scratch" in message and "-S train=quick" in message
    assert list((tmp_path / "out").iterdir()) == []


def test_brought_file_is_used_without_network(tmp_path, home, caplog):
    (home / "models" / "weights.h5").write_bytes(DATA)
    with caplog.at_level(logging.INFO):
        fetch_weights(network("http://127.0.0.1:9/weights.h5", md5(DATA)), tmp_path / "out")
    assert (tmp_path / "out" / "weights.h5").read_bytes() == DATA
    assert "using" in caplog.text


def test_wrong_brought_file_is_refused_and_kept(tmp_path, home):
    (home / "models" / "weights.h5").write_bytes(b"something else")
    with pytest.raises(ChestbenchError, match=md5(b"something else")):
        fetch_weights(network("http://127.0.0.1:9/weights.h5", md5(DATA)), tmp_path / "out")
    assert (home / "models" / "weights.h5").exists()


def accept(path):
    if path.read_bytes() != DATA:
        raise ValueError("other arrays")


def test_without_a_published_checksum_the_content_is_checked(tmp_path, home):
    """And the note says so; a wrong download is deleted, a wrong file that was brought is kept."""
    with serve(DATA) as (url, _):
        published = PublishedWeights("weights.npz", url, None, accept)
        note = fetch_weights(replace(get("bit_r50x1"), published=lambda: published), tmp_path / "out")
    assert note["md5"] is None and "no checksum is published" in note["verified"]
    assert note["sha256"] == hashlib.sha256(DATA).hexdigest()
    (tmp_path / "out" / "weights.npz").unlink()
    with (
        serve(DATA[:-1]) as (url, _),
        pytest.raises(ChestbenchError, match=r"expected weights\.npz as published.*other"),
    ):
        published = PublishedWeights("weights.npz", url, None, accept)
        fetch_weights(replace(get("bit_r50x1"), published=lambda: published), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
    (home / "models" / bit.FILE).write_bytes(b"something else")
    with pytest.raises(ChestbenchError, match=r"expected BiT-S-R50x1\.npz as published.*replace it"):
        fetch_weights(get("bit_r50x1"), tmp_path / "out")
    assert (home / "models" / bit.FILE).exists()


def test_network_without_published_file(tmp_path):
    with pytest.raises(ChestbenchError, match=r"simple_cnn.*train\.weights=none"):
        fetch_weights(get("simple_cnn"), tmp_path / "out")
    with pytest.raises(ChestbenchError, match=r"large_t.*train\.weights=none"):
        build(get("large_t"), 32, 2, weights_file=tmp_path / "weights.h5")


def test_file_in_the_published_format_is_loaded_into_the_body(tmp_path):
    """The body predicts with the file's weights; the head stays random."""
    plain = keras.applications.ResNet50V2(include_top=False, weights=None, input_shape=(32, 32, 3))
    path = tmp_path / "weights.h5"
    write_legacy_h5(plain, path, seed=1)
    plain.load_weights(path)
    model = build(get("resnet50v2"), 32, 2, weights_file=path)
    loaded = [weight for layer in backbone_layers(model) for weight in layer.get_weights()]
    for got, expected in zip(loaded, plain.get_weights(), strict=True):
        np.testing.assert_array_equal(got, expected)
    assert all(np.all((weight > 0.0099) & (weight < 0.0201)) for weight in loaded)


def test_file_of_another_network_is_refused(tmp_path):
    path = tmp_path / "weights.h5"
    write_legacy_h5(keras.applications.ResNet50(include_top=False, weights=None, input_shape=(32, 32, 3)), path, 1)
    with pytest.raises(ChestbenchError, match="ImageNet weights of resnet50v2"):
        build(get("resnet50v2"), 32, 2, weights_file=path)


def test_unreadable_file_is_refused(tmp_path):
    path = tmp_path / "weights.h5"
    path.write_bytes(b"no HDF5")
    with pytest.raises(ChestbenchError, match="delete it and run the weights stage again"):
        build(get("resnet50"), 32, 2, weights_file=path)


def test_constants_of_a_missing_module():
    with pytest.raises(ChestbenchError, match=r"applications/nothing\.py"):
        library_constants("nothing")
