"""Joules of the machine's counters: RAPL's files as Linux lays them out, and NVML where there is a GPU."""

import os
from pathlib import Path

import pytest

from chestbench.training import energy
from chestbench.training.energy import Counter, EnergyMeter, gpu_counters, rapl_counters


def zone(folder: Path, name: str, kind: str, microjoules: int, most: int = 262_143_328_850) -> Path:
    place = folder / name
    place.mkdir(parents=True)
    (place / "name").write_text(f"{kind}\n")
    (place / "energy_uj").write_text(f"{microjoules}\n")
    (place / "max_energy_range_uj").write_text(f"{most}\n")
    return place / "energy_uj"


def test_packages_and_their_memory_are_counted_once(tmp_path: Path) -> None:
    package = zone(tmp_path, "intel-rapl:0", "package-0", 5_000_000)
    core = zone(tmp_path, "intel-rapl:0:0", "core", 1_000_000)
    memory = zone(tmp_path, "intel-rapl:0:1", "dram", 100_000)
    platform = zone(tmp_path, "intel-rapl:1", "psys", 9_000_000)
    with EnergyMeter(gpu=False, powercap=tmp_path) as meter:
        package.write_text("12500000\n")
        core.write_text("9000000\n")
        memory.write_text("1100000\n")
        platform.write_text("90000000\n")
    assert meter.joules == {"cpu": 8.5, "gpu": None}


def test_a_counter_that_starts_anew_goes_on() -> None:
    values = iter([90.0, 99.0, 5.0, 7.0])
    counter = Counter(lambda: next(values), wraps_at=100.0)
    counter.last = counter.read()
    for _ in range(3):
        counter.look()
    assert counter.spent == pytest.approx(17.0)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_what_may_not_be_read_is_not_measured(tmp_path: Path) -> None:
    zone(tmp_path, "intel-rapl:0", "package-0", 5_000_000).chmod(0)
    assert rapl_counters(tmp_path) == []


def test_a_counter_that_is_no_file_is_not_measured(tmp_path: Path) -> None:
    """What the test above asks, where it is skipped: root may read every file, but no folder."""
    path = zone(tmp_path, "intel-rapl:0", "package-0", 5_000_000)
    path.unlink()
    path.mkdir()
    assert rapl_counters(tmp_path) == []


def test_no_counters_no_figure(tmp_path: Path) -> None:
    with EnergyMeter(gpu=False, powercap=tmp_path) as meter:
        pass
    assert meter.joules == {"cpu": None, "gpu": None}
    zone(tmp_path, "intel-rapl:0", "package-0", 5).write_text("no number")
    assert rapl_counters(tmp_path) == []


def test_a_counter_that_fails_on_the_way_gives_no_figure(tmp_path: Path) -> None:
    path = zone(tmp_path, "intel-rapl:0", "package-0", 5_000_000)
    with EnergyMeter(gpu=False, powercap=tmp_path) as meter:
        path.unlink()
    assert meter.joules["cpu"] is None


def test_counters_are_looked_at_while_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A counter that starts anew twice in a block is right only when it was looked at in between."""
    import time

    monkeypatch.setattr(energy, "SECONDS_BETWEEN_LOOKS", 0.01)
    path = zone(tmp_path, "intel-rapl:0", "package-0", 0, most=10_000_000)
    with EnergyMeter(gpu=False, powercap=tmp_path) as meter:
        for microjoules in (9_000_000, 5_000_000, 1_000_000):
            partial = path.with_suffix(".new")
            partial.write_text(str(microjoules))
            partial.replace(path)
            deadline = time.monotonic() + 20
            while meter._counters["cpu"][0].last != microjoules / 1e6 and time.monotonic() < deadline:
                time.sleep(0.005)
    assert meter.joules["cpu"] == pytest.approx(9 + 6 + 6)


def test_the_gpus_own_counter_where_there_is_one() -> None:
    counters = gpu_counters()
    if not counters:
        pytest.skip("no NVIDIA GPU whose energy can be read")
    first = counters[0].read()
    assert 0 <= first <= counters[0].read()
