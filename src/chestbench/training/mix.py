"""Batches whose pictures and labels are mixed with one another: mixup and CutMix.

mixup: H. Zhang, M. Cisse, Y. Dauphin, D. Lopez-Paz, ICLR 2018, arXiv:1710.09412. CutMix: S. Yun et al., ICCV 2019,
arXiv:1905.04899.
"""

from dataclasses import dataclass

import numpy as np

from chestbench.core.config import Train

# Beside (seed, epoch) of the order and (seed, epoch, image) of augmentation.
_STREAM = 7001


@dataclass(frozen=True)
class Mix:
    """How batches are mixed.

    Attributes:
        kind: "mixup" or "cutmix".
        alpha: the share of the other picture is drawn from Beta(alpha, alpha).
        n_classes: C.
    """

    kind: str
    alpha: float
    n_classes: int


def mix_of(train: Train, n_classes: int) -> Mix | None:
    """Return how a recipe mixes, None for not at all."""
    return None if train.mix == "none" else Mix(train.mix, train.mix_alpha, n_classes)


def mixed(
    images: np.ndarray, labels: np.ndarray, weights: np.ndarray | None, mix: Mix, seed: int, epoch: int, step: int
) -> tuple[np.ndarray, ...]:
    """Return a batch in which each picture is mixed with another one; what is drawn depends on the numbers only.

    The loss of a mixed picture is that of both, in their shares, also with class weights and label smoothing: with
    weights w, w' and shares 1 - s, s it weighs W = (1 - s) w + s w', and its label holds (1 - s) w / W and s w' / W.

    Args:
        images: uint8 (B, H, W, 1), after augmentation.
        labels: int (B,).
        weights: float (C,), one for each class, or None.
        mix: how.
        seed: of the training, 0 or more.
        epoch: 0 or more.
        step: of the epoch, 0 or more.

    Returns:
        Images uint8 (B, H, W, 1), labels float32 (B, C) that sum to one, and with class weights those of the images,
        float32 (B,).
    """
    generator = np.random.default_rng((seed, epoch, step, _STREAM))
    share, order = float(generator.beta(mix.alpha, mix.alpha)), generator.permutation(len(images))
    if mix.kind == "mixup":
        images = _blended(images, images[order], share)
    else:
        images, share = _patched(images, images[order], share, generator)
    one_hot = np.eye(mix.n_classes)
    if weights is None:
        return images, ((1 - share) * one_hot[labels] + share * one_hot[labels[order]]).astype(np.float32)
    own, other = (1 - share) * weights[labels], share * weights[labels[order]]
    whole = own + other
    soft = (own / whole)[:, None] * one_hot[labels] + (other / whole)[:, None] * one_hot[labels[order]]
    return images, soft.astype(np.float32), whole.astype(np.float32)


def _blended(images: np.ndarray, others: np.ndarray, share: float) -> np.ndarray:
    """Return (1 - share) of the images and share of the others, rounded to grey levels."""
    of_others = np.float32(share)
    return np.rint(images * (1 - of_others) + others * of_others).astype(images.dtype)


def _patched(
    images: np.ndarray, others: np.ndarray, share: float, generator: np.random.Generator
) -> tuple[np.ndarray, float]:
    """Return the images with one rectangle of the others, and the share of the area that it truly covers."""
    height, width = images.shape[1:3]
    tall, wide = (round(side * share**0.5) for side in (height, width))
    middle = generator.integers(0, height), generator.integers(0, width)
    top, bottom = (int(np.clip(middle[0] + part, 0, height)) for part in (-(tall // 2), tall - tall // 2))
    left, right = (int(np.clip(middle[1] + part, 0, width)) for part in (-(wide // 2), wide - wide // 2))
    patched = images.copy()
    patched[:, top:bottom, left:right] = others[:, top:bottom, left:right]
    return patched, (bottom - top) * (right - left) / (height * width)
