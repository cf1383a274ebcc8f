"""The page of an experiment: all its runs, whichever command trained them, the chosen one, and a view that compares."""

import json
import re
from pathlib import Path

from chestbench.core.files import read_json, write_json
from chestbench.tracking.experiment import describe_experiment
from chestbench.tracking.overview import Judged, chosen, page
from chestbench.tracking.store import connect
from chestbench.tracking.sync import sync
from chestbench.tracking.view import address
from tests.tracking.test_sync import all_runs, log_live

NOTE, VIEW = "mlflow.note.content", "mlflow.sharedViewState.compare"


def judged(name: str, val: float, **changes: object) -> Judged:
    known = {"val_auc": 0.5, "test": "0.800 [0.700, 0.900]", "images": "these", "ended": 1, "dataset": "sample"}
    return Judged(id=name, name=f"{name} · sample", model=name, val=val, **{**known, **changes})


def test_the_best_on_val_is_chosen_and_ties_go_by_auc_then_name() -> None:
    assert chosen([]) is None
    assert chosen([judged("b", 0.8), judged("a", 0.9)]).model == "a"
    assert chosen([judged("b", 0.9, val_auc=0.7), judged("a", 0.9, val_auc=0.6)]).model == "b"
    assert chosen([judged("b", 0.9), judged("a", 0.9)]).model == "a"


def test_runs_judged_on_other_images_are_not_compared() -> None:
    """After the split changed, an old run may be higher: on other patients, which says nothing."""
    runs = [judged("earlier", 0.99, images="those"), judged("new", 0.7, ended=5), judged("newer", 0.6, ended=6)]
    assert chosen(runs).model == "new"
    text = page("sample", runs, "#/there")
    assert "earlier" not in text and "1 run judged on other images not counted here" in text


def test_the_first_line_says_which_and_the_page_fits_into_a_note() -> None:
    runs = [judged(f"network{place}", place / 100, tiny=place == 49) for place in range(50)]
    text = page("sample", runs, "#/there")
    first = text.splitlines()[0]
    assert first.startswith("**TOO LITTLE DATA for a result.** **network49 0.800 [0.700, 0.900]**")
    assert "best on val of 50 networks in 50 runs" in first and "[Compare them](#/there)" in first
    assert "and 35 more" in text and text.endswith("not for diagnosis.") and len(text) <= 5000
    assert "no network is evaluated yet" in page("sample", [], "#/there")


def test_warnings_of_the_audit_come_first(root: Path, write_outputs) -> None:
    training, warning = write_outputs(), "File properties alone tell the labels: AUC 0.97."
    log_live(root, training)
    (root / "results/compare").mkdir()
    describe_experiment("sample", root / "results/compare", training, [warning])
    client = connect().client
    note = client.get_experiment_by_name("sample").tags[NOTE]
    assert note.startswith("**The audit warns, open this first.** **resnet50 ")
    assert f"\n- WARNING (audit): {warning}\n" in note
    # Another network of the same images that becomes the better one stands on the same pictures.
    better = judged("b", 0.9)
    assert f"WARNING (audit): {warning}" in page("x", [judged("a", 0.5, warnings=(warning,)), better], "#/there")
    describe_experiment("sample", root / "results/compare", training)
    assert "WARNING" not in client.get_experiment_by_name("sample").tags[NOTE]


