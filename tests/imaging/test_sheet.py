from pathlib import Path

import cv2
import numpy as np
import pytest

from chestbench.imaging.sheet import draw_outline, draw_sheet, write_png
from tests.imaging.pictures import picture


def test_each_row_has_its_pictures_and_space_for_more_stays_black() -> None:
    white = np.full((50, 50), 255, np.uint8)
    sheet = draw_sheet([("A", [white, white]), ("B", [white] * 12), ("none", [])], "title", tile=40, columns=3)
    assert (sheet == 255).sum() >= 5 * 40 * 40
    assert (sheet == 255).sum() < 6 * 40 * 40
    assert sheet[:30].any(), "title"


def test_heads_stand_above_the_columns() -> None:
    rows = [("", [np.zeros((40, 40), np.uint8)] * 2)]
    plain = draw_sheet(rows, "title", tile=60, columns=2)
    headed = draw_sheet(rows, "title", tile=60, columns=2, heads=("one", "two"))
    assert headed.shape[0] > plain.shape[0]
    between = headed[30 : 30 + headed.shape[0] - plain.shape[0]]
    assert between[:, :64].any() and between[:, 64:].any()
    np.testing.assert_array_equal(np.delete(headed, np.s_[30 : 30 + len(between)], axis=0), plain)


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_an_outline_can_be_seen_on_any_grey(grey: int) -> None:
    mask = np.zeros((100, 200), np.uint8)
    mask[30:70, 50:150] = 1
    drawn = draw_outline(np.full((100, 200), grey, np.uint8), mask, tile=100)
    assert drawn.shape == (100, 100, 1)
    across = drawn[50, :, 0].astype(int)
    line = int(np.flatnonzero(across[:50] == 255)[-1]) if grey != 255 else 25
    assert abs(line - 25) <= 2 and {0, 255} <= set(across[line - 2 : line + 3].tolist())
    assert drawn[50, 50, 0] == grey


def test_a_sheet_is_written_as_png(tmp_path: Path) -> None:
    sheet = draw_sheet([("A", [picture(1)])], "title")
    write_png(tmp_path / "deep" / "sheet.png", sheet)
    np.testing.assert_array_equal(cv2.imread(str(tmp_path / "deep" / "sheet.png"), cv2.IMREAD_GRAYSCALE), sheet)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["sheet.png"]
