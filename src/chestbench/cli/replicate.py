"""`chestbench replicate [NAME]`: a published comparison as one command; without a name, the list of them."""

import argparse
import errno
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chestbench.cli.repro import require_root
from chestbench.core.dvc_busy import refuse_beside_another
from chestbench.core.errors import ChestbenchError
from chestbench.core.one_at_a_time import one_at_a_time
from chestbench.core.printable import printable

CLONES = Path(".dvc/tmp/replications")


def main(arguments: list[str]) -> int:
    """Run one, or list all; return the exit status: that of DVC where it fails.

    Raises:
        ChestbenchError: not the root of the repository, an unknown name, a file or an override that is wrong, the disk
            is full, or the same replication is at work already.
    """
    parser = argparse.ArgumentParser(
        prog="chestbench replicate",
        description="Run a published comparison (replications/NAME.yaml) by DVC, in a clone of its own below "
        f"{CLONES}, and write its table beside the paper's to replications/NAME/. params.yaml, dvc.lock and metrics/ "
        "stay as they are. The same command goes on after a kill. Without NAME: all of them, and what each needs.",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="of a file in replications/")
    parser.add_argument(
        "-S",
        dest="overrides",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="as after `dvc exp run`; what then differs from the replication is said in its table",
    )
    parser.add_argument("--out", type=Path, default=None, metavar="FOLDER", help="to write to (replications/NAME)")
    parsed = parser.parse_args(arguments)
    require_root()
    if parsed.name is None:
        if parsed.overrides or parsed.out:
            raise ChestbenchError("expected NAME before -S and --out, received none; `chestbench replicate` lists them")
        from chestbench.cli.replication.overview import overview

        text, whole = overview()
        print(text)
        return 0 if whole else 1
    try:
        return _run(parsed.name, parsed.overrides, parsed.out)
    except OSError as error:
        raise ChestbenchError(_of_disk(error, parsed.name)) from None
    except KeyboardInterrupt:
        print(f"\n{_go_on(parsed.name, parsed.overrides, parsed.out)}", file=sys.stderr)
        raise


def _run(name: str, overrides: list[str], out: Path | None) -> int:
    # DVC and Hydra, which `--help` does not wait for.
    from chestbench.cli.replication import definition, output, overview, page, results
    from chestbench.cli.replication.settings import settle
    from chestbench.datasets.base import check_source
    from chestbench.repository import clone
    from chestbench.repository.git import git, read_tree
    from chestbench.repository.paths import check_paths

    root = Path.cwd()
    found = definition.read(name)
    tree = read_tree(root)
    if left_out := tree.left_out():
        _say(name, left_out)
    folder, target = root / CLONES / name, out or definition.FOLDER / name
    with one_at_a_time(root / CLONES / f"{name}.lock", f"chestbench replicate {name}"):
        if told := refuse_beside_another(folder):
            _say(name, told)
        with _removed_if_refused(folder):
            clone.prepare(root, folder, tree)
            settings = settle(name, found, overrides, root, folder / "conf")
            output.check(target, name, settings)
            check_paths(settings.values)
            check_source(settings.config.dataset)
            clone.write_params(folder, settings.text)
        _say(name, f"{found.title}; needs {overview.needs(found)}")
        _say(name, f"code: {tree.in_words()}")
        if git(root, "status", "--porcelain", "--", f"{definition.FOLDER}/{name}.yaml"):
            _say(name, f"{definition.FOLDER}/{name}.yaml is not committed as it is: who repeats this needs that file")
        for each in settings.differences:
            _say(name, f"differs from the replication: {each.key} {each.value} in place of {each.default}")
        _say(name, f"runs in {folder.relative_to(root)}; params.yaml, dvc.lock and metrics/ here stay as they are")
        if status := clone.reproduce(root, folder):
            print(_failed(name, found.needs.account, settings.config.dataset.path, folder), file=sys.stderr)
            print(_go_on(name, overrides, out), file=sys.stderr)
            return status
        gave = results.read_results(name, found, settings, folder)
        before = output.earlier(target)
        changed = output.write(gave, target)
    print(f"\n{page.summary(gave)}\n")
    if before and changed and before.get("given") != settings.given:
        told = " ".join(before.get("given") or ["no -S"])
        print(f"{target}/ held the table of another run ({printable(told)}); Git has it if it was committed")
    print(f"wrote {target}/ ({', '.join(changed)})" if changed else f"{target}/ is as it was: nothing had to be run")
    print(f"  keep: git add {target} && git commit -m 'Replication {name}'")
    print(f"  the whole study with pictures, not for Git: {(folder / 'results/report.html').relative_to(root)}")
    return 0


@contextmanager
def _removed_if_refused(folder: Path) -> Iterator[None]:
    """Remove a clone that was made for a run that is refused; one that was there before has results, and stays."""
    is_new = not folder.exists()
    try:
        yield
    except ChestbenchError:
        if is_new:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _say(name: str, text: str) -> None:
    print(printable(f"replicate {name}: {text}"), file=sys.stderr, flush=True)


def _failed(name: str, account: str | None, path: str | None, folder: Path) -> str:
    """Return what the failure may be about: where the data were not fetched, what that needs."""
    if path is not None or (folder / "data/raw/source.json").is_file():
        return f"chestbench replicate {name}: stopped; what failed, and what to do, is said above"
    wanted = f"a {account} account (docs/reference/data-sets.md)" if account else "a network that reaches its publisher"
    return (
        f"chestbench replicate {name}: stopped before the data were there, which needs {wanted}; or give a copy: "
        "-S dataset.path=/data/FILE"
    )


def _go_on(name: str, overrides: list[str], out: Path | None) -> str:
    """Return how an interrupted run goes on."""
    import shlex

    options = [*(f"-S {shlex.quote(text)}" for text in overrides), *([f"--out {shlex.quote(str(out))}"] if out else [])]
    command = printable(" ".join(["chestbench replicate", name, *options]))
    return f"nothing that was finished is lost; the same command goes on from there: {command}"


def _of_disk(error: OSError, name: str) -> str:
    """Return an error of the system in words.

    Raises:
        OSError: it is none of a disk: a defect of this program.
    """
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"no space left on the disk ({error.strerror}); free some and run the same command again, nothing is lost"
        )
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return f"{error.filename}: expected a place that can be written, received: {error.strerror}"
    raise error
