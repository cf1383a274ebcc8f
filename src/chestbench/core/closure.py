"""What a module is made of: the files of this project that importing it reaches.

Every import is followed, also those inside functions, within the packages `chestbench` and `stages`; a package that is
reached brings its data files along (templates, fonts).
"""

import ast
from collections.abc import Container, Iterable, Mapping
from functools import cache
from pathlib import Path

# A package's name -> its folder.
Packages = Mapping[str, Path]

# Observers watch the work and report it. They can change no output of a stage, so their code is in no fingerprint:
# an edit to what speaks to MLflow must not train a network anew. Whatever is named here must be so: in tests/pipeline
# everything runs twice, with other MLflow runs, and no output differs but by what a clock or a commit says.
OBSERVERS = {
    "chestbench.tracking": "sends to MLflow what stages have computed; no output holds anything that it gives",
    "chestbench.core.progress": "bars and estimates of the time left, on the terminal",
    "chestbench.core.bytecode": "makes Python's own compiled copies of modules anew where they are damaged",
    "chestbench.core.dvc_busy": "looks whether another DVC is at work",
    "chestbench.core.dvc_lock": "keeps a copy of dvc.lock while stages run",
    "chestbench.core.stage": "the command line, logging and exit status that all stages share",
}


def repository_packages(root: Path) -> dict[str, Path]:
    """Return the packages of the checkout at `root`."""
    return {"chestbench": root / "src" / "chestbench", "stages": root / "stages"}


def installed_package() -> dict[str, Path]:
    """Return the package chestbench as it is imported here, from a checkout or installed."""
    import chestbench

    return {"chestbench": Path(chestbench.__path__[0])}


def module_file(packages: Packages, module: str) -> Path | None:
    """Return the file of a dotted module, None where it is of no package of `packages`."""
    package, *rest = module.split(".")
    if package not in packages:
        return None
    base = packages[package].joinpath(*rest)
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


@cache
def imported_modules(source: bytes, module: str, is_package: bool) -> frozenset[str]:
    """Return every dotted name that a module may import, at any depth of its code; none where it does not parse.

    Args:
        source: content of its file.
        module: its dotted name, from which relative imports start.
        is_package: whether the file is the `__init__.py` of a package.
    """
    found: set[str] = set()
    tree = parsed(source)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = module.split(".") if is_package else module.split(".")[:-1]
            base = ".".join(parts[: len(parts) - node.level + 1]) if node.level else ""
            origin = ".".join(part for part in (base, node.module) if part)
            found.add(origin)
            found.update(f"{origin}.{alias.name}" for alias in node.names)
    return frozenset(found)


def import_closure(
    packages: Packages, modules: Iterable[str], leave_out: Container[str] = frozenset(OBSERVERS)
) -> list[Path]:
    """Return the files that importing `modules` reaches, sorted: Python files, and data files of reached packages.

    A file that does not parse is taken and not followed.

    Args:
        packages: where the code lies.
        modules: dotted names to start from.
        leave_out: dotted names of modules and packages that are not entered.

    Raises:
        ModuleNotFoundError: one of `modules` is not there.

    Example:
        >>> files = import_closure(installed_package(), ["chestbench.core.fingerprint"])
        >>> ["/".join(path.parts[-2:]) for path in files]
        ['chestbench/__init__.py', 'core/__init__.py', 'core/closure.py', 'core/fingerprint.py']
    """
    reached: set[Path] = set()
    waiting, seen = list(modules), set()
    for name in waiting:
        if module_file(packages, name) is None:
            raise ModuleNotFoundError(f"{name}: expected a module of {', '.join(packages)}, found none")
    while waiting:
        name = waiting.pop()
        if name in seen or _inside(name, leave_out):
            continue
        seen.add(name)
        path = module_file(packages, name)
        if path is None:
            continue
        reached.add(path)
        waiting.append(name.rpartition(".")[0])
        is_package = path.name == "__init__.py"
        if is_package:
            reached.update(data_files(path.parent))
        waiting += imported_modules(path.read_bytes(), name, is_package)
    return sorted(reached)


def data_files(package: Path) -> list[Path]:
    """Return the files of a package that are no code: its own, and those of folders in it that are no packages."""
    found: list[Path] = []
    for path in sorted(package.iterdir()):
        if path.is_dir():
            if path.name != "__pycache__" and not (path / "__init__.py").exists():
                found += data_files(path)
        elif path.suffix not in (".py", ".pyc"):
            found.append(path)
    return found


@cache
def parsed(source: bytes) -> ast.Module | None:
    """Return the syntax tree of a file's content, None where Python cannot read it."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError):
        return None


def _inside(name: str, places: Container[str]) -> bool:
    """Tell whether a dotted name is one of `places` or below one."""
    parts = name.split(".")
    return any(".".join(parts[:length]) in places for length in range(1, len(parts) + 1))
