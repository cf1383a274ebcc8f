"""How fast a server of `make serve` answers on loopback: `python -m benchmarks.serve [--address URL] [--picture FILE]`.

Start `make serve` first. One client after another, and ten at once, each sending one picture a request and waiting for
the answer: median and 95th percentile of the seconds, and requests per second. Forms: PNG bytes, the same as base64 in
JSON, a DICOM slice, with a heat map, and a DICOM of 40 MB. A warm-up of three requests is not counted.

What it gave: docs/explanation/speed.md.
"""

import argparse
import base64
import io
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import requests

from chestbench.datasets.phantom import draw_slice


def dicom(pixels: np.ndarray, side: int) -> bytes:
    """Return a CT slice as DICOM, uncompressed, 16 bits."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID = CTImageStorage, ExplicitVRLittleEndian
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=["benchmark"])
    data = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID, data.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
    data.Modality, data.BodyPartExamined, data.PatientID = "CT", "CHEST", ""
    data.Rows = data.Columns = side
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated = data.BitsStored = 16
    data.HighBit, data.PixelRepresentation = 15, 1
    data.RescaleSlope, data.RescaleIntercept, data.PixelSpacing = 1, 0, [0.7, 0.7]
    units = cv2.resize(pixels, (side, side)).astype(np.int16) * 5 - 1300
    data.PixelData = units.astype("<i2").tobytes()
    stream = io.BytesIO()
    data.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def ask(address: str, content: bytes, kind: str, query: str) -> float:
    """Return the seconds of one request."""
    begun = time.monotonic()
    headers = {"Content-Type": kind}
    answer = requests.post(f"{address}/invocations{query}", data=content, headers=headers, timeout=300)
    answer.raise_for_status()
    return time.monotonic() - begun


def measure(address: str, name: str, content: bytes, kind: str, requests_each: int, query: str = "") -> None:
    """Print a line for one client, and one for ten."""
    for _ in range(3):
        ask(address, content, kind, query)
    for clients in (1, 10):
        total = requests_each * (1 if clients == 1 else 2)
        begun = time.monotonic()
        with ThreadPoolExecutor(clients) as pool:
            took = list(pool.map(lambda _: ask(address, content, kind, query), range(total)))
        rate = total / (time.monotonic() - begun)
        median, late = np.quantile(took, 0.5), np.quantile(took, 0.95)
        print(
            f"| {name} | {clients} | {len(content) / 1e3:,.0f} | {median:.3f} | {late:.3f} | {rate:.1f} |", flush=True
        )


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", default="http://127.0.0.1:5001", help="of the server (http://127.0.0.1:5001)")
    parser.add_argument("--picture", type=Path, help="a PNG to send; drawn without it")
    parser.add_argument("--requests", type=int, default=60, help="of one client, for the small forms (60)")
    parsed = parser.parse_args()
    pixels = draw_slice(3, 0, 256, 256, positive=True).pixels
    png = parsed.picture.read_bytes() if parsed.picture else cv2.imencode(".png", pixels)[1].tobytes()
    in_json = json.dumps({"dataframe_records": [{"file": base64.b64encode(png).decode()}]}).encode()
    print("| form | clients | kB a request | median s | 95% s | requests/s |\n|---|---:|---:|---:|---:|---:|")
    slice_of = dicom(pixels, 512)
    measure(parsed.address, "PNG", png, "image/png", parsed.requests)
    measure(parsed.address, "PNG in JSON", in_json, "application/json", parsed.requests)
    measure(parsed.address, "DICOM, 512 x 512", slice_of, "application/dicom", parsed.requests)
    measure(parsed.address, "PNG, with heat", png, "image/png", max(1, parsed.requests // 6), "?heat=true")
    measure(parsed.address, "DICOM of 40 MB", dicom(pixels, 4500), "application/dicom", max(1, parsed.requests // 12))


if __name__ == "__main__":
    main()
