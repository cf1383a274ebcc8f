"""What a process that will log can import beforehand: MLflow, thousands of modules."""

import warnings
from importlib import import_module

from chestbench.tracking.store import set_environment


def get_ready(registers: bool = False) -> None:
    """Import what sending needs.

    Args:
        registers: models too.
    """
    set_environment()
    with warnings.catch_warnings():
        # MLflow warns of its own type hints while it is imported.
        warnings.simplefilter("ignore")
        for name in ("mlflow.store.tracking.sqlalchemy_store", *(["mlflow.pyfunc"] if registers else [])):
            import_module(name)
