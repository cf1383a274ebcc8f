"""How long members of a grid take: time left of one and of all, and what they have cost.

Everything comes from what was seen of this grid; where nothing was seen yet there is no estimate.
"""

import time
from collections.abc import Callable, Sequence

from chestbench.grid.events import MemberStatus

RUNNING = ("data", "running")
# Those that came to an end, now or in an earlier run of the grid.
ENDED = ("done", "skipped")


class Pace:
    """What was seen of every member so far."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with nothing seen.

        Args:
            clock: seconds.
        """
        self._clock = clock
        # {member: (stage, first epoch seen, when)}, which later epochs of that stage are measured from.
        self._epochs: dict[str, tuple[str, int, float]] = {}
        self._per_epoch: dict[str, float] = {}
        # {member: (its status, when it was told)}
        self._told: dict[str, tuple[MemberStatus, float]] = {}
        self._took: dict[str, float] = {}
        self._most_at_once = 1

    def see(self, statuses: Sequence[MemberStatus]) -> None:
        """Take note of how far all members are."""
        self._most_at_once = max(self._most_at_once, sum(each.state == "running" for each in statuses))
        for status in statuses:
            if status.name not in self._told or self._told[status.name][0] != status:
                self._see(status)

    def _see(self, status: MemberStatus) -> None:
        now = self._clock()
        self._told[status.name] = (status, now)
        # Of a member that came from the cache nothing is learnt of how long one trains; of an earlier call all is.
        if status.state in ENDED and (status.trained or status.name in self._per_epoch):
            self._took[status.name] = status.seconds
        if not status.epoch:
            return
        stage, first, since = self._epochs.get(status.name, ("", 0, now))
        if stage != status.stage or status.epoch < first:
            self._epochs[status.name] = (status.stage, status.epoch, now)
            self._per_epoch.setdefault(status.name, 0.0)
        elif status.epoch > first:
            self._per_epoch[status.name] = (now - since) / (status.epoch - first)

    def seconds(self, status: MemberStatus) -> float:
        """Return how long a member has been at work, also since it last said so; data stages take none of its cards."""
        told, when = self._told.get(status.name, (status, self._clock()))
        return told.seconds + (self._clock() - when if status.state == "running" else 0.0)

    def left(self, status: MemberStatus) -> float | None:
        """Return the seconds left of a member at work: by its epochs, else by what others took; None if not known."""
        if status.state not in RUNNING:
            return None
        by_usual = (self._usual() or 0.0) - self.seconds(status)
        by_epochs = 0.0
        if status.epoch and status.epoch < status.epochs:
            since = self._clock() - self._told[status.name][1]
            by_epochs = self._per_epoch.get(status.name, 0.0) * (status.epochs - status.epoch) - since
        # One that takes longer than it should: for how long is not known.
        left = by_epochs if by_epochs > 0 else by_usual
        return left if left > 0 else None

    def left_of_all(self, statuses: Sequence[MemberStatus]) -> float | None:
        """Return the seconds until the last member is done, with as many at once as there were; None if not known."""
        usual = self._usual()
        lefts = [self.left(each) for each in statuses if each.state in RUNNING]
        waiting = sum(each.state == "waiting" for each in statuses)
        work = [each for each in lefts if each is not None]
        if not (work or waiting) or (usual is None and (waiting or None in lefts)):
            return None
        return max([*work, (sum(work) + waiting * (usual or 0.0)) / self._most_at_once, 0.0])

    def hours(self, statuses: Sequence[MemberStatus], gpus: float) -> float:
        """Return the GPU hours (hours, where a member has no GPU of its own) that all members have taken."""
        return sum(self.seconds(each) for each in statuses) / 3600 * (gpus or 1.0)

    def _usual(self) -> float | None:
        return sum(self._took.values()) / len(self._took) if self._took else None
