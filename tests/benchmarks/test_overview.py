"""The README's picture is drawn from a run's files: uneven classes, a row without an interval, any number of rows."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from benchmarks import overview


def board(names: list[str]) -> pd.DataFrame:
    """A leaderboard whose last row, as that of the majority class, has no interval."""
    low, high = [0.6] * len(names), [0.9] * len(names)
    low[-1] = high[-1] = float("nan")
    columns = {"test_balanced_accuracy": [0.8] * len(names), "test_balanced_accuracy_low": low}
    return pd.DataFrame({"model": names, **columns, "test_balanced_accuracy_high": high})


@pytest.mark.parametrize("networks", [1, 8])
def test_the_picture_is_drawn_and_shows_the_heat(tmp_path: Path, networks: int) -> None:
    for name, count in (("a", 1), ("b", 6)):
        (tmp_path / "split" / name).mkdir(parents=True)
        for number in range(count):
            assert cv2.imwrite(str(tmp_path / "split" / name / f"{number}.png"), np.full((40, 50), 90, np.uint8))
    pictures = overview.pictures_of(tmp_path / "split")
    assert {name: len(shown) for name, shown in pictures.items()} == {"a": 1, "b": overview.ACROSS}
    drawn = {}
    auc = {"value": 0.5, "low": 0.4, "high": 0.6}
    for name, heat in (("cold", np.zeros((64, 64))), ("hot", np.ones((64, 64)))):
        rows = board([f"network {number}" for number in range(networks)])
        overview.draw(pictures, [auc, auc], (np.full((64, 64), 90, np.uint8), heat), rows, tmp_path / f"{name}.png")
        drawn[name] = cv2.imread(str(tmp_path / f"{name}.png")).astype(int)
    assert drawn["cold"].shape == drawn["hot"].shape and drawn["cold"].shape[1] > 1000
    assert (np.abs(drawn["hot"] - drawn["cold"]).max(axis=2) > 60).sum() > 10000
