"""The leaderboard of detectors: val chooses, what is missing or of other data is refused, and keys never change."""

from pathlib import Path

import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.evaluation.detection import board_rows
from chestbench.evaluation.detection.board import DetectorBoard, read_detectors
from chestbench.evaluation.leaderboard import Timing
from chestbench.reports.detection import board_text
from tests.evaluation.detection.board_records import record, split, write_detector


def read(root: Path, *names: str) -> DetectorBoard:
    return DetectorBoard(read_detectors(root / "metrics/detectors", names), {names[0]: Timing(61.4, 80.0)})


def test_val_chooses_and_what_is_not_defined_comes_last(tmp_path: Path) -> None:
    for found in (record("a", 0.3, test=0.9), record("b", 0.5, test=0.4), record("c", None)):
        write_detector(tmp_path, found)
    board = read(tmp_path, "a", "b", "c")
    assert [found["model"] for found in board.records] == ["b", "a", "c"]
    rows = board_rows.table(board)
    assert [row["model"] for row in rows] == ["b", "a", "c", "mean box of train"]
    assert (rows[0]["test_map50"], rows[0]["test_map50_low"], rows[0]["over_mean_box"]) == (
        0.4,
        pytest.approx(0.35),
        0.5,
    )
    assert rows[2]["val_map50"] is None and rows[3]["parameters"] is None
    assert set(rows[0]) == set(board_rows.columns(board))
    assert "WARNING" not in board_text.text(board, alone=True)


def test_what_is_missing_or_of_other_data_is_refused(tmp_path: Path) -> None:
    write_detector(tmp_path, record("a", 0.3))
    with pytest.raises(
        ChestbenchError, match=r"b\.json: expected the measures of b, found none; run .*evaluate_boxes@b"
    ):
        read(tmp_path, "a", "b")
    for key, value in (("boxes_sha256", "other"), ("data_sha256", "other"), ("findings", ["opacity", "nodule"])):
        write_detector(tmp_path, record("b", 0.3, **{key: value}))
        with pytest.raises(ChestbenchError, match="judged on the same pictures and boxes"):
            read(tmp_path, "a", "b")


def test_a_detector_that_is_no_better_than_place_is_warned_of(tmp_path: Path) -> None:
    write_detector(tmp_path, record("a", 0.3, over=0.04, notes=["no box of nodule in val"]))
    board = read(tmp_path, "a")
    assert board.not_better_than_place == ["a"]
    text = board_text.text(board, alone=True)
    assert "WARNING: of a test does not show that it finds more" in text
    assert "a: no box of nodule in val." in text
    assert "0.600 [0.550, 0.650]" in text and "+0.040 [-0.010, +0.090]" in text
    assert "synthetic images" in text and "not for diagnosis" in text and "61" in text
    page = board_text.markdown(board)
    assert page.startswith("| detector | val mAP@0.5 |") and "WARNING: of a test" in page


def test_seeds_and_their_fused_boxes_are_lines_and_a_column(tmp_path: Path) -> None:
    spread = {"values": [0.6, 0.5], "mean": 0.55, "sd": 0.0707}
    seeds = {"seeds": [1, 2], **dict.fromkeys(("val_map50", "test_map50", "test_map50_95", "test_froc"), spread)}
    fused = {"name": "a, 2 seeds fused", "trainings": 2, "val": split(0.5), "test": split(0.7)}
    write_detector(tmp_path, record("a", 0.3, seeds=seeds, fused=fused))
    write_detector(tmp_path, record("b", 0.2))
    board = read(tmp_path, "a", "b")
    assert [row["model"] for row in board_rows.table(board)][2] == "a, 2 seeds fused"
    heads, rows = board_text.table(board, board_text.COLUMNS, short=True)
    assert heads[-1] == "over seeds" and [row[-1] for row in rows] == ["2 seeds: 0.55 +- 0.07", "-", "-", "-"]
    assert {len(row) for row in rows} == {len(heads)}
    # The fused boxes are none that `predict` and `serve` give, and are never chosen.
    assert board_rows.summary(board)["detector"] == "a"


def test_the_keys_of_the_summary_never_change(tmp_path: Path) -> None:
    write_detector(tmp_path, record("a", 0.3))
    found = board_rows.summary(read(tmp_path, "a"))
    assert list(found) == [
        *("detector", "detector_chosen_on", "val_map50", "test_map50", "test_map50_95", "test_froc"),
        *("mean_box_test_map50", "over_mean_box", "detectors", "test_boxes"),
    ]
    assert found["test_map50"] == {"value": 0.6, "low": pytest.approx(0.55), "high": pytest.approx(0.65)}
