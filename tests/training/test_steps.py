"""Rows of steps.csv: what happened between two of them, evenly, and no more than a chart can show."""

import numpy as np
import pytest

from chestbench.training.steps import MOST_ROWS, StepRecorder, steps_a_row


def record(losses: np.ndarray) -> list[dict]:
    """Record losses (epochs, steps) as keras would report them: as the mean of the epoch so far, in float32."""
    rows: list[dict] = []
    recorder = StepRecorder(rows, losses.shape[1], losses.shape[0])
    for epoch, epoch_losses in enumerate(losses):
        for step in range(1, len(epoch_losses) + 1):
            mean = float(np.float32(epoch_losses[:step].mean()))
            recorder.add(epoch, step, {"loss": mean, "accuracy": 1 - mean / 10})
    return rows


def test_every_step_of_a_short_training_has_its_own_loss() -> None:
    losses = np.random.default_rng(0).uniform(0.1, 2, (3, 7))
    rows = record(losses)
    assert [(row["step"], row["epoch"]) for row in rows] == [(step, 1 + (step - 1) // 7) for step in range(1, 22)]
    assert [row["loss"] for row in rows] == pytest.approx(losses.ravel(), abs=1e-5)
    assert [row["accuracy"] for row in rows] == pytest.approx(1 - losses.ravel() / 10, abs=1e-5)


def test_a_long_training_has_the_means_of_even_parts() -> None:
    losses = np.random.default_rng(1).uniform(0.1, 2, (40, 30))
    rows, every = record(losses), steps_a_row(30, 40)
    assert every == 3 and len(rows) == 400
    assert [row["step"] for row in rows] == list(range(3, 1201, 3))
    assert [row["loss"] for row in rows] == pytest.approx(losses.reshape(-1, 3).mean(axis=1), abs=1e-5)


@pytest.mark.parametrize(("length", "epochs"), [(1, 1), (7, 60), (5000, 1), (999, 7), (3, 800)])
def test_there_are_some_hundred_rows_and_each_epoch_ends_with_one(length: int, epochs: int) -> None:
    rows = record(np.ones((epochs, length))) if length * epochs < 8000 else []
    every = steps_a_row(length, epochs)
    assert epochs * -(-length // every) <= max(MOST_ROWS, epochs)
    if rows:
        assert {epoch * length for epoch in range(1, epochs + 1)} <= {row["step"] for row in rows}
