"""What of each path may be a class or a source: no part of a split, no mask, no mere pictures, no copy."""

from collections.abc import Collection, Iterable

from chestbench.catalog.folders.readings.reading import Step
from chestbench.catalog.folders.splits.folds import folds_among
from chestbench.catalog.folders.splits.split_words import PartNames
from chestbench.catalog.folders.words.aside_words import NOT_WORDS
from chestbench.catalog.folders.words.finding_words import is_case_name, is_control_name
from chestbench.catalog.folders.words.kind_words import count_in, kind_key
from chestbench.catalog.folders.words.roles import Role, role_of
from chestbench.catalog.folders.words.words import word_set, words_of

_WITH = word_set("with mit con avec com met z med c с")
_WITHOUT = word_set("without ohne sin sans sem senza zonder bez utan uten uden без")


def read_steps(folders: Iterable[str], parts: PartNames) -> dict[str, tuple[Step, ...]]:
    """Return what of each path may be a class or a source: no part, no mask, no mere pictures, nothing all share."""
    folders = list(folders)
    names = {name for folder in folders for name in folder.split("/")}
    folds = folds_among(names)
    opposites = _opposite_masks(names)
    steps = {folder: _steps(folder, parts, folds, opposites) for folder in folders}
    return _without_copies(_without_shared(_without_kinds(_with_cases(steps))))


def _opposite_masks(names: Iterable[str]) -> set[str]:
    """Return "with mask" and "without mask": classes of pictures of people, where both are there."""
    by_rest: dict[tuple[str, ...], dict[bool, set[str]]] = {}
    for name in names:
        if role_of(name) is Role.MASK:
            words = words_of(name)
            rest = tuple(word for word in words if word not in _WITH and word not in NOT_WORDS)
            is_denied = any(word in NOT_WORDS or word in _WITHOUT for word in words)
            by_rest.setdefault(tuple(w for w in rest if w not in _WITHOUT), {}).setdefault(is_denied, set()).add(name)
    return {name for found in by_rest.values() if len(found) > 1 for of in found.values() for name in of}


def _steps(folder: str, parts: PartNames, folds: Collection[str], opposites: Collection[str] = ()) -> tuple[Step, ...]:
    """Return the folders of a path that are neither a part of a split, nor a fold, nor masks."""
    found: list[Step] = []
    for level, name in enumerate(folder.split("/") if folder else []):
        if name in parts.part or name in folds:
            continue
        if name in parts.rest:
            name = parts.rest[name][1]
        role = Role.FINDING if name in opposites else role_of(name)
        if role is Role.MASK or (found and found[-1].name == name):
            continue
        found.append(Step(name, role, level))
    return tuple(found)


def _with_cases(steps: dict[str, tuple[Step, ...]]) -> dict[str, tuple[Step, ...]]:
    """Turn "cases" into a finding where it stands beside "controls" and no other finding; elsewhere it says nothing."""
    beside: dict[int, set[str]] = {}
    for path in steps.values():
        for at, step in enumerate(path):
            if step.role is Role.FINDING or is_control_name(step.name):
                beside.setdefault(at, set()).add(step.name)
    of_controls = {at for at, names in beside.items() if all(map(is_control_name, names))}

    def kept(at: int, step: Step) -> Step:
        return Step(step.name, Role.FINDING, step.level) if at in of_controls and is_case_name(step.name) else step

    return {folder: tuple(kept(at, step) for at, step in enumerate(path)) for folder, path in steps.items()}


def _without_kinds(steps: dict[str, tuple[Step, ...]]) -> dict[str, tuple[Step, ...]]:
    """Drop kinds of files; where the set has several (CT and X-ray, original and augmented), they are sources."""
    pieces = _pieces(steps)

    def key_of(step: Step) -> str:
        return kind_key(step.name) if step.role is Role.KIND and step.name not in pieces else ""

    def key(path: tuple[Step, ...]) -> str:
        return " ".join(sorted({key_of(step) for step in path} - {""}))

    are_sources = len({key(path) for path in steps.values() if path}) > 1

    def kept(path: tuple[Step, ...]) -> tuple[Step, ...]:
        found: list[Step] = []
        for step in path:
            if step.role is Role.KIND and not (are_sources and key_of(step)):
                continue
            role = Role.CONTEXT if step.role is Role.KIND else step.role
            if not (found and found[-1].name == step.name):
                found.append(Step(step.name, role, step.level))
        return tuple(found)

    return {folder: kept(path) for folder, path in steps.items()}


def _pieces(steps: dict[str, tuple[Step, ...]]) -> set[str]:
    """Return counted names ("part 1") that are pieces of the one folder they lie in: they do not hold two others."""
    beside: dict[str, tuple[set[str], set[str]]] = {}
    for path in steps.values():
        for above, step, below in zip((None, *path), path, (*path[1:], None), strict=False):
            if step.role is Role.KIND and count_in(step.name):
                parents, children = beside.setdefault(step.name, (set(), set()))
                parents.update([above.name] if above and above.role is not Role.KIND else [])
                children.update([below.name] if below and below.role is not Role.ID else [])
    return {name for name, (parents, children) in beside.items() if len(parents) == 1 and len(children) < 2}


def _without_shared(steps: dict[str, tuple[Step, ...]]) -> dict[str, tuple[Step, ...]]:
    """Drop the folders that all paths begin with."""
    paths = [[step.name for step in path] for path in steps.values() if path]
    if not paths:
        return steps
    first, last = min(paths), max(paths)
    shared = 0
    while shared < min(len(first), len(last)) and first[shared] == last[shared]:
        shared += 1
    # A single class is no shared folder: what is wrong can then be said with its name.
    return {folder: path[shared:] for folder, path in steps.items()} if shared < max(map(len, paths)) else steps


def _without_copies(steps: dict[str, tuple[Step, ...]]) -> dict[str, tuple[Step, ...]]:
    """Turn a folder in which its own siblings' names come again into a source: it is no class beside them."""
    children: dict[tuple[str, ...], set[str]] = {}
    for path in steps.values():
        names = tuple(step.name for step in path)
        for level in range(len(names)):
            children.setdefault(names[:level], set()).add(names[level])

    # Once for each parent: a class may have 20,000 patients below it.
    named = {parent: {name for name in names if role_of(name) is not Role.ID} for parent, names in children.items()}

    def holds(at: tuple[str, ...], siblings: set[str], name: str) -> bool:
        return any(child != name and child in siblings for child in children.get(at, ()))

    def wraps(parent: tuple[str, ...], name: str) -> bool:
        siblings = named[parent]
        at = (*parent, name)
        while len(children.get(at, ())) == 1:
            if holds(at, siblings, name):
                return True
            at = (*at, *children[at])
        return holds(at, siblings, name)

    wrappers = {(parent, name) for parent, names in children.items() for name in names if wraps(parent, name)}
    if not wrappers:
        return steps

    def marked(path: tuple[Step, ...]) -> tuple[Step, ...]:
        names = tuple(step.name for step in path)
        found, is_wrapper = [], False
        for at, step in enumerate(path):
            # A copy of the set may lie several single folders deep.
            is_wrapper = (names[:at], step.name) in wrappers or (is_wrapper and len(children[names[:at]]) == 1)
            found.append(Step(step.name, Role.CONTEXT, step.level) if is_wrapper else step)
        return tuple(found)

    return {folder: marked(path) for folder, path in steps.items()}