def test_a_queue_of_two_names_the_better_one_and_not_the_last(root: Path, write_outputs) -> None:
    """`compare` of an experiment of one network knows that network alone; the page knows both."""
    better, worse = (write_outputs(name) for name in ("resnet50", "resnet101v2"))
    runs = {name: log_live(root, training) for name, training in (("resnet50", better), ("resnet101v2", worse))}
    scores = {
        name: read_json(root / f"metrics/models/{name}.json")["val"]["balanced_accuracy"]["value"] for name in runs
    }
    best = max(sorted(scores), key=lambda name: scores[name])
    assert len(set(scores.values())) == 2
    folder = root / "results/compare"
    folder.mkdir()
    (folder / "page.md").write_text("| network |", encoding="utf-8")
    for training in (better, worse):
        describe_experiment("sample", folder, training)
    client = connect().client
    tags = client.get_experiment_by_name("sample").tags
    assert re.match(rf"\*\*{best} 0\.\d+ \[", tags[NOTE]) and "of 2 networks in 2 runs" in tags[NOTE]
    assert tags["mlflow.experimentKind"] == "custom_model_development"
    version = client.get_model_version_by_alias("chestbench-sample", "chosen")
    assert version.run_id == runs[best] and version.tags["model"] == best and "diagnosis" in version.tags["notice"]
    # Another network becomes the better one: the alias goes over, the version of the first stays.
    other = next(name for name in runs if name != best)
    path = root / f"metrics/models/{other}.json"
    record = read_json(path)
    record["val"]["balanced_accuracy"]["value"] = 1.0
    write_json(path, record)
    assert sync(root) == [other] and sync(root) == []
    assert client.get_model_version_by_alias("chestbench-sample", "chosen").run_id == runs[other]
    assert len(client.search_model_versions("name = 'chestbench-sample'")) == 2


def test_the_files_of_compare_are_with_the_chosen_run_also_in_a_new_store(root: Path, write_outputs) -> None:
    training = write_outputs()
    run_id = log_live(root, training)
    (root / "results/compare").mkdir()
    (root / "results/compare/page.md").write_text("| network |", encoding="utf-8")
    (root / "results/compare/roc.csv").write_text("model,split,fpr,tpr\n", encoding="utf-8")
    describe_experiment("sample", root / "results/compare", training)
    client, files = connect().client, ["comparison/page.md", "comparison/roc.csv"]
    assert [item.path for item in client.list_artifacts(run_id, "comparison")] == files
    before = dict(client.get_experiment_by_name("sample").tags)
    write_json(root / "metrics/summary.json", {"winner": "resnet50"})
    assert sync(root) == []
    client.set_experiment_tag(client.get_experiment_by_name("sample").experiment_id, NOTE, "")
    client.delete_run(run_id)
    assert sync(root) == ["resnet50"] and sync(root) == []
    assert dict(client.get_experiment_by_name("sample").tags) == before
    (run,) = all_runs()
    assert [item.path for item in client.list_artifacts(run.info.run_id, "comparison")] == files


def test_the_view_shows_what_every_evaluated_run_has(root: Path, write_outputs) -> None:
    """A column or chart of a name that no run has would be empty, without a word."""
    log_live(root, write_outputs())
    (run,) = all_runs()
    experiment = connect().client.get_experiment_by_name("sample")
    saved = json.loads(experiment.tags[VIEW])
    assert saved["name"] == "Compare networks" and isinstance(saved["createdAt"], int)
    state = json.loads(saved["state"])
    known = {"metrics": run.data.metrics, "params": run.data.params, "tags": run.data.tags}
    # Of no positive class there is neither.
    without = {"tags.`test/sensitivity`", "tags.`test/specificity`"}
    for column in [*state["selectedColumns"], state["orderByKey"]]:
        part, name = re.fullmatch(r"(\w+)\.`(.+)`", column).groups()
        assert name in known[part] or column in without, column
    assert {chart["metricKey"] for chart in state["compareRunCharts"]} <= set(run.data.metrics)
    assert {chart["metricSectionId"] for chart in state["compareRunCharts"]} == {
        section["uuid"] for section in state["compareRunSections"]
    }
    assert f"]({address(experiment.experiment_id)})" in experiment.tags[NOTE]


def test_the_data_set_is_an_input_by_name_and_digest_once(root: Path, write_outputs) -> None:
    training = write_outputs()
    log_live(root, training)
    assert sync(root) == []
    (run,) = all_runs()
    (used,) = run.inputs.dataset_inputs
    assert (used.dataset.name, used.dataset.digest) == ("sample", training["data_sha256"][:36])
    assert json.loads(used.dataset.profile)["classes"] == training["classes"]
    assert [(tag.key, tag.value) for tag in used.tags] == [("mlflow.data.context", "training")]
    assert run.data.params["model"] == "resnet50" and run.data.params["dataset"] == "sample"
