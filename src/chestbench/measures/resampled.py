"""results/models/NAME/resampled.npz: a network's test figures under each bootstrap resample of the test groups.

`evaluate` computes them for the intervals; `compare` subtracts one network's from another's. That is a paired test only
when both were resampled alike, so the file also holds a hash of what decides the draws.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chestbench.core.arrays import read_arrays, write_arrays
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import DamagedFile, sha256_json
from chestbench.core.parallel import ordered_map
from chestbench.measures.metrics import Floats, Ints, Measures, Sample
from chestbench.measures.resampling import PAIRS_AT_A_TIME, group_draws

RESAMPLED = "resampled.npz"


@dataclass(frozen=True)
class Resampled:
    """One network's figures of each class, first as measured and then under R resamples of the groups.

    Attributes:
        sensitivity: (1 + R, C) float64, 0 to 1; NaN where the class has no image.
        auc: of each class against the rest, (1 + R, C) float64; NaN where one side has no image.
        draws: SHA-256 of the groups, the seed and R: equal hashes mean equal draws.
    """

    sensitivity: Floats
    auc: Floats
    draws: str


def measure_under(sample: Sample, tables: Iterable[NDArray[np.int32]], cells: int) -> Measures:
    """Return the measures under each row of tables of group weights, on all threads.

    Tables do not depend on the number of threads, and their results are put together in order.

    Args:
        sample: the predictions.
        tables: (r, G) each, from `resampling`.
        cells: weightings times images in all. Where they fit into one table, as with most splits of less than a few
            hundred images, a thread is not worth its start.
    """
    over: Callable[..., Iterable[Measures]] = map if cells <= PAIRS_AT_A_TIME else ordered_map
    parts = list(over(lambda rows: sample.measure(rows.T), tables))

    def joined(kind: str) -> dict[str, Floats]:
        return {name: np.concatenate([getattr(part, kind)[name] for part in parts]) for name in getattr(parts[0], kind)}

    return Measures(joined("overall"), joined("per_class"), joined("at_threshold"), joined("signed"))


def group_codes(groups: Sequence[object]) -> Ints:
    """Return the group of each image as 0 to G - 1, (N,): the order of their names as text."""
    return np.unique([str(group) for group in groups], return_inverse=True)[1]


def resample(labels: Ints, probabilities: Floats, groups: Sequence[object], resamples: int, seed: int = 0) -> Resampled:
    """Return a network's resampled figures, the same that `intervals.evaluate_resampled` returns beside its record.

    Args:
        labels: class index per image, (N,).
        probabilities: (N, C).
        groups: patient or look-alike group of each image, N of them.
        resamples: R.
        seed: of the drawing.
    """
    codes = group_codes(groups)
    sample = Sample(labels, probabilities, codes)
    draws = group_draws(int(codes.max()) + 1, resamples, seed, len(codes))
    drawn = measure_under(sample, draws, resamples * len(codes))
    return from_measures(sample.measure(), drawn, groups, seed)


def from_measures(point: Measures, drawn: Measures, groups: Sequence[object], seed: int) -> Resampled:
    """Return the figures of `point`, under weights of one, followed by those of `drawn`, under `group_draws`.

    Args:
        point: under one weighting.
        drawn: under R.
        groups: group of each image.
        seed: of the drawing.
    """
    sensitivity, auc = (np.concatenate([p.per_class[name] for p in (point, drawn)]) for name in ("sensitivity", "auc"))
    names = [str(group) for group in groups]
    return Resampled(sensitivity, auc, sha256_json({"groups": names, "seed": seed, "resamples": len(sensitivity) - 1}))


def write_resampled(path: Path, figures: Resampled) -> None:
    """Write the file atomically; equal figures give equal bytes."""
    write_arrays(path, {"sensitivity": figures.sensitivity, "auc": figures.auc, "draws": np.array(figures.draws)})


def read_resampled(path: Path) -> Resampled:
    """Read the file.

    Raises:
        ChestbenchError: it is missing, or is not what `write_resampled` writes.
    """
    try:
        found = read_arrays(path)
        return Resampled(found["sensitivity"], found["auc"], str(found["draws"]))
    except FileNotFoundError:
        problem = "found none"
    except (OSError, DamagedFile, KeyError) as error:
        problem = f"received something else ({type(error).__name__})"
    raise ChestbenchError(f"{path}: expected a network's figures under the bootstrap, {problem}; run `dvc repro`")
