"""Reading what the preprocess stage wrote."""

import numpy as np
import pytest

from chestbench.errors import ChestbenchError
from chestbench.training.arrays import load_info, load_split
from tests.training.processed import CLASSES, write_processed


def test_split_is_read_without_loading_the_images(tmp_path):
    write_processed(tmp_path)
    split = load_split(tmp_path / "data" / "processed", "val")
    assert isinstance(split.images, np.memmap) and split.images.shape == (6, 32, 32, 1)
    assert split.labels[:2] == CLASSES and split.class_index.tolist() == [0, 1] * 3
    assert split.image_ids[1] == "val0001" and split.groups[1] == "g00001"
    assert load_info(tmp_path / "data" / "processed")["classes"] == CLASSES


def test_missing_and_inconsistent_files(tmp_path):
    folder = tmp_path / "data" / "processed"
    with pytest.raises(ChestbenchError, match="dvc repro preprocess"):
        load_info(folder)
    with pytest.raises(ChestbenchError, match="dvc repro preprocess"):
        load_split(folder, "train")
    write_processed(tmp_path)
    np.save(folder / "val.npy", np.zeros((5, 32, 32, 1), np.uint8))
    with pytest.raises(ChestbenchError, match="each of 5 images, received 6"):
        load_split(folder, "val")
