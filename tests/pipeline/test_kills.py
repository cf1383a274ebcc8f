"""A sample of the campaign of kills (tests/campaign/kills.py): real runs killed at random moments, run once more.

What each kind of kill could tear has an aimed test where it is mended; here nobody aims.
"""

import os
import random
import signal
import sys
from collections.abc import Iterator

import pytest

from tests.campaign.kill import kill, wait_for_end
from tests.campaign.kill_study import Reference, make_reference, unmount
from tests.campaign.kills import BESIDE, KILLS, disk_round, rerun

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.xdist_group("kills"),
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform != "linux", reason="signals to process groups, cp -a"),
]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reference]:
    """The study up to its split, undisturbed, on a disk of its own where the system lets us mount one."""
    (folder := tmp_path_factory.mktemp("kills") / "campaign").mkdir()
    made = make_reference(folder, last="split", megabytes=200)
    yield made
    if made.mounted:
        unmount(folder / "disk")


@pytest.mark.parametrize("how", KILLS)
def test_after_a_kill_one_rerun_gives_what_an_undisturbed_run_gave(reference: Reference, how: str) -> None:
    dice = random.Random(how)
    stage = dice.choice(reference.stages)
    over, moment = True, dice.uniform(0, reference.seconds[stage])
    while over and moment > 0.01:
        # A machine that was busy when the seconds were measured may be through before the kill.
        reference.restore(stage)
        over, said = kill(reference.workspace, reference.repro(), how, moment, wait=False)
        moment /= 2
    found = rerun(reference)
    assert not over and found["wrong"] == [], (stage, said, found)


def test_a_stage_that_outlives_its_dvc_and_the_rerun_beside_it_do_not_spoil_each_other(reference: Reference) -> None:
    """Without the lock of a stage both write the same folders, and each removes what the other has."""
    reference.restore("catalog")
    workspace, lock = reference.workspace, reference.workspace.folder / ".dvc/tmp/stages/catalog.lock"
    begun = lambda: lock.exists() and lock.read_text().strip().isdigit()  # noqa: E731
    over, said = kill(workspace, reference.repro(), "SIGKILL to dvc alone", 0, wait=False, until=begun)
    stage = int(lock.read_text())
    os.kill(stage, signal.SIGSTOP)  # whatever a machine's speed, it is there when the rerun comes
    try:
        beside = workspace.run(*reference.repro(), check=False, PYTHONPATH="src")
    finally:
        os.kill(stage, signal.SIGCONT)
    assert not over and workspace.returncode == 1 and f"{BESIDE} {stage} " in beside, said + beside
    wait_for_end(workspace.folder)
    assert rerun(reference)["wrong"] == []


def test_after_a_full_disk_one_rerun_gives_what_an_undisturbed_run_gave(reference: Reference) -> None:
    if not reference.mounted:
        pytest.skip("only root mounts a disk that can be filled")
    found = disk_round(reference, random.Random(1))
    assert not found["over"] and found["wrong"] == [], found


def test_what_was_torn_is_seen(reference: Reference) -> None:
    """The comparison itself: a result that differs is no equal round."""
    reference.restore("split")
    assert rerun(reference)["wrong"] == []
    path = reference.workspace.folder / "metrics/split.json"
    path.write_text(path.read_text(encoding="utf-8").replace("0", "1", 1), encoding="utf-8")
    assert "metrics/split.json: other figures" in reference.compare()
