import hashlib
import json

import numpy as np
import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import (
    DamagedFile,
    atomic_file,
    atomic_folder,
    csv_columns,
    read_csv,
    read_json,
    set_aside,
    sha256_file,
    sha256_json,
    stream_csv,
    write_csv,
    write_json,
)


def test_atomic_file_appears_whole_or_not_at_all(tmp_path):
    target = tmp_path / "deep" / "a.txt"
    with pytest.raises(RuntimeError), atomic_file(target) as temporary:
        temporary.write_text("half")
        assert not target.exists()
        raise RuntimeError
    assert list(target.parent.iterdir()) == []
    with atomic_file(target) as temporary:
        temporary.write_text("whole")
    assert target.read_text() == "whole"
    assert list(target.parent.iterdir()) == [target]


def test_atomic_folder_replaces_and_keeps_the_old_one_on_failure(tmp_path):
    target = tmp_path / "out"
    with atomic_folder(target) as temporary:
        (temporary / "old").write_text("1")
    with pytest.raises(RuntimeError), atomic_folder(target) as temporary:
        (temporary / "new").write_text("2")
        raise RuntimeError
    assert [path.name for path in target.iterdir()] == ["old"]
    with atomic_folder(target) as temporary:
        (temporary / "new").write_text("2")
    assert [path.name for path in target.iterdir()] == ["new"]
    assert list(tmp_path.iterdir()) == [target]


def test_atomic_folder_clears_what_a_killed_process_left(tmp_path):
    (tmp_path / ".out.partial").mkdir()
    (tmp_path / ".out.partial" / "stale").write_text("x")
    with atomic_folder(tmp_path / "out") as temporary:
        (temporary / "fresh").write_text("y")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["fresh"]


def test_json_round_trip_refuses_nan(tmp_path):
    write_json(tmp_path / "a.json", {"정상": 1.5})
    assert read_json(tmp_path / "a.json") == {"정상": 1.5}
    assert "정상" in (tmp_path / "a.json").read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "b.json", {"x": float("nan")})
    assert not (tmp_path / "b.json").exists()


def test_hashes(tmp_path):
    (tmp_path / "f").write_bytes(b"x" * 3_000_000)
    assert sha256_file(tmp_path / "f") == hashlib.sha256(b"x" * 3_000_000).hexdigest()
    assert sha256_json({"b": 1, "a": [1, 2]}) == sha256_json(json.loads('{"a": [1, 2], "b": 1}'))
    assert sha256_json({"a": 1}) != sha256_json({"a": 2})


def test_csv_gives_back_what_was_written(tmp_path):
    columns = ["name", "value", "note"]
    rows = [
        {"name": '정상, "q"', "value": 0.1 + 0.2, "note": "line\nbreak"},
        {"name": "b", "value": float("nan"), "note": None},
        {"name": "c"},
        ["d", np.float32(0.25), True],
    ]
    write_csv(tmp_path / "deep" / "t.csv", columns, iter(rows))
    text = (tmp_path / "deep" / "t.csv").read_bytes()
    assert b"\r" not in text
    assert text.decode().splitlines()[-3:] == ["b,,", "c,,", "d,0.25,True"]
    assert csv_columns(tmp_path / "deep" / "t.csv") == columns
    found = read_csv(tmp_path / "deep" / "t.csv")
    assert found[0] == {"name": '정상, "q"', "value": "0.30000000000000004", "note": "line\nbreak"}
    assert list(stream_csv(tmp_path / "deep" / "t.csv")) == found
    assert [row["name"] for row in found[1:]] == ["b", "c", "d"]


def test_csv_is_whole_or_not_there(tmp_path):
    path = tmp_path / "t.csv"

    def half():
        yield [1, 2]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_csv(path, ["a", "b"], half())
    for row, match in (({"a": 1, "c": 2}, "received .'c'. too"), ([1], "expected 2 cells in each row, received 1")):
        with pytest.raises(ValueError, match=match):
            write_csv(path, ["a", "b"], [row])
    assert list(tmp_path.iterdir()) == []
    path.write_text("a,b\n1,2\n3\n", encoding="utf-8")
    rows = stream_csv(path)
    assert next(rows) == {"a": "1", "b": "2"}
    with pytest.raises(ChestbenchError, match="expected 2 cells in each row, received 1 in line 3"):
        next(rows)
    path.write_text("", encoding="utf-8")
    assert csv_columns(path) == []


@pytest.mark.parametrize(
    ("content", "received"),
    [
        (b"", "an empty file"),
        (b"a,b\n1,2\n3,4", "cut short"),
        (b"a,b\n1,2\n3\n", "1 in line 3"),
        (b"a,b\n1,\xff\xfe\n", "damaged"),
    ],
)
def test_a_damaged_table_is_one_sentence(tmp_path, content, received):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(DamagedFile, match=f"{received}.*; run `dvc repro`"):
        read_csv(path)


@pytest.mark.parametrize("content", [b"", b'{"a": 1, "b', b"\x00" * 40, b"\xff\xfe{}"])
def test_damaged_json_is_one_sentence(tmp_path, content):
    path = tmp_path / "t.json"
    path.write_bytes(content)
    with pytest.raises(
        DamagedFile, match=r"t.json: expected JSON, received a damaged file .*; run `dvc repro`"
    ) as found:
        read_json(path)
    assert "\n" not in str(found.value)


def test_what_is_set_aside_takes_the_place_of_what_was(tmp_path):
    for content in ("first", "second"):
        (tmp_path / "x").write_text(content)
        assert set_aside(tmp_path / "x").read_text() == content
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / content).touch()
        assert [path.name for path in set_aside(tmp_path / "folder").iterdir()] == [content]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.damaged", "x.damaged"]
