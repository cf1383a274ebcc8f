"""The columns, the order and the charts with which MLflow's page compares runs, stored with the experiment.

MLflow keeps a view that a person saved in a tag of the experiment, lists it in the menu "Views" of the run table, and
opens it by the key in the address. Its table without a view shows no measure at all.
"""

import json

from chestbench.tracking.detection.measures import CHOSEN_ON as DETECTOR_ON
from chestbench.tracking.measures import CHOSEN_ON

# A new experiment opens among traces and prompts of language models unless it says what it is.
KIND = ("mlflow.experimentKind", "custom_model_development")
KEY, NAME = "compare", "Compare networks"
TAG = f"mlflow.sharedViewState.{KEY}"
TIME = "time/train_seconds"
# Text with the interval beside the figure.
TAGS = ("test/balanced_accuracy", "test/macro_auc", "test/sensitivity", "test/specificity")
BARS = ("test/balanced_accuracy", "test/macro_auc", CHOSEN_ON, TIME)
LINES = ("train/loss", "val/loss", "val/balanced_accuracy", "train/learning_rate")
# The same of detectors.
DETECTOR_TAGS = ("test/map50", "test/map50_95", "test/froc")
DETECTOR_BARS = ("test/map50", "test/froc", DETECTOR_ON, TIME)
DETECTOR_LINES = ("train/loss", "val/loss", "val/map50", "train/learning_rate")
SECTIONS = ("Results", "Curves")
# Pixels, so that names, and figures with their intervals, are read whole.
RUN_NAME, WIDE = "attributes.`Run Name`", 170
WIDTHS = {RUN_NAME: 260, f"metrics.`{TIME}`": 130}
LINE = {
    **{"xAxisKey": "step", "yAxisKey": "metric", "yAxisExpressions": [], "lineSmoothness": 0, "range": {}},
    **{"scaleType": "linear", "xAxisScaleType": "linear", "selectedXAxisMetricKey": "", "ignoreOutliers": False},
    **{"useGlobalXaxisKey": True, "useGlobalLineSmoothing": True},
}


def address(experiment_id: str) -> str:
    """Return where the view is, from the root of MLflow's pages."""
    return f"#/experiments/{experiment_id}/runs?viewStateShareKey={KEY}&workflowType=machine_learning"


def saved(when: int, networks: bool = True, detectors: bool = False) -> str:
    """Return the view as MLflow saves it, JSON.

    Args:
        when: milliseconds; the experiment's own time, so that the same view is the same text.
        networks: whether it has columns and charts of networks for classes.
        detectors: whether it has those of detectors.
    """
    return json.dumps({"name": NAME, "createdAt": when, "updatedAt": when, "state": _state(networks, detectors)})


def _state(networks: bool, detectors: bool) -> str:
    kinds = [
        *([(CHOSEN_ON, TAGS, BARS, LINES)] if networks else []),
        *([(DETECTOR_ON, DETECTOR_TAGS, DETECTOR_BARS, DETECTOR_LINES)] if detectors else []),
    ]
    columns = [
        *(column for on, tags, _, _ in kinds for column in (f"metrics.`{on}`", *(f"tags.`{name}`" for name in tags))),
        f"metrics.`{TIME}`",
    ]
    bars, lines = (tuple(dict.fromkeys(name for kind in kinds for name in kind[place])) for place in (2, 3))
    return json.dumps(
        {
            "orderByKey": columns[0],
            "orderByAsc": False,
            "searchFilter": "",
            "startTime": "ALL",
            "lifecycleFilter": "Active",
            "datasetsFilter": [],
            "modelVersionFilter": "All Runs",
            "selectedColumns": columns,
            "columnOrder": [RUN_NAME, *columns],
            "columnWidths": {name: WIDTHS.get(name, WIDE) for name in (RUN_NAME, *columns)},
            "runsHiddenMode": "FIRST_20_RUNS",
            "compareRunCharts": [*_charts("BAR", bars, SECTIONS[0]), *_charts("LINE", lines, SECTIONS[1])],
            "compareRunSections": [
                {"uuid": name, "name": name, "display": True, "isReordered": False, "deleted": False}
                for name in SECTIONS
            ],
            # Else the sections are sorted by name.
            "isAccordionReordered": True,
            "hideEmptyCharts": True,
            "autoRefreshEnabled": True,
        }
    )


def _charts(kind: str, names: tuple[str, ...], section: str) -> list[dict[str, object]]:
    return [
        {
            "uuid": f"{section}-{name}",
            "type": kind,
            "runsCountToCompare": 20,
            "metricSectionId": section,
            "deleted": False,
            "isGenerated": False,
            "displayName": name,
            "metricKey": name,
            **(LINE | {"selectedMetricKeys": [name]} if kind == "LINE" else {}),
        }
        for name in names
    ]
