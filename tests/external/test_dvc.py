"""What dvc.yaml promises of sets from elsewhere."""

import yaml

from chestbench.core.config import Evaluate
from tests.conftest import ROOT

STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]


def test_another_set_evaluates_no_network_anew() -> None:
    """evaluate lists its parameters one by one: a new one must be added there, and evaluate.external must not."""
    listed = {name for name in STAGES["evaluate"]["params"] if name.startswith("evaluate")}
    assert listed == {f"evaluate.{name}" for name in Evaluate.model_fields} - {"evaluate.external"}
    assert "evaluate.external" not in STAGES["transfer"]["params"]
    assert "params" not in STAGES["external_download"]


def test_what_a_set_is_made_from_is_watched() -> None:
    for stage in ("external_download", "external"):
        deps = STAGES[stage]["deps"]
        assert {"${item.set.path}", "conf/dataset/_defaults.yaml", "conf/dataset/folder.yaml"} <= set(deps)
    assert {"data/catalog.csv", "data/split", "data/split.csv"} <= set(STAGES["external"]["deps"])
    assert {"preprocess.size", "preprocess.fit", "preprocess.roi"} <= set(STAGES["external"]["params"])
