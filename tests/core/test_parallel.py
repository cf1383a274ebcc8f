import threading
import time

import pytest

from chestbench.core.parallel import core_count, ordered_map


def test_order_is_kept_whatever_finishes_first():
    delays = [0.02, 0.0, 0.01, 0.0, 0.005] * 4

    def slow(item):
        time.sleep(delays[item])
        return item * 2

    assert list(ordered_map(slow, range(20), workers=4)) == [item * 2 for item in range(20)]


def test_only_a_bounded_number_is_held():
    taken = []

    def source():
        for item in range(1000):
            taken.append(item)
            yield item

    results = ordered_map(lambda item: item, source(), workers=2, ahead=3)
    for _ in range(10):
        next(results)
    assert len(taken) <= 10 + 2 * 3
    results.close()


def test_work_happens_in_several_threads():
    barrier = threading.Barrier(2, timeout=10)
    assert list(ordered_map(lambda item: barrier.wait() >= 0, range(4), workers=2)) == [True] * 4


def test_an_exception_reaches_the_consumer_at_its_turn():
    def fail_at_three(item):
        if item == 3:
            raise ValueError("three")
        return item

    results = ordered_map(fail_at_three, range(10), workers=2)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="three"):
        next(results)


def test_core_count_is_positive():
    assert core_count() >= 1
