"""What the machine does while a network trains: looked at from a thread, never at the cost of the training."""

import time
from pathlib import Path

from chestbench.tracking import start_run, training_tags
from chestbench.tracking.machine import PREFIX, MachineWatch
from chestbench.tracking.store import connect
from tests.evaluation.workspace import training_record


def wait_for(found: list, count: int) -> None:
    until = time.monotonic() + 60
    while len(found) < count:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_it_looks_until_it_is_stopped() -> None:
    looks: list[tuple[dict[str, float], int]] = []
    watch = MachineWatch(lambda looked, number: looks.append((dict(looked), number)), seconds=0.05)
    watch.start()
    wait_for(looks, 2)
    watch.stop()
    count = len(looks)
    time.sleep(0.2)
    assert len(looks) == count and [number for _, number in looks] == list(range(count))
    assert all(name.startswith(PREFIX) for name in looks[0][0])
    assert 0 <= looks[0][0]["system/cpu_utilization_percentage"] <= 100
    assert looks[0][0]["system/system_memory_usage_megabytes"] > 10


def test_a_store_that_fails_ends_it_and_nothing_else() -> None:
    calls: list[int] = []

    def fail(_: object, number: int) -> None:
        calls.append(number)
        raise ConnectionError("down")

    watch = MachineWatch(fail, seconds=0.02)
    watch.start()
    wait_for(calls, 1)
    watch.stop()
    assert calls == [0]


def test_a_run_holds_what_was_seen_apart_from_its_own_metrics(root: Path) -> None:
    training = training_record("a", ["x", "y"])
    run = start_run("sample", "a", training["config"], training_tags(training))
    assert run.watch is not None
    run.log_machine({"system/cpu_utilization_percentage": 50.0}, 0)
    run.finish("FINISHED")
    assert not run.watch._thread.is_alive()
    metrics = connect().client.get_run(run.id).data.metrics
    assert metrics == {"system/cpu_utilization_percentage": 50.0}
