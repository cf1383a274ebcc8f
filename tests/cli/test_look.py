"""`chestbench look` on small layouts that are drawn here: what it says, what it refuses, what it leaves alone."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from chestbench.__main__ import main
from chestbench.core.files import write_json
from tests.conftest import ROOT
from tests.imaging.dicoms import make_dicom
from tests.imaging.pictures import make_zip, picture, png


class Opened(HTMLParser):
    """What a browser would be told to fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        self.tags.append((tag, dict(attributes)))


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the repository's conf/, that is the current one."""
    shutil.copytree(ROOT / "conf", tmp_path / "repository" / "conf")
    monkeypatch.chdir(tmp_path / "repository")
    return tmp_path / "repository"


def _draw(folder: Path, counts: dict[str, int], ending: str = ".png", seed: int = 0) -> Path:
    for place, (name, count) in enumerate(counts.items()):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            (folder / name / f"{number}{ending}").write_bytes(png(picture(seed + 1000 * place + number)))
    return folder


def _look(capsys: pytest.CaptureFixture, *arguments: str | Path, status: int = 0) -> tuple[str, str]:
    """Return what the terminal and what the page says."""
    assert main(["look", *map(str, arguments)]) == status
    told = capsys.readouterr()
    assert not told.err
    return told.out, Path("results/look/index.html").read_text(encoding="utf-8")


def _refused(capsys: pytest.CaptureFixture, *arguments: str | Path) -> str:
    """Return the one line that it fails with; no page is written."""
    assert main(["look", *map(str, arguments)]) == 1
    told = capsys.readouterr()
    assert told.err.startswith("chestbench look: error: ") and told.err.count("\n") == 1 and not told.out
    assert not Path("results").exists()
    return told.err


