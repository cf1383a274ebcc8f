"""ROC-AUC of one class against the rest under many weightings of the groups, from one sorting."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.floating]


class ClassRanking:
    """How the images of a class stand among the others by score: sorted once, then weighted as often as wanted.

    The AUC is the weighted share of pairs (an image of the class, another) in which the first has the higher score;
    equal scores count half. `metrics.rank_measures` gives the same with image weights. Down the sorted list only the
    changes from one side to the other matter, so images between two changes are first added up by group.
    """

    def __init__(self, scores: Floats, positive: NDArray[np.bool_], codes: NDArray[np.integer]) -> None:
        """Sort.

        Args:
            scores: higher means more likely of the class, (N,).
            positive: whether the image is of the class, (N,), not all and not none of them.
            codes: group of each image as 0 to G - 1, (N,).
        """
        level = np.unique(scores, return_inverse=True)[1]
        has_positive = np.bincount(level[positive], minlength=level.max() + 1) > 0
        has_other = np.bincount(level[~positive], minlength=level.max() + 1) > 0
        mixed = has_positive & has_other
        # A step is a run of others with the run of positives above it; a score that both have is one of its own.
        starts = mixed[1:] | mixed[:-1] | (has_other[1:] & has_positive[:-1])
        step_of_level = np.append(0, np.cumsum(starts))
        step = step_of_level[level]
        shape = (int(step.max()) + 1, int(codes.max()) + 1)

        def added_up(chosen: NDArray[np.bool_]) -> csr_array:
            return csr_array((np.ones(chosen.sum()), (step[chosen], codes[chosen])), shape=shape)

        self._positives, self._others = added_up(positive), added_up(~positive)
        self._tied = np.unique(step_of_level[mixed])

    def auc(self, weights: Floats) -> Floats:
        """Return the AUC under each column of group weights (G, R), (R,); NaN where one side has no weight."""
        positives, others = self._positives @ weights, self._others @ weights
        passed = np.cumsum(others, axis=0)
        won = np.einsum("sr,sr->r", positives, passed)
        won -= 0.5 * np.einsum("sr,sr->r", positives[self._tied], others[self._tied])
        with np.errstate(divide="ignore", invalid="ignore"):
            return won / (positives.sum(axis=0) * passed[-1])
