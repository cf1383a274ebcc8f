"""A sample of the campaign of kills (tests/campaign/kills.py): real runs killed at random moments, run once more.

What each kind of kill could tear has an aimed test where it is mended; here nobody aims.
"""

import random
import sys

import pytest

from tests.campaign.kill_study import Reference, make_reference
from tests.campaign.kills import kill, rerun, stage_round

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.xdist_group("kills"),
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform != "linux", reason="signals to process groups, cp -a"),
]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """The study up to its split, undisturbed."""
    (folder := tmp_path_factory.mktemp("kills") / "campaign").mkdir()
    return make_reference(folder, last="split", mount=False)


@pytest.mark.parametrize("seed", range(4))
def test_after_a_kill_one_rerun_gives_what_an_undisturbed_run_gave(reference: Reference, seed: int) -> None:
    entry = stage_round(reference, random.Random(seed))
    assert entry["wrong"] == [], entry


def test_what_was_torn_is_seen(reference: Reference) -> None:
    """The comparison itself: a result that differs is no equal round."""
    reference.restore("split")
    assert rerun(reference, "split")["wrong"] == []
    path = reference.workspace.folder / "metrics/split.json"
    path.write_text(path.read_text(encoding="utf-8").replace("0", "1", 1), encoding="utf-8")
    assert "metrics/split.json: other figures" in reference.compare("split")


def test_a_killed_stage_is_not_taken_for_a_finished_one(reference: Reference) -> None:
    reference.restore("catalog")
    command = (sys.executable, "-m", "chestbench", "repro", "catalog")
    over, _ = kill(reference.workspace, command, "SIGKILL to all", reference.seconds["catalog"] / 2)
    assert not over and "catalog" not in (reference.workspace.folder / "dvc.lock").read_text(encoding="utf-8")
    assert rerun(reference, "catalog")["wrong"] == []
