"""Every command that `chestbench look` prints works when it is copied: it reads the set, or leads strictly further."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from chestbench.cli.asked import asked_for
from chestbench.reports.look import Look
from chestbench.reports.looking import look_at
from tests.catalog.tables_drawn import Rows, as_csv, as_xlsx
from tests.conftest import ROOT
from tests.imaging.pictures import picture, png

COUNT = 24
FLAT = [f"im{place:02d}.png" for place in range(COUNT)]


def with_column(column: str, labels: list, name: str = "file") -> Rows:
    return [[name, column], *([file, labels[place % len(labels)]] for place, file in enumerate(FLAT))]


def in_folders(*folders: str) -> list[str]:
    return [f"{folder}/{folder.replace('/', '_')}_{place}.png" for folder in folders for place in range(6)]


# The pictures of a set, and what else it holds.
SETS: dict[str, tuple[list[str], dict[str, bytes]]] = {
    "several labels": (FLAT, {"t.csv": as_csv(with_column("finding", ["Mass|Nodule", "No Finding", "Mass"]))}),
    "slashes": (FLAT, {"t.csv": as_csv(with_column("finding", ["Pneumonia/COVID-19 (PCR)", "No Finding"]))}),
    "other letters": (FLAT, {"t.csv": as_csv(with_column("진단", ["정상/없음", "폐렴, 심함", "it's"], "파일"))}),
    "workbook": (FLAT, {"t.xlsx": as_xlsx(with_column("Befund", ["gesund", "krank"], "Bild"))}),
    "readers": (FLAT, {f"reader{n}.csv": as_csv(with_column("label", ["a", "b", "ab"[n]])) for n in (0, 1)}),
    "uncertain": (
        FLAT,
        {"t.csv": as_csv([["f", "covid", "normal"], *([f, (1, 0, -1)[p % 3], (p % 3 == 1 and 1) or 0]
                                                      for p, f in enumerate(FLAT))])},
    ),
    "numbers from one on": (
        [f"{place:03d}.png" for place in range(COUNT)],
        {"t.csv": as_csv([["id", "label"], *([place + 1, "ab"[place % 2]] for place in range(COUNT))])},
    ),
    "a class of test only": (in_folders("train/a", "train/b", "test/a", "test/b", "test/c"), {}),
    "a class of test in another spelling": (in_folders("train/Normal", "train/TB", "test/Nomral", "test/TB"), {}),
    "a class of test only, by a column": (
        FLAT,
        {"t.csv": as_csv([["f", "label", "split"], *([f, "c" if p > 19 else "ab"[p % 2], ("train", "test")[p > 15]]
                                                    for p, f in enumerate(FLAT))])},
    ),
    "two levels": (in_folders("Oslo/xx", "Oslo/yy", "Bergen/xx", "Bergen/yy"), {}),
    "names of health": (in_folders("A/normal", "A/TB", "B/healthy", "B/TB"), {}),
    "a download in Korean": (in_folders("정상", "정상 (1)", "폐렴"), {}),
    "lists": (
        in_folders("a", "b"),
        {"train_list.txt": b"\n".join(f"a_{n}.png\nb_{n}.png".encode() for n in range(5)),
         "test_list.txt": b"\n".join(f"a_{n}.png\nb_{n}.png".encode() for n in (4, 5)),
         "val_list.txt": b"a_5.png\nb_5.png"},
    ),
}  # fmt: skip


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "conf", tmp_path / "repository" / "conf")
    monkeypatch.chdir(tmp_path / "repository")


def look(path: str, overrides: list[str]) -> Look:
    return look_at(asked_for(path, overrides, Path("conf")))


def commands(found: Look) -> list[list[str]]:
    """Return the commands as a shell takes them apart."""
    return [shlex.split(line) for line in "\n".join(found.command).replace("\\\n", " ").splitlines()]


def follow(path: str, overrides: list[str], met: tuple[str, ...] = ()) -> int:
    """Run each command to its end; return how many sets were read."""
    found = look(path, overrides)
    assert not re.search(r"FOUND|WANTED|KEY=VALUE|GLOB", "\n".join([found.refusal, *found.command, *found.warnings]))
    if not found.refusal:
        return 1
    assert found.refusal not in met, "it leads no further"
    read = 0
    for words in commands(found):
        assert words[:3] == ["chestbench", "look", path]
        read += follow(path, words[3:], (*met, found.refusal))
    return read


@pytest.mark.parametrize("name", SETS)
def test_every_command_works(tmp_path: Path, name: str) -> None:
    pictures, others = SETS[name]
    folder = tmp_path / "set"
    for place, file in enumerate(pictures):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(png(picture(place)))
    for file, data in others.items():
        (folder / file).write_bytes(data)
    first = look(str(folder), [])
    assert first.refusal and first.command and follow(str(folder), []) >= 1


WRONG = {
    "a rule for -1": ({"t.csv": as_csv(with_column("label", [1, 0, -1]))}, {"column": "label"}),
    "other spellings": ({"t.csv": as_csv(with_column("Finding", ["a", "b"], "File"))}, {"column": "finding"}),
    "two tables": (
        {"t.csv": as_csv(with_column("label", ["a", "b"])), "u.csv": as_csv(with_column("label", ["b", "a"]))},
        {"column": "label", "table": "[t.csv,u.csv]"},
    ),
    "several labels": ({"t.csv": as_csv(with_column("label", ["a|b", "a", "b"]))}, {"column": "label"}),
    "rows of several": (
        {"t.csv": as_csv([*with_column("label", ["a", "b"]), *with_column("label", ["b", "c"])[1:]])},
        {"column": "label"},
    ),
    "zeros": ({"t.csv": as_csv([["file", "label"], *([n, "ab"[n % 2]] for n in range(1, 25))])}, {"column": "label"}),
}


@pytest.mark.parametrize("name", WRONG)
def test_commands_after_settings_that_are_wrong_in_part(tmp_path: Path, name: str) -> None:
    others, settings = WRONG[name]
    folder = tmp_path / "set"
    folder.mkdir()
    for place in range(COUNT):
        (folder / (f"{place:03d}.png" if name == "zeros" else FLAT[place])).write_bytes(png(picture(place)))
    for file, data in others.items():
        (folder / file).write_bytes(data)
    stated = ",".join(f"{key}:{value}" for key, value in {"table": "t.csv", "id": "file", **settings}.items())
    overrides = [f"dataset.labels={{{stated}}}"]
    assert look(str(folder), overrides).refusal and follow(str(folder), overrides) >= 1
