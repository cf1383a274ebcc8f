"""What a grid knows of itself on the disk, below .dvc/tmp/grids/NAME: its plan, and one file for each member.

A member is done where its file says so and the very experiment that it names is in the repository. Everything else is
begun again, and DVC's run cache and the checkpoints of trainings make that short.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import DamagedFile, read_json, sha256_json, write_json
from chestbench.grid.events import Member, Plan
from chestbench.repository.git import CODE, OWN, Tree, git

GRIDS = Path(".dvc/tmp/grids")
# Clones belong to the machine, not to one grid: the next grid finds data and code in them.
CLONES = GRIDS / ".clones"


@dataclass(frozen=True)
class Kept:
    """What is kept of a member that came to an end.

    Attributes:
        name: of the member.
        overrides: of the member.
        code: see `code_id`.
        state: `done` or `failed`.
        commit: of its experiment; "" where it has none.
        measure: see `MemberStatus`.
        seconds: of its last attempt.
        last_lines: of its output.
        trained: see `MemberStatus`; False in a note of an earlier version.
    """

    name: str
    overrides: Sequence[str]
    code: str
    state: str
    commit: str = ""
    measure: float | None = None
    seconds: float = 0.0
    last_lines: Sequence[str] = ()
    trained: bool = False


def folder_of(root: Path, grid: str) -> Path:
    """Return the folder of a grid."""
    return root / GRIDS / grid


def code_id(root: Path, tree: Tree) -> str:
    """Return a hash of the commit and of the code that is run, uncommitted changes among it.

    Of what stages do not run the files of the root count too, but for texts: a stage could read one.
    """
    lines = git(root, "ls-tree", tree.tree).splitlines()
    entries = {line.partition("\t")[2]: line for line in lines}
    others = [name for name, line in entries.items() if " blob " in line and not name.endswith(".md")]
    return sha256_json([tree.commit, *(entries.get(name) for name in (*CODE, *sorted(set(others) - {*CODE, *OWN})))])


def begin(plan: Plan) -> None:
    """Write what the grid is; what an earlier run of it came to stays."""
    members = [{"name": member.name, "overrides": list(member.overrides)} for member in plan.members]
    told = {"name": plan.name, "commit": plan.tree.commit, "members": members}
    write_json(folder_of(plan.root, plan.name) / "plan.json", told)


def keep(root: Path, grid: str, kept: Kept) -> None:
    """Write what a member came to."""
    write_json(_file(root, grid, kept.name), asdict(kept))


def kept(root: Path, grid: str, member: Member, code: str) -> Kept | None:
    """Return what the member came to with this code; None where nothing (or nothing whole) is known."""
    try:
        found = Kept(**read_json(_file(root, grid, member.name)))
    except (FileNotFoundError, DamagedFile, TypeError):
        return None
    is_this = found.code == code and list(found.overrides) == list(member.overrides)
    return found if is_this else None


def done(root: Path, grid: str, member: Member, tree: Tree, code: str) -> Kept | None:
    """Return what a member came to that is done: noted, and its experiment is in the repository as it was noted."""
    found = kept(root, grid, member, code)
    if found is None or found.state != "done" or not found.commit:
        return None
    return found if experiment(root, tree.commit, member.name) == found.commit else None


def experiment(root: Path, baseline: str, name: str) -> str:
    """Return the commit of a DVC experiment of that name on that baseline, "" where there is none."""
    return git(root, "rev-parse", "--verify", "--quiet", ref_of(baseline, name), check=False)


def ref_of(baseline: str, name: str) -> str:
    """Return the name in Git of a DVC experiment."""
    return f"refs/exps/{baseline[:2]}/{baseline[2:]}/{name}"


def refuse_taken(root: Path, plan: Plan) -> None:
    """Refuse where an experiment that is not this grid's has a member's name: it would be overwritten.

    Raises:
        ChestbenchError: which.
    """
    for member in plan.members:
        commit = experiment(root, plan.tree.commit, member.name)
        if commit and not _file(root, plan.name, member.name).is_file() and not _is_of(root, commit, member):
            raise ChestbenchError(
                f"{member.name}: expected a name that no experiment has, found one of other parameters; "
                f"`dvc exp remove {member.name}`, or give the grid another --name"
            )


def _is_of(root: Path, commit: str, member: Member) -> bool:
    """Tell whether an experiment has the parameters of the member: a grid that was killed before it noted it."""
    import yaml

    return bool(yaml.safe_load(git(root, "show", f"{commit}:params.yaml", check=False) or "null") == member.values)


def _file(root: Path, grid: str, member: str) -> Path:
    return folder_of(root, grid) / "members" / f"{member}.json"
