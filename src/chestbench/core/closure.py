"""The import closure of each stage, which the `deps` of dvc.yaml must equal.

`python -m chestbench.core.closure` compares, `--write` rewrites dvc.yaml.

A pipeline whose deps name only the stage file does not re-run when the code behind it changes. Here every import
is followed, also those inside functions, within the packages `chestbench` and `stages`.
"""

import argparse
import ast
import sys
from pathlib import Path

import yaml

PACKAGES = {"chestbench": Path("src/chestbench"), "stages": Path("stages")}


def module_file(root: Path, module: str) -> Path | None:
    """Return the file of a dotted module of this repository, relative to `root`; None for other modules."""
    package, *rest = module.split(".")
    if package not in PACKAGES:
        return None
    base = PACKAGES[package].joinpath(*rest)
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        if (root / candidate).is_file():
            return candidate
    return None


def imported_modules(source: str, module: str, is_package: bool) -> set[str]:
    """Return every dotted name that `source` may import, at any depth of the code."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = module.split(".") if is_package else module.split(".")[:-1]
            base = ".".join(parts[: len(parts) - node.level + 1]) if node.level else ""
            origin = ".".join(part for part in (base, node.module) if part)
            found.add(origin)
            found.update(f"{origin}.{alias.name}" for alias in node.names)
    return found


def import_closure(root: Path, module: str) -> list[str]:
    """Return the files of this repository that importing `module` reaches, as sorted POSIX paths below `root`."""
    reached: dict[Path, None] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = module_file(root, name)
        if path is None or path in reached:
            continue
        reached[path] = None
        waiting += [name.rpartition(".")[0]]
        is_package = path.name == "__init__.py"
        waiting += imported_modules((root / path).read_text(encoding="utf-8"), name, is_package)
    return sorted(path.as_posix() for path in reached)


def stage_modules(dvc_yaml: dict) -> dict[str, str]:
    """Return {stage: module} for the stages that run `python -m MODULE`."""
    commands = {name: stage["cmd"].split() for name, stage in dvc_yaml["stages"].items()}
    return {name: words[2] for name, words in commands.items() if words[:2] == ["python", "-m"]}


def code_deps(root: Path) -> dict[str, tuple[list[str], list[str]]]:
    """Return {stage: (code files listed in dvc.yaml, code files its imports reach)}."""
    parsed = yaml.safe_load((root / "dvc.yaml").read_text(encoding="utf-8"))
    listed = {
        name: [dep for dep in stage.get("deps", []) if dep.endswith(".py")] for name, stage in parsed["stages"].items()
    }
    return {name: (listed[name], import_closure(root, module)) for name, module in stage_modules(parsed).items()}


def rewrite(root: Path) -> None:
    """Put each stage's closure into dvc.yaml, leaving every other line (and comment) as it is."""
    closures = {name: reached for name, (_, reached) in code_deps(root).items()}
    lines: list[str] = []
    stage, inside_deps = "", False
    for line in (root / "dvc.yaml").read_text(encoding="utf-8").splitlines():
        if line.startswith("  ") and line[2:3].isalpha() and line.rstrip().endswith(":"):
            stage = line.strip()[:-1]
        if inside_deps and line.startswith("      - ") and line.endswith(".py"):
            continue
        inside_deps = line.startswith("    deps:") or (inside_deps and line.startswith("      - "))
        if line.startswith("    deps:") and stage in closures:
            lines += ["    deps:", *(f"      - {path}" for path in closures[stage])]
        else:
            lines.append(line)
    (root / "dvc.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Compare, or rewrite with --write; exit 1 when dvc.yaml and the imports differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="rewrite dvc.yaml")
    if parser.parse_args().write:
        rewrite(Path.cwd())
    differing = [name for name, (listed, reached) in code_deps(Path.cwd()).items() if sorted(listed) != reached]
    print(
        f"dvc.yaml: deps {'differ from the imports of ' + ', '.join(differing) if differing else 'equal the imports'}"
    )
    sys.exit(bool(differing))


if __name__ == "__main__":
    main()
