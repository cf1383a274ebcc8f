"""Names that no network and no detector may have."""

from collections.abc import Iterable

from chestbench.core.errors import ChestbenchError

# In MLflow's model registry, chestbench-DATASET-detector is the chosen detector of a data set (`tracking.naming`): a
# network of this name would be one of its versions.
TAKEN = "detector"


def check_free(names: Iterable[str]) -> None:
    """Refuse names that mean something else.

    Raises:
        ChestbenchError: one of them is taken.
    """
    if TAKEN in names:
        raise ChestbenchError(
            f"src/chestbench/models: expected another name of a network or detector, received {TAKEN}, by which the "
            "model registry names the chosen detector of a data set; rename its file and the name in it"
        )
