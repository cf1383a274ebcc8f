"""What `chestbench look` warns of: patients in two parts, pictures of two classes, what tells the class, too little."""

import re
from pathlib import Path

import pytest

from tests.cli.test_look import _draw, _look, workplace  # noqa: F401
from tests.imaging.pictures import picture, png
from tests.imaging.test_frames import tiff


def unbroken(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize(("again", "said"), [(0, "none is"), (1, "1 is"), (3, "3 are")])
def test_patients_in_two_parts_of_the_given_split(tmp_path: Path, capsys, again: int, said: str) -> None:
    data, seed = tmp_path / "d", 0
    for label in ("a", "b"):
        for part, count, first in (("train", 14, 0), ("test", 4, 14 - (again if label == "a" else 0))):
            for number in range(count):
                place = data / part / label / f"patient_{label}{first + number:02}"
                place.mkdir(parents=True)
                seed += 1
                (place / "1.png").write_bytes(png(picture(seed)))
    pattern = "dataset.group_pattern='(?P<group>patient_[a-z0-9]+)/'"
    text = unbroken(_look(capsys, data, pattern)[0])
    assert f"{36 - again} patients, by dataset.group_pattern; {said} in two parts of the given split" in text
    are = "is" if again == 1 else "are"
    warned = f"WARNING {again} of {36 - again} patients {are} in two parts of the given split" in text
    assert warned == (again > 0) and "of a new split" not in text


def test_one_picture_of_two_classes_and_a_copy_are_told_apart(tmp_path: Path, capsys) -> None:
    data = _draw(tmp_path / "d", {"a": 20, "b": 20})
    for number in range(6):
        (data / "b" / f"same{number}.png").write_bytes((data / "a" / f"{number}.png").read_bytes())
    text = unbroken(_look(capsys, data)[0])
    assert "12 of the 46 pictures that were read have the same pixels under two classes: they are left out" in text
    assert "copies of another" not in text and "12 pictures that stand under two classes" in text
    (data / "a" / "copy.png").write_bytes((data / "a" / "19.png").read_bytes())
    text = unbroken(_look(capsys, data)[0])
    assert "1 of the 47 pictures that were read is a copy of another of the same class" in text
    assert "1 exact copy of another picture, which counts once" in text


def test_a_reason_is_the_same_for_one_file_and_for_many(tmp_path: Path, capsys) -> None:
    data = _draw(tmp_path / "d", {"all": 40})
    rows = [f"{number}.png,{('a', 'b')[number % 2]}" for number in range(36)]
    (data / "labels.csv").write_text("\n".join(["file,label", *rows]))
    labels = "dataset.labels={table: labels.csv, id: file, column: label}"
    text = _look(capsys, data, labels)[0]
    assert "4 no label in labels.csv\n" in text and "labels.csvs" not in text


def test_a_source_that_is_the_class_is_a_warning(tmp_path: Path, capsys) -> None:
    data = _draw(tmp_path / "d", {"Siemens scanner/covid": 20, "GE scanner/normal": 20})
    text = unbroken(_look(capsys, data)[0])
    assert (
        "WARNING the folder above or below the class alone tells 100% of the labels (largest class: 50%): GE scanner: "
        "covid 0, normal 20; Siemens scanner: covid 20, normal 0" in text
    )
    both = _draw(
        tmp_path / "e", {f"{place}/{label}": 20 for place in ("Bern", "Basel") for label in ("covid", "normal")}
    )
    assert "alone tells" not in _look(capsys, both)[0]


def test_a_polarity_and_a_scale_that_are_the_class_are_warnings(tmp_path: Path, capsys) -> None:
    for label, photometric in (("covid", 0), ("normal", 1)):
        (tmp_path / "d" / label).mkdir(parents=True)
        for number in range(18):
            pixels = picture(number + 100 * photometric)
            (tmp_path / "d" / label / f"{number}.tif").write_bytes(tiff([pixels], extra={0: {262: photometric}}))
    text = unbroken(_look(capsys, tmp_path / "d")[0])
    assert "WARNING the polarity alone tells 100% of the labels (largest class: 50%): none: covid 0, normal 18;" in text
    assert "the grey scale alone" not in text


@pytest.mark.parametrize(
    ("count", "cure"),
    [
        (20, "the whole set has enough: `-S split.train=0.6 -S split.val=0.2 -S split.test=0.2` deals it out"),
        (17, "the whole set has enough: `-S split.train=0.6 -S split.val=0.2 -S split.test=0.2` deals it out"),
        (12, "add pictures"),
    ],
)
def test_too_little_in_a_part_comes_with_its_cure(tmp_path: Path, capsys, count: int, cure: str) -> None:
    data = _draw(tmp_path / "d", {"a": count, "b": 40})
    text = unbroken(_look(capsys, data)[0])
    assert f"(at least 3); {cure}; a run is refused unless dataset.allow_tiny=true" in text
    if "-S" in cure:
        shares = [f"split.{part}={share}" for part, share in re.findall(r"split\.(\w+)=([\d.]+)", cure)]
        assert "too little" not in _look(capsys, data, *shares)[0]


def test_too_little_in_a_given_part_comes_with_its_cure(tmp_path: Path, capsys) -> None:
    data = _draw(tmp_path / "d", {"train/a": 20, "train/b": 20, "test/a": 1, "test/b": 20})
    text = unbroken(_look(capsys, data)[0])
    assert "the whole set has enough: dataset.given_split=ignore splits anew; a run is refused" in text
