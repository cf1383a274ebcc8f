"""What a member's output says of how far it is."""

from pathlib import Path

from chestbench.evaluation.detection import board
from chestbench.grid.ends import ends_the_same
from chestbench.grid.output import Output
from chestbench.training import callbacks
from chestbench.training.detection import callbacks as boxes
from chestbench.training.divergence import Diverged


def test_stages_and_epochs_are_read_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "output"
    path.write_text("Stage 'code' didn't change, skipping\nRunning stage 'train@tiny':\n> pyth")
    output = Output(path)
    progress = output.read()
    assert (progress.stage, progress.epoch, progress.trained) == ("train@tiny", 0, True)
    line = "train@x: epoch 3/12 (main): loss 0.7, val loss 0.07, val balanced accuracy 0.912, 34.8 images/s, 5 s left"
    with open(path, "a") as stream:
        stream.write(f"on\n{line}\nWARNING: No file hash info found for 'x'. It won't be created.\n")
    progress = output.read()
    assert (progress.epoch, progress.epochs, progress.measure, progress.images_per_second) == (3, 12, 0.912, 34.8)
    assert output.last_lines()[-1] == line and output.last_lines()[-2] == "> python"
    with open(path, "a") as stream:
        stream.write("Stage 'evaluate@tiny' is cached - skipping run, checking out outputs\n")
    progress = output.read()
    assert (progress.stage, progress.epoch, progress.measure) == ("evaluate@tiny", 0, 0.912)


def test_epochs_of_a_detector_are_read_and_not_mixed_with_those_of_a_network(tmp_path: Path) -> None:
    path = tmp_path / "output"
    line = boxes.BoxEpochEnd.said % (3, 12, "main", 0.7, 0.07, 0.412, 34.8, "5 s")
    path.write_text(f"train_boxes@x: {line}\n")
    progress = Output(path, board.CHOSEN_ON).read()
    assert (progress.epoch, progress.measure, progress.images_per_second) == (3, 0.412, 34.8)
    progress = Output(path).read()
    assert (progress.epoch, progress.measure) == (3, None), "judged by its network"
    path.write_text(f"train_boxes@x: {line.replace('0.412', 'nan')}\n")
    assert Output(path, board.CHOSEN_ON).read().measure is None


def test_what_ends_the_same_is_not_tried_again() -> None:
    def after(said: str, ended: str = "DVC ended with 255") -> bool:
        return ends_the_same([said, "ERROR: failed to reproduce 'train@x'", ended])

    diverged = str(Diverged("small", 2, "the loss", float("nan"), 0.1))
    assert after(f"train@small: error: {diverged}") and after("check: error: train.epochs: expected 1, received 0")
    assert not after(f"train@small: error: {diverged}", "ended by signal 9 (out of memory, or somebody's kill)")
    others = ("no space left on the disk", "train.backend: expected jax to be installed", "expected MLflow")
    assert not any(after(f"train@small: error: {said}") for said in others) and not after("ValueError: training")
    assert not ends_the_same([])


def test_it_is_the_line_that_a_training_writes() -> None:
    text = Path(callbacks.__file__).read_text(encoding="utf-8")
    assert '"epoch %d/%d (%s): loss %.4f, val loss %.4f, val balanced accuracy %.3f, %.1f images/s, %s left"' in text


def test_last_lines_show_no_secret_and_no_endless_line(tmp_path: Path) -> None:
    path = tmp_path / "output"
    path.write_text("x" * 5000 + "\nfetching https://me:hunter2@host/x.zip\n")
    output = Output(path)
    output.read()
    assert all(len(line) <= 400 and "hunter2" not in line for line in output.last_lines())
