"""A trained network with all that it takes to answer on single pictures."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from chestbench.core.arrays import read_arrays
from chestbench.core.errors import ChestbenchError
from chestbench.measures.familiar import Familiar
from chestbench.serving.answers import Answer, answers_of
from chestbench.serving.description import Description
from chestbench.serving.marks import marks_of
from chestbench.serving.pictures import Prepared
from chestbench.serving.safety import check_model_file

if TYPE_CHECKING:
    import keras

Item = TypeVar("Item")
BATCHES_AT_ONCE = 8


class Network:
    """What answers.

    Attributes:
        described: what it is, and how it is read.
        familiar: what the pictures of train and val look like; None: not known (a study of before it was kept).
        model: of keras.
    """

    def __init__(self, described: Description, model_file: Path, reference: Path | None) -> None:
        """Load a network.

        Args:
            described: content of model.json.
            model_file: model.keras; looked at before it is loaded, see safety.py.
            reference: reference.npz; None: there is none.

        Raises:
            ChestbenchError: it is no network of built-in layers, does not fit its description, or its backend is not
                installed.
        """
        check_model_file(model_file)
        from chestbench.training.device import select_backend

        self.backend = select_backend(described.backend)
        # Imports keras, which takes its backend from the line above.
        from chestbench.training.predict import load

        self.described, self.batch = described, described.batch_size
        self.familiar = Familiar.from_arrays(read_arrays(reference)) if reference else None
        self.model: keras.Model = load(model_file)
        self._one_at_a_time = Lock()
        _check_fit(self.model, described, model_file)

    def probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return probabilities as trained, (N, C); threads may ask at the same time.

        Args:
            images: uint8 (N, size, size, 1).
        """
        from chestbench.training.predict import predict

        with self._one_at_a_time:
            found = predict(self.model, images, self.batch, self.described.shifts)
        if not np.isfinite(found).all():
            raise ChestbenchError(
                f"{self.described.model}: expected finite probabilities, received NaN; take another network"
            )
        return found

    def answer(self, pictures: list[Prepared]) -> list[tuple[Answer, dict[str, str]] | None]:
        """Return answer and marks of each picture, None for what is none."""
        places = [place for place, picture in enumerate(pictures) if picture.pixels is not None]
        answered: list[tuple[Answer, dict[str, str]] | None] = [None] * len(pictures)
        if places:
            images = np.stack([pixels for picture in pictures if (pixels := picture.pixels) is not None])
            marks = marks_of([pictures[place] for place in places], images, self.familiar)
            answers = answers_of(self.probabilities(images), self.described)
            for place, answer, marked in zip(places, answers, marks, strict=True):
                answered[place] = answer, marked
        return answered

    def stream(self, items: Iterable[tuple[Item, Prepared]]) -> Iterator[tuple[Item, Prepared, Any]]:
        """Yield (item, picture, answer and marks or None), some `BATCHES_AT_ONCE` batches at a time.

        The steps are those of `evaluate`: pictures in their order, in batches of one size.
        """
        follows = False
        waiting = iter(items)
        while some := list(islice(waiting, self.batch * BATCHES_AT_ONCE)):
            pictures = [picture for _, picture in some]
            real = sum(picture.pixels is not None for picture in pictures)
            lacking = self.batch - real if follows and 0 < real < self.batch else 0
            last = next((picture for picture in reversed(pictures) if picture.pixels is not None), None)
            filled = pictures + ([last] * lacking if last is not None else [])
            for (item, picture), answered in zip(some, self.answer(filled)[: len(some)], strict=True):
                yield item, picture, answered
            follows = True

    def heat(self, images: NDArray[np.uint8], decisions: list[str]) -> NDArray[np.float32]:
        """Return what speaks for the decision on each picture, (N, size, size), 0 to 1; see figures/gradcam.py."""
        from chestbench.figures.gradcam import heat_maps

        with self._one_at_a_time:
            return heat_maps(self.model, images, np.array([self.described.classes.index(name) for name in decisions]))


def _check_fit(model: "keras.Model", described: Description, path: Path) -> None:
    takes, gives = model.input_shape, model.output_shape
    size = described.image_size
    if not isinstance(takes, tuple) or tuple(takes[1:]) != (size, size, 1):
        raise ChestbenchError(
            f"{path}: expected a network that takes grey pictures of {size} x {size}, as it is described, received "
            f"one that takes {takes}; take model and description of one training"
        )
    if not isinstance(gives, tuple) or gives[1:] != (len(described.classes),):
        raise ChestbenchError(
            f"{path}: expected a network of {len(described.classes)} classes, as its description says, received one "
            f"that gives {gives}; take model and description of one training"
        )
