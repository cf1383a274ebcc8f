"""What a member's output says of how far it is."""

from pathlib import Path

from chestbench.grid.output import Output
from chestbench.training import callbacks


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


def test_it_is_the_line_that_a_training_writes() -> None:
    text = Path(callbacks.__file__).read_text(encoding="utf-8")
    assert '"epoch %d/%d (%s): loss %.4f, val loss %.4f, val balanced accuracy %.3f, %.1f images/s, %s left"' in text


def test_last_lines_show_no_secret_and_no_endless_line(tmp_path: Path) -> None:
    path = tmp_path / "output"
    path.write_text("x" * 5000 + "\nfetching https://me:hunter2@host/x.zip\n")
    output = Output(path)
    output.read()
    assert all(len(line) <= 400 and "hunter2" not in line for line in output.last_lines())
