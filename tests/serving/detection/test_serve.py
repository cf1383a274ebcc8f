"""`chestbench serve` with a detector: a real process, asked over HTTP as people and programs ask it."""

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import requests

from chestbench.serving.app import MOST_MB
from tests.imaging.dicoms import PRIVATE, make_dicom
from tests.serving.browser import Browser
from tests.serving.detection.conftest import NAME, DetectorStudy
from tests.serving.server import in_json, post, serving

SIDES = ("left", "top", "right", "bottom")


@pytest.fixture(scope="module")
def address(detector_study: DetectorStudy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on a free port, with no name given: the chosen detector, as no network was trained."""
    with serving(detector_study.root, tmp_path_factory.mktemp("log") / "serve.log") as found:
        yield found


def xray(pixels: np.ndarray) -> bytes:
    return make_dicom(pixels.astype(np.uint16) * 16, modality="DX", bits_stored=12)


def test_boxes_are_in_pixels_of_the_picture_that_was_sent(address: str, detector_study: DetectorStudy) -> None:
    study = detector_study
    sure = study.found.take(study.found.scores >= study.threshold)
    for times in (1, 3):
        png = study.png(times)
        for status, told in (
            post(address, png, "image/png"),
            post(address, png, "application/octet-stream", "?raw=false&heat=true"),
            post(address, in_json(png)),
        ):
            assert status == 200
            (answer,) = told["predictions"]
            assert answer.keys() == {"boxes", "width", "height", "warnings"}
            assert (answer["width"], answer["height"]) == tuple(side * times for side in study.picture.shape)
            assert [box["score"] for box in answer["boxes"]] == pytest.approx(sure.scores.tolist(), abs=1e-4)
            assert [box["finding"] for box in answer["boxes"]] == [["opacity", "결절"][label] for label in sure.labels]
            corners = [[box[side] for side in SIDES] for box in answer["boxes"]]
            np.testing.assert_allclose(corners, sure.corners * times, atol=0.02 * times)


def test_raw_gives_all_boxes_and_drawn_a_picture(address: str, detector_study: DetectorStudy) -> None:
    status, told = post(address, detector_study.png(), "image/png", "?raw=true&drawn=true")
    (answer,) = told["predictions"]
    assert status == 200 and len(answer["boxes"]) == len(detector_study.found)
    drawn = cv2.imdecode(np.frombuffer(base64.b64decode(answer["drawn"]), np.uint8), cv2.IMREAD_COLOR)
    assert drawn is not None and drawn.shape[1] == 640
    assert (np.ptp(drawn[:600].astype(int), axis=2) > 60).sum() > 500


def test_dicom_arrays_and_several_at_once(address: str, detector_study: DetectorStudy) -> None:
    array = io.BytesIO()
    np.save(array, detector_study.picture)
    ct = make_dicom(np.zeros((64, 48), np.int16), modality="CT", rescale=(1, 0))
    files = (detector_study.png(), array.getvalue(), xray(detector_study.picture), ct)
    status, told = post(address, in_json(*files, drawn=True))
    assert status == 200
    png, npy, dicom, slice_of_ct = told["predictions"]
    assert png["boxes"] == npy["boxes"] and png["drawn"] == npy["drawn"] and png["boxes"]
    assert isinstance(dicom["boxes"], list) and (dicom["width"], dicom["height"]) == detector_study.picture.shape
    # Not made for such a picture: no boxes, which is not an empty list of boxes.
    assert slice_of_ct["boxes"] is None and slice_of_ct["drawn"] is None
    assert "a CT slice, the network learnt from X-ray" in slice_of_ct["warnings"]


def test_what_cannot_be_read_is_refused_as_by_networks(address: str, detector_study: DetectorStudy) -> None:
    png = detector_study.png()
    cases = [
        (b"text", "image/png", "no picture of a kind that is read"),
        (png[:60], "image/png", "unreadable"),
        (xray(detector_study.picture).replace(b"DX", b"MR", 1), "application/dicom", "magnetic resonance"),
        (b"", "image/png", "received nothing"),
        (in_json(png, b"text"), "application/json", "file 2: expected a picture"),
        (in_json(png, heat=True), "application/json", 'for "raw" and "drawn", received another name or value'),
        (b'{"dataframe_records": [{"picture": "x"}]}', "application/json", "of this form"),
        (b"{", "application/json", "expected JSON"),
    ]
    for query in ("?raw=perhaps", "?raw", "?rwa=true"):
        status, told = post(address, png, "image/png", query)
        assert status == 400 and "received another name or value" in told["message"], query
    for content, kind, words in cases:
        status, told = post(address, content, kind)
        assert status == 400 and words in told["message"], (content[:40], status, told)
        assert "\n" not in told["message"] and told["notice"]
        for secret in (*PRIVATE, str(detector_study.root), "Traceback", ".py"):
            assert secret not in told["message"]
    assert post(address, png, "text/csv")[0] == 415
    assert post(address, bytes((MOST_MB << 20) + 1), "image/png")[0] == 413


def test_it_says_what_it_is(address: str, detector_study: DetectorStudy) -> None:
    about = requests.get(f"{address}/about", timeout=10).json()
    assert (about["task"], about["detector"], about["findings"]) == ("detect", NAME, ["opacity", "결절"])
    assert about["threshold"] == pytest.approx(detector_study.threshold) and about["notice"]
    assert any("not a picture without a finding" in note for note in about["notes"])
    told = requests.get(f"{address}/openapi.json", timeout=10).json()
    posted = told["paths"]["/invocations"]["post"]
    assert [query["name"] for query in posted["parameters"]] == ["raw", "drawn"]
    schema = posted["responses"]["200"]["content"]["application/json"]["schema"]
    row = schema["properties"]["predictions"]["items"]["properties"]
    _, answered = post(address, detector_study.png(), "image/png", "?drawn=true")
    assert row.keys() == answered["predictions"][0].keys()
    assert row["boxes"]["items"]["properties"].keys() == answered["predictions"][0]["boxes"][0].keys()


def test_mlflows_own_example_is_answered(address: str, detector_study: DetectorStudy) -> None:
    (example,) = (detector_study.root / "mlruns").rglob("serving_input_example.json")
    assert json.loads(example.read_text(encoding="utf-8"))["params"] == {"raw": False, "drawn": False}
    status, told = post(address, example.read_bytes())
    assert status == 200 and len(told["predictions"]) == 1


def test_a_person_drops_a_picture_and_sees_the_boxes(
    address: str, detector_study: DetectorStudy, tmp_path: Path
) -> None:
    (tmp_path / "a <b>.png").write_bytes(detector_study.png(3))
    (tmp_path / "ct.dcm").write_bytes(make_dicom(np.zeros((64, 64), np.int16), modality="CT", rescale=(1, 0)))
    browser = Browser(tmp_path / "profile")
    try:
        browser.open(address)
        browser.wait(f"document.getElementById('what').textContent.includes('Detector {NAME}')")
        browser.give_files("#files", [tmp_path / "a <b>.png", tmp_path / "ct.dcm"])
        browser.wait("document.images.length === 1 && document.querySelectorAll('article .warn').length > 0")
        browser.wait("[...document.images].every(image => image.complete && image.naturalWidth === 640)")
        text = browser.value("document.body.innerText")
        sure = int((detector_study.found.scores >= detector_study.threshold).sum())
        for words in (
            "a <b>.png",
            f"{sure} boxes",
            "No boxes are given",
            "a CT slice",
            "not a picture without a finding",
        ):
            assert words in text, words
        assert "For research and education, not for diagnosis." in text and "Probabilities" not in text
        assert browser.value("document.querySelectorAll('article tr').length") == sure + 1
    finally:
        browser.close()
