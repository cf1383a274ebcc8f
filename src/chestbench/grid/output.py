"""What a member's output says of how far it is: lines of DVC and of the training, read as they are written."""

import re
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from chestbench.core.words import heading
from chestbench.grid.events import OF_DETECTORS, OF_NETWORKS

_STAGE = re.compile(r"(Running stage|Stage) '(?P<stage>[^']+)'(?P<cached> is cached| didn't change)?")
# `callbacks.EpochEnd` of chestbench.training logs it after every epoch, of a detector `BoxEpochEnd`.
_NAMES = {heading(key): key for key in (OF_NETWORKS, OF_DETECTORS)}
_EPOCH = re.compile(
    rf"epoch (?P<epoch>\d+)/(?P<epochs>\d+) \(.*(?P<name>{'|'.join(map(re.escape, _NAMES))}) (?P<measure>[\d.]+|nan), "
    rf"(?P<speed>[\d.]+) {re.escape(heading('images_per_second'))}"
)
# DVC brings back what dvc.lock names before it runs anything, and says so of each output that was never made.
_NO_NEWS = "WARNING: No file hash info found for"
_LAST_LINES, _LONGEST_LINE, _PIECE = 12, 400, 1 << 20


@dataclass
class Progress:
    """How far a member is, see `MemberStatus`; `trained` says whether a stage of DVC ran that was not in its cache."""

    stage: str = ""
    epoch: int = 0
    epochs: int = 0
    measure: float | None = None
    images_per_second: float | None = None
    trained: bool = False


class Output:
    """A file that a program still writes.

    Args:
        path: of the file.
        judged_by: see `MemberStatus`; epochs that say another measure give none.
    """

    def __init__(self, path: Path, judged_by: str = OF_NETWORKS) -> None:
        self._path, self._judged_by, self._place, self._rest = path, judged_by, 0, ""
        self._lines: deque[str] = deque(maxlen=_LAST_LINES)
        self.progress = Progress()

    def read(self) -> Progress:
        """Read on to the end that the file has now; return how far the member is by it."""
        with open(self._path, "rb") as stream:
            stream.seek(self._place)
            while piece := stream.read(_PIECE):
                self._place += len(piece)
                *lines, self._rest = (self._rest + piece.decode("utf-8", "replace")).split("\n")
                for line in lines:
                    self._take(line)
                self._rest = self._rest[-_PIECE:]
        return self.progress

    def last_lines(self) -> tuple[str, ...]:
        """Return the last lines that say something, as they may be shown: no secret, none longer than a screen."""
        from chestbench.core.secrets import hide

        return tuple(hide(line)[:_LONGEST_LINE] for line in (*self._lines, self._rest) if line.strip())[-_LAST_LINES:]

    def _take(self, line: str) -> None:
        line = line.rpartition("\r")[2].rstrip()
        if line.strip() and not line.startswith(_NO_NEWS):
            self._lines.append(line)
        progress = self.progress
        if found := _STAGE.match(line):
            progress.stage, progress.epoch, progress.epochs = found["stage"], 0, 0
            progress.images_per_second = None
            progress.trained |= not found["cached"] and found["stage"].startswith("train")
        elif found := _EPOCH.search(line):
            progress.epoch, progress.epochs = int(found["epoch"]), int(found["epochs"])
            progress.images_per_second = float(found["speed"])
            if _NAMES[found["name"]] == self._judged_by:
                progress.measure = None if found["measure"] == "nan" else float(found["measure"])
