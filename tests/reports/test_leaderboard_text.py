"""What stands under the leaderboard and on MLflow's page: marks, surprises, warnings, controls, seeds, other sets."""

import re
from typing import Any

import pytest

from chestbench.core import words
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_csv, write_csv, write_json
from chestbench.evaluation import external_table, leaderboard_builder, leaderboard_rows, plots, versus
from chestbench.evaluation.leaderboard import MAJORITY, REGRESSION, Timing
from chestbench.evaluation.leaderboard_builder import check_baselines
from chestbench.reports import claim, leaderboard_cells, leaderboard_text, markdown
from tests.evaluation.test_leaderboard import make_record


def against(**verdicts: str) -> dict[str, dict[str, Any]]:
    """Return rows of `versus` with these verdicts."""
    p = {versus.SAME: 0.4, versus.BETTER: 0.012, versus.WORSE: 0.00004, versus.UNKNOWN: None}
    rows = {}
    for name, verdict in verdicts.items():
        bounds = {} if verdict == versus.UNKNOWN else {"balanced_accuracy_low": -0.1, "balanced_accuracy_high": 0.2}
        rows[name.replace("_", " ")] = {
            **dict.fromkeys(versus.COLUMNS),
            "model": name,
            "verdict": verdict,
            "balanced_accuracy_difference": -0.05 if verdict == versus.WORSE else 0.05,
            "balanced_accuracy_p_holm": p[verdict],
            "mcnemar_p_holm": 1e-30,
            **bounds,
        }
    return rows


RECORDS = [make_record("a", 0.3, 0.3), make_record("b", 0.4, 0.4), make_record("c", 0.5, 0.5)]


def shown(found: dict[str, dict[str, Any]], records: list[dict] = RECORDS, **more: Any) -> tuple[str, str]:
    board = leaderboard_builder.build(records, found, more.pop("baselines", None), **more)
    return leaderboard_text.text(board), leaderboard_text.markdown(board)


def test_marks_and_what_they_mean() -> None:
    found = against(b=versus.SAME, c=versus.WORSE)
    board = leaderboard_builder.build(RECORDS, found)
    rows = leaderboard_rows.table(board)
    assert [row["vs_best"] for row in rows] == ["chosen", "indistinguishable", "worse", None]
    assert (rows[1]["vs_best_difference"], rows[1]["vs_best_p"], rows[1]["mcnemar_p"]) == (0.05, 0.4, 1e-30)
    text, page = shown(found)
    lines = text.splitlines()
    assert len({len(line) for line in lines[1:6]}) == 1
    assert lines[2].endswith("chosen")
    assert lines[3].endswith("+0.050 [-0.100, +0.200] =")
    assert lines[4].endswith("-0.050 [-0.100, +0.200] <")
    for expected in (
        "By the Holm-corrected p of the paired bootstrap over patients, at 0.05: = cannot be told apart from a, "
        "< worse.",
        "Cannot be told apart from a on this test set: 1 of 2 other networks: b.",
    ):
        assert expected in text
    assert "| +0.050 \\[-0.100, +0.200\\] = |" in page
    assert "better" not in text and "WARNING" not in text
    assert leaderboard_rows.summary(board)["networks_indistinguishable"] == 1
    assert leaderboard_rows.summary(board)["networks_worse"] == 1


def test_a_network_that_is_better_on_test_is_told_and_does_not_win() -> None:
    text, page = shown(against(b=versus.BETTER, c=versus.SAME))
    assert "b is significantly better on test than the chosen a (+0.050, p 0.012). The choice stays on val" in text
    assert "b is significantly better on test than the chosen a" in page
    assert "> better" in text
    assert leaderboard_rows.summary(leaderboard_builder.build(RECORDS, against(b=versus.BETTER)))["winner"] == "a"


