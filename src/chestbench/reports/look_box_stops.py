"""What a look says of boxes: what is found of them, what a run would stop with, and the lines that go on from there."""

from functools import partial

from chestbench.catalog.box_table import BoxTable
from chestbench.catalog.glance import Glance
from chestbench.core.config import Config
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive
from chestbench.reports.look_box_lines import box_lines, other_readings
from chestbench.reports.look_boxes import boxes_fact, place_boxes, table_of_boxes, would_fit
from chestbench.reports.look_fact import Fact

_HOW = (
    "Detectors learn from a table of boxes in the data: dataset.boxes={table: FILE, id: its column of the pictures' "
    "names, member_pattern: the part of a path that is such a name} says which (docs/how-to.md, Bring a table of "
    "labels, masks or studies)."
)


class BoxesLook:
    """What is known of the boxes of a data set: first of their table, then of their places.

    Attributes:
        stops: what `check` or `catalog` would stop with, "" for nothing.
        facts: how many boxes and how they are read.
        unused: sentences on tables of boxes that nothing uses.
        ways: the lines that may mend what stops a run.
        advice: a sentence before them.
    """

    def __init__(self, archive: Archive, config: Config) -> None:
        """Read the table, if there is one, after what `check` asks of the detectors."""
        self.stops = ""
        self.facts: list[Fact] = []
        self.unused: list[str] = []
        self.ways: list[str] = []
        self.advice = "Correct what it names, and look again:"
        self._archive, self._config = archive, config
        self._table: BoxTable | None = None
        try:
            if config.detector.variants:
                from chestbench.reports.detection.trainable import check_detectors

                check_detectors(config)
            self._table = table_of_boxes(archive, config.dataset.boxes)
        except ChestbenchError as error:
            self.stops = str(error)

    def place(self, found: Glance) -> None:
        """Place the boxes on the pictures that were read; where there is no table in use, look for one."""
        settings, fits = self._config.dataset.boxes, partial(would_fit, self._archive, found)
        if settings is None:
            self.unused = box_lines(self._archive, found.plan.members, fits)
            if self.stops.startswith("dataset.boxes:"):
                self.ways = self.unused
                self.advice = _HOW + (" Look again with it:" if self.unused else " Look again with such a line:")
            return
        if self._table is None or found.stops:
            return
        try:
            seen = place_boxes(self._archive, self._table, found)
        except ChestbenchError as error:
            self.stops = self.stops or str(error)
            self.ways = other_readings(settings, fits)
            return
        self.facts = [boxes_fact(seen, self._table, bool(self._config.dataset.limit_per_class))]
