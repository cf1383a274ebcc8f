"""How long a training will take, by what a clock said of earlier ones of the same network or detector at the same size.

They stand in DVC's run cache: the note of a training names its parameters and its timing.json.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import yaml

from chestbench.grid.events import Member

TRAIN, TRAIN_BOXES = "python -m stages.train", "python -m stages.train_boxes"
TIMING, PICTURES = "timing.json", "data/processed"


@dataclass(frozen=True)
class Earlier:
    """One training that was done.

    Attributes:
        network: which, or which detector.
        pictures: MD5 of the prepared pictures.
        size: their side in pixels.
        backend: see `train.backend`.
        start: seconds before the first step and after the last epoch.
        epoch: seconds of an epoch, the first step's tracing not counted.
        when: it was noted, seconds of the system's clock.
    """

    network: str
    pictures: str
    size: int
    backend: str
    start: float
    epoch: float
    when: float


def earlier_trainings(cache: Path) -> list[Earlier]:
    """Return every training of which DVC's cache has note and times.

    Args:
        cache: folder of DVC's cache.
    """
    found = []
    for path in sorted((cache / "runs").glob("*/*/*")):
        try:
            content = path.read_bytes()
            if TRAIN.encode() in content and (training := _read(cache, content, path.stat().st_mtime)):
                found.append(training)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError):
            continue  # a torn note, or one of an earlier version
    return found


def seconds_of(member: Member, network: str, pictures: str, known: list[Earlier]) -> tuple[float, bool] | None:
    """Return how long a member trains a network, all epochs and seeds, and whether on these very pictures it was timed.

    Early stopping may end it before. None where the network was not trained here at this size.

    Args:
        member: of a grid.
        network: one of its own, or one of its detectors.
        pictures: MD5 of its prepared pictures; "" where they are to be made.
        known: see `earlier_trainings`.
    """
    train = member.values["train"]
    size = member.values["preprocess"]["size"]
    alike = [each for each in known if each.network == network and each.size == size]
    if not alike:
        return None
    best = max(alike, key=lambda each: (each.pictures == pictures, each.backend == train["backend"], each.when))
    trainings = max(1, len(train["seeds"]))
    return trainings * (best.start + member.epochs * best.epoch), best.pictures == pictures


def _read(cache: Path, content: bytes, when: float) -> Earlier | None:
    note = yaml.load(content, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    if note["cmd"] not in (TRAIN, TRAIN_BOXES):
        return None
    out = next(out for out in note["outs"] if out["path"].endswith(f"/{TIMING}"))
    timing = json.loads((cache / "files" / "md5" / out["md5"][:2] / out["md5"][2:]).read_text(encoding="utf-8"))
    parameters = note["params"]["params.yaml"]
    epochs = [each["seconds"] for each in timing["epochs"]]
    first_step = timing["first_step_seconds"]
    return Earlier(
        network=Path(out["path"]).parent.name,
        pictures=next(dep["md5"] for dep in note["deps"] if dep["path"] == PICTURES),
        size=_at(parameters, "preprocess.size"),
        backend=_at(parameters, "train.backend"),
        start=max(0.0, timing["seconds"] - sum(epochs)) + first_step,
        epoch=median(epochs[1:]) if len(epochs) > 1 else max(0.0, epochs[0] - first_step),
        when=when,
    )


def _at(parameters: Mapping[str, Any], key: str) -> Any:
    """Return a parameter of a note, whose keys are dotted as far as dvc.yaml names them."""
    if key in parameters:
        return parameters[key]
    section, _, name = key.partition(".")
    return parameters[section][name]
