"""Reading what the preprocess stage wrote."""

from pathlib import Path

import numpy as np
import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.preparation.arrays import load_info, load_split
from tests.evaluation.workspace import write_processed

CLASSES = ["음성", 'it\'s "positive"']


def test_split_is_read_without_loading_the_images(tmp_path: Path) -> None:
    write_processed(tmp_path, CLASSES, per_class=2, studies=True)
    split = load_split(tmp_path / "data" / "processed", "val")
    assert isinstance(split.images, np.memmap) and split.images.shape == (8, 32, 32, 1)
    assert split.labels[1:3] == CLASSES and split.class_index.tolist() == [0, 0, 1, 1, 0, 0, 0, 0]
    assert split.image_ids[1] == "val000000000001" and split.groups[2] == "g00001" and split.studies[2] == "s00001"
    assert load_info(tmp_path / "data" / "processed")["classes"] == CLASSES


def test_missing_and_inconsistent_files(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "processed"
    with pytest.raises(ChestbenchError, match="dvc repro preprocess"):
        load_info(folder)
    with pytest.raises(ChestbenchError, match="dvc repro preprocess"):
        load_split(folder, "train")
    write_processed(tmp_path, CLASSES, per_class=1)
    np.save(folder / "val.npy", np.zeros((5, 32, 32, 1), np.uint8))
    with pytest.raises(ChestbenchError, match="each of 5 images, received 6"):
        load_split(folder, "val")


def test_a_table_of_an_older_version_is_refused(tmp_path: Path) -> None:
    write_processed(tmp_path, CLASSES, per_class=1)
    path = tmp_path / "data" / "processed" / "test.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",study", ""), encoding="utf-8")
    with pytest.raises(ChestbenchError, match="received none named study; run `dvc repro -f preprocess`"):
        load_split(path.parent, "test")