def test_a_baseline_that_is_not_beaten_is_a_warning() -> None:
    regression = {"settings": {"parameters": 1025}, **{split: RECORDS[0][split] for split in ("val", "test")}}
    baselines = {"data_sha256": RECORDS[0]["data_sha256"], "logistic_regression": regression}
    found = against(b=versus.SAME, c=versus.WORSE, logistic_regression=versus.SAME)
    text, page = shown(found, baselines=baselines)
    assert "WARNING: on test a cannot be told apart from the baseline logistic regression." in text
    assert "cannot be told apart from the baseline" in page
    assert "1 of 2 other networks: b." in text, "baselines are no networks"
    better = against(logistic_regression=versus.BETTER)
    assert "a is significantly worse than the baseline logistic regression" in shown(better, baselines=baselines)[0]
    rows = leaderboard_rows.table(leaderboard_builder.build(RECORDS, found, baselines))
    assert [row["model"] for row in rows] == ["a", "b", "c", REGRESSION, MAJORITY]
    assert rows[3]["parameters"] == 1025
    assert rows[3]["test_macro_f1_low"] == pytest.approx(RECORDS[0]["test"]["macro_f1"]["low"], abs=1e-6)
    check_baselines(baselines, RECORDS[0])
    with pytest.raises(ChestbenchError, match="run `dvc repro baselines`"):
        check_baselines({**baselines, "data_sha256": "e" * 64}, RECORDS[0])


def test_no_network_is_first_on_val_where_a_baseline_is_as_good_there() -> None:
    """Records by their val figures: a is best of the networks."""

    def baselines(record: dict) -> dict:
        regression = {"settings": {"parameters": 1025}, "val": record["val"], "test": RECORDS[2]["test"]}
        return {"data_sha256": record["data_sha256"], "logistic_regression": regression}

    for record, beaten in ((RECORDS[2], True), (RECORDS[1], False), (RECORDS[0], False)):
        text, page = shown({}, RECORDS[1:], baselines=baselines(record))
        board = leaderboard_builder.build(RECORDS[1:], {}, baselines(record))
        said = "no network beats the baseline logistic regression on val"
        assert (said in text, said in page) == (not beaten, not beaten)
        assert ("b is first on val" in text) == ("b is first on val" in page) == beaten
        assert leaderboard_rows.summary(board)["not_beaten_on_val"] == (None if beaten else REGRESSION)
    guess = make_record("a", 0.3, 0.3)
    guess["val"]["balanced_accuracy"] = {"value": 0.5, "low": 0.4, "high": 0.6}
    assert "no network beats the baseline majority class on val" in shown({}, [guess])[0]


def test_the_class_that_is_looked_for_is_told_with_its_figures_or_that_there_is_none() -> None:
    text, page = shown({}, RECORDS[:1])
    for told in (text, page):
        assert "positive: none (figures are means over the classes" in told
    assert "dataset.positive=NAME" in text
    record = {**RECORDS[0], "positive": {"class": "COVID", "how": "inferred"}}
    found = record["test"]["per_class"]["COVID"]["sensitivity"]
    text, page = shown({}, [record])
    line = "positive: COVID (inferred from the names; dataset.positive sets it): sensitivity "
    assert f"{line}{words.with_interval(found)}" in text and line in page
    summary = leaderboard_rows.summary(leaderboard_builder.build([record]))
    assert summary["positive"] == "COVID" and summary["test_sensitivity"] == found
    board = leaderboard_builder.build([record])
    assert leaderboard_rows.table(board)[0]["test_sensitivity"] == pytest.approx(found["value"], abs=1e-6)
    assert "test_specificity_low" in leaderboard_rows.columns(board) and "| sensitivity | specificity |" in page
    assert "test_sensitivity" not in leaderboard_rows.columns(leaderboard_builder.build(RECORDS))
    none = leaderboard_rows.summary(leaderboard_builder.build(RECORDS))
    assert none["positive"] is None and none["test_sensitivity"]["value"] is None
    assert list(none) == list(summary)


def test_too_little_data_is_a_banner_over_and_under_the_table() -> None:
    assert "TOO LITTLE DATA" not in "".join(shown({}, RECORDS))
    tiny = [{**record, "tiny": ["val has 1 group of COVID (3 are needed)"]} for record in RECORDS]
    text, page = shown(against(b=versus.SAME), tiny)
    banner = "TOO LITTLE DATA: val has 1 group of COVID (3 are needed)"
    assert text.startswith(banner) and text.count(banner) == 2 and page.startswith(f"**{banner}")
    assert leaderboard_rows.summary(leaderboard_builder.build(tiny))["tiny"] is True


