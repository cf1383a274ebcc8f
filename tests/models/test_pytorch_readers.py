"""Readers of safetensors files and of state dicts: what is in them, and nothing that could run or be made up."""

import json
import pickle

import numpy as np
import pytest

from chestbench.models.safetensors import read_safetensors
from chestbench.models.state_dict import read_state_dict
from tests.models.pytorch_files import write_safetensors, write_state_dict

ARRAYS = {
    "kernel": np.arange(120, dtype=np.float32).reshape(2, 3, 4, 5),
    "bias": np.arange(7, dtype=np.float32),
    "counter": np.array(3, np.int64),
}


@pytest.mark.parametrize(
    ("read", "write"), [(read_safetensors, write_safetensors), (read_state_dict, write_state_dict)]
)
def test_what_was_written_is_read(read, write, tmp_path):
    write(tmp_path / "x", ARRAYS)
    found = read(tmp_path / "x")
    assert found.keys() == ARRAYS.keys()
    for name, value in ARRAYS.items():
        assert found[name].dtype == value.dtype
        np.testing.assert_array_equal(found[name], value)
    content = (tmp_path / "x").read_bytes()
    for changed in (content[:-1], content + b"\0", content[:100], b""):
        (tmp_path / "x").write_bytes(changed)
        with pytest.raises(ValueError):
            read(tmp_path / "x")


class Runs:
    """What a pickle could do to whoever loads it."""

    def __reduce__(self):
        return (print, ("this must not run",))


@pytest.mark.parametrize("place", range(5))
def test_a_pickle_that_runs_something_is_refused_before_it_runs(place, tmp_path, capsys):
    """In each of the file's five pickles."""
    pickles = [pickle.dumps(value, 2) for value in (0x1950A86A20F9469CFC6C, 1001, {}, {}, [])]
    pickles[place] = pickle.dumps(Runs(), 2)
    (tmp_path / "x.pth").write_bytes(b"".join(pickles))
    with pytest.raises(ValueError, match=r"asks for .*print"):
        read_state_dict(tmp_path / "x.pth")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("module", ["os.system", "torch.load", "torch._utils._rebuild_parameter", "builtins.eval"])
def test_names_that_a_state_dict_has_no_use_for(module, tmp_path):
    name = module.rpartition(".")
    asks = b"\x80\x02c" + f"{name[0]}\n{name[2]}\n".encode() + b"."
    (tmp_path / "x.pth").write_bytes(asks)
    with pytest.raises(ValueError, match=f"asks for {module}"):
        read_state_dict(tmp_path / "x.pth")


def test_a_tensor_larger_than_its_storage_is_refused(tmp_path):
    """Else a file of some bytes could ask for any memory, or show what lies beside its own."""
    write_state_dict(tmp_path / "x.pth", {"bias": np.arange(7, dtype=np.float32)})
    content = (tmp_path / "x.pth").read_bytes()
    shape, larger = pickle.dumps((7,), 2)[2:-1], pickle.dumps((9,), 2)[2:-1]
    assert content.count(shape) == 1
    (tmp_path / "x.pth").write_bytes(content.replace(shape, larger))
    with pytest.raises(ValueError, match=r"the shape \(9,\) in a storage of 7"):
        read_state_dict(tmp_path / "x.pth")


@pytest.mark.parametrize(
    ("entry", "match"),
    [
        ({"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}, "does not fit its shape"),
        ({"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}, "does not fit its shape or the array"),
        ({"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}, "no shape or place of x"),
        ({"dtype": "F32", "shape": [2], "data_offsets": [0]}, "no shape or place of x"),
        ({"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}, "cut short"),
        ({"dtype": "BF16", "shape": [4], "data_offsets": [0, 8]}, "of the kind BF16"),
        ([1], "no shape or place of x"),
    ],
)
def test_headers_that_contradict_themselves(entry, match, tmp_path):
    header = json.dumps({"x": entry}).encode()
    (tmp_path / "x").write_bytes(len(header).to_bytes(8, "little") + header + bytes(8))
    with pytest.raises(ValueError, match=match):
        read_safetensors(tmp_path / "x")


def test_a_name_twice_and_two_arrays_in_one_place(tmp_path):
    entry = '{"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}'
    for text, match in ((f'{{"x": {entry}, "x": {entry}}}', "twice"), (f'{{"x": {entry}, "y": {entry}}}', "not fit")):
        (tmp_path / "x").write_bytes(len(text).to_bytes(8, "little") + text.encode() + bytes(8))
        with pytest.raises(ValueError, match=match):
            read_safetensors(tmp_path / "x")
