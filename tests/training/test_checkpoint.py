"""The state on disk is always one complete state."""

import numpy as np

from chestbench.training.checkpoint import Checkpoint, Progress


def progress(epochs: int, best: int) -> Progress:
    return Progress(history=[{"epoch": i + 1, "val_loss": 1.0} for i in range(epochs)], best_epoch=best, best_loss=0.25)


def arrays(value: float) -> list[np.ndarray]:
    return [np.full((2, 3), value, np.float32), np.array(int(value), np.int64), np.array([7], np.uint32)]


def test_what_is_saved_is_loaded(tmp_path):
    checkpoint = Checkpoint(tmp_path / "key")
    assert checkpoint.load() is None
    checkpoint.save(progress(2, 1), arrays(2), arrays(1))
    found, current, best = checkpoint.load()
    assert found == progress(2, 1) and found.epochs_done == 2
    for got, expected in zip(current + best, arrays(2) + arrays(1), strict=True):
        np.testing.assert_array_equal(got, expected)
        assert got.dtype == expected.dtype


def test_only_the_latest_state_is_kept(tmp_path):
    checkpoint = Checkpoint(tmp_path)
    (tmp_path / "features-train-00000000.npy").write_bytes(b"kept")
    checkpoint.save(progress(1, 1), arrays(1), arrays(1))
    checkpoint.save(progress(2, 1), arrays(2), arrays(1))
    checkpoint.save(progress(3, 3), arrays(3), arrays(3))
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["best-00003.npz", "current-00003.npz", "features-train-00000000.npy", "state.json"]


def test_killed_before_the_state_was_written(tmp_path):
    """Arrays of the next epoch without their state.json: the epoch before still loads."""
    checkpoint = Checkpoint(tmp_path)
    checkpoint.save(progress(1, 1), arrays(1), arrays(1))
    (tmp_path / "current-00002.npz").write_bytes(b"half")
    (tmp_path / ".best-00002.npz.1.partial").write_bytes(b"half")
    found, current, _ = checkpoint.load()
    assert found.epochs_done == 1 and current[1] == 1
    checkpoint.save(progress(2, 2), arrays(2), arrays(2))
    assert checkpoint.load()[1][1] == 2


def test_removed(tmp_path):
    checkpoint = Checkpoint(tmp_path / "key")
    checkpoint.remove()
    checkpoint.save(progress(1, 1), arrays(1), arrays(1))
    checkpoint.remove()
    assert not (tmp_path / "key").exists() and checkpoint.load() is None
