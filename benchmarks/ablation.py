"""What each key of a recipe is worth: one small network, one change at a time, several seeds, judged on val alone.

    python benchmarks/ablation.py --study radio=FOLDER --study ct=FOLDER --out results/ablation --minutes 50

FOLDER is where the stages download to upsample have run (data/processed, data/train_indices.npy); give val a large
share there (split.train=0.5 split.val=0.4 split.test=0.1). The test set is never opened. A finished training is not
done again (OUT/cells), unless data, recipe or code have changed; `--minutes` begins no further one after so many.

Plain is the recipe `scratch` as it was before there were these keys. The best epoch of every training is chosen by the
loss on the same val that judges it: all rows are optimistic alike, and their differences less so. The interval of a
mean is Student's t over the seeds; that of a difference draws groups of val and seeds with replacement, the same for
both (percentiles, 2,000 draws). The last column is the mean difference over the studies, each with the same weight.

What it gave: docs/explanation/recipes.md.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from chestbench.core.config import Config

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# What `scratch` was; written out, because its defaults follow from the table. No patience: every row costs the same.
PLAIN = {
    "augment": "light",
    "label_smoothing": 0.0,
    "ema": 0.0,
    "warmup_epochs": 0,
    "mix": "none",
    "weight_decay": 0.0001,
    "learning_rate": 0.001,
    "schedule": "cosine",
    "patience": 0,
}
SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "augment: strong": {"augment": "strong"},
    "ema: 0.99": {"ema": 0.99},
    "label_smoothing: 0.1": {"label_smoothing": 0.1},
    "mix: mixup, 0.2": {"mix": "mixup", "mix_alpha": 0.2},
    "mix: cutmix, 1.0": {"mix": "cutmix", "mix_alpha": 1.0},
    "warmup_epochs: 3": {"warmup_epochs": 3},
    "twice the epochs, 3 of warm-up": {"epochs": 2, "warmup_epochs": 3},
}
PLAIN_NAME, SHIFTED, ENSEMBLE = "plain", "plain, mean of 5 shifts", "plain, mean of the seeds"
MEASURES = ("balanced_accuracy", "macro_auc")
SHIFT_OF_64 = 2
DRAWS, CONFIDENCE, SEED = 2_000, 0.95, 0


@dataclass(frozen=True)
class Val:
    """What a study's val says of a setting: (seeds, N, C) probabilities, seed by seed."""

    labels: np.ndarray
    groups: Sequence[str]
    said: Mapping[str, np.ndarray]


def configured(setting: Mapping[str, Any], epochs: int) -> "Config":
    """Return the parameters of `scratch` from random weights with a setting's changes."""
    from chestbench.core.compose import compose_params
    from chestbench.core.config import load_config

    changes = {**PLAIN, **setting, "epochs": epochs * setting.get("epochs", 1), "weights": "none"}
    with tempfile.TemporaryDirectory() as folder:
        params = Path(folder) / "params.yaml"
        compose_params(ROOT / "conf", params, ["train=scratch", *(f"train.{k}={v}" for k, v in changes.items())])
        return load_config(params)


