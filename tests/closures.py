"""What a module of a checkout reaches, for tests that ask."""

from pathlib import Path

from chestbench.core.closure import OBSERVERS, import_closure, repository_packages


def reached_files(root: Path, module: str) -> set[str]:
    """Return the files that importing `module` reaches, as POSIX paths below `root`; an observer is entered itself."""
    left_out = frozenset(OBSERVERS) - {module}
    found = import_closure(repository_packages(root), [module], leave_out=left_out)
    return {path.relative_to(root).as_posix() for path in found}