def test_a_handful_of_test_images_is_said_to_be_that() -> None:
    board = leaderboard_builder.build(RECORDS)
    name, count = board.smallest_class
    assert count == min(found["images"] for found in RECORDS[0]["test"]["per_class"].values()) < 30
    few = f"Few test images: {count} of {name}; "
    sentence = f"{few}one more of them called wrongly lowers its sensitivity by {1 / count:.2f}."
    text, page = shown({}, RECORDS)
    assert sentence in text and sentence in page
    many = make_record("a", 0.3, 0.3)
    for found in many["test"]["per_class"].values():
        found["images"] += 30
    assert "Few test images" not in shown({}, [many])[0]


def test_what_the_audit_could_not_test_stands_under_the_leaderboard() -> None:
    sentence = "Blacked-out lungs: not tested: the box leaves 8% of the picture."
    for told in shown({}, RECORDS, untested=[sentence]):
        assert f"WARNING (audit): {sentence}" in told


def test_a_network_that_may_be_guessing_is_a_warning() -> None:
    guess = make_record("a", 0.3, 0.3)
    guess["test"]["balanced_accuracy"] = {"value": 0.6, "low": 0.49, "high": 0.7}
    for records in ([guess], [guess, RECORDS[1]]):
        text, page = shown(against(b=versus.SAME), records)
        assert "WARNING: a may be no better on test than the majority class, 0.500: its interval holds that." in text
        assert "may be no better on test" in page
    guess["test"]["balanced_accuracy"] = {"value": 0.6, "low": None, "high": None}
    assert "0.500: the test set gives no interval." in shown({}, [guess])[0]
    assert "may be no better" not in shown({}, RECORDS[:1])[0]


def test_what_cannot_be_tested_is_said() -> None:
    text, _ = shown(against(b=versus.UNKNOWN, c=versus.UNKNOWN))
    assert "? cannot be tested (a class of the test set lies in one group)" in text
    assert text.splitlines()[3].endswith("+0.050 ?")


def test_one_network_is_compared_with_nothing() -> None:
    text, page = shown({}, RECORDS[:1])
    assert "vs chosen" not in text
    assert "told apart" not in text + page


def test_warnings_of_the_audit_stand_in_both(recwarn: pytest.WarningsRecorder) -> None:
    warnings = ["File properties alone tell the labels (AUC 0.97 [0.95, 0.99]), most by *format*.", "two\nlines | here"]
    text, page = shown(against(b=versus.SAME), warnings=warnings)
    assert f"WARNING (audit): {warnings[0]}" in text.splitlines()
    assert "WARNING (audit): two lines | here" in text.splitlines()
    assert "**WARNING (audit): two lines \\| here**" in page.splitlines()
    assert "\\*format\\*" in page


def test_shuffled_labels_are_said_loudly() -> None:
    plain, _ = shown(against(b=versus.SAME))
    assert "RANDOM-LABEL" not in plain
    controls = [{**record, "training": {**record["training"], "random_labels": True}} for record in RECORDS]
    text, page = shown(against(b=versus.SAME), controls)
    assert text.startswith("RANDOM-LABEL CONTROL") and text.count("RANDOM-LABEL CONTROL") == 2
    assert "above chance on test means that something leaks" in text
    assert page.startswith("**RANDOM-LABEL CONTROL")


def test_the_spread_over_seeds_has_columns_where_there_is_one() -> None:
    spread = {"values": [0.9, 0.92], "mean": 0.91, "sd": 0.0141}
    seeds = {"seeds": [1, 2], **dict.fromkeys(leaderboard_rows.SEED_MEASURES, spread)}
    seeds["test_macro_auc"] = {"values": [None, 0.5], "mean": None, "sd": None}
    records = [RECORDS[0], {**RECORDS[1], "seeds": seeds}]
    board, once = leaderboard_builder.build(records), leaderboard_builder.build(RECORDS)
    assert leaderboard_rows.columns(board) == (*leaderboard_rows.columns(once), *leaderboard_rows.SEED_COLUMNS)
    rows = leaderboard_rows.table(board)
    assert set(rows[0]) == set(rows[1]) == set(leaderboard_rows.columns(board))
    assert (rows[0]["seeds"], rows[1]["seeds"]) == (None, 2)
    assert (rows[1]["test_balanced_accuracy_mean"], rows[1]["test_balanced_accuracy_sd"]) == (0.91, 0.0141)
    assert rows[1]["test_macro_auc_mean"] is None
    text, page = shown(against(b=versus.SAME), records)
    assert "2 seeds: 0.91 +- 0.01" in text and "2 seeds: 0.91 +- 0.01" in page
    assert "over seeds: mean and standard deviation" in text
    assert "over seeds" not in shown(against(b=versus.SAME))[0]


