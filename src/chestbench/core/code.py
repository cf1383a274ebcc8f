"""Code is one stage: the fingerprint of what each stage, each network and each detector is made of.

`data/code/STAGE` lists the code that a stage runs, `data/code/networks/NAME` what a network of the registry is made of,
`data/code/detectors/NAME` what a detector is; DVC runs a stage again when the file that it depends on is another. Which
networks and detectors there are, their registries find out by looking at their folders, so no import leads from them to
those: a stage that trains one names that one's file as well.
"""

import pkgutil
from pathlib import Path

from chestbench.core.closure import Packages, import_closure, installed_package, module_file, repository_packages
from chestbench.core.files import atomic_folder
from chestbench.core.fingerprint import code_sha256, fingerprint

NETWORKS, DETECTORS = "networks", "detectors"
# Stages that may ask any network and detector of the registries, whichever are chosen.
ASK_EVERY_NETWORK = ("check",)
_MODULES = {NETWORKS: "chestbench.models.networks", DETECTORS: "chestbench.models.detectors"}


def stage_names(root: Path) -> list[str]:
    """Return the stages of the checkout at `root`: one file each in stages/."""
    return sorted(path.stem for path in (root / "stages").glob("*.py") if path.stem != "__init__")


def network_modules(packages: Packages) -> dict[str, str]:
    """Return {network: dotted module} of the networks of the registry."""
    return _entries(packages, NETWORKS)


def detector_modules(packages: Packages) -> dict[str, str]:
    """Return {detector: dotted module} of the detectors of the registry."""
    return _entries(packages, DETECTORS)


def fingerprints(root: Path) -> dict[str, str]:
    """Return {path below data/code: fingerprint} of the checkout at `root`; names of files are relative to it."""
    packages = repository_packages(root)
    made_of = {name: [f"stages.{name}"] for name in stage_names(root)}
    for kind in _MODULES:
        entries = _entries(packages, kind)
        for name in ASK_EVERY_NETWORK:
            made_of[name] += entries.values()
        made_of |= {f"{kind}/{name}": [module] for name, module in entries.items()}
    return {name: fingerprint(import_closure(packages, modules), root) for name, modules in made_of.items()}


def write_fingerprints(root: Path, folder: Path) -> int:
    """Write `fingerprints` of the checkout at `root` into `folder`, replaced as a whole; return how many there are."""
    found = fingerprints(root)
    with atomic_folder(folder) as temporary:
        for kind in _MODULES:
            (temporary / kind).mkdir()
        for name, text in found.items():
            (temporary / name).write_text(text, encoding="utf-8", newline="\n")
    return len(found)


def deciding_code_sha256(modules: list[str], network: str | None = None, detector: str | None = None) -> str:
    """Return the hash of the code that decides what `modules` of chestbench compute, wherever it is installed.

    Args:
        modules: dotted names, such as chestbench.training.session.
        network: name of a network that they build.
        detector: name of a detector that they build.
    """
    packages = installed_package()
    built = [] if network is None else [network_modules(packages)[network]]
    built += [] if detector is None else [detector_modules(packages)[detector]]
    return code_sha256(import_closure(packages, [*modules, *built]), packages["chestbench"].parent)


def carried_code(module: str) -> dict[str, Path]:
    """Return {POSIX path relative to the package: file} of all that `module` of chestbench needs to be imported."""
    packages = installed_package()
    files = import_closure(packages, [module], leave_out=frozenset())
    return {path.relative_to(packages["chestbench"]).as_posix(): path for path in files}


def _entries(packages: Packages, kind: str) -> dict[str, str]:
    package = module_file(packages, _MODULES[kind])
    if package is None:
        return {}
    names = sorted(found.name for found in pkgutil.iter_modules([str(package.parent)]))
    return {name: f"{_MODULES[kind]}.{name}" for name in names}
