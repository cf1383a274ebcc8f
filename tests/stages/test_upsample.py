import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from chestbench.core.files import read_json
from chestbench.figures.class_counts import class_counts_figure
from chestbench.figures.drawing import save
from chestbench.figures.fonts import choose
from chestbench.preparation.sampling import read_class_index
from chestbench.training.augment import AUGMENTATIONS
from chestbench.training.augment import augment as augment_image
from tests.stages.data_workspace import LABELS, all_bytes, run_stages, write_raw

ROOT = Path(__file__).resolve().parents[2]
ENV = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}


@pytest.mark.parametrize("augment", ["none", "light", "reference"])
def test_the_stage_draws_classes_and_augmented_images(tmp_path: Path, monkeypatch, make_config, augment: str) -> None:
    monkeypatch.chdir(tmp_path)
    write_raw(tmp_path)
    config = make_config({"train.augment": augment})
    sheets = []
    monkeypatch.setattr(
        "chestbench.figures.augment_sheet.draw_sheet",
        lambda rows, title, **named: sheets.append((rows, title)) or np.zeros((9, 9), np.uint8),
    )
    run_stages(config, "catalog", "split", "preprocess", "upsample")
    ((rows, title),) = sheets
    assert "SYNTHETIC" in title and f"train.augment {augment}" in title
    order = np.load(tmp_path / "data/train_indices.npy")
    images = np.load(tmp_path / "data/processed/train.npy")
    assert len(rows) == 4 and rows[0][0] == LABELS[0]
    for _, (original, *versions) in rows:
        (row,) = [place for place, image in enumerate(images) if np.array_equal(image, original)]
        assert len(versions) == (0 if augment == "none" else 7)
        place = int(np.flatnonzero(order == row)[0])
        for epoch, version in enumerate(versions):
            expected = augment_image(original, AUGMENTATIONS[augment], config.seed, epoch, place)
            np.testing.assert_array_equal(version, expected)
    names = sorted(path.name for path in (tmp_path / "results/upsample").iterdir())
    assert names == ["augmented.png", "class_counts.png"]
    assert cv2.imread(str(tmp_path / "results/upsample/class_counts.png")).shape[0] > 200


def test_the_bars_differ_without_colour_and_say_their_counts() -> None:
    classes = ["정상 'q'", "b"]
    figure = class_counts_figure({classes[0]: 13, "b": 1}, {classes[0]: 13, "b": 12}, classes, choose(classes), "t")
    (axes,) = figure.axes
    assert [bar.get_height() for bar in axes.patches] == [13, 1, 13, 12]
    hatches = [bar.get_hatch() for bar in axes.patches]
    assert hatches[0] == hatches[1] != hatches[2] == hatches[3]
    assert {text.get_text() for text in axes.texts} == {"13", "1", "12"}


@pytest.mark.parametrize("count", [2, 12])
def test_weights_are_shown_and_nothing_covers_the_title(tmp_path: Path, count: int) -> None:
    classes = [f"class {place}" for place in range(count)]
    counts = {name: 100 * place + 35 for place, name in enumerate(classes)}
    weights = {name: 1 / (place + 0.5) for place, name in enumerate(classes)}
    title = "training images by class, balance: class_weight"
    figure = class_counts_figure(counts, counts, classes, choose(classes), title, weights)
    save(figure, tmp_path / "counts.png", True)
    (axes,), (legend,), box = figure.axes, figure.legends, figure._suptitle.get_window_extent()
    assert [text.get_text() for text in axes.texts[count : count + 2]] == ["35\n\u00d7 2.00", "135\n\u00d7 0.67"]
    assert [text.get_text() for text in legend.get_texts()] == ["before", "after, \u00d7 weight"]
    assert not box.overlaps(legend.get_window_extent()) and not box.overlaps(axes.get_window_extent())
    assert box.x0 >= 0 and box.x1 <= figure.bbox.x1
    tops = [text.get_window_extent().y1 for text in axes.texts]
    assert max(tops) <= axes.get_window_extent().y1


def test_neither_stage_imports_keras() -> None:
    program = "import sys, stages.preprocess, stages.upsample; print({'keras', 'tensorflow'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT, env=ENV
    )
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("balance", ["upsample", "class_weight", "none"])
def test_the_stage_plans_training_only(tmp_path: Path, monkeypatch, make_config, balance: str) -> None:
    monkeypatch.chdir(tmp_path)
    write_raw(tmp_path)
    config = make_config({"balance": balance})
    run_stages(config, "catalog", "split", "preprocess")
    before = all_bytes(tmp_path / "data/processed")
    (summary,) = run_stages(config, "upsample")
    assert f"balance {balance}" in summary
    assert all_bytes(tmp_path / "data/processed") == before, "val and test keep their natural balance"
    order = np.load(tmp_path / "data/train_indices.npy")
    classes = read_class_index(tmp_path / "data/processed/train.csv")
    counts = np.bincount(classes[order])
    assert set(order.tolist()) == set(range(len(classes)))
    assert (counts[0] == counts[1]) == (balance == "upsample")
    metrics = read_json(tmp_path / "metrics/upsample.json")
    assert list(metrics["before"]) == list(LABELS) and sum(metrics["after"].values()) == len(order)
    assert bool(metrics["class_weights"]) == (balance == "class_weight")
