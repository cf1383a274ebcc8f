from pathlib import Path

import cv2
import numpy as np

from chestbench.imaging.sheet import draw_sheet, write_png
from tests.imaging.pictures import picture


def test_each_row_has_its_pictures_and_space_for_more_stays_black() -> None:
    white = np.full((50, 50), 255, np.uint8)
    sheet = draw_sheet([("A", [white, white]), ("B", [white] * 12), ("none", [])], "title", tile=40, columns=3)
    assert (sheet == 255).sum() >= 5 * 40 * 40
    assert (sheet == 255).sum() < 6 * 40 * 40
    assert sheet[:30].any(), "title"


def test_a_sheet_is_written_as_png(tmp_path: Path) -> None:
    sheet = draw_sheet([("A", [picture(1)])], "title")
    write_png(tmp_path / "deep" / "sheet.png", sheet)
    np.testing.assert_array_equal(cv2.imread(str(tmp_path / "deep" / "sheet.png"), cv2.IMREAD_GRAYSCALE), sheet)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["sheet.png"]
