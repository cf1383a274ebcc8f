import numpy as np

from chestbench.catalog.tiles import MAX_CLASSES, PER_CLASS, Tiles

TILE = np.zeros((4, 4, 1), np.uint8)


def test_the_smallest_ids_are_shown_whatever_the_order() -> None:
    ids = [f"{number:016x}" for number in np.random.default_rng(0).permutation(500)]
    tiles = Tiles(["a"])
    for row, image_id in enumerate(ids):
        if tiles.wants(0, image_id):
            tiles.offer(0, image_id, row, np.full((4, 4, 1), int(image_id, 16) % 256, np.uint8))
    shown = tiles.chosen(0, np.ones(500, bool))
    assert [int(tile[0, 0, 0]) for tile in shown] == list(range(PER_CLASS))


def test_excluded_rows_are_not_shown_and_others_take_their_place() -> None:
    tiles = Tiles(["a"])
    for row in range(12):
        tiles.offer(0, f"{row:016x}", row, np.full((1, 1, 1), row, np.uint8))
    kept = np.arange(12) % 2 == 1
    assert [int(tile[0, 0, 0]) for tile in tiles.chosen(0, kept)] == [1, 3, 5, 7, 9, 11]
    assert tiles.rows(0, kept) == [1, 3, 5, 7, 9, 11] and tiles.rows(0, ~kept) == [0, 2, 4, 6, 8, 10]


def test_no_class_and_classes_beyond_the_sheet_are_not_wanted() -> None:
    tiles = Tiles([str(number) for number in range(MAX_CLASSES + 5)])
    assert len(tiles) == MAX_CLASSES
    assert tiles.wants(0, "f") and not tiles.wants(-1, "0") and not tiles.wants(MAX_CLASSES, "0")
