"""What the publisher states beside what the archive holds, and a copy that is said to be one."""

import contextlib
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from chestbench.catalog.stated import counted, differences
from chestbench.core.files import read_json
from chestbench.core.notice import OTHER_BYTES, copy_notes
from tests.catalog.archives import dataset_of
from tests.catalog.public_sets import chest_xray_pneumonia, pneumoniamnist
from tests.catalog.test_public_sets import composed, read, written
from tests.conftest import ROOT

STATED = {
    "expected_counts": {"a": 10, "b": 20},
    "expected_parts": {"train": {"a": 6, "b": 12}, "test": {"a": 4, "b": 8}},
}


def held(**counts: int) -> Counter:
    """Return counts such as a_train=3."""
    return Counter({tuple(name.split("_")): count for name, count in counts.items()})


def test_as_many_as_stated_is_no_difference(make_config) -> None:
    assert differences(held(a_train=6, a_test=4, b_train=12, b_test=8), dataset_of(make_config, **STATED)) == []
    assert differences(Counter({("a", ""): 10, ("b", ""): 20}), dataset_of(make_config, **STATED)) == [], "no split"


def test_what_lacks_is_told_with_its_part(make_config) -> None:
    found = differences(held(a_train=3, a_test=4, b_train=13, b_test=8), dataset_of(make_config, **STATED))
    assert found == [
        "class a: the publisher states 10 images, the archive holds 7, 3 fewer (train 3 of 6)",
        "class b: the publisher states 20 images, the archive holds 21, 1 more (train 13 of 12)",
    ]


def test_another_split_of_as_many_is_told(make_config) -> None:
    (found,) = differences(held(a_train=4, a_test=6, b_train=12, b_test=8), dataset_of(make_config, **STATED))
    assert found.endswith("the archive holds 10 (train 4 of 6, test 6 of 4)")


def test_a_class_that_was_not_asked_for_is_not_missed(make_config) -> None:
    asked = dataset_of(make_config, classes=["a", "c"], **STATED)
    assert differences(held(a_train=6, a_test=4, c_train=1), asked) == []
    assert (
        "the archive holds 0, 20 fewer" in differences(held(a_train=6, a_test=4), dataset_of(make_config, **STATED))[0]
    )


def test_a_set_that_stands_in_its_archive_twice_counts_once(tmp_path: Path) -> None:
    archive = written(tmp_path / "set.zip", chest_xray_pneumonia(train=12, test=6))
    read(tmp_path / "read", "chest_xray_pneumonia", archive)
    assert counted(tmp_path / "read/catalog.csv") == held(
        NORMAL_train=24, PNEUMONIA_train=24, NORMAL_test=12, PNEUMONIA_test=12
    )


@pytest.mark.parametrize("is_short", [True, False])
def test_a_copy_is_said_to_be_one_in_every_record(tmp_path: Path, is_short: bool) -> None:
    archive = written(tmp_path / "mine.npz", pneumoniamnist(short=6 if is_short else 0))
    config = composed(tmp_path, "pneumoniamnist", archive, "dataset.expected_counts={normal: 34, pneumonia: 78}",
                      "dataset.expected_parts={train: {normal: 16, pneumonia: 48}, val: {normal: 6, pneumonia: 12}, "
                      "test: {normal: 12, pneumonia: 18}}")  # fmt: skip
    assert config.dataset.watch == str(archive), "DVC sees when it changes"
    for stage in ("check", "download", "catalog"):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
        command = [sys.executable, "-m", f"stages.{stage}"]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    lacks = "class normal: the publisher states 34 images, the archive holds 28, 6 fewer (train 10 of 16)"
    assert (lacks in done.stderr + done.stdout) == is_short
    with contextlib.chdir(tmp_path):
        source, catalog = (read_json(Path(name)) for name in ("data/raw/source.json", "metrics/catalog.json"))
    assert source["source"] == "url" and source["version"] == 28 and source["copy"].startswith(OTHER_BYTES)
    assert str(tmp_path) not in json.dumps(source)
    assert catalog["copy"] == source["copy"] and catalog.get("differs", []) == ([lacks] if is_short else [])
    (note,) = copy_notes(catalog)
    assert note.startswith(f"The images are {OTHER_BYTES} (MD5 ") and note.endswith("is one of the published set.")
    assert (lacks if is_short else "as many images of each class as the publisher states") in note
