"""All pictures of some files through a network, in their order, in memory that does not grow with their number."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chestbench.catalog.identity import pseudonym
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import write_bytes
from chestbench.core.parallel import core_count, ordered_map
from chestbench.core.progress import track
from chestbench.datasets.archive import UnreadableMember
from chestbench.imaging.decode import prepare_opencv
from chestbench.serving.answers import Answer, Patients
from chestbench.serving.heat import heat_png
from chestbench.serving.marks import refusal
from chestbench.serving.network import BATCHES_AT_ONCE, Network
from chestbench.serving.pictures import Prepared, prepare_file
from chestbench.serving.sources import Source

SALT = "chestbench"  # dataset.salt by default: the codes are those of the catalog


@dataclass(frozen=True)
class Row:
    """One picture, or one patient, answered.

    Attributes:
        picture: path of the file, with its page where it has several; of a patient how many pictures, in words.
        patient: as the paths say it, or the code of what a DICOM header says; "" where nothing does.
        answer: None where there is no picture, or no answer.
        marks: what speaks against the answer.
        problem: why the picture cannot be read, "".
    """

    picture: str
    patient: str
    answer: Answer | None
    marks: dict[str, str]
    problem: str

    @property
    def decision(self) -> str:
        """The class, "" where the network was not made for such a picture or there is none."""
        return "" if self.answer is None or refusal(self.marks) else self.answer.decision

    @property
    def warnings(self) -> str:
        """Sentences, "" for none."""
        return "; ".join([self.problem] if self.problem else self.marks.values())


class Prediction:
    """The rows of all pictures, and what is known when they are done.

    Attributes:
        counts: pictures answered, unreadable ones, and those with each mark.
        patients: the mean of each patient's pictures; pictures without a decision have no part in it.
    """

    def __init__(self, network: Network, heat: Path | None = None) -> None:
        self._network, self._heat = network, heat
        self.counts: Counter[str] = Counter()
        self.patients = Patients(network.described)

    def rows(self, sources: Sequence[Source], workers: int | None = None) -> Iterator[Row]:
        """Yield a row for each picture, in the order of the files; reading goes on while the network works."""
        prepare_opencv()
        items = self._prepared(sources, workers)
        for number, (source, picture, answered) in enumerate(self._network.stream(items), 1):
            row = _row(source, picture, answered)
            self.counts["unreadable" if row.answer is None else "answered"] += 1
            self.counts.update(list(row.marks))
            if row.answer is not None and row.patient and row.decision:
                self.patients.add(row.patient, row.answer)
            if self._heat and row.answer is not None and picture.pixels is not None:
                self._draw(number, row, picture.pixels)
            yield row

    def patient_rows(self) -> list[Row]:
        """Return a row for each patient, when `rows` has ended."""
        return [
            Row(f"{count} picture{'s' if count > 1 else ''}", patient, answer, {}, "")
            for patient, count, answer in self.patients.answers()
        ]

    def _prepared(self, sources: Sequence[Source], workers: int | None) -> Iterator[tuple[Source, Prepared]]:
        def read(source: Source) -> list[Prepared]:
            try:
                return list(prepare_file(source.read(), self._network.described))
            except UnreadableMember as error:
                return [Prepared(None, problem=f"unreadable: {error.reason}")]

        workers = workers or core_count()
        # So many wait that reading does not stop while the network is at work.
        ahead = max(4, -(-self._network.batch * BATCHES_AT_ONCE // workers))
        files = track(ordered_map(read, sources, workers, ahead), len(sources), "predict")
        for source, pictures in zip(sources, files, strict=True):
            yield from ((source, picture) for picture in pictures)

    def _draw(self, number: int, row: Row, pixels: np.ndarray) -> None:
        assert self._heat is not None and row.answer is not None
        heat = self._network.heat(pixels[np.newaxis], [row.answer.decision])[0]
        stem = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in Path(row.picture).name)
        # File systems count bytes, of which a letter may have four.
        stem = stem.encode(errors="replace")[:100].decode(errors="ignore")
        try:
            write_bytes(self._heat / f"{number:06d}-{stem}.png", heat_png(pixels, heat))
        except OSError as error:
            raise no_folder(self._heat, error) from None


def no_folder(folder: Path, error: OSError) -> ChestbenchError:
    """Return what is said where heat maps cannot be written."""
    return ChestbenchError(
        f"--heat: expected a folder that can be written to, received {str(folder)!r}: {error.strerror}; name another"
    )


def _row(source: Source, picture: Prepared, answered: tuple[Answer, dict[str, str]] | None) -> Row:
    name = f"{source.name} [{picture.frame} of {picture.frames}]" if picture.frames > 1 else source.name
    patient = source.patient or pseudonym(SALT, "patient", picture.patient)
    answer, marks = answered if answered else (None, {})
    return Row(name, patient, answer, marks, picture.problem)
