"""Commands that answer on pictures: what warns of data sets has no say there."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet() -> Iterator[None]:
    """Keep warnings of this project's own modules from the terminal inside the block; errors still show."""
    logger = logging.getLogger("chestbench")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
