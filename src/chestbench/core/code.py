"""Code is one stage: the fingerprint of what each stage, and each network, is made of.

`data/code/STAGE` lists the code that a stage runs, `data/code/networks/NAME` what a network of the registry is made of;
DVC runs a stage again when the file that it depends on is another. Which networks there are, the registry finds out by
looking at its folder, so no import leads from it to them: a stage that trains one names that one's file as well.
"""

import pkgutil
from pathlib import Path

from chestbench.core.closure import Packages, import_closure, installed_package, module_file, repository_packages
from chestbench.core.files import atomic_folder
from chestbench.core.fingerprint import code_sha256, fingerprint

NETWORKS = "networks"
# Stages that may ask any network of the registry, whichever are chosen.
ASK_EVERY_NETWORK = ("check",)
_NETWORK_MODULES = "chestbench.models.networks"


def stage_names(root: Path) -> list[str]:
    """Return the stages of the checkout at `root`: one file each in stages/."""
    return sorted(path.stem for path in (root / "stages").glob("*.py") if path.stem != "__init__")


def network_modules(packages: Packages) -> dict[str, str]:
    """Return {network: dotted module} of the networks of the registry."""
    package = module_file(packages, _NETWORK_MODULES)
    if package is None:
        return {}
    names = sorted(found.name for found in pkgutil.iter_modules([str(package.parent)]))
    return {name: f"{_NETWORK_MODULES}.{name}" for name in names}


def fingerprints(root: Path) -> dict[str, str]:
    """Return {path below data/code: fingerprint} of the checkout at `root`; names of files are relative to it."""
    packages = repository_packages(root)
    networks = network_modules(packages)
    made_of = {name: [f"stages.{name}"] for name in stage_names(root)}
    for name in ASK_EVERY_NETWORK:
        made_of[name] += networks.values()
    made_of |= {f"{NETWORKS}/{name}": [module] for name, module in networks.items()}
    return {name: fingerprint(import_closure(packages, modules), root) for name, modules in made_of.items()}


def write_fingerprints(root: Path, folder: Path) -> int:
    """Write `fingerprints` of the checkout at `root` into `folder`, replaced as a whole; return how many there are."""
    found = fingerprints(root)
    with atomic_folder(folder) as temporary:
        (temporary / NETWORKS).mkdir()
        for name, text in found.items():
            (temporary / name).write_text(text, encoding="utf-8", newline="\n")
    return len(found)


def deciding_code_sha256(modules: list[str], network: str | None = None) -> str:
    """Return the hash of the code that decides what `modules` of chestbench compute, wherever it is installed.

    Args:
        modules: dotted names, such as chestbench.training.session.
        network: name of a network that they build.
    """
    packages = installed_package()
    networks = [] if network is None else [network_modules(packages)[network]]
    return code_sha256(import_closure(packages, [*modules, *networks]), packages["chestbench"].parent)


def carried_code(module: str) -> dict[str, Path]:
    """Return {POSIX path relative to the package: file} of all that `module` of chestbench needs to be imported."""
    packages = installed_package()
    files = import_closure(packages, [module], leave_out=frozenset())
    return {path.relative_to(packages["chestbench"]).as_posix(): path for path in files}
