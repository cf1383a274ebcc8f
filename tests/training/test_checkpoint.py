"""The state on disk is always one complete state."""

import numpy as np
import pytest

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


def test_the_last_two_states_are_kept(tmp_path):
    checkpoint = Checkpoint(tmp_path)
    (tmp_path / "features-train-00000000.npz").write_bytes(b"kept")
    checkpoint.save(progress(1, 1), arrays(1), arrays(1))
    checkpoint.save(progress(2, 1), arrays(2), arrays(1))
    checkpoint.save(progress(3, 3), arrays(3), arrays(3))
    names = sorted(path.name for path in tmp_path.iterdir())
    states = ["best-00001.npz", "best-00003.npz", "current-00002.npz", "current-00003.npz"]
    assert names == [*states, "features-train-00000000.npz", "state-before.json", "state.json"]
    checkpoint.clear_state()
    assert [path.name for path in tmp_path.iterdir()] == ["features-train-00000000.npz"]


# How a disk leaves a file: empty, cut at a block, a block of zeros in the middle, zeros to the end.
DAMAGES = {
    "empty": lambda content: b"",
    "cut": lambda content: content[: len(content) // 2],
    "hole": lambda content: content[:200] + bytes(40) + content[240:],
    "zeros": lambda content: content[:100] + bytes(len(content) - 100),
}


@pytest.mark.parametrize("name", ["state.json", "current-00003.npz", "best-00003.npz"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_state_is_set_aside_for_the_one_before(tmp_path, caplog, name, damage):
    checkpoint = Checkpoint(tmp_path)
    for epoch in (1, 2, 3):
        checkpoint.save(progress(epoch, epoch), arrays(epoch), arrays(epoch))
    path = tmp_path / name
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    found, current, best = checkpoint.load()
    assert found == progress(2, 2) and current[1] == 2 and best[1] == 2
    (said,) = [record.message for record in caplog.records]
    assert name in said and "goes on from the state before" in said
    assert path.with_name(f"{name}.damaged").exists() and not path.exists()
    # The epoch that is done anew is written anew, and is safe against the next damage.
    checkpoint.save(progress(3, 3), arrays(30), arrays(31))
    assert [loaded[1] for loaded in Checkpoint(tmp_path).load()[1:]] == [30, 31]
    (tmp_path / "state.json").write_bytes(b"")
    assert Checkpoint(tmp_path).load()[0] == progress(2, 2)


def test_with_every_state_damaged_it_starts_anew(tmp_path, caplog):
    checkpoint = Checkpoint(tmp_path)
    for epoch in (1, 2):
        checkpoint.save(progress(epoch, 1), arrays(epoch), arrays(1))
    (tmp_path / "best-00001.npz").write_bytes(b"")
    assert checkpoint.load() is None and not checkpoint.is_begun
    assert "goes on from the start" in caplog.records[-1].message
    assert not list(tmp_path.glob("*.npz"))
    checkpoint.save(progress(1, 1), arrays(5), arrays(6))
    assert checkpoint.load()[2][1] == 6


@pytest.mark.parametrize("damage", DAMAGES)
def test_outputs_that_wait_are_whole_or_set_aside(tmp_path, caplog, damage):
    checkpoint = Checkpoint(tmp_path)
    checkpoint.finished.mkdir()
    (checkpoint.finished / "model.keras").write_bytes(bytes(range(1, 251)) * 4)
    assert not checkpoint.is_finished()  # its process died before it could say so
    checkpoint.seal()
    assert checkpoint.is_finished() and not caplog.records
    path = checkpoint.finished / "model.keras"
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    assert not checkpoint.is_finished() and "set aside" in caplog.text
    assert not checkpoint.finished.exists() and not checkpoint.is_finished()


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
