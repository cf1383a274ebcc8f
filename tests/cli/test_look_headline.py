"""What `chestbench look` says first: what is used, and apart from it what is left out; and what to type next."""

import re
import shlex
from pathlib import Path

import pytest

from chestbench.catalog.audit import build_catalog
from chestbench.core.compose import compose_params
from chestbench.core.config import load_config
from tests.catalog.test_pages import pages, stack
from tests.cli.test_look import _draw, _look, workplace  # noqa: F401
from tests.imaging.pictures import make_zip, picture, png


def _kept(data: Path, folder: Path, command: str) -> list[int]:
    """Return the pictures of each class that `catalog` keeps of what the command runs."""
    overrides = [part for part in shlex.split(command.replace("\\\n", ""))[3:] if part != "-S"]
    compose_params(Path("conf"), folder / "params.yaml", overrides)
    archive = data
    if data.is_dir():
        members = {path.relative_to(data).as_posix(): path.read_bytes() for path in data.rglob("*") if path.is_file()}
        archive = make_zip(folder / "archive.zip", members)
    catalog = build_catalog(archive, load_config(folder / "params.yaml").dataset, folder / "catalog.csv")
    return [int(((catalog.label == code) & (catalog.verdict == 0)).sum()) for code in range(len(catalog.classes))]


def _twins(data: Path) -> str:
    """Pictures under two classes, copies, a file that is none, one without a class."""
    _draw(data, {"a": 20, "b": 20})
    for number in range(4):
        (data / "a" / f"two{number}.png").write_bytes((data / "b" / f"{number}.png").read_bytes())
        (data / "a" / f"copy{number}.png").write_bytes((data / "a" / f"{number + 9}.png").read_bytes())
    (data / "b" / "19.png").write_bytes(b"<html>")
    (data / "stray.png").write_bytes(png(picture(9999)))
    return "2 classes, 35 pictures, 14 files left out; 49 files"


def _outside(data: Path) -> str:
    _draw(data, {"train/a": 12, "train/b": 12, "test/a": 4, "test/b": 4})
    (data / "train" / "a" / "0.png").write_bytes((data / "test" / "b" / "1.png").read_bytes())
    return "2 classes, 30 pictures, 2 files left out"


def _limited(data: Path) -> str:
    _draw(data, {"a": 20, "b": 16})
    return "2 classes, 28 pictures"


@pytest.mark.parametrize(
    ("draw", "overrides"), [(_twins, []), (_outside, []), (_limited, ["dataset.limit_per_class={a: 12}"])]
)
def test_the_headline_is_what_catalog_uses(draw, overrides, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    data = tmp_path / "d"
    expected = draw(data)
    text, page = _look(capsys, data, *overrides)
    assert text.startswith(f"d: {expected}") and expected in page
    kept = _kept(data, tmp_path, text[text.index("dvc exp run") : text.index("\nwrote")])
    counts = re.search(r"^classes   a (\d+), b (\d+)$", text, re.MULTILINE)
    assert counts and [int(count) for count in counts.groups()] == kept
    assert f" {sum(kept)} pictures" in text.splitlines()[0]


def test_pages_are_pictures_of_their_own(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    data = _draw(tmp_path / "d", {"a": 15, "b": 15})
    (data / "a" / "stack.tif").write_bytes(pages("tiff", stack(5000)))
    text, _ = _look(capsys, data)
    assert text.startswith("d: 2 classes, 30 pictures, 1 file left out;") and "dataset.frames=first" in text
    text, _ = _look(capsys, data, "dataset.frames=each")
    assert text.startswith("d: 2 classes, 33 pictures;") and "classes   a 18, b 15" in text


def test_a_sample_says_up_to(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    data = _draw(tmp_path / "d", {"a": 170, "b": 15})
    assert _look(capsys, data)[0].startswith("d: 2 classes, 185 pictures; 185 files")
    for path in data.rglob("1*.png"):
        path.write_bytes(b"x")
    text, _ = _look(capsys, data)
    found = re.match(r"d: 2 classes, up to (\d+) pictures, (\d+) files left out; 185 files", text)
    assert found and sum(map(int, found.groups())) == 185 and re.search(r"\d+ of 165 read: not an image", text)


def test_the_first_ten_lines_answer(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    data = tmp_path / "d"
    _twins(data)
    (data / "notes.txt").write_text("x")
    first = _look(capsys, data)[0].splitlines()[:10]
    titles = [line.split("  ")[0] for line in first if line[:1].strip()]
    assert titles[1:] == ["classes", "split", "patients", "next", "left out"], first
    assert "copy the command at the end" in "".join(first)


def test_nothing_that_must_be_filled_in_is_shown_as_a_command(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    text, page = _look(capsys, _draw(tmp_path / "d", {"00000001": 3, "00000002": 3, "00000003": 3}), status=1)
    command = text[text.index("chestbench look") :]
    for told in (command, page):
        assert "KEY=VALUE" not in told and "FOUND" not in told and "NAME" not in told
    (data := tmp_path / "html").mkdir()
    _draw(data, {"a": 4, "b": 4})
    for path in (data / "a").iterdir():
        path.write_bytes(b"<html>")
    text, _ = _look(capsys, data, "dataset.frames=each", status=1)
    assert "No line is known that mends this" in text
    assert f"chestbench look {data} dataset.frames=each" in text.replace("\\\n    ", "") and "4 web pages" in text
    assert "too little" not in text


def test_two_settings_of_one_way_are_one_command(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    data = tmp_path / "d"
    (data / "images").mkdir(parents=True)
    rows = ["file,finding"]
    for number in range(40):
        (data / "images" / f"{number}.png").write_bytes(png(picture(number)))
        rows.append(f"{number}.png,{'Lung/TB' if number % 2 else 'Lung/None'}")
    (data / "labels.csv").write_text("\n".join(rows))
    text, _ = _look(capsys, data, status=1)
    command = text[text.index("chestbench look") : text.index("\nwrote")].replace("\\\n", "").splitlines()[0]
    again, _ = _look(capsys, *shlex.split(command)[2:])
    assert "2 classes, 40 pictures" in again


def test_many_classes_are_told_short_first_and_whole_below(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    data = _draw(tmp_path / "d", {f"finding {letter * 3}": 3 + place for place, letter in enumerate("abcdefghijklmno")})
    text, page = _look(capsys, data)
    assert "and 3 more classes of 15 to 17 (all below)" in " ".join(text.split())
    assert "finding ooo        17" in text and "finding ooo" in page
    assert "left out  nothing" in text.splitlines()[:12]
