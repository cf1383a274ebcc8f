"""How far a picture is from those that a network was trained on, and whether it is a copy of one of them.

Two distances, each with a limit that 99% of the pictures of the data set keep (`SHARE`), so that some 2% of them
are marked. Layout: principal components of the pictures at 16 x 16, the squared distance within them and the rest
outside of them, as in process control (Jackson and Mudholkar 1979, Technometrics 21:341). Texture: Mahalanobis's.
The limits come from pictures that the distance was not fitted on: those of val, and those of train in five folds of
whole groups. No network has a say, so it holds for one that learnt nothing as well.
`benchmarks/marks.py` measures how often either errs; docs/reference/predict.md has the table.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chestbench.imaging.looks import LAYOUT, TEXTURE, copy_codes, layout_of, texture_of

KINDS = ("layout", "texture")
SHARE = 0.99
MOST = 2000  # pictures of train that are looked at, evenly spaced
COMPONENTS = 24
FOLDS = 5
HASH_BITS, OUTLINE_BITS = 8, 8  # of 64 and 256 that a copy may differ in
_AT_ONCE = 256
_CODES_AT_ONCE = 1 << 16
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Familiar:
    """What is known of the pictures of train and val.

    Attributes:
        arrays: of the two distances: layout_mean (256,), layout_basis (K, 256), layout_spread (K,), layout_rest (1,),
            texture_mean, texture_scale (25,), texture_whiten (25, 25), all float32.
        limits: distance from which a picture is marked, by `KINDS`.
        codes: uint64 (N, 5), `copy_codes` of train and val.
    """

    arrays: Mapping[str, NDArray[np.float32]]
    limits: Mapping[str, float]
    codes: NDArray[np.uint64]

    @classmethod
    def fit(cls, train: NDArray[np.uint8], groups: Sequence[str], val: NDArray[np.uint8]) -> "Familiar":
        """Measure the pictures of train and val.

        Args:
            train: uint8 (N, H, W, 1), may be memory-mapped; at most `MOST` of them are looked at for the distances.
            groups: group of each picture of train.
            val: uint8 (M, H, W, 1).
        """
        # Not in the environment of a served model, which fits nothing.
        from threadpoolctl import threadpool_limits

        # Threads of BLAS wait for each other by spinning: beside another process eigenvalues take 26 times as long.
        with threadpool_limits(1):
            return cls._fit(train, groups, val)

    @classmethod
    def _fit(cls, train: NDArray[np.uint8], groups: Sequence[str], val: NDArray[np.uint8]) -> "Familiar":
        places = np.unique(np.linspace(0, len(train) - 1, min(MOST, len(train))).astype(int))
        looks = _looks(train[places])
        _, group = np.unique(np.array(groups)[places], return_inverse=True)
        fold = group.ravel() % FOLDS
        whole = [_sums(look, np.ones(len(places), bool)) for look in looks]
        arrays = _fitted(whole)
        away = [_distances(arrays, _looks(val))]
        for number in range(FOLDS):
            out = fold == number
            if out.any() and not out.all():
                others = _fitted([_sums(look, ~out) for look in looks])
                away.append(_distances(others, [look[out] for look in looks]))
        far = np.sort(np.concatenate(away), axis=0)
        # Of n distances the one that n + 1 exceed with the wished probability (conformal; the highest of few).
        place = min(len(far) - 1, int(np.ceil((len(far) + 1) * SHARE)) - 1)
        limits = {kind: float(np.float32(far[place, column])) for column, kind in enumerate(KINDS)}
        codes = np.concatenate([copy_codes(part) for part in (*_parts(train), *_parts(val))])
        return cls(arrays, limits, codes)

    def distances(self, images: NDArray[np.uint8]) -> Floats:
        """Return both distances of each picture in units of their limits, (N, 2): above 1 is unlike the data set.

        Args:
            images: uint8 (N, H, W, 1), as the networks see them.
        """
        limits = np.array([max(self.limits[kind], 1e-12) for kind in KINDS])
        return np.concatenate(
            [np.empty((0, 2)), *(_distances(self.arrays, _looks(part)) for part in _parts(images))]
        ) / (limits)

    def is_copy(self, images: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Tell which pictures are nearly the same as one of train or val, bool (N,)."""
        return np.array([self._has(code) for code in copy_codes(images)], bool)

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return what a file keeps."""
        limits = np.array([self.limits[kind] for kind in KINDS])
        return {**self.arrays, "limits": limits, "codes": self.codes}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "Familiar":
        """Return what `to_arrays` gave."""
        own = {name: array for name, array in arrays.items() if name.partition("_")[0] in KINDS}
        return cls(own, dict(zip(KINDS, arrays["limits"].tolist(), strict=True)), arrays["codes"])

    def _has(self, code: NDArray[np.uint64]) -> bool:
        # A flat picture has no outline: it would be a copy of every other flat one.
        if not code.any():
            return False
        for first in range(0, len(self.codes), _CODES_AT_ONCE):
            differing = np.bitwise_count(self.codes[first : first + _CODES_AT_ONCE] ^ code)
            if ((differing[:, 0] <= HASH_BITS) & (differing[:, 1:].sum(axis=1, dtype=int) <= OUTLINE_BITS)).any():
                return True
        return False


def _parts(images: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    return (np.asarray(images[first : first + _AT_ONCE]) for first in range(0, len(images), _AT_ONCE))


def _looks(images: NDArray[np.uint8]) -> list[Floats]:
    """Return layout (N, 256) and texture (N, 25)."""
    layout = [np.empty((0, LAYOUT)), *(layout_of(part) for part in _parts(images))]
    texture = [np.empty((0, TEXTURE)), *(texture_of(part) for part in _parts(images))]
    return [np.concatenate(layout), np.concatenate(texture)]


def _sums(look: Floats, rows: NDArray[np.bool_]) -> tuple[Floats, Floats, int]:
    """Return mean (D,) and covariance (D, D) of some rows, and how many they are."""
    chosen = look[rows]
    mean = chosen.mean(axis=0)
    return mean, (chosen - mean).T @ (chosen - mean) / max(1, len(chosen) - 1), len(chosen)


def _fitted(sums: Sequence[tuple[Floats, Floats, int]]) -> dict[str, NDArray[np.float32]]:
    (mean, spread, count), (texture_mean, texture_spread, _) = sums
    values, vectors = np.linalg.eigh(spread)
    kept = max(1, min(COMPONENTS, count // 4))
    basis = vectors[:, ::-1][:, :kept].T
    # A vector and its opposite are the same component.
    basis *= np.sign(basis[np.arange(kept), np.abs(basis).argmax(axis=1)])[:, np.newaxis]
    rest = max(float(np.clip(values[: len(values) - kept], 0, None).sum()), 1e-9)
    deviation = np.sqrt(np.maximum(values[::-1][:kept], 1e-9))
    scale = np.sqrt(np.diag(texture_spread)) + 1e-6
    related = texture_spread / np.outer(scale, scale)
    # Few pictures say little of how their measures vary together.
    shrink = min(1.0, max(0.02, 0.3 * TEXTURE / max(1, count)))
    related = (1 - shrink) * related + shrink * np.eye(TEXTURE)
    found: dict[str, Any] = {
        "layout_mean": mean,
        "layout_basis": basis,
        "layout_spread": deviation,
        "layout_rest": np.array([rest]),
        "texture_mean": texture_mean,
        "texture_scale": scale,
        "texture_whiten": np.linalg.inv(np.linalg.cholesky(related)),
    }
    return {name: np.asarray(array, np.float32) for name, array in found.items()}


def _distances(arrays: Mapping[str, NDArray[np.float32]], looks: Sequence[Floats]) -> Floats:
    """Return both distances, (N, 2)."""
    own = {name: array.astype(np.float64) for name, array in arrays.items()}
    layout, texture = looks
    centred = layout - own["layout_mean"]
    inside = centred @ own["layout_basis"].T
    outside = np.square(centred - inside @ own["layout_basis"]).sum(axis=1) / own["layout_rest"][0]
    within = np.square(inside / own["layout_spread"]).mean(axis=1)
    whitened = (texture - own["texture_mean"]) / own["texture_scale"] @ own["texture_whiten"].T
    return np.sqrt(np.stack([within + outside, np.square(whitened).mean(axis=1)], axis=1))
