"""The state goes to the disk beside the next epoch, one at a time, whole, in order; and its faults are not lost."""

import errno
import threading

import keras
import numpy as np
import pytest

from chestbench.training.checkpoint import Checkpoint, Progress
from chestbench.training.variables import Copies, Weights
from chestbench.training.writer import StateWriter


def progress(epochs: int) -> Progress:
    return Progress(history=[{"epoch": i + 1, "val_loss": 1.0} for i in range(epochs)], best_epoch=epochs)


def test_what_changes_meanwhile_is_not_in_the_state(tmp_path):
    """Weights and history go on while the state of the epoch before is written."""
    variable, goes_on, history = keras.Variable(np.ones((3, 2), np.float32)), threading.Event(), progress(1)
    checkpoint = Checkpoint(tmp_path)
    saved, reported = checkpoint.save, []
    checkpoint.save = lambda *given: (goes_on.wait(10), saved(*given))
    with StateWriter(
        checkpoint, lambda epoch, row: reported.append((epoch, checkpoint.load()[0].epochs_done))
    ) as writer:
        copies = Copies([variable])
        writer.save(history, copies, Weights(copies=copies, of=[variable]))
        variable.assign(np.full((3, 2), 7, np.float32))
        history.history.append({"epoch": 2, "val_loss": 2.0})
        assert reported == []
        goes_on.set()
    assert reported == [(1, 1)]  # once it is safe
    found, current, best = checkpoint.load()
    assert found == progress(1)
    np.testing.assert_array_equal(current[0], 1.0)
    np.testing.assert_array_equal(best[0], 1.0)


def test_a_fault_of_the_disk_ends_the_next_epoch(tmp_path):
    checkpoint = Checkpoint(tmp_path)

    def full(*given):
        raise OSError(errno.ENOSPC, "No space left on device")

    checkpoint.save = full
    copies = Copies([keras.Variable(1.0)])
    with pytest.raises(OSError, match="No space left"), StateWriter(checkpoint, None) as writer:
        writer.save(progress(1), copies, Weights([]))
        writer.save(progress(2), copies, Weights([]))
    # Also that of the last epoch, and no other error is hidden by it.
    with pytest.raises(OSError, match="No space left"), StateWriter(checkpoint, None) as writer:
        writer.save(progress(1), copies, Weights([]))
    with pytest.raises(KeyError), StateWriter(checkpoint, None) as writer:
        writer.save(progress(1), copies, Weights([]))
        raise KeyError


def test_epochs_are_reported_in_order_and_none_is_left_out(tmp_path):
    seen = []
    copies = Copies([keras.Variable(1.0)])
    with StateWriter(Checkpoint(tmp_path), lambda epoch, row: seen.append((epoch, row["epoch"]))) as writer:
        for epoch in range(1, 6):
            writer.save(progress(epoch), copies, Weights([np.ones(2)]))
    assert seen == [(epoch, epoch) for epoch in range(1, 6)]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_found_anywhere(bad):
    good, other = (
        keras.Variable(np.zeros(4, np.float32)),
        keras.Variable(np.zeros((), np.int32), dtype="int32", trainable=False),
    )
    assert Copies([good, other]).all_finite()
    good.assign(np.array([0, 0, bad, 0], np.float32))
    assert not Copies([other, good]).all_finite()


def test_one_variable_can_be_taken_again():
    one, other = keras.Variable(1.0), keras.Variable(2.0)
    copies = Copies([one, other])
    one.assign(5.0)
    other.assign(6.0)
    copies.take_again(other)
    assert [float(array) for array in copies.arrays()] == [1.0, 6.0]
    assert [float(array) for array in copies.arrays_of([other])] == [6.0]