def test_every_rendering_shows_the_figures_of_one_board(tmp_path) -> None:
    found = against(b=versus.SAME, c=versus.WORSE)
    timings = {"b": Timing(seconds=123.4, images_per_second=56.78)}
    board = leaderboard_builder.build(RECORDS, found, timings=timings)
    write_csv(tmp_path / "leaderboard.csv", leaderboard_rows.columns(board), leaderboard_rows.table(board))
    written = read_csv(tmp_path / "leaderboard.csv")
    text, page = leaderboard_text.text(board), leaderboard_text.markdown(board)
    names, cells = leaderboard_cells.table(board, claim.COLUMNS, claim.WITH_INTERVAL)
    axes = plots.leaderboard_figure(board, "title").axes[0]
    drawn = [tuple(line.get_xdata()) for line in axes.lines]
    for entry, row, line in zip(board.rows, written, cells, strict=True):
        figure = entry.figure("test_balanced_accuracy")
        assert float(row["test_balanced_accuracy"]) == figure["value"] and line[0] == row["model"] == entry.name
        shown = words.with_interval(figure)
        (told,) = (told for told in text.splitlines() if told.startswith(f"{entry.name}  "))
        assert shown in told and shown in line
        assert f"| {entry.name} |" in page and markdown.escaped(shown) in page
        assert (figure["value"],) in drawn or (figure["value"],) * 2 in drawn
        assert figure["low"] is None or (figure["low"], figure["high"]) in drawn
    # One set of names, long where there is room.
    assert names[1] == f"val {axes.get_xlabel()}" and f"| {names[1]} |" in page
    assert "val bal.acc" in text and "balanced accuracy" not in text.splitlines()[0]
    # Time is told where it was handed in, and is in no table that is kept.
    assert "seconds" in text.splitlines()[0] and " 123 " in text and " 56.8 " in text
    assert "seconds" not in page and "seconds" not in written[0]
    assert "seconds" not in leaderboard_text.text(leaderboard_builder.build(RECORDS, found))


def test_sets_from_elsewhere_have_a_table_of_their_own(tmp_path) -> None:
    def write(model: str, **changes: Any) -> None:
        found = {
            "set": "other",
            "model": model,
            "run_key": f"key-of-{model}",
            "compared": ["Normal", "COVID"],
            "left_out": {"weird | <b>": 7, "x": 1},
            "test": RECORDS[2]["test"],
            "own_test_balanced_accuracy": 0.9,
            "drop": 0.2,
            "drop_low": 0.1,
            "drop_high": 0.3,
            **changes,
        }
        write_json(tmp_path / "other" / f"{model}.json", found)

    write("a")
    records = RECORDS[:2]
    with pytest.raises(ChestbenchError, match=r"other/b.json: expected the measures of b on other"):
        external_table.external_rows(tmp_path, ["other"], records)
    write("b", run_key="of an older training")
    with pytest.raises(ChestbenchError, match="received another"):
        external_table.external_rows(tmp_path, ["other"], records)
    nothing = dict.fromkeys(("drop", "drop_low", "drop_high", "own_test_balanced_accuracy"))
    write("b", compared=["Normal"], test={**RECORDS[2]["test"], "absent_classes": ["COVID"]}, **nothing)
    rows = external_table.external_rows(tmp_path, ["other"], records)
    assert [(row["model"], row["images_left_out"], row["drop"]) for row in rows] == [("a", 8, 0.2), ("b", 8, None)]
    assert all(set(row) == set(external_table.COLUMNS) for row in rows)
    assert external_table.external_rows(tmp_path, [], records) == []
    text, page = shown({}, records, external=rows)
    assert "External validation" in text and "External validation" in page
    (line,) = (line for line in text.splitlines() if line.split()[:2] == ["other", "a"])
    assert "0.900" in line and "0.200 [0.100, 0.300]" in line
    assert (
        "| other | a |" in page
        and line.split()[3] == "all"
        and re.search(r"\| other \| b \| \S+ \| only Normal \|", page)
    )


def test_small_p_values_are_told_as_bounds() -> None:
    assert [leaderboard_cells.p_value(p) for p in (0.5, 0.0423, 0.0011, 1e-300)] == [
        "0.5",
        "0.042",
        "0.0011",
        "below 0.001",
    ]
