"""A network in words: every layer with its shape, parameters and inputs, as Keras prints it."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

WIDTH = 140  # columns: the longest names of layers, those of the ResNets, stand in full


def architecture_text(model: "keras.Model") -> str:
    """Return what `model.summary()` prints, models inside the model included, the same in every terminal and in none.

    Args:
        model: built, of any network.

    Returns:
        Lines of at most 140 characters without colours; boxes are drawn with Unicode, so the text is for UTF-8 files.
    """
    printed: list[str] = []
    with _terminal_of_its_own():
        model.summary(line_length=WIDTH, expand_nested=True, print_fn=lambda text, **_: printed.append(text))
    return "\n".join(line.rstrip() for line in "\n".join(printed).splitlines()) + "\n"


@contextmanager
def _terminal_of_its_own() -> Iterator[None]:
    """Let `rich`, which Keras prints with, find a wide UTF-8 terminal: it cuts at the width of the one that is there.

    It takes the width from `COLUMNS`, but only where `LINES` is set too, and the encoding from standard output.
    """
    size = {"COLUMNS": str(WIDTH), "LINES": "100"}
    before = {key: os.environ.get(key) for key in size}
    os.environ.update(size)
    try:
        with redirect_stdout(io.StringIO()):
            yield
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value