def cell(study: Path, network: str, config: "Config", seed: int, out: Path) -> Path:
    """Train one network with one seed, unless that is done; return the file of what it says of val."""
    import keras

    from chestbench.core.arrays import write_arrays
    from chestbench.core.files import sha256_file, write_json
    from chestbench.preparation.arrays import load_info
    from chestbench.training.data import Inputs, read_data
    from chestbench.training.predict import predict
    from chestbench.training.recipes import train_network
    from chestbench.training.run_key import run_key

    inputs = Inputs(study / "data/processed", study / "data/train_indices.npy", study)
    info = load_info(inputs.processed)
    key = run_key(
        model=network,
        data_sha256=info["data_sha256"],
        indices_sha256=sha256_file(inputs.indices),
        weights_sha256=None,
        parameters={"train": config.train.model_dump(), "balance": config.balance, "seed": seed},
    )
    path = out / "cells" / f"{key}.npz"
    if path.is_file():
        return path
    keras.backend.clear_session(free_memory=True)
    data, started = read_data(config, inputs, info["classes"], seed), time.monotonic()
    result = train_network(network, data, config.train, seed=seed)
    shifts = max(1, round(SHIFT_OF_64 * info["size"] / 64))
    said = {
        "plain": predict(result.model, data.val_images),
        "shifted": predict(result.model, data.val_images, 32, shifts),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    note = {"seconds": time.monotonic() - started, "best_epoch": result.progress.best_epoch}
    write_json(path.with_suffix(".json"), {**note, "train": config.train.model_dump(), "seed": seed})
    write_arrays(path, said)
    return path


def train_all(arguments: argparse.Namespace, studies: Mapping[str, Path]) -> dict[tuple[str, str, int], Path]:
    """Train every cell, seed by seed, so that what time allows is whole; return the files of those that are done."""
    ends, done = time.monotonic() + 60 * arguments.minutes, {}
    for seed in arguments.seeds:
        for name in arguments.settings:
            config = configured(SETTINGS[name], arguments.epochs)
            for study, folder in studies.items():
                if time.monotonic() > ends:
                    return done
                started = time.monotonic()
                done[name, study, seed] = cell(folder, arguments.network, config, seed, arguments.out)
                print(f"seed {seed}, {name}, {study}: {time.monotonic() - started:.0f} s", flush=True)
    return done


def gathered(study: Path, name: str, seeds: Sequence[int], done: Mapping[tuple[str, str, int], Path]) -> Val:
    """Read what the trainings say of a study's val."""
    from chestbench.core.arrays import read_arrays
    from chestbench.preparation.arrays import load_split

    val = load_split(study / "data/processed", "val")
    said = {}
    for setting in SETTINGS:
        paths = [done[setting, name, seed] for seed in seeds if (setting, name, seed) in done]
        if len(paths) == len(seeds):
            arrays = [read_arrays(path) for path in paths]
            said[setting] = np.stack([each["plain"] for each in arrays])
            if setting == PLAIN_NAME:
                said[SHIFTED] = np.stack([each["shifted"] for each in arrays])
                said[ENSEMBLE] = said[setting].mean(axis=0, keepdims=True)
    return Val(val.class_index, val.groups, said)


def figures(val: Val, setting: str) -> dict[str, np.ndarray]:
    """Return each measure of each seed, as measured and under each draw of groups, (seeds, 1 + draws)."""
    from chestbench.measures.resampled import resample

    present = np.unique(val.labels)
    found = [resample(val.labels, said, val.groups, DRAWS, SEED) for said in val.said[setting]]
    return {
        "balanced_accuracy": np.stack([each.sensitivity[:, present].mean(axis=1) for each in found]),
        "macro_auc": np.stack([each.auc[:, present].mean(axis=1) for each in found]),
    }


def differences(own: np.ndarray, plain: np.ndarray) -> np.ndarray:
    """Return setting minus plain, the mean over seeds: as measured, then with groups and seeds drawn, (1 + draws,)."""
    generator = np.random.default_rng(SEED)
    seeds = generator.integers(0, len(plain), (DRAWS, len(plain)))
    places = np.arange(1, DRAWS + 1)[:, None]
    theirs = plain[seeds, places].mean(axis=1)
    # An ensemble is one network of all seeds: there is nothing to draw.
    ours = own[0, 1:] if len(own) == 1 else own[seeds, places].mean(axis=1)
    return np.concatenate([[own[:, 0].mean() - plain[:, 0].mean()], ours - theirs])


def over_seeds(values: np.ndarray) -> tuple[float, float | None]:
    """Return the mean, and how far its interval over seeds reaches to either side (Student's t)."""
    from scipy.special import stdtrit

    if len(values) < 2:
        return float(values.mean()), None
    reach = stdtrit(len(values) - 1, (1 + CONFIDENCE) / 2) * values.std(ddof=1) / len(values) ** 0.5
    return float(values.mean()), float(reach)


def bounds(drawn: np.ndarray) -> tuple[float, float]:
    """Return the ends of the interval of what `differences` gave."""
    # A draw without a class has no figure.
    low, high = np.nanquantile(drawn[1:], [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def table(vals: Mapping[str, Val]) -> list[dict[str, Any]]:
    """Return a row for each setting, study and measure, and with several studies one for their mean difference."""
    names = [name for name in next(iter(vals.values())).said if all(name in val.said for val in vals.values())]
    known = {(name, study): figures(val, name) for study, val in vals.items() for name in names}
    rows: list[dict[str, Any]] = []
    for name in names:
        for measure in MEASURES:
            of_studies = []
            for study in vals:
                own = known[name, study][measure]
                mean, reach = over_seeds(own[:, 0])
                row = {
                    "setting": name,
                    "study": study,
                    "measure": measure,
                    "seeds": len(own),
                    "mean": mean,
                    "reach": reach,
                }
                if name != PLAIN_NAME:
                    drawn = differences(own, known[PLAIN_NAME, study][measure])
                    of_studies.append(drawn)
                    row |= dict(zip(("difference", "low", "high"), (drawn[0], *bounds(drawn)), strict=True))
                rows.append(row)
            if of_studies:
                drawn = np.mean(of_studies, axis=0)
                values = dict(zip(("difference", "low", "high"), (drawn[0], *bounds(drawn)), strict=True))
                rows.append({"setting": name, "study": "all", "measure": measure, **values})
    return rows


def markdown(rows: Sequence[Mapping[str, Any]], studies: Sequence[str]) -> str:
    """Return a table of each measure: means over seeds, and differences from plain."""
    lines = []
    for measure in MEASURES:
        own = {(row["setting"], row["study"]): row for row in rows if row["measure"] == measure}
        heads = [f"{study}: {what}" for study in studies for what in ("mean", "from plain")]
        lines += ["", f"{measure}", "", f"| setting | {' | '.join(heads)} | all: from plain |"]
        lines.append("|---|" + "---|" * (len(heads) + 1))
        for name in dict.fromkeys(row["setting"] for row in rows):
            cells = [text for study in studies for text in _cells(own[name, study])]
            cells.append(_difference(own.get((name, "all"), {})))
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cells(row: Mapping[str, Any]) -> tuple[str, str]:
    reach = "" if row["reach"] is None else f" ± {row['reach']:.3f}"
    return f"{row['mean']:.3f}{reach}", _difference(row)


def _difference(row: Mapping[str, Any]) -> str:
    return f"{row['difference']:+.3f} ({row['low']:+.3f} to {row['high']:+.3f})" if "difference" in row else ""


def main() -> None:
    """Train what is not trained, write OUT/ablation.csv and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--study", action="append", required=True, metavar="NAME=FOLDER")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--network", default="tiny")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--settings", nargs="+", choices=list(SETTINGS), default=list(SETTINGS))
    parser.add_argument("--minutes", type=float, default=1e9)
    arguments = parser.parse_args()
    studies = {name: Path(folder) for name, _, folder in (each.partition("=") for each in arguments.study)}
    from chestbench.training.device import select_backend

    select_backend("tensorflow")
    done = train_all(arguments, studies)
    seeds = [seed for seed in arguments.seeds if all((n, s, seed) in done for n in arguments.settings for s in studies)]
    if PLAIN_NAME not in arguments.settings or not seeds:
        parser.error(f"expected {PLAIN_NAME} among the settings and one seed with all of them: give it more minutes")
    vals = {name: gathered(folder, name, seeds, done) for name, folder in studies.items()}
    rows = table(vals)
    from chestbench.core.files import write_csv

    columns = ("setting", "study", "measure", "seeds", "mean", "reach", "difference", "low", "high")
    write_csv(arguments.out / "ablation.csv", columns, [{key: row.get(key) for key in columns} for row in rows])
    print(markdown(rows, list(studies)))
    tried = len({row["setting"] for row in rows})
    images = ", ".join(f"{len(val.labels)} of {name}" for name, val in vals.items())
    length = f"{len(seeds)} seeds, {arguments.network}, {arguments.epochs} epochs"
    print(f"\n{tried} settings tried, {length}; val images: {images}")


if __name__ == "__main__":
    main()
