"""The report goes to the run of the chosen network, once for each content."""

from pathlib import Path

from chestbench.core.files import read_json, write_json
from chestbench.tracking import start_run, training_tags
from chestbench.tracking.report import ARTIFACT, TAG, log_report, sync_report
from chestbench.tracking.store import connect
from tests.evaluation.workspace import history_rows


def _finished_run(training: dict) -> str:
    run = start_run("sample", training["model"], training["config"], training_tags(training))
    for row in history_rows():
        run.log_epoch(row["epoch"], row)
    run.finish("FINISHED")
    return run.id


def test_it_is_sent_once_and_again_when_it_changed(root: Path, write_outputs) -> None:
    training = write_outputs()
    run_id, path = _finished_run(training), root / "results/report.html"
    write_json(root / "metrics/summary.json", {"winner": training["model"]})
    assert sync_report(root) is None, "no report yet"
    path.write_text("<p>first</p>", encoding="utf-8")
    path.chmod(0o444)
    record = read_json(root / f"metrics/models/{training['model']}.json")
    log_report(path, record)
    client = connect().client
    (artifact,) = client.list_artifacts(run_id, ARTIFACT)
    assert artifact.path == "report/report.html" and artifact.file_size == len("<p>first</p>")
    first = client.get_run(run_id).data.tags[TAG]
    assert sync_report(root) is None
    path.chmod(0o644)
    path.write_text("<p>another</p>", encoding="utf-8")
    assert sync_report(root) == "sample" and sync_report(root) is None
    assert client.get_run(run_id).data.tags[TAG] != first
    (artifact,) = client.list_artifacts(run_id, ARTIFACT)
    assert artifact.file_size == len("<p>another</p>")


def test_a_store_that_is_down_costs_a_warning(root: Path, write_outputs, monkeypatch, caplog) -> None:
    training = write_outputs()
    (root / "results/report.html").write_text("page", encoding="utf-8")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    log_report(root / "results/report.html", read_json(root / f"metrics/models/{training['model']}.json"))
    assert "the report" in caplog.text
