"""Python's compiled copies of modules (.pyc) that a full disk or a power cut tore: made anew instead of a traceback.

Python trusts a .pyc whose first 16 bytes are right. One that was cut at a block ends every import of its module with
"EOFError: marshal data too short", also when there is room again.

This module, stages/__init__.py and __main__.py must stay small: what is compiled from them fits a block of 4,096 bytes,
so that a full disk leaves them whole or empty, and an empty one Python makes anew by itself. A test holds that.
"""

import sys
from contextlib import suppress
from importlib.machinery import SourceFileLoader
from importlib.util import cache_from_source
from pathlib import Path
from types import CodeType

# What unmarshalling other bytes than were written gives.
_DAMAGED = (EOFError, ValueError, TypeError, ImportError, MemoryError, OverflowError, SystemError)
_plain = SourceFileLoader.get_code


def mend_imports() -> None:
    """Make every later import of this process compile a module anew where its .pyc is damaged, and say so."""
    SourceFileLoader.get_code = _get_code  # type: ignore[method-assign, assignment]


def _get_code(loader: SourceFileLoader, fullname: str) -> CodeType | None:
    try:
        return _plain(loader, fullname)
    except _DAMAGED as error:
        path = loader.get_filename(fullname)
        # The source decides: where it is at fault, this raises what Python would have said.
        code = loader.source_to_code(loader.get_data(path), path)
        compiled = Path(cache_from_source(path))
        print(f"{compiled}: Python's compiled copy was damaged ({error}); it is made anew", file=sys.stderr)
        with suppress(OSError):  # in a place that cannot be written it stays, and is passed over again
            compiled.unlink()
        return code
