"""Threads share a bounded memory: what is large waits for room, and nobody waits for ever."""

import random
import threading
import time

import pytest

from chestbench.core import budget
from chestbench.core.parallel import ordered_map


class Watched(budget.Room):
    """A room that remembers the most that was taken at once."""

    def __init__(self, capacity: int) -> None:
        super().__init__(capacity)
        self.taken = self.most = 0
        self._counting = threading.Lock()

    def take(self, cost: int) -> int:
        held = super().take(cost)
        with self._counting:
            self.taken += held
            self.most = max(self.most, self.taken)
        return held

    def give_back(self, held: int) -> None:
        with self._counting:
            self.taken -= held
        super().give_back(held)


@pytest.fixture
def rooms(monkeypatch: pytest.MonkeyPatch) -> tuple[Watched, Watched]:
    files, pictures = Watched(100_000_000), Watched(400_000_000)
    monkeypatch.setattr(budget, "_FILES", files)
    monkeypatch.setattr(budget, "_PICTURES", pictures)
    return files, pictures


def test_no_more_is_held_at_once_and_all_is_given_back(rooms: tuple[Watched, Watched]) -> None:
    """Files in the middle of work on a picture too, as when a mask is read: two that hold what the other wants."""
    costs = random.Random(0)

    def work(number: int) -> int:
        for _ in range(3):
            budget.for_file(costs.randrange(0, 130_000_000))
            for _ in range(2):
                budget.for_picture(costs.randrange(0, 130_000_000))
                time.sleep(0.001)
        return number

    done = threading.Event()
    found: list[int] = []

    def all_of_it() -> None:
        found.extend(ordered_map(work, range(60), workers=8))
        done.set()

    threading.Thread(target=all_of_it, daemon=True).start()
    assert done.wait(30), "threads wait for one another"
    assert found == list(range(60))
    for room in rooms:
        assert room.taken == 0 and 0 < room.most <= room.capacity
    assert rooms[0]._free == rooms[0].capacity and rooms[1]._free == rooms[1].capacity


def test_what_fails_gives_back_what_it_took(rooms: tuple[Watched, Watched]) -> None:
    def work(number: int) -> None:
        budget.for_file(50_000_000)
        budget.for_picture(50_000_000)
        raise ValueError(number)

    with pytest.raises(ValueError, match="0"):
        list(ordered_map(work, range(4), workers=2))
    assert [room.taken for room in rooms] == [0, 0]


def test_one_thread_alone_never_asks(rooms: tuple[Watched, Watched]) -> None:
    budget.for_file(10**12)
    budget.for_picture(10**12)
    assert [room.most for room in rooms] == [0, 0]
