"""Arrays are read whole or refused in one sentence, whatever was left of their file."""

import numpy as np
import pytest

from chestbench.core.arrays import open_array, read_arrays, write_arrays
from chestbench.core.files import DamagedFile

CUTS = [0, 1, 6, 64, 127, 128, 129, 4096, -1]


@pytest.fixture
def path(tmp_path):
    np.save(tmp_path / "train.npy", np.arange(9000, dtype=np.uint8))
    return tmp_path / "train.npy"


def test_a_whole_one_is_read(path):
    expected = np.load(path)
    for memory_mapped in (True, False):
        found = open_array(path, "`x`", memory_mapped)
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == expected.dtype and isinstance(found, np.memmap) == memory_mapped
    np.save(path, np.zeros((0, 4), np.int64))
    assert open_array(path, "`x`").shape == (0, 4)


@pytest.mark.parametrize("cut", CUTS)
def test_a_short_one_is_one_sentence_with_the_command_that_brings_it_back(path, cut):
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(
        DamagedFile, match=r"train.npy: expected .*, received .*; run `dvc repro -f preprocess`"
    ) as found:
        open_array(path, "`dvc repro -f preprocess`")
    assert "\n" not in str(found.value)


@pytest.mark.parametrize(
    "content", [bytes(9128), b"PK\x03\x04" + bytes(4092), b"\x93NUMPY\x01\x00v\x00{'descr': '|O'}"]
)
def test_something_else_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(DamagedFile):
        open_array(path, "`x`")


def test_a_longer_one_is_refused(path):
    with open(path, "ab") as stream:
        stream.write(b"more")
    with pytest.raises(DamagedFile, match="expected 9,128 bytes"):
        open_array(path, "`x`")


def test_arrays_are_compared_with_their_checksums(tmp_path):
    path, arrays = tmp_path / "a.npz", {"b": np.arange(2000.0), "a": np.array("text"), "c": np.zeros((0, 2))}
    write_arrays(path, arrays)
    first = path.read_bytes()
    found = read_arrays(path)
    assert list(found) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
    write_arrays(path, arrays)
    assert path.read_bytes() == first
    for cut in CUTS:
        path.write_bytes(first[:cut])
        with pytest.raises(DamagedFile, match=r"a.npz: expected a whole .npz file"):
            read_arrays(path)
    for start in range(0, 16000, 500):  # every array's bytes, headers and names
        path.write_bytes(first[:start] + bytes(byte ^ 0x55 for byte in first[start : start + 64]) + first[start + 64 :])
        with pytest.raises(DamagedFile):
            read_arrays(path)
