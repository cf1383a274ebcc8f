"""Free-response ROC: which share of the truths is found at so many false boxes a picture.

P. Bunch et al. 1978, A free-response approach to the measurement and characterization of radiographic-observer
performance, J. Appl. Photogr. Eng. 4:166. The rates are those of LUNA16 (A. Setio et al. 2017, Medical Image Analysis
42:1), without its lowest: with some hundred pictures an eighth of a false box a picture is a dozen boxes.
"""

from collections.abc import Sequence

import numpy as np

from chestbench.measures.detection.ranked import Floats, Ints, Ranked

RATES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


def sensitivity_at(ranked: Ranked, weights: Ints, rates: Sequence[float] = RATES) -> Floats:
    """Return the highest sensitivity with no more false boxes a picture than each rate, (R, P).

    NaN where a weighting leaves no truth. Boxes are kept from a score on, the same for all findings.

    Args:
        ranked: answers of all findings, equal scores sharing a threshold.
        weights: how often each group counts, (R, G).
        rates: P numbers of false boxes a picture, on the mean over all pictures, those without a truth too.
    """
    right, false, truths = ranked.counts(weights)
    pictures = np.asarray(weights, np.float64) @ ranked.pictures
    # With none kept nothing is found and nothing false.
    right = np.concatenate([np.zeros((len(right), 1)), right], axis=1)
    false = np.concatenate([np.zeros((len(false), 1)), false], axis=1)
    found = np.stack([(right * (false <= rate * pictures[:, None] + 1e-9)).max(axis=1) for rate in rates], axis=1)
    return np.where(truths[:, None] > 0, found / np.maximum(truths, 1.0)[:, None], np.nan)
