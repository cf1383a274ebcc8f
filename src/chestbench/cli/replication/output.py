"""The folder replications/NAME: what is kept in Git. The page comes last, when all that it names is there."""

import os
import tempfile
from pathlib import Path
from typing import Any

from chestbench.cli.replication import figures, page, pictures
from chestbench.cli.replication.definition import FOLDER, Replication
from chestbench.cli.replication.results import Results
from chestbench.cli.replication.settings import Settings
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import DamagedFile, read_json, write_bytes, write_csv, write_json, write_text
from chestbench.core.gate import FOLDER as IS_FOLDER
from chestbench.core.gate import kind_of
from chestbench.core.notice import NOTICE

README, METRICS, TABLE, PARAMS, TIMES = "README.md", "metrics.json", "table.csv", "params.yaml", "timing.json"


def write(results: Results, folder: Path) -> list[str]:
    """Write the files of a replication; those that are there and have these bytes stay as they are.

    Args:
        results: what it gave.
        folder: of the files, made where it is missing; what else lies in it stays.

    Returns:
        The names of the files that are other than before.
    """
    with tempfile.TemporaryDirectory() as made:
        temporary = Path(made)
        pictures.draw(results, temporary)
        write_csv(temporary / TABLE, figures.COLUMNS, figures.rows(results))
        write_text(temporary / PARAMS, f"# {NOTICE}\n{results.settings.shown}")
        write_json(temporary / METRICS, _metrics(results))
        write_json(temporary / TIMES, _times(results))
        definition = Path(os.path.relpath(FOLDER / f"{results.name}.yaml", folder)).as_posix()
        write_text(temporary / README, page.readme(results, definition))
        changed = []
        for name in (*pictures.NAMES, TABLE, PARAMS, METRICS, TIMES, README):
            content, target = (temporary / name).read_bytes(), folder / name
            if not target.is_file() or target.read_bytes() != content:
                write_bytes(target, content)
                changed.append(name)
    return changed


def check(folder: Path, name: str, settings: Settings) -> None:
    """Refuse, before any work, to put a run that is not the replication itself in the place of one that is.

    Raises:
        ChestbenchError: that, or the place is no folder.
    """
    if (kind := kind_of(folder)) not in (IS_FOLDER, "nothing"):
        raise ChestbenchError(f"--out: expected a folder, received the {kind} {str(folder)!r}; name a folder")
    there = earlier(folder)
    if not there or not settings.differences or there.get("differences") or there.get("given") == settings.given:
        return
    raise ChestbenchError(
        f"{folder}: expected a place for a run that differs from the replication in "
        f"{', '.join(each.key for each in settings.differences)}, found the table of the replication itself, which it "
        f"would replace; name another with --out, such as --out {FOLDER / f'{name}-other'}"
    )


def earlier(folder: Path) -> dict[str, Any]:
    """Return what the table in a folder says of its run: `replication` of metrics.json; empty where there is none."""
    try:
        found = read_json(folder / METRICS)
    except (FileNotFoundError, DamagedFile):
        return {}
    said = found.get("replication") if isinstance(found, dict) else None
    return said if isinstance(said, dict) and (folder / README).is_file() else {}


def is_of(said: dict[str, Any], found: Replication) -> bool:
    """Tell whether a table is of a replication as its file now is."""
    return said.get("definition_sha256") == found.sha256


def _metrics(results: Results) -> dict[str, Any]:
    return {
        "notice": NOTICE,
        "replication": {
            "name": results.name,
            "definition_sha256": results.found.sha256,
            "given": results.settings.given,
            "differences": {each.key: [each.default, each.value] for each in results.differences},
            "data": results.data.as_json(),
        },
        "networks": {record["model"]: record for record in results.study.board.records},
        "baselines": results.study.baselines,
        "external": list(results.study.board.external),
    }


def _times(results: Results) -> dict[str, Any]:
    return {
        "trainings": [
            {
                "network": each.network,
                "seed": each.seed,
                "seconds": each.seconds,
                "images_per_second": each.images_per_second,
                "device": each.device,
                "versions": dict(each.versions),
                "code": each.code,
            }
            for each in results.trainings
        ]
    }
