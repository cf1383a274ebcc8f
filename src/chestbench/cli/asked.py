"""From `PATH KEY=VALUE ...` to the parameters of a run that reads what is there, and the command of that run."""

import os
import re
import tempfile
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

from chestbench.core.config import Config, Dataset, load_config
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json
from chestbench.datasets.opened import check_kind
from chestbench.reports.look_command import run_lines
from chestbench.reports.looking import Asked
from chestbench.repository.parameters import compose

RAW = Path("data/raw")
# Names of folders that say nothing: a handle ends with the first, conf/dataset/ describes any folder with the other.
_OF_NO_SET = {"data", "folder", "sample"}


def asked_for(written: str, overrides: list[str], conf: Path) -> Asked:
    """Find what PATH is, and compose the parameters.

    Args:
        written: a path, absolute, relative or with `~`, or NAME of conf/dataset/NAME.yaml.
        overrides: as after `dvc exp run -S`.
        conf: folder of the configuration.

    Raises:
        ChestbenchError: nothing is there, it is neither a folder nor a file, an override is wrong, or the archive of a
            described data set was not downloaded yet.
    """
    if not (conf / "config.yaml").is_file():
        raise ChestbenchError(
            f"expected the folder of the configuration, found no {conf / 'config.yaml'}; "
            "run this in the repository, or name the folder with --conf"
        )
    if not written:
        raise ChestbenchError("PATH: expected a folder, an archive or a data set's name, received nothing; give one")
    path = _expanded(written)
    if not os.path.lexists(path) and (conf / "dataset" / f"{written}.yaml").is_file():
        return _described(written, overrides, conf)
    if not os.path.lexists(path):
        raise ChestbenchError(_nothing(written, conf))
    check_kind(path)
    # What stands before the user's own, so that these win.
    lines = [f"dataset.path={_hydra(path.as_posix())}"]
    if any(override.startswith("dataset=") for override in overrides):
        lines = [override for override in overrides if override.startswith("dataset=")] + lines
        overrides = [override for override in overrides if not override.startswith("dataset=")]
    else:
        lines.append(f"dataset.name={_name_of(path)}")
        lines = ["dataset=folder", *lines]
    lines = _once([*lines, *overrides])
    return Asked(path.resolve().name or "/", path, False, _composed(conf, lines), run_lines(lines), written, overrides)


def described_like(path: Path, conf: Path) -> str | None:
    """Return the described data set under whose published name a file or folder lies, None where there is none.

    Args:
        path: what is looked at.
        conf: folder of the configuration.
    """
    name = _name_of(path)
    for file in sorted((conf / "dataset").glob("[!_]*.yaml")):
        published = re.findall(r"^ *(?:handle|url): (\S+)", file.read_text(encoding="utf-8"), re.MULTILINE)
        names = {_name_of(Path(urlsplit(str(one)).path)) for one in [file.stem, *published]}
        if name in names - _OF_NO_SET:
            return file.stem
    return None


def _described(name: str, overrides: list[str], conf: Path) -> Asked:
    lines = _once([f"dataset={name}", *overrides])
    config = _composed(conf, lines)
    if config.dataset.source == "folder" or config.dataset.is_brought:
        path = _expanded(config.dataset.path or "")
        return Asked(name, path, False, config, run_lines(lines), name, overrides)
    archive, source = RAW / "archive.zip", RAW / "source.json"
    there = f"{read_json(source)['name']}" if source.is_file() and archive.is_file() else "nothing"
    if there != config.dataset.name:
        raise ChestbenchError(
            f"{archive}: expected the archive of {name!r}, found {there}; fetch it first: "
            f"chestbench params dataset={name} && dvc repro download; where you have the file: "
            f"chestbench look FILE dataset={name}"
        )
    return Asked(name, archive, True, config, run_lines(lines), name, overrides)


def _once(lines: list[str]) -> list[str]:
    """Return overrides without those whose key is set again later: the later one wins, and one is what people read."""
    last = {line.split("=", 1)[0]: place for place, line in enumerate(lines)}
    return [line for place, line in enumerate(lines) if last[line.split("=", 1)[0]] == place]


def _expanded(written: str) -> Path:
    try:
        return Path(os.path.normpath(Path(written).expanduser()))
    except (RuntimeError, ValueError):
        raise ChestbenchError(f"PATH: expected a known home folder, received {written!r}; write it out") from None


def _nothing(written: str, conf: Path) -> str:
    known = sorted(file.stem for file in (conf / "dataset").glob("*.yaml") if not file.stem.startswith("_"))
    path = _expanded(written)
    beside = [found.name for found in path.parent.iterdir()] if os.access(path.parent, os.R_OK | os.X_OK) else []
    near = get_close_matches(path.name, [*known, *beside], n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"data sets of {conf}/dataset: {', '.join(known)}"
    wanted = "PATH: expected a folder, an archive or a data set's name"
    return f"{wanted}, received {written!r}, where there is nothing; {hint}"


def _composed(conf: Path, overrides: list[str]) -> Config:
    for override in overrides:
        key = override.split("=", 1)[0].lstrip("+~").split(".")
        if key[0] == "dataset" and len(key) > 1 and key[1] not in Dataset.model_fields:
            near = get_close_matches(key[1], Dataset.model_fields, n=1)
            hint = f"did you mean dataset.{near[0]}?" if near else f"there are {', '.join(Dataset.model_fields)}"
            raise ChestbenchError(f"{override}: expected a parameter of a data set, received dataset.{key[1]}; {hint}")
    with tempfile.TemporaryDirectory() as temporary:
        output = Path(temporary) / "params.yaml"
        compose(conf, output, overrides)
        return load_config(output)


def _name_of(path: Path) -> str:
    """Return a name of small letters, digits and `_` for the data set at a path."""
    name = path.resolve().name.lower()
    stem = re.sub(r"\.(zip|npz|tar|tgz|tbz2|tar\.gz|tar\.bz2)$", "", name)
    return re.sub(r"[^a-z0-9]+", "_", stem).strip("_") or "mine"


def _hydra(text: str) -> str:
    """Return a value as Hydra's grammar wants it: in quotes where it is anything but plain."""
    if re.fullmatch(r"[A-Za-z0-9_./-]+", text):
        return text
    escaped = re.sub(r'(\\*)"', r'\1\1\\"', text)
    return f'"{escaped}"'
