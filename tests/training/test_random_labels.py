"""Labels shuffled between groups: whole groups, counts kept, test untouched, and nothing to be learnt."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chestbench.core.errors import ChestbenchError
from chestbench.training.data import Inputs, read_data
from chestbench.training.random_labels import shuffle_labels
from tests.training.processed import CLASSES, write_processed

INPUTS = Inputs(Path("data/processed"), Path("data/train_indices.npy"), Path("data/weights/simple_cnn"))
IMAGES = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3)), min_size=1, max_size=60)


def pure_groups(labels: np.ndarray, groups: list[str]) -> dict[str, int]:
    found = {group: {int(x) for x, g in zip(labels, groups, strict=True) if g == group} for group in set(groups)}
    return {group: next(iter(values)) for group, values in found.items() if len(values) == 1}


@given(images=IMAGES, seed=st.integers(0, 2**31 - 1))
@settings(max_examples=200, deadline=None)
def test_groups_stay_whole_and_counts_stay(images, seed):
    groups, labels = [f"g{group}" for group, _ in images], np.array([label for _, label in images])
    shuffled = shuffle_labels(labels, groups, seed, 0)
    before = pure_groups(labels, groups)
    mixed = np.array([group not in before for group in groups])
    after = {group: {int(x) for x, g in zip(shuffled, groups, strict=True) if g == group} for group in before}
    assert all(len(values) == 1 for values in after.values())
    assert sorted(before.values()) == sorted(next(iter(values)) for values in after.values())
    assert sorted(labels[mixed]) == sorted(shuffled[mixed])


def test_the_seed_and_the_stream_decide():
    labels, groups = np.arange(200) % 2, [f"g{i // 2}" for i in range(0, 400, 2)]
    first = shuffle_labels(labels, groups, 1, 0)
    assert np.array_equal(first, shuffle_labels(labels, groups, 1, 0)) and first.dtype == np.int64
    for other in (shuffle_labels(labels, groups, 2, 0), shuffle_labels(labels, groups, 1, 1)):
        assert not np.array_equal(first, other)
    # Half agree with the truth by chance: 200 groups, standard deviation 0.035.
    assert abs(float((first == labels).mean()) - 0.5) < 0.15


@pytest.fixture
def config(tmp_path, monkeypatch, make_config):
    write_processed(tmp_path, {"train": 60, "val": 20, "test": 6})
    monkeypatch.chdir(tmp_path)
    return make_config


def test_train_and_val_are_shuffled_and_balanced_anew(config, caplog):
    settings = {"train.random_labels": True, "balance": "upsample"}
    plain, shuffled = (read_data(config(s), INPUTS, CLASSES, 3) for s in ({"balance": "upsample"}, settings))
    for name in ("train_labels", "val_labels"):
        true, random = getattr(plain, name), getattr(shuffled, name)
        assert not np.array_equal(true, random) and np.array_equal(np.bincount(true), np.bincount(random))
    # The order of the upsample stage was made for the true labels.
    assert np.ptp(np.bincount(shuffled.train_labels[shuffled.indices])) == 0
    assert np.array_equal(shuffled.train_images, plain.train_images)
    assert "images have their own label" in caplog.text
    again = read_data(config(settings), INPUTS, CLASSES, 3)
    assert np.array_equal(again.train_labels, shuffled.train_labels) and np.array_equal(again.indices, shuffled.indices)
    assert not np.array_equal(read_data(config(settings), INPUTS, CLASSES, 4).train_labels, shuffled.train_labels)


def test_groups_that_leave_nothing_to_shuffle(config):
    table = Path("data/processed/train.csv")
    lines = table.read_text(encoding="utf-8").splitlines()
    one = [lines[0], *(line.rsplit(",", 2)[0] + ",g1," for line in lines[1:] if line.split(",")[-3] == "0")]
    table.write_text("\n".join(one) + "\n", encoding="utf-8")
    np.save("data/processed/train.npy", np.zeros((len(one) - 1, 32, 32, 1), np.uint8))
    np.save("data/train_indices.npy", np.arange(len(one) - 1))
    with pytest.raises(ChestbenchError, match=r"received none changed in 1 groups"):
        read_data(config({"train.random_labels": True, "balance": "none"}), INPUTS, CLASSES, 3)
