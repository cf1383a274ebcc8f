"""What DVC says, in the words of this project: what was expected, what was received, what to do.

Only what its users meet most. Everything else stays DVC's own text.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path

import yaml

PIPELINE = Path("dvc.yaml")
_MOST_CAUSES = 8

# A pattern of DVC's text, and what is said in its place; named parts of the one stand in the other.
_SAID = (
    (
        r"^(?P<path>.*) is not a git repository",
        "{path}: expected a Git repository, found none; take a clone, or make one here: "
        "`git init && git add -A && git commit -m Start`",
    ),
    (r"Empty git repo", "expected a Git repository with a commit, found none; `git add -A && git commit -m Start`"),
    (
        r"Git user name and email must be configured",
        "expected a name for DVC's commits, found none; "
        "`git config user.name NAME` and `git config user.email ADDRESS`",
    ),
    (
        r"Unable to acquire lock",
        "expected to be the only DVC at work in this folder, but another one holds .dvc/tmp/lock; wait for it or "
        "end it (docs/how-to.md, `Something was killed`); several experiments go one after the other with --queue",
    ),
    (
        r"output '(?P<path>[^']+)' is already tracked by SCM",
        "{path}: expected an output that Git does not track, received one that it does; "
        "`git rm -r --cached {path} && git commit -m 'DVC keeps {path}'`, then run again",
    ),
    (
        r"Could not find '(?P<key>[^']+)'",
        "params.yaml: expected the key {key}, which dvc.yaml reads, found none; `make params` restores the default",
    ),
    (
        r"unable to read: '(?P<path>[^']+)', YAML file structure is corrupted: (?P<why>[^\n]*)",
        "{path}: expected YAML, received something else ({why}); mend the line, or `git restore {path}`",
    ),
    (
        r"(?:missing data 'source': |^\[Errno 2\] No such file or directory: ')(?P<path>[^'\n]*)",
        "{path}: expected what a stage reads, found nothing; `dvc repro` makes it, or correct the path",
    ),
    (
        r"^output '(?P<path>[^']+)' is specified in",
        "{path}: expected one stage to write it, received two; a name in model.variants or evaluate.external of "
        "params.yaml leads there, or stands twice: correct it",
    ),
    (
        r"'(?P<name>[^']+)' is not a valid queued experiment name",
        "expected the name of a queued experiment, received {name!r}; `dvc queue status` lists them",
    ),
)


def in_words(error: BaseException) -> str | None:
    """Return what an exception of DVC means and what to do; None where its own text stays.

    >>> in_words(RuntimeError("Empty git repo"))
    'expected a Git repository with a commit, found none; `git add -A && git commit -m Start`'
    """
    for cause in _causes(error):
        text = str(cause)
        if type(cause).__name__ in ("YAMLSyntaxError", "YAMLValidationError"):
            return _of_pipeline(text, cause)
        if found := re.search(r"Stage '(?P<name>[^']+)' not found inside", text):
            return _of_stage(found["name"])
        for pattern, words in _SAID:
            if found := re.search(pattern, text, re.MULTILINE):
                return words.format(**found.groupdict())
    return None


@contextmanager
def translated(command: str) -> Iterator[None]:
    """Make DVC, in this process, log the errors that `in_words` knows as `chestbench COMMAND: error: ...`."""
    # Sets up the handlers.
    import dvc  # noqa: F401

    def translate(record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and (words := in_words(error)):
            record.msg, record.args, record.exc_info = f"chestbench {command}: {words}", (), None
        return True

    handlers = list(logging.getLogger("dvc").handlers)
    for handler in handlers:
        handler.addFilter(translate)
    try:
        yield
    finally:
        for handler in handlers:
            handler.removeFilter(translate)


def _causes(error: BaseException) -> Iterable[BaseException]:
    """Yield the exception that was raised first, then those that it was raised again as."""
    chain: list[BaseException] = []
    while error is not None and len(chain) < _MOST_CAUSES and error not in chain:
        chain.append(error)
        error = error.__cause__  # type: ignore[assignment]
    return reversed(chain)


def _of_pipeline(text: str, error: BaseException) -> str:
    path = Path(getattr(error, "path", PIPELINE)).name
    told, mark = " ".join(text.split()), None
    # The parser's own error, which says where, and the validator's, which says what.
    for inner in (found := getattr(error, "exc", None), getattr(found, "__cause__", None)):
        mark = mark or getattr(inner, "problem_mark", None)
        told = str(getattr(inner, "errors", [told])[0])
    line = f", line {mark.line + 1}" if mark else ""
    return f"{path}{line}: expected a pipeline that DVC can read, received: {told}; mend it, or `git restore {path}`"


def _of_stage(name: str) -> str:
    try:
        stages = list(yaml.safe_load(PIPELINE.read_text(encoding="utf-8"))["stages"])
    except (OSError, yaml.YAMLError, KeyError, TypeError):
        stages = []
    group, at, member = name.partition("@")
    if at and group in stages:
        return f"expected a member of {group}: a network or set that params.yaml names, received {member!r}"
    near = get_close_matches(group, stages, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(stages)}"
    return f"expected a stage of {PIPELINE}, received {name!r}; {hint}"
