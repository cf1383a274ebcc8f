"""All replications in one table: what each needs, and whether its table is there."""

from pathlib import Path

from chestbench.cli.replication import definition, output
from chestbench.cli.replication.definition import Replication
from chestbench.core.errors import ChestbenchError


def overview() -> tuple[str, bool]:
    """Return the table of all files in replications/, and whether each could be read.

    Raises:
        ChestbenchError: there is none.
    """
    names = definition.names()
    if not names:
        raise ChestbenchError(
            f"{definition.FOLDER}/: expected a file for each replication, found none; `git restore "
            f"{definition.FOLDER}`, or write one ({definition.HOW})"
        )
    lines, whole, width = [], True, max(map(len, names))
    for name in names:
        try:
            found = definition.read(name)
        except ChestbenchError as error:
            lines += [f"{name:{width}}  CANNOT BE READ", *(f"{'':{width}}  {line}" for line in str(error).splitlines())]
            whole = False
            continue
        lines += [f"{name:{width}}  {found.title}", f"{'':{width}}  needs: {needs(found)}"]
        lines.append(f"{'':{width}}  {state(name, found)}")
    return "\n".join([*lines, "", "chestbench replicate NAME [-S KEY=VALUE ...] runs one."]), whole


def needs(found: Replication) -> str:
    """Return account, GPU and hours in words.

    >>> from chestbench.cli.replication.definition import Needs
    >>> needs(Replication.model_construct(needs=Needs(account="Kaggle", gpu=True), asks={}))
    'a Kaggle account, a GPU (hours not measured)'
    """
    needed = found.needs
    parts = [
        f"a {needed.account} account" if needed.account else "no account",
        "a GPU" if needed.gpu else "no GPU",
        *([f"-S {key}=..." for key in found.asks]),
    ]
    hours = f"{needed.hours:g} h" if needed.hours else "hours not measured"
    return f"{', '.join(parts)} ({hours})"


def state(name: str, found: Replication) -> str:
    """Return whether a table is there, of what, and why there is none."""
    folder = definition.FOLDER / name
    said = output.earlier(folder)
    if not said:
        return f"no table: {found.not_run or 'not run yet'}"
    remarks = []
    if differences := said.get("differences"):
        values = ", ".join(f"{key} {pair[1]}" for key, pair in differences.items())
        remarks.append(f"not the replication itself: {values}")
    if not output.is_of(said, found):
        remarks.append("its file has changed since")
    told = f" ({'; '.join(remarks)})" if remarks else ""
    return f"table: {Path(folder / output.README).as_posix()}{told}"