def test_a_folder_of_two_classes(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    data = _draw(tmp_path / "My Scans", {"COVID": 40, "normal": 38})
    (data / "README.txt").write_text("hello")
    text, page = _look(capsys, data)
    lines = text.splitlines()
    assert lines[0].startswith("My Scans: 2 classes, 78 pictures; 79 files, ") and "(78 .png, 1 .txt)" in lines[0]
    assert lines[1] == "classes   COVID 40, normal 38"
    assert lines[2] == "          read from the folder names: level 1 of the path, as in [COVID]/0.png"
    assert "split     cut anew, found none in the data: train 70%, val 10%, test 20%" in lines
    assert "patients  not known: pictures that look alike are kept together" in text
    assert "pictures  78 were read: png 8 bit grey (78)" in text and "all of 80 x 60 pixels" in text
    assert re.search(r"^left out  1 \w", text, re.MULTILINE) and "├── COVID  40 files, 0.png" in text
    assert f"""-S 'dataset.path="{data}"'""" in text and "-S dataset.name=my_scans" in text
    assert "WARNING" not in text and "wrote results/look/index.html" in text
    assert "COVID 40, normal 38" in page and "left out" not in page.lower().split("<h2>left out</h2>")[0]


def test_the_command_gives_the_run_that_was_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    from chestbench.core.compose import compose_params

    data = _draw(tmp_path / "내 영상, [1] & 'x'", {"a": 16, "b": 16})
    text, _ = _look(capsys, data, "dataset.classes=[b,a]", "dataset.group_pattern='(?P<group>\\d)'")
    command = text[text.index("dvc exp run") : text.index("wrote results")]
    parts = subprocess.run(
        ["bash", "-c", 'eval "set -- $1"; printf "%s\\0" "$@"', "-", command], capture_output=True, check=True
    ).stdout.decode().split("\0")  # fmt: skip
    overrides = [part for part in parts[3:] if part and part != "-S"]
    compose_params(Path("conf"), tmp_path / "params.yaml", overrides)
    dataset = yaml.safe_load((tmp_path / "params.yaml").read_text(encoding="utf-8"))["dataset"]
    assert dataset["path"] == dataset["watch"] == str(data) and dataset["source"] == "folder"
    assert (
        dataset["classes"] == ["b", "a"] and dataset["group_pattern"] == r"(?P<group>\d)" and dataset["name"] == "1_x"
    )


def test_the_given_split_by_class_and_the_level_of_the_classes(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    counts = {f"x/{part}/{name}": 5 + 10 * (part == "train") for part in ("train", "test") for name in "ab"}
    text, page = _look(capsys, _draw(tmp_path / "x", counts))
    assert "split     given by the data, and kept: train 30, test 10" in text
    assert "there is no val: it is cut from train" in text
    assert "          a         15     5" in text and "level 3 of the path" in text
    assert '<td class="n">15</td>' in page


def test_patients_of_a_pattern_and_too_few_of_them(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    data = _draw(tmp_path / "d", {f"{'ab'[n % 2]}/patient-{n:03d}": 4 for n in range(12)})
    text, _ = _look(capsys, data, "dataset.group_pattern='(?P<group>patient-\\d+)'")
    assert "patients  12 patients, by dataset.group_pattern" in text
    told = " ".join(text.split())
    assert "too little to train and judge on: train would have about 4 patients of 'a' (at least 10);" in told


def test_a_zip_a_relative_path_and_the_home_folder(
    tmp_path: Path, workplace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    members = {f"{label}/{n}.png": png(picture(n + 50 * (label == "b"))) for label in "ab" for n in range(16)}
    make_zip(workplace / "set.zip", members)
    text, page = _look(capsys, "set.zip")
    assert "set.zip: 2 classes, 32 pictures" in text and "-S dataset.path=set.zip -S dataset.name=set" in text
    assert str(tmp_path) not in text + page
    monkeypatch.setenv("HOME", str(workplace))
    text, _ = _look(capsys, "~/set.zip")
    assert f"-S dataset.path={workplace}/set.zip" in text.replace("\\\n   ", "")


def test_the_bytes_of_archives_in_a_folder_count(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    data = _draw(tmp_path / "d", {"a": 16, "b": 16})
    inner = make_zip(data / "more.zip", {"notes.txt": bytes(5_000_000)})
    text, _ = _look(capsys, data)
    size = inner.stat().st_size + sum(file.stat().st_size for file in data.rglob("*.png"))
    assert f"{size / 1e6:.1f} MB" in text.splitlines()[0]


def test_dicom_patients_are_counted_and_never_named(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    for label in "ab":
        for number in range(16):
            file = tmp_path / "d" / label / f"{number}.dcm"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(
                make_dicom(picture(number + 100 * (label == "b")), PatientID=f"SECRET^{label}{number // 2}")
            )
    text, page = _look(capsys, tmp_path / "d")
    assert "patients  DICOM headers name them: 16 in 32 of the files that were read" in text
    assert "SECRET" not in text + page


def test_classes_of_a_table(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    data = _draw(tmp_path / "flat", {"pictures": 40})
    rows = "\n".join(f"{number},{'ill' if number % 2 else 'well'}" for number in range(40))
    (data / "labels.csv").write_text(f"id,class\n{rows}\n")
    _, page = _look(capsys, data, status=1)
    assert "It is not read." in page and "expected a folder per class" in page
    labels = "{table: labels.csv, id: id, member_pattern: '(?P<id>\\d+)\\.png', column: class}"
    text, _ = _look(capsys, data, f"dataset.labels={labels}")
    assert "classes   ill 20, well 20" in text and "read from a table of labels" in text


def test_a_refusal_is_shown_with_the_lines_and_nothing_is_read(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    text, page = _look(capsys, _draw(tmp_path / "one", {"val/a": 3, "test/a": 3, "val/b": 3, "test/b": 3}), status=1)
    assert "It is not read. A run would stop and say:" in text and "expected a train folder" in text
    assert f"chestbench look {tmp_path}/one dataset.given_split=ignore" in text.replace("\\\n    ", "")
    assert "val  6 files" in text and "dvc exp run" not in text + page
    assert "no picture was" in page and "<figure>" not in page


def test_masks_by_their_looks_stop_it_with_the_line(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    data = _draw(tmp_path / "m", {"a": 16, "b": 16})
    for label in "ab":
        for number in range(16):
            pixels = np.zeros((60, 80), np.uint8)
            cv2.circle(pixels, (20 + 2 * number, 30), 9 + (label == "b"), 255, -1)
            (data / label / f"{number}_q.png").write_bytes(png(pixels))
    text, page = _look(capsys, data, status=1)
    assert "received 32 that look like masks" in text and "a (looks like a mask)" in page
    (line,) = re.findall(r"\"(dataset\.exclude=\[.*?\])\"", text)
    assert "'*_q.png'" in line
    text, _ = _look(capsys, data, line)
    assert "32 left out by dataset.exclude" in text and "32 pictures" in text


def test_what_cannot_be_used_is_counted_and_a_class_without_any_stops(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    data = _draw(tmp_path / "d", {"a": 17, "b": 17})
    (data / "a" / "0.png").write_bytes(b"garbage")
    (data / "a" / "1.png").write_bytes(png(picture(1))[:60])
    (data / "b" / "small.png").write_bytes(png(picture(1)[:8, :8]))
    (data / "b" / "copy.png").write_bytes((data / "b" / "3.png").read_bytes())
    (data / "stray.png").write_bytes(png(picture(5000)))
    text, page = _look(capsys, data)
    assert "1 not an image" in text and "unreadable: " in text and "too small: 8 x 8 pixels" in text
    assert "1 no class folder" in text and "stray.png" in page
    assert "WARNING   1 of the 35 pictures that were read is a copy of another of the same class" in text
    for file in (data / "a").iterdir():
        file.write_bytes(b"<html>")
    text, _ = _look(capsys, data, status=1)
    assert "class 'a': expected usable images, received 17 files that were tried" in text


def test_formats_by_class_and_an_example_of_each(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    data = _draw(tmp_path / "d", {"a": 16, "b": 16})
    for number in range(8):
        pixels = picture(700 + number).astype(np.uint16) * 257
        (data / "b" / f"{number}.png").write_bytes(png(pixels))
    text, page = _look(capsys, data)
    assert re.search(r"32 were read: png 8 bit grey \(24\), png 16 (of 16 )?bit grey \(8\)", text)
    assert re.search(r"png 16 (of 16 )?bit grey   0  8", text)
    pictures = [attributes["src"] for tag, attributes in Opened(page).tags if tag == "img"]
    assert len(pictures) == 3 and all(source.startswith("data:image/jpeg;base64,") for source in pictures)


def test_the_page_fetches_nothing_runs_nothing_and_escapes_all(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    nasty = '<img src=x onerror="alert(1)">'
    data = _draw(tmp_path / "<script>alert(2)<", {nasty: 16, "b": 16})
    (data / "b" / "\x1b[31mred\u202e.png").write_bytes(png(picture(9)))
    text, page = _look(capsys, data)
    opened = Opened(page)
    assert {tag for tag, _ in opened.tags} <= {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "dl", "dt", "dd", "div", "table", "tr"),
        *("th", "td", "figure", "img", "figcaption", "strong", "br", "pre"),
    }
    assert all(not name.startswith("on") for _, attributes in opened.tags for name in attributes)
    assert "http:" not in page and "https:" not in page and "@import" not in page and "url(" not in page
    assert "\x1b" not in text + page and "\u202e" not in text + page
    assert 'content="width=device-width' in page and "prefers-color-scheme: dark" in page
    outside = re.sub(r"<pre>.*?</pre>", "", page, flags=re.DOTALL)
    assert str(tmp_path) not in outside


def test_text_fits_a_hundred_columns_but_for_what_is_copied(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    data = _draw(tmp_path / "d", {"a" * 90: 16, "b" * 90: 16})
    for number in range(3):
        (data / ("a" * 90) / f"{'long ' * 15}{number}.png").write_bytes(png(picture(500 + number)))
        (data / f"{'stray_' * 15}{number}.png").write_bytes(png(picture(600 + number)))
    text, _ = _look(capsys, data)
    for line in text.splitlines():
        assert len(line) <= 100 or line.lstrip().startswith("-S ") or " " not in line.strip(), line


def test_nothing_but_the_page_is_written(tmp_path: Path, workplace: Path, capsys: pytest.CaptureFixture) -> None:
    data = _draw(tmp_path / "d", {"a": 16, "b": 16})
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert main(["look", str(data), "--out", str(tmp_path / "seen.html")]) == 0
    assert f"wrote {tmp_path / 'seen.html'}" in capsys.readouterr().out
    after = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert after.keys() - before.keys() == {tmp_path / "seen.html"}
    assert {path: time for path, time in after.items() if path in before} == before


def test_a_described_set_is_looked_at_where_its_archive_lies(workplace: Path, capsys: pytest.CaptureFixture) -> None:
    told = _refused(capsys, "sample")
    assert "data/raw/archive.zip: expected the archive of 'sample', found nothing" in told
    assert "chestbench params dataset=sample && dvc repro download" in told
    members = {}
    for place, label in enumerate(("COVID", "non-COVID")):
        members |= {f"{label}/{number}.png": png(picture(100 * place + number)) for number in range(16)}
    make_zip(workplace / "data/raw/archive.zip", members)
    write_json(workplace / "data/raw/source.json", {"name": "another"})
    assert "found another" in _refused(capsys, "sample")
    write_json(workplace / "data/raw/source.json", {"name": "sample"})
    text, _ = _look(capsys, "sample", "dataset.classes=null", "dataset.group_pattern=null", "dataset.boxes=null")
    assert text.startswith("sample: 2 classes, 32 pictures")
    command = " ".join(text.replace("\\\n", " ").split())  # it is longer than a line
    assert "dvc exp run -S dataset=sample -S dataset.classes=null" in command


def test_a_path_read_with_the_settings_of_a_described_set(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    data = _draw(tmp_path / "d", {"a": 16, "b": 16})
    Path("conf/dataset/ours.yaml").write_text(
        "# @package _global_\ndefaults:\n  - _defaults\ndataset:\n  name: ours\n  title: Ours\n  source: folder\n"
        f"  path: {data}\n  watch: {data}\n  classes: [b, a]\n"
    )
    text, _ = _look(capsys, "ours")
    assert text.startswith("ours: 2 classes") and "classes   b 16, a 16" in text
    assert "dvc exp run -S dataset=ours\n" in text
    text, _ = _look(capsys, _draw(tmp_path / "e", {"a": 17, "b": 17}), "dataset=ours")
    assert "classes   b 17, a 17" in text and "-S dataset=ours" in text


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("nothing/there", "where there is nothing"),
        ("foldr", "did you mean 'folder'?"),
        ("", "received nothing"),
        ("/dev/zero", "which is a device; give"),
        ("~nobody-of-that-name/x", "expected a known home folder"),
        ("a\0b", "received"),
    ],
)
def test_bad_paths_are_one_sentence(written: str, said: str, capsys: pytest.CaptureFixture) -> None:
    assert said in _refused(capsys, written)


def test_files_that_are_no_data_set(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "text.zip").write_text("no zip")
    assert "expected a zip archive" in _refused(capsys, tmp_path / "text.zip")
    (tmp_path / "notes.txt").write_text("hello")
    assert "notes.txt" in _refused(capsys, tmp_path / "notes.txt")
    (tmp_path / "empty").mkdir()
    assert "a folder without any visible file" in _refused(capsys, tmp_path / "empty")
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    assert "which is a broken link" in _refused(capsys, tmp_path / "link")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert "expected a folder or an archive" in _refused(capsys, tmp_path / "loop")
    assert "holds the repository or its outputs" in _refused(capsys, tmp_path)
    assert "expected a file to write" in _refused(capsys, tmp_path / "empty", "--out", tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_fifo_is_never_opened(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    os.mkfifo(tmp_path / "pipe.zip")
    assert "which is a FIFO; give" in _refused(capsys, tmp_path / "pipe.zip")
    data = _draw(tmp_path / "d", {"a": 16, "b": 16})
    os.mkfifo(data / "a" / "pipe.png")
    (tmp_path / "away").mkdir()
    (data / "c").symlink_to(tmp_path / "away")
    text, _ = _look(capsys, data)
    assert "classes   a 16, b 16" in text
    assert "WARNING   1 links that are not followed, and what they lead to is missing: c;" in text
    assert "WARNING   1 of the kind 'FIFO', which are not opened" in text and "a/pipe.png" in text


def test_overrides_that_are_wrong_are_told_as_a_run_tells_them(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    data = _draw(tmp_path / "d", {"a": 3, "b": 3})
    assert "did you mean dataset.classes?" in _refused(capsys, data, "dataset.clases=[a,b]")
    assert "Hydra says" in _refused(capsys, data, "dataset.classes=[a,b")
    assert "unknown key" in _refused(capsys, data, "nothing.of.that=1")
    assert "dataset.given_split: expected" in _refused(capsys, data, "dataset.given_split=maybe")
    assert "found no" in _refused(capsys, data, "--conf", tmp_path / "elsewhere")
    text, page = _look(capsys, data, "dataset.classes=[a,c]", status=1)
    text = " ".join(text.split())
    assert "did you mean" in text or "found none for 'c'" in text
    assert "found none for" in page


@pytest.fixture
def nobody(tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Return what turns root into somebody who may read little; others are so already. Ends with the test."""
    _draw(tmp_path / "warm", {"a": 2, "b": 2})
    assert main(["look", str(tmp_path / "warm")]) == 0  # all modules are imported by now
    is_root = os.geteuid() == 0
    yield lambda: os.seteuid(65534) if is_root else None
    if is_root:
        os.seteuid(0)
    for path in tmp_path.rglob("*"):
        path.chmod(0o755)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions are another thing here")
@pytest.mark.parametrize("barred", ["a/3.png", "b", "."])
def test_what_may_not_be_read_is_said(
    barred: str, tmp_path: Path, nobody: Callable[[], None], capsys: pytest.CaptureFixture
) -> None:
    data = _draw(tmp_path / "d", {"a": 17, "b": 17})
    for path in [tmp_path, *tmp_path.parents, *tmp_path.rglob("*")]:
        if path.is_relative_to(Path("/tmp").resolve()) and path != Path("/tmp") and os.geteuid() == 0:
            path.chmod(0o755)
    Path("results/look").chmod(0o777)
    capsys.readouterr()
    (data / barred).chmod(0)
    nobody()
    if barred == "a/3.png":
        text, _ = _look(capsys, data)
        said = " ".join(text.split())
        assert "1 of the kind 'file without permission to read it', which are not opened" in said and "a/3.png" in said
        return
    assert main(["look", str(data)]) == 1
    told = capsys.readouterr().err
    assert ("which you may not read" if barred == "." else "whose part 'b' may not be listed") in told


def test_a_page_that_cannot_be_written_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    data = _draw(tmp_path / "d", {"a": 16, "b": 16})
    assert main(["look", str(data), "--out", str(data / "a" / "0.png" / "page.html")]) == 1
    assert "--out: expected a file that can be written" in capsys.readouterr().err


def test_lines_are_taken_as_they_are_written(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """A refusal writes `-S 'dataset...'`: what is copied from it works, with -S or without."""
    data = _draw(tmp_path / "d", {"a": 3, "b": 3, "c": 3})
    for written in (["dataset.classes=[a,b]"], ["-S", "dataset.classes=[a,b]"]):
        text, _ = _look(capsys, data, *written)
        assert "classes   a 3, b 3" in text
