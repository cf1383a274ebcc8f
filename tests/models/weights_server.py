"""A local server of weights files, and files in the format that keras.applications publishes."""

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import h5py
import keras
import numpy as np


def write_legacy_h5(
    model: keras.Model, path: Path, seed: int, given: Mapping[str, np.ndarray | int] | None = None
) -> None:
    """Write random weights for every layer of `model` in the HDF5 layout of the published "notop" files.

    Args:
        given: values instead of random ones, by the weight's name, such as mean.
    """
    rng = np.random.default_rng(seed)
    with h5py.File(path, "w") as file:
        layers = [layer for layer in model.layers if layer.weights]
        file.attrs["layer_names"] = [layer.name.encode() for layer in layers]
        file.attrs["backend"], file.attrs["keras_version"] = b"tensorflow", b"2.2.4"
        for layer in layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}/{weight.name}:0".encode() for weight in layer.weights]
            group.attrs["weight_names"] = names
            for name, weight in zip(names, layer.weights, strict=True):
                value = (given or {}).get(weight.name)
                group[name.decode()] = (
                    rng.uniform(0.01, 0.02, weight.shape).astype(np.float32) if value is None else np.asarray(value)
                )


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


@contextmanager
def serve(data: bytes, cut_first_after: int | None = None) -> Iterator[tuple[str, list[str]]]:
    """Serve `data` at a URL; yields it and the list of Range headers received.

    Args:
        data: the file.
        cut_first_after: close the first connection after that many bytes.
    """
    ranges: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            wanted = self.headers.get("Range", "")
            ranges.append(wanted)
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
            self.send_response(206 if wanted else 200)
            self.send_header("Content-Length", str(len(data) - start))
            self.send_header("ETag", f'"{md5(data)}"')
            if wanted:
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            self.end_headers()
            end = cut_first_after if cut_first_after and len(ranges) == 1 else len(data)
            self.wfile.write(data[start:end])

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/weights.h5", ranges
    finally:
        server.shutdown()
        server.server_close()
